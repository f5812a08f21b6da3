// SPDX-License-Identifier: Apache-2.0
#include "devices/yubikey/token.h"

#include <algorithm>

#include "devices/yubikey/slots.h"

namespace countersign::devices::yubikey {
namespace {

using reader::Failed;
using reader::Failure;
using reader::Reply;

Deadline deadline_of(std::int64_t milliseconds) {
  return Deadline::in(
      std::chrono::milliseconds(std::clamp<std::int64_t>(milliseconds, 0, 600'000)));
}

class YubikeyToken final : public Token {
 public:
  YubikeyToken(Device device, std::unique_ptr<Channel> channel)
      : device_(std::move(device)), slots_(std::move(channel)) {}

  Reply describe() override {
    const auto info = slots_.describe();
    if (!info) return failed(info.error());
    reader::Opened opened{.device = device_, .fido2 = {}, .card = {}, .slots = *info};
    if (opened.device.firmware.empty()) opened.device.firmware = info->firmware;
    if (opened.device.serial.empty() && info->serial)
      opened.device.serial = std::to_string(*info->serial);
    return opened;
  }

  Reply run(const reader::Request& request, Interaction& interaction) override {
    slots_.channel().clear_cancel();  // a cancel that came before is told by the interaction
    if (interaction.cancelled()) return Failed{.failure = Failure::cancelled};
    if (const auto* message = std::get_if<reader::SlotHolds>(&request)) return holds(*message);
    if (const auto* message = std::get_if<reader::SlotRespond>(&request))
      return respond(*message, interaction);
    if (const auto* message = std::get_if<reader::SlotWrite>(&request))
      return write(*message, interaction);
    return Failed{.failure = Failure::unsupported, .detail = "a request for another kind of token"};
  }

  void cancel() override { slots_.channel().cancel(); }

 private:
  // The slots that this key has of those that are asked for, by serial number.
  std::expected<std::vector<reader::SlotName>, Loss> mine(
      const std::vector<reader::SlotName>& names) {
    const auto info = TRY(slots_.describe());
    std::vector<reader::SlotName> found;
    for (const reader::SlotName& each : names)
      if (info.serial == each.serial && (each.slot == 1 || each.slot == 2) &&
          info.slots[static_cast<std::size_t>(each.slot - 1)].programmed)
        found.push_back(each);
    return found;
  }

  Reply holds(const reader::SlotHolds& message) {
    const auto found = mine(message.slots);
    if (!found) return failed(found.error());
    reader::Held held;
    for (const reader::SlotName& each : *found)
      held.credentials.push_back(Bytes{static_cast<Byte>(each.slot)});
    return held;
  }

  Reply respond(const reader::SlotRespond& message, Interaction& interaction) {
    const auto found = mine(message.slots);
    if (!found) return failed(found.error());
    if (found->empty()) return Failed{.failure = Failure::no_credential};
    bool touched = false;
    const auto wants_touch = [&] {
      touched = true;
      interaction.tell({.kind = reader::PromptKind::touch});
    };
    const auto response = slots_.respond(static_cast<int>(found->front().slot), message.challenge,
                                         deadline_of(message.milliseconds), wants_touch);
    if (!response) return failed(response.error());
    return reader::SlotResponded{.slot = found->front(), .response = *response, .touched = touched};
  }

  Reply write(const reader::SlotWrite& message, Interaction& interaction) {
    if (message.slot != 1 && message.slot != 2)
      return Failed{.failure = Failure::unsupported, .detail = "no such slot"};
    const Deadline deadline = deadline_of(message.milliseconds);
    // The secrets come as a frame of their own, for this one write.
    const Result<Secret> secrets =
        interaction.ask({.kind = reader::PromptKind::slot_secrets}, deadline);
    if (!secrets)
      return Failed{.failure = secrets.error().code == Code::timed_out ? Failure::timed_out
                                                                       : Failure::cancelled};
    const auto done = perform(message, *secrets, deadline);
    if (!done) return failed(done.error());
    return reader::SlotWritten{.slots = *done};
  }

  std::expected<SlotsInfo, Loss> perform(const reader::SlotWrite& message, const Secret& secrets,
                                         const Deadline& deadline) {
    const int slot = static_cast<int>(message.slot);
    switch (message.task) {
      case SlotTask::write:
        return slots_.write(
            slot,
            {.kind = message.kind,
             .touch = message.touch,
             .append_return = message.append_return,
             .serial_visible = message.serial_visible,
             .fixed_size = static_cast<int>(std::clamp<std::int64_t>(message.fixed_size, 0, 16)),
             .eight_digits = message.eight_digits},
            secrets, deadline);
      case SlotTask::erase:
        return slots_.erase(slot, secrets, deadline);
      case SlotTask::swap:
        return slots_.swap(secrets, deadline);
    }
    std::unreachable();
  }

  Device device_;
  Slots slots_;
};

}  // namespace

std::expected<std::unique_ptr<Token>, Failed> open_token(const Device& device) {
  const bool card = std::ranges::any_of(device.capabilities, [](Capability each) {
    return each == Capability::piv || each == Capability::openpgp;
  });
  auto channel = TRY(device.transport == Transport::card || card ? open_card(device)
                     : device.transport == Transport::software   ? open_software(device)
                                                                 : open_usb(device));
  return std::make_unique<YubikeyToken>(device, std::move(channel));
}

}  // namespace countersign::devices::yubikey
