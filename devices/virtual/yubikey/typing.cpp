// SPDX-License-Identifier: Apache-2.0
// What a touch types: one-time passwords with their counters, and static ones.
#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "core/crypto/hmac.h"
#include "core/crypto/openssl.h"
#include "core/crypto/system_random.h"
#include "devices/virtual/yubikey/key.h"

namespace countersign::virtual_yubikey {
namespace {

constexpr std::string_view modhex_letters = "cbdefghijklnrtuv", hex_letters = "0123456789abcdef";
constexpr std::uint16_t last_use = 0x7fff;

std::string letters(BytesView octets, std::string_view alphabet) {
  std::string text;
  for (const Byte octet : octets) {
    text += alphabet[octet >> 4U];
    text += alphabet[octet & 0x0fU];
  }
  return text;
}

Bytes encrypt(BytesView key, BytesView block) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  Bytes out(32);
  int size = 0;
  crypto::must(context != nullptr && EVP_EncryptInit_ex2(context.get(), EVP_aes_128_ecb(),
                                                         key.data(), nullptr, nullptr) == 1);
  crypto::must(EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1);
  crypto::must(EVP_EncryptUpdate(context.get(), out.data(), &size, block.data(),
                                 static_cast<int>(block.size())) == 1 &&
               size == 16);
  out.resize(16);
  return out;
}

// The 16 octets before encryption: uid, counter, timestamp, session counter, random, CRC; numbers
// little-endian.
Bytes plain_ticket(BytesView uid, std::uint16_t uses, std::uint32_t tick, Byte session,
                   std::array<Byte, 2> random) {
  Bytes plain(uid.begin(), uid.end());
  for (const unsigned part : {uses & 0xffU, unsigned{uses} >> 8U, tick & 0xffU,
                              (tick >> 8U) & 0xffU, (tick >> 16U) & 0xffU})
    plain.push_back(static_cast<Byte>(part));
  plain.push_back(session);
  plain.insert(plain.end(), random.begin(), random.end());
  const auto sum = static_cast<std::uint16_t>(~crc(plain));
  plain.push_back(static_cast<Byte>(sum));
  plain.push_back(static_cast<Byte>(sum >> 8U));
  return plain;
}

// USB HID usage ids of a keyboard with the US layout; 0x80: shifted. Letters, digits, and what
// passwords have.
std::string scan_codes(BytesView codes) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyz1234567890\n\x1b\b\t -=[]\\#;'`,./";
  constexpr std::string_view shifted =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ!@#$%^&*()\n\x1b\b\t _+{}|~:\"~<>?";
  std::string text;
  for (const Byte code : codes) {
    if (code == 0) break;
    const std::size_t at = (code & 0x7fU) - 4U;
    if (at < plain.size()) text += (code & 0x80U) != 0 ? shifted[at] : plain[at];
  }
  return text;
}

std::string password_codes(const Configuration& held) {
  Bytes codes(held.fixed.begin(), held.fixed.end());
  codes.insert(codes.end(), held.uid.begin(), held.uid.end());
  codes.insert(codes.end(), held.key.begin(), held.key.end());
  return scan_codes(codes);
}

BytesView fixed_of(const Configuration& held) {
  return BytesView(held.fixed).first(held.fixed_size);
}

// The token identifier before an OATH-HOTP: modhex as far as the flags say, then digits.
std::string oath_identifier(const Configuration& held) {
  const BytesView fixed = fixed_of(held);
  const bool first = (held.config & config::modhex_1) != 0,
             second = (held.config & config::modhex_2) != 0;
  const std::size_t modhex = std::min<std::size_t>(first && second ? fixed.size()
                                                   : second        ? 2
                                                   : first         ? 1
                                                                   : 0,
                                                   fixed.size());
  return letters(fixed.first(modhex), modhex_letters) + letters(fixed.subspan(modhex), hex_letters);
}

}  // namespace

std::optional<Bytes> Key::ticket(std::size_t index, BytesView uid) {
  Session& session = sessions_[index];
  if (!session.used ||
      session.uses ==
          0xff) {  // the first use since power came, or the session counter is at its end
    State next = state_;
    Slot& slot = *next.slots[index];
    if (slot.uses < last_use) ++slot.uses;
    if (!keep(std::move(next))) return std::nullopt;
    session = {.used = true, .uses = 0};
  } else {
    ++session.uses;
  }
  const Slot& slot = *state_.slots[index];
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::steady_clock::now() - powered_at_)
                         .count();
  const auto tick = static_cast<std::uint32_t>(
      (first_tick_ + static_cast<std::uint64_t>(since) / 125U) & 0xff'ffffU);  // about 8 Hz
  std::array<Byte, 2> random{};
  crypto::SystemRandom().fill(random);
  return encrypt(slot.configuration.key, plain_ticket(uid, slot.uses, tick, session.uses, random));
}

Result<std::string> Key::type_hotp(std::size_t index) {
  const Slot& slot = *state_.slots[index];
  Bytes key(slot.configuration.key.begin(), slot.configuration.key.end());
  key.insert(key.end(), slot.configuration.uid.begin(), slot.configuration.uid.begin() + 4);
  std::array<Byte, 8> counter{};
  for (std::size_t i = 0; i < 8; ++i)
    counter[i] = static_cast<Byte>(slot.moving_factor >> (8U * (7U - i)));
  const auto tag = crypto::Hmac(HashAlgorithm::sha1, key).of(counter);
  const std::size_t at = tag.bytes[19] & 0x0fU;  // RFC 4226 §5.3
  const std::uint32_t number = static_cast<std::uint32_t>(tag.bytes[at] & 0x7fU) << 24U |
                               static_cast<std::uint32_t>(tag.bytes[at + 1]) << 16U |
                               static_cast<std::uint32_t>(tag.bytes[at + 2]) << 8U |
                               tag.bytes[at + 3];
  const std::size_t digits = (slot.configuration.config & config::hotp_8) != 0 ? 8 : 6;
  std::string code = std::to_string(number);
  code = std::string(code.size() < digits ? digits - code.size() : 0, '0') + code;
  State next = state_;
  ++next.slots[index]->moving_factor;
  if (!keep(std::move(next))) return fail(Code::unavailable, "the state can't be written");
  return oath_identifier(state_.slots[index]->configuration) + code.substr(code.size() - digits);
}

Result<std::string> Key::type(int number) {
  if (number != 1 && number != 2) return fail(Code::invalid, "there are slots 1 and 2");
  const auto index = static_cast<std::size_t>(number - 1);
  if (!state_.slots[index] || state_.slots[index]->configuration.dormant())
    return fail(Code::invalid, "the slot is empty");
  const Configuration held = state_.slots[index]->configuration;
  if (held.challenge()) return fail(Code::invalid, "the slot answers challenges and types nothing");
  const auto flagged = [&](Byte flag, const char* text) {
    return std::string((held.ticket & flag) != 0 ? text : "");
  };
  std::string text = flagged(ticket::tab_first, "\t");
  if (held.hotp()) {
    const auto code = type_hotp(index);
    if (!code) return code;
    text += *code;
  } else if ((held.config & config::static_ticket) != 0) {
    const Bytes block = encrypt(held.key, plain_ticket(held.uid, 0, 0, 0, {}));
    text += letters(fixed_of(held), modhex_letters) +
            letters(BytesView(block).first((held.config & config::short_ticket) != 0 ? 8 : 16),
                    modhex_letters);
  } else if ((held.config & config::short_ticket) != 0) {
    text += password_codes(held);
  } else {
    const auto made = ticket(index, held.uid);
    if (!made) return fail(Code::unavailable, "the state can't be written");
    text += letters(fixed_of(held), modhex_letters) + flagged(ticket::tab_1, "\t") +
            letters(*made, modhex_letters);
  }
  return text + flagged(ticket::tab_2, "\t") + flagged(ticket::append_cr, "\n");
}

}  // namespace countersign::virtual_yubikey
