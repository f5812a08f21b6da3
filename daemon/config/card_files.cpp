// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/card_files.h"

#include <iterator>

#include "core/formats/csv.h"
#include "daemon/base/safe_file.h"

namespace countersign {
namespace {

constexpr std::size_t largest_certificates = 8 * 1024 * 1024;

Result<crypto::Certificates> certificates_in(const std::vector<std::string>& files) {
  crypto::Certificates all;
  for (const std::string& file : files) {
    const auto content = TRY(read_config_file(file, largest_certificates));
    auto found = crypto::Certificate::parse_file(as_bytes(content));
    if (!found) return fail(Code::invalid, file + ": " + found.error().what);
    all.insert(all.end(), std::make_move_iterator(found->begin()),
               std::make_move_iterator(found->end()));
  }
  return all;
}

// Lower case; a FASC-N may be written in groups, a UUID keeps its hyphens.
std::string as_in_certificates(std::string_view number, bool uuid) {
  std::string out;
  for (const char c : number)
    if (uuid || (c != '-' && c != ' ' && c != ':'))
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// "NUMBER,USER" a line. A number that stands there twice is nobody's to guess.
Result<std::map<std::string, std::string>> holders_in(const std::string& file, bool uuid) {
  const auto content = TRY(read_config_file(file, largest_certificates));
  std::string_view rest = content;
  const formats::Source source = [&rest](std::span<char> out) -> Result<std::size_t> {
    const std::size_t size = rest.copy(out.data(), out.size());
    rest.remove_prefix(size);
    return size;
  };
  std::map<std::string, std::string> holders;
  formats::CsvReader rows(source);
  while (true) {
    const auto more = rows.next();
    if (!more) return fail(Code::invalid, file + ": " + more.error().what);
    if (!*more) return holders;
    const auto fields = rows.fields();
    const std::string line = file + ", line " + std::to_string(rows.line()) + ": ";
    if (!rows.defect().empty()) return fail(Code::invalid, line + rows.defect());
    if (fields.size() != 2 || fields[0].empty() || fields[1].empty())
      return fail(Code::invalid, line + "must be NUMBER,USER");
    if (!holders.emplace(as_in_certificates(fields[0], uuid), fields[1]).second)
      return fail(Code::invalid, line + "this number is there twice");
  }
}

}  // namespace

Result<void> read_card_files(Config& config) {
  certificates::CardPolicy& policy = config.rules.cards.policy;
  auto anchors = TRY(certificates_in(config.card_files.anchors));
  policy.anchors = std::move(anchors);
  auto intermediates = TRY(certificates_in(config.card_files.intermediates));
  policy.intermediates = std::move(intermediates);
  engine::CardRules& rules = config.rules.cards;
  auto roots = TRY(certificates_in(config.card_files.attestation_roots));
  rules.attestation.roots = std::move(roots);
  if (rules.attestation.required && rules.attestation.roots.empty())
    return fail(Code::invalid,
                "[piv] attestation \"required\" needs attestation_roots, the trusted makers");
  const bool by_number = rules.identity == engine::CardIdentity::card_uuid ||
                         rules.identity == engine::CardIdentity::fasc_n;
  if (by_number != !config.card_files.holders.empty())
    return fail(Code::invalid,
                "[piv] identity \"card-uuid\" and \"fasc-n\" need holders, the file that says "
                "whose card it is");
  if (by_number) {
    auto holders = TRY(
        holders_in(config.card_files.holders, rules.identity == engine::CardIdentity::card_uuid));
    rules.holders = std::move(holders);
  }
  crypto::RevocationEvidence evidence;
  for (const std::string& file : config.card_files.revocation_lists) {
    const auto content = TRY(read_config_file(file, crypto::longest_revocation_list));
    auto list = crypto::RevocationList::parse(as_bytes(content));
    if (!list) return fail(Code::invalid, file + ": " + list.error().what);
    evidence.lists.push_back(std::move(*list));
  }
  if (!evidence.lists.empty())
    config.revocation = std::make_shared<const crypto::RevocationEvidence>(std::move(evidence));
  return {};
}

}  // namespace countersign
