// SPDX-License-Identifier: Apache-2.0
// countersign attestation and countersign mds: what the organisation believes of security keys.
#include <fmt/format.h>
#include <fstream>

#include "cli/command.h"
#include "cli/fresh.h"
#include "cli/nouns.h"
#include "core/base/text.h"
#include "daemon/api/attestation.h"

namespace countersign::cli {
namespace {

constexpr std::size_t longest_pem = 16'384;

Result<std::string> read_file(const std::string& path, std::size_t most) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return fail(Code::invalid, "can't read " + escape_text(path));
  std::string content(most + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return fail(Code::invalid, "can't read " + escape_text(path));
  if (content.size() > most) return fail(Code::invalid, escape_text(path) + " is too large");
  return content;
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

void show(Front& front, const api::AttestationView& view) {
  front.out().object(front.answer());
  const Output out = front.out();
  out.line(fmt::format("rule       {}", to_name(view.rule)));
  for (const std::string& root : view.roots) out.line("root       " + escape_text(root));
  out.line("allowed    " + or_dash(joined(view.allowed)));
  out.line("denied     " + or_dash(joined(view.denied)));
  for (const std::string& root : view.metadata_roots) out.line("mds root   " + escape_text(root));
  if (!view.metadata_number)
    return out.line("metadata   none; 'countersign mds import FILE' imports it");
  out.line(fmt::format("metadata   number {}, {} models, next one due {}", *view.metadata_number,
                       view.metadata_entries,
                       escape_text(view.metadata_next_update.value_or("-"))));
  if (view.metadata_overdue) out.bad("a newer metadata BLOB is overdue");
}

void set(Front& front, api::AttestationSet change, const FreshOptions& fresh) {
  const auto view = call_verified<api::AttestationView>(front, "PATCH", "/v1/attestation",
                                                        std::move(change), fresh);
  if (!view) return front.fail_with(view.error());
  show(front, *view);
}

api::AttestationSet nothing_yet() {
  return {.rule = {}, .add_root = {}, .clear_roots = {}, .allowed = {}, .denied = {}};
}

void add_models(Command& noun, Front& front, bool allow) {
  auto models = std::make_shared<std::vector<std::string>>();
  Command* verb = noun.add_subcommand(
      allow ? "allow" : "deny",
      allow ? "Only these models, and only where a trusted attestation says so; none: no such list"
            : "Not these models; none: no such list");
  verb->add_option("AAGUID", *models, "Model ids, as 'countersign device info' shows them");
  auto fresh = std::make_shared<FreshOptions>();
  add_fresh_options(*verb, *fresh);
  verb->callback([&front, models, allow, fresh] {
    api::AttestationSet change = nothing_yet();
    (allow ? change.allowed : change.denied) = *models;
    set(front, std::move(change), *fresh);
  });
}

struct MetadataFiles {
  std::string blob, root;
  FreshOptions fresh;
};

void import_metadata(Front& front, const MetadataFiles& files) {
  Result<std::string> blob = read_file(files.blob, api::longest_metadata);
  if (!blob) return front.fail_with(blob.error());
  while (!blob->empty() && std::string_view("\n\r ").contains(blob->back())) blob->pop_back();
  api::MetadataImport request{.blob = std::move(*blob), .root = {}};
  if (!files.root.empty()) {
    Result<std::string> pem = read_file(files.root, longest_pem);
    if (!pem) return front.fail_with(pem.error());
    request.root = std::move(*pem);
  }
  const auto imported = call_verified<api::MetadataImported>(
      front, "POST", "/v1/attestation/metadata", std::move(request), files.fresh);
  if (!imported) return front.fail_with(imported.error());
  front.out().object(front.answer());
  front.out().good(
      escape_text(fmt::format("imported: number {}, {} models, next one due {}", imported->number,
                              imported->entries, imported->next_update)));
  if (imported->overdue) front.out().bad("it is overdue: fetch the newest one");
  if (imported->at_risk != 0)
    front.out().bad(
        fmt::format("{} enrolled keys would be refused now: 'countersign authenticator list "
                    "--at-risk' names them",
                    imported->at_risk));
}

}  // namespace

void add_attestation(Command& noun, Front& front) {
  noun.require_subcommand(1);
  noun.add_subcommand("show", "Show the rules in force")->callback([&front] {
    const auto view = front.get<api::AttestationView>("/v1/attestation");
    if (!view) return front.fail_with(view.error());
    show(front, *view);
  });
  auto fresh = std::make_shared<FreshOptions>();
  auto rule = std::make_shared<std::string>();
  Command* verb = noun.add_subcommand("require", "What a new key's attestation must be");
  verb->add_option(
          "RULE", *rule,
          "any; trusted-if-certified: a maker's certificate must chain to a root; trusted: "
          "and there must be one")
      ->required()
      ->one_of({"any", "trusted-if-certified", "trusted"});
  add_fresh_options(*verb, *fresh);
  verb->callback([&front, rule, fresh] {
    api::AttestationSet change = nothing_yet();
    change.rule = from_name<api::AttestationRule>(*rule);
    set(front, std::move(change), *fresh);
  });
  auto file = std::make_shared<std::string>();
  verb = noun.add_subcommand("add-root", "Trust makers whose certificates chain to this one");
  verb->add_option("FILE", *file, "Certificates, PEM")->required();
  add_fresh_options(*verb, *fresh);
  verb->callback([&front, file, fresh] {
    Result<std::string> pem = read_file(*file, longest_pem);
    if (!pem) return front.fail_with(pem.error());
    api::AttestationSet change = nothing_yet();
    change.add_root = std::move(*pem);
    set(front, std::move(change), *fresh);
  });
  verb = noun.add_subcommand("clear-roots", "Remove all roots that were added");
  add_fresh_options(*verb, *fresh);
  verb->callback([&front, fresh] {
    api::AttestationSet change = nothing_yet();
    change.clear_roots = true;
    set(front, std::move(change), *fresh);
  });
  add_models(noun, front, true);
  add_models(noun, front, false);
}

void add_mds(Command& noun, Front& front) {
  noun.require_subcommand(1);
  auto files = std::make_shared<MetadataFiles>();
  Command* verb = noun.add_subcommand("import", "Import a FIDO Metadata BLOB from a file");
  verb->add_option("FILE", files->blob, "The BLOB, as the FIDO Metadata Service serves it")
      ->required();
  verb->add_option("--root", files->root,
                   "Certificate (PEM) that its signer chains to; kept for the next time");
  add_fresh_options(*verb, files->fresh);
  verb->callback([&front, files] { import_metadata(front, *files); });
}

}  // namespace countersign::cli
