// SPDX-License-Identifier: Apache-2.0
#include "daemon/card_files.h"

#include <iterator>

#include "daemon/safe_file.h"

namespace countersign {
namespace {

constexpr std::size_t largest_certificates = 8 * 1024 * 1024;

Result<crypto::Certificates> certificates_in(const std::vector<std::string>& files) {
  crypto::Certificates all;
  for (const std::string& file : files) {
    const auto content = read_config_file(file, largest_certificates);
    if (!content) return std::unexpected(content.error());
    auto found = crypto::Certificate::parse_file(as_bytes(*content));
    if (!found) return fail(Code::invalid, file + ": " + found.error().what);
    all.insert(all.end(), std::make_move_iterator(found->begin()), std::make_move_iterator(found->end()));
  }
  return all;
}

}  // namespace

Result<void> read_card_files(Config& config) {
  certificates::CardPolicy& policy = config.rules.cards.policy;
  auto anchors = certificates_in(config.card_files.anchors);
  if (!anchors) return std::unexpected(anchors.error());
  policy.anchors = std::move(*anchors);
  auto intermediates = certificates_in(config.card_files.intermediates);
  if (!intermediates) return std::unexpected(intermediates.error());
  policy.intermediates = std::move(*intermediates);
  crypto::RevocationEvidence evidence;
  for (const std::string& file : config.card_files.revocation_lists) {
    const auto content = read_config_file(file, crypto::longest_revocation_list);
    if (!content) return std::unexpected(content.error());
    auto list = crypto::RevocationList::parse(as_bytes(*content));
    if (!list) return fail(Code::invalid, file + ": " + list.error().what);
    evidence.lists.push_back(std::move(*list));
  }
  if (!evidence.lists.empty()) config.revocation = std::make_shared<const crypto::RevocationEvidence>(std::move(evidence));
  return {};
}

}  // namespace countersign
