// SPDX-License-Identifier: Apache-2.0
#include "daemon/tokens/card_client.h"

#include <utility>

namespace countersign::tokens {
namespace {

// The reader that vsmartcard's driver shows to pcscd: never hardware (T50).
constexpr std::string_view virtual_reader = "Virtual PCD";

}  // namespace

bool is_software(const devices::Device& device) {
  return device.transport == devices::Transport::software ||
         device.model.starts_with(virtual_reader);
}

Way card_way(CardQuestion question) {
  Way way;
  if (question.applets.empty())
    question.applets = {devices::Capability::piv, devices::Capability::openpgp};
  way.needs = {question.applets.begin(), question.applets.end()};
  way.preflight = reader::CardHolds{.keys = question.keys, .applets = question.applets};
  way.request = reader::CardSign{.keys = std::move(question.keys),
                                 .applets = std::move(question.applets),
                                 .slot = std::move(question.slot),
                                 .message = std::move(question.message),
                                 .verified = question.verified};
  return way;
}

std::optional<engine::CardProof> card_proof(const Outcome& outcome) {
  const auto* answer = std::get_if<reader::CardSigned>(&outcome.reply);
  if (answer == nullptr) return std::nullopt;
  return engine::CardProof{
      .kind = answer->key.applet == devices::Capability::openpgp ? Kind::openpgp : Kind::piv,
      .slot = answer->key.slot,
      .public_key = answer->key.public_key,
      .certificate = answer->key.certificate,
      .signature = answer->signature,
      .verified = answer->verified,
      .software = is_software(outcome.device),
      .model = outcome.device.model};
}

}  // namespace countersign::tokens
