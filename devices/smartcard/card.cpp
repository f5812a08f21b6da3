// SPDX-License-Identifier: Apache-2.0
#include "devices/smartcard/card.h"

#include <algorithm>

namespace countersign::devices::smartcard {
namespace {

using reader::CardKey;
using reader::Failed;
using reader::Failure;
using reader::Reply;

Bytes identity_of(const CardApplet& applet) {
  if (!applet.id.empty()) return applet.id;
  const BytesView serial = as_bytes(applet.serial);
  return {serial.begin(), serial.end()};
}

// All keys of all applications that are asked for.
std::expected<std::vector<CardKey>, Loss> keys_of(Card& card, std::span<const Capability> applets,
                                                  const Deadline& deadline) {
  std::vector<CardKey> all;
  for (const Capability kind : applets) {
    auto found = TRY(card.with(kind, deadline, [&](Application& application, const CardApplet&) {
      return card.keys(kind, application);
    }));
    if (found) std::ranges::move(*found, std::back_inserter(all));
  }
  return all;
}

}  // namespace

bool Card::is_the_same(const CardApplet& applet) {
  Bytes identity = identity_of(applet);
  const auto [known, fresh] = identities_.try_emplace(applet.kind, identity);
  return fresh || known->second == identity;
}

std::expected<std::vector<CardKey>, Loss> Card::keys(Capability kind, Application& application) {
  if (const auto known = keys_.find(kind); known != keys_.end()) return known->second;
  auto read = application.keys();
  if (read) keys_[kind] = *read;
  return read;
}

Failed failed(Status status) {
  if (status.is_blocked())
    return {.failure = Failure::card_pin_blocked, .retries = 0, .detail = words_of(status)};
  if (const auto left = status.tries_left())
    return {.failure = Failure::wrong_pin, .retries = *left, .detail = words_of(status)};
  if (status.is_unknown_instruction())
    return {.failure = Failure::unsupported, .detail = words_of(status)};
  return {.failure = Failure::malformed, .detail = words_of(status)};
}

std::expected<Secret, Failed> ask(Interaction& interaction, const reader::Prompt& prompt,
                                  const Deadline& deadline) {
  auto answer = interaction.ask(prompt, deadline);
  if (answer) return std::move(*answer);
  return std::unexpected(Failed{
      .failure = answer.error().code == Code::timed_out ? Failure::timed_out : Failure::cancelled,
      .detail = answer.error().what});
}

Reply describe(Card& card, Device device, const Deadline& deadline) {
  CardInfo info{.answer_to_reset = card.channel().answer_to_reset()};
  device.capabilities.clear();
  for (const Capability kind : both_applets) {
    auto found = card.with(kind, deadline, [](Application&, const CardApplet& applet) {
      return std::expected<CardApplet, Loss>(applet);
    });
    if (!found && found.error() != Loss::malformed) return failed(found.error());
    if (!found || !*found) continue;
    device.capabilities.push_back(kind);
    if (kind == Capability::piv && device.firmware.empty()) device.firmware = (*found)->version;
    if (device.serial.empty()) device.serial = (*found)->serial;
    info.applets.push_back(std::move(**found));
  }
  return reader::Opened{.device = std::move(device), .fido2 = {}, .card = std::move(info)};
}

Reply list_keys(Card& card, const Deadline& deadline) {
  auto keys = keys_of(card, both_applets, deadline);
  if (!keys) return failed(keys.error());
  return reader::CardListed{std::move(*keys)};
}

Reply holds(Card& card, const reader::CardHolds& request, const Deadline& deadline) {
  const std::span<const Capability> applets = request.applets.empty()
                                                  ? std::span<const Capability>(both_applets)
                                                  : std::span<const Capability>(request.applets);
  const auto keys = keys_of(card, applets, deadline);
  if (!keys) return failed(keys.error());
  reader::Held held;
  for (const CardKey& each : *keys) {
    if (!each.trouble.empty()) continue;
    Bytes handle = handle_of(each.public_key);
    if (request.keys.empty() || std::ranges::find(request.keys, handle) != request.keys.end())
      held.credentials.push_back(std::move(handle));
  }
  return held;
}

}  // namespace countersign::devices::smartcard
