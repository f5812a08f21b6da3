// SPDX-License-Identifier: Apache-2.0
#include "devices/yubikey/slots.h"

#include <algorithm>

#include "core/encoding/crc13239.h"

namespace countersign::devices::yubikey {
namespace {

// Flags of a configuration (ykdef.h).
constexpr Byte serial_api_visible = 0x04, allow_update = 0x20;
constexpr Byte append_cr = 0x20, oath_or_challenge = 0x40;
constexpr Byte hmac_sha1 = 0x22, less_than_64 = 0x04, button = 0x08, short_ticket = 0x02,
               hotp_8 = 0x02;

constexpr std::size_t fixed_at = 0, code_at = 16 + 6 + 16,
                      current_code_at = code_at + access_code_size;

struct Flags {
  Byte extended, ticket, config;
};

Flags flags_of(const Writing& writing) {
  const Byte extended =
      static_cast<Byte>(allow_update | (writing.serial_visible ? serial_api_visible : 0));
  const Byte end = writing.append_return ? append_cr : Byte{0};
  switch (writing.kind) {
    case SlotKind::yubico_otp:
      return {extended, end, 0};
    case SlotKind::hmac:
      return {extended, oath_or_challenge,
              static_cast<Byte>(hmac_sha1 | less_than_64 | (writing.touch ? button : 0))};
    case SlotKind::hotp:
      return {extended, static_cast<Byte>(oath_or_challenge | end),
              writing.eight_digits ? hotp_8 : Byte{0}};
    case SlotKind::static_password:
      return {extended, end, short_ticket};
  }
  std::unreachable();
}

}  // namespace

reader::Failed failed(Loss loss) {
  using reader::Failure;
  switch (loss) {
    case Loss::removed:
      return {.failure = Failure::removed};
    case Loss::refused:
      return {.failure = Failure::slot_refused};
    case Loss::timed_out:
      return {.failure = Failure::timed_out};
    case Loss::cancelled:
      return {.failure = Failure::cancelled};
    case Loss::malformed:
      return {.failure = Failure::malformed, .detail = "OTP interface"};
  }
  std::unreachable();
}

Secret payload_of(const Writing& writing, const Secret& secrets) {
  Secret payload(configuration_size + access_code_size);
  const auto out = payload.expose_mutable();
  const BytesView in = secrets.expose();
  std::ranges::copy(in.subspan(fixed_at, code_at + access_code_size), out.begin());
  const Flags flags = flags_of(writing);
  out[44] = static_cast<Byte>(
      std::clamp(writing.kind == SlotKind::static_password ? 16 : writing.fixed_size, 0, 16));
  out[45] = flags.extended;
  out[46] = flags.ticket;
  out[47] = flags.config;
  const auto sum =
      static_cast<std::uint16_t>(~formats::crc13239(BytesView(out).first(configuration_size - 2)));
  out[50] = static_cast<Byte>(sum);
  out[51] = static_cast<Byte>(sum >> 8U);
  std::ranges::copy(in.subspan(current_code_at, access_code_size),
                    out.begin() + configuration_size);
  return payload;
}

std::expected<SlotsInfo, Loss> Slots::info_after(const std::expected<Status, Loss>& status) {
  if (!status) return std::unexpected(status.error());
  SlotsInfo info{.firmware = std::to_string(status->version[0]) + "." +
                             std::to_string(status->version[1]) + "." +
                             std::to_string(status->version[2]),
                 .serial = {},
                 .sequence = status->sequence,
                 .slots = {}};
  for (const int slot : {1, 2})
    info.slots.push_back({.programmed = status->programmed(slot), .touch = status->touch(slot)});
  const auto serial =
      channel_->ask(Command::serial, {}, 4, Deadline::in(std::chrono::seconds(2)), [] {});
  if (!serial && serial.error() != Loss::refused)
    return std::unexpected(serial.error());  // refused: it does not show it
  if (serial)
    info.serial = static_cast<std::int64_t>((*serial)[0]) << 24 | (*serial)[1] << 16 |
                  (*serial)[2] << 8 | (*serial)[3];
  return info;
}

std::expected<SlotsInfo, Loss> Slots::describe() { return info_after(channel_->status()); }

std::expected<Bytes, Loss> Slots::respond(int slot, BytesView challenge, const Deadline& deadline,
                                          const std::function<void()>& wants_touch) {
  if (challenge.empty() || challenge.size() >= payload_size || challenge.back() == 0)
    return std::unexpected(Loss::malformed);
  return channel_->ask(slot == 1 ? Command::respond_1 : Command::respond_2, challenge,
                       response_size, deadline, wants_touch);
}

std::expected<SlotsInfo, Loss> Slots::write(int slot, const Writing& writing, const Secret& secrets,
                                            const Deadline& deadline) {
  if (secrets.size() != secret_size) return std::unexpected(Loss::malformed);
  return info_after(channel_->write(slot == 1 ? Command::configure_1 : Command::configure_2,
                                    payload_of(writing, secrets).expose(), deadline));
}

std::expected<SlotsInfo, Loss> Slots::erase(int slot, const Secret& access_code,
                                            const Deadline& deadline) {
  if (access_code.size() != access_code_size) return std::unexpected(Loss::malformed);
  Secret payload(configuration_size + access_code_size);
  std::ranges::copy(access_code.expose(), payload.expose_mutable().begin() + configuration_size);
  return info_after(channel_->write(slot == 1 ? Command::configure_1 : Command::configure_2,
                                    payload.expose(), deadline));
}

std::expected<SlotsInfo, Loss> Slots::swap(const Secret& access_code, const Deadline& deadline) {
  if (access_code.size() != access_code_size) return std::unexpected(Loss::malformed);
  Secret payload(configuration_size + access_code_size);
  std::ranges::copy(access_code.expose(), payload.expose_mutable().begin() + configuration_size);
  return info_after(channel_->write(Command::swap, payload.expose(), deadline));
}

}  // namespace countersign::devices::yubikey
