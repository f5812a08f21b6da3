// SPDX-License-Identifier: Apache-2.0
// Yubico OTP: a public id in modhex, then one block of AES-128 with a private id and counters that
// only go up ("The YubiKey Manual" §6).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/authenticator.h"
#include "core/base/secret.h"
#include "core/crypto/block_cipher.h"
#include "core/factors/check.h"

namespace countersign::yubico_otp {

inline constexpr std::size_t longest_public_id = 16;  // octets; 6 is what keys come with
inline constexpr std::size_t private_id_size = 6;
inline constexpr std::size_t key_size = 16;
inline constexpr std::size_t material_size =
    key_size + private_id_size;  // what is sealed: the key, then the private id

struct Otp {
  Bytes public_id;  // may be empty
  crypto::AesBlock block{};
};
// What was typed, under each keyboard layout that it can be of; none: it is no OTP. Without spaces
// around it.
[[nodiscard]] std::vector<Otp> readings(std::string_view typed);

// What is inside of the block.
struct Moment {
  std::uint16_t usage = 0;      // power-ups, 1 to 32767
  std::uint8_t session = 0;     // OTPs since then
  std::uint32_t timestamp = 0;  // 24 bits, 8 Hz, from a random start at power-up
  bool operator==(const Moment&) const = default;
};

// With that key and private id, or nothing: another key's, or damaged (CRC-16 of ISO 13239).
[[nodiscard]] std::optional<Moment> open(const Secret& material, const crypto::AesBlock& block);

// progress.counter: usage * 256 + session of the last accepted; detail: its timestamp in the lower
// 24 bits, above them 32 bits of the caller's own (see tag). A later one has a higher counter and,
// within one power-up, a later timestamp.
struct OtpCheck : Check {
  Moment moment;  // where match is not no
};
[[nodiscard]] OtpCheck check(const Secret& material, const Progress& progress,
                             const crypto::AesBlock& block, std::uint32_t tag = 0);
// The tag that the last accepted OTP was committed with, if this is it again.
[[nodiscard]] std::optional<std::uint32_t> tag_of_same(const Progress& progress,
                                                       const Moment& moment);

// A block as a key would make it: for programs that play one.
[[nodiscard]] crypto::AesBlock make(const Secret& material, const Moment& moment,
                                    std::uint16_t random);

}  // namespace countersign::yubico_otp
