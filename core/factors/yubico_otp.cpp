// SPDX-License-Identifier: Apache-2.0
#include "core/factors/yubico_otp.h"

#include <algorithm>

#include "core/encoding/crc13239.h"
#include "core/encoding/modhex.h"

namespace countersign::yubico_otp {
namespace {

constexpr std::int64_t timestamp_mask = 0xffffff;
constexpr std::uint32_t half_a_turn =
    0x800000;  // of the timestamp, which may wrap within 24 days of one power-up
constexpr int usable_bits = 0x7fff;  // the sixteenth of the usage counter is a flag of caps lock

std::int64_t counter_of(const Moment& moment) {
  return static_cast<std::int64_t>(moment.usage) << 8U | moment.session;
}

}  // namespace

std::vector<Otp> readings(std::string_view typed) {
  std::vector<Otp> out;
  for (const Bytes& octets : formats::modhex_readings(typed)) {
    Otp otp;
    if (octets.size() < otp.block.size() || octets.size() > otp.block.size() + longest_public_id)
      continue;
    const auto middle = octets.end() - static_cast<std::ptrdiff_t>(otp.block.size());
    otp.public_id.assign(octets.begin(), middle);
    std::copy(middle, octets.end(), otp.block.begin());
    out.push_back(std::move(otp));
  }
  return out;
}

std::optional<Moment> open(const Secret& material, const crypto::AesBlock& block) {
  if (material.size() != material_size) return std::nullopt;
  crypto::AesBlock plain{};
  if (!crypto::decipher_block(crypto::BlockCipher::aes128, material.expose().first(key_size), block,
                              plain))
    return std::nullopt;
  std::optional<Moment> moment;
  if (formats::crc13239(plain) == formats::crc13239_held &&
      equal_constant_time(BytesView(plain).first(private_id_size),
                          material.expose().subspan(key_size)))
    moment = Moment{.usage = static_cast<std::uint16_t>((plain[6] | plain[7] << 8) & usable_bits),
                    .session = plain[11],
                    .timestamp = plain[8] | static_cast<std::uint32_t>(plain[9]) << 8U |
                                 static_cast<std::uint32_t>(plain[10]) << 16U};
  wipe(plain.data(), plain.size());
  return moment;
}

OtpCheck check(const Secret& material, const Progress& progress, const crypto::AesBlock& block,
               std::uint32_t tag) {
  const auto moment = open(material, block);
  if (!moment) return {};
  OtpCheck out;
  out.moment = *moment;
  out.match = Match::used;
  const std::int64_t counter = counter_of(*moment);
  if (counter <= progress.counter) return out;
  const bool same_power_up = (progress.counter >> 8U) == moment->usage;
  const auto before = static_cast<std::uint32_t>(progress.detail & timestamp_mask);
  const std::uint32_t later_by =
      (moment->timestamp - before) & static_cast<std::uint32_t>(timestamp_mask);
  if (same_power_up && (later_by == 0 || later_by >= half_a_turn)) return out;
  out.match = Match::yes;
  out.progress = {.counter = counter,
                  .detail = static_cast<std::int64_t>(tag) << 24U | moment->timestamp};
  return out;
}

std::optional<std::uint32_t> tag_of_same(const Progress& progress, const Moment& moment) {
  if (progress.counter != counter_of(moment) ||
      (progress.detail & timestamp_mask) != moment.timestamp)
    return std::nullopt;
  return static_cast<std::uint32_t>(progress.detail >> 24U);
}

crypto::AesBlock make(const Secret& material, const Moment& moment, std::uint16_t random) {
  crypto::AesBlock plain{};
  std::ranges::copy(material.expose().subspan(key_size, private_id_size), plain.begin());
  plain[6] = static_cast<Byte>(moment.usage & 0xffU);
  plain[7] = static_cast<Byte>(moment.usage >> 8U);
  plain[8] = static_cast<Byte>(moment.timestamp & 0xffU);
  plain[9] = static_cast<Byte>(moment.timestamp >> 8U & 0xffU);
  plain[10] = static_cast<Byte>(moment.timestamp >> 16U & 0xffU);
  plain[11] = moment.session;
  plain[12] = static_cast<Byte>(random & 0xffU);
  plain[13] = static_cast<Byte>(random >> 8U);
  const std::uint16_t crc =
      static_cast<std::uint16_t>(~formats::crc13239(BytesView(plain).first(14)));
  plain[14] = static_cast<Byte>(crc & 0xffU);
  plain[15] = static_cast<Byte>(crc >> 8U);
  crypto::AesBlock out{};
  (void)crypto::encipher_block(crypto::BlockCipher::aes128, material.expose().first(key_size),
                               plain, out);  // the sizes are its own
  wipe(plain.data(), plain.size());
  return out;
}

}  // namespace countersign::yubico_otp
