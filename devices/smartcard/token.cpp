// SPDX-License-Identifier: Apache-2.0
#include "devices/smartcard/token.h"

#include <algorithm>

#include "devices/smartcard/card.h"

namespace countersign::devices::smartcard {
namespace {

using reader::Failed;
using reader::Failure;
using reader::Reply;

// For what asks nothing of a person and so has no deadline of its own; the budget of T31.
constexpr std::chrono::seconds silent_budget(4);

Deadline deadline_of(std::int64_t milliseconds) {
  return Deadline::in(
      std::chrono::milliseconds(std::clamp<std::int64_t>(milliseconds, 0, 600'000)));
}

class CardToken final : public Token {
 public:
  CardToken(Device device, std::unique_ptr<Channel> channel)
      : device_(std::move(device)), card_(std::move(channel)) {}

  Reply describe() override {
    return smartcard::describe(card_, device_, Deadline::in(silent_budget));
  }

  Reply run(const reader::Request& request, Interaction& interaction) override {
    card_.channel().clear_cancel();  // a cancel that came before is told by the interaction
    if (interaction.cancelled()) return Failed{.failure = Failure::cancelled};
    if (const auto* message = std::get_if<reader::CardHolds>(&request))
      return holds(card_, *message, Deadline::in(silent_budget));
    if (std::holds_alternative<reader::CardList>(request))
      return list_keys(card_, Deadline::in(silent_budget));
    if (const auto* message = std::get_if<reader::CardSign>(&request))
      return sign(card_, *message, interaction, deadline_of(message->milliseconds));
    if (const auto* message = std::get_if<reader::CardManage>(&request))
      return manage(card_, *message, interaction, deadline_of(message->milliseconds));
    if (const auto* message = std::get_if<reader::CardGenerate>(&request))
      return generate(card_, *message, interaction, deadline_of(message->milliseconds));
    if (const auto* message = std::get_if<reader::CardAttest>(&request))
      return attest(card_, *message, Deadline::in(silent_budget));
    if (const auto* message = std::get_if<reader::CardInstall>(&request))
      return install(card_, *message, interaction, deadline_of(message->milliseconds));
    return Failed{.failure = Failure::unsupported, .detail = "a request for another kind of token"};
  }

  void cancel() override { card_.channel().cancel(); }

 private:
  Device device_;
  Card card_;
};

}  // namespace

std::expected<std::unique_ptr<Token>, Failed> open_token(const Device& device) {
  auto channel =
      TRY(device.transport == Transport::software ? open_software(device) : open_pcsc(device));
  return std::make_unique<CardToken>(device, std::move(channel));
}

}  // namespace countersign::devices::smartcard
