// SPDX-License-Identifier: Apache-2.0
#include "cli/nouns/tokens/issue_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/secrets.h"
#include "core/base/text.h"
#include "daemon/api/codec/time_text.h"

namespace countersign::cli {
namespace {

Result<std::string> text_of(const std::string& path) {
  const auto content = TRY(read_secret_text(path, api::longest_certificate_text));
  return std::string(content.expose_text());
}

}  // namespace

void add_issue_options(Command& verb, IssueOptions& options) {
  auto* folder =
      verb.add_option("--ca", options.authority_folder,
                      "Folder with the certificate (ca.pem) and the key (ca.key: PEM, not "
                      "encrypted) of your own authority, in place of the one of 'ca init'");
  auto* request =
      verb.add_option("--csr", options.request_file,
                      "Write a request for the certificate to this new file, for an authority "
                      "elsewhere; what it sends back goes in by --certificate");
  auto* answer = verb.add_option("--certificate", options.certificate_file,
                                 "File with the certificate (PEM) that came of the request");
  folder->excludes(request)->excludes(answer);
  request->excludes(answer);
  verb.add_option("--management-key-file", options.management_key_file,
                  "File with the card's management key (hexadecimal), where that is neither the "
                  "factory's nor kept here");
  verb.add_option("--algorithm", options.algorithm, "Of the key; P-256 by default")
      ->one_of({"P-256", "P-384", "RSA-2048", "RSA-3072", "RSA-4096", "Ed25519"});
  verb.add_option("--pin-policy", options.pin_policy, "When the key wants the PIN")
      ->one_of({"never", "once", "always"});
  verb.add_option("--touch-policy", options.touch_policy, "When the key wants a touch")
      ->one_of({"never", "always", "cached"});
  verb.add_option("--days", options.days, "How long the certificate is valid; 730 by default")
      ->in_range(1, 3650);
}

Result<void> read_issue(const IssueOptions& options, IssueBody& body) {
  body.algorithm = options.algorithm;
  body.pin_policy = options.pin_policy;
  body.touch_policy = options.touch_policy;
  body.days = options.days;
  if (!options.request_file.empty()) {
    if (::access(options.request_file.c_str(), F_OK) == 0)
      return fail(Code::invalid,
                  escape_text(options.request_file) + " is there already; nothing was done");
    body.request = true;
  }
  if (!options.certificate_file.empty()) {
    auto certificate = TRY(text_of(options.certificate_file));
    body.certificate = std::move(certificate);
  }
  if (!options.management_key_file.empty()) {
    auto key = TRY(read_secret(options.management_key_file));
    body.management_key = std::move(key);
  }
  if (options.authority_folder.empty()) return {};
  auto certificate = TRY(text_of(options.authority_folder + "/ca.pem"));
  auto key =
      TRY(read_secret_text(options.authority_folder + "/ca.key", api::longest_certificate_text));
  body.authority = std::move(certificate);
  body.authority_key = std::move(key);
  return {};
}

void show_card(Front& front, const IssueOptions& options, const Result<api::CardProvisioned>& card,
               std::string_view done, const std::string& repeat) {
  if (!card) return front.fail_with(card.error());
  if (card->request)
    if (const auto written = write_private_file(options.request_file, as_bytes(*card->request));
        !written)
      return front.fail_with(written.error());
  front.out().object(front.answer());
  const Output out = front.out();
  out.good(escape_text(fmt::format("{}: {}, serial {}, {} in slot {}{}",
                                   card->request ? "request made" : done, card->model, card->serial,
                                   card->algorithm, card->slot,
                                   card->attested.value_or(false) ? ", attested by its maker"
                                   : card->attestation            ? ", attested by the card"
                                                                  : "")));
  if (card->not_attested)
    out.line(escape_text(
        "No maker trusted here attests that the card made this key: " + *card->not_attested + "."));
  if (card->pin_set)
    out.line("PIN: the new one. PUK and management key: replaced; 'countersign device reveal " +
             escape_text(card->serial) + "' shows them to an administrator.");
  if (card->authenticator)
    out.line(fmt::format("Enrolled as authenticator {}, certificate until {}.",
                         escape_text(*card->authenticator),
                         card->not_after ? api::to_rfc3339(*card->not_after) : "-"));
  if (card->request)
    out.line(
        escape_text(fmt::format("The request for its certificate is in {}. Next: have it signed, "
                                "then {} --certificate FILE",
                                options.request_file, repeat)));
}

}  // namespace countersign::cli
