// SPDX-License-Identifier: Apache-2.0
#include "devices/usb/known_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace countersign::devices::usb {
namespace {

// A row with u2f_only false and no quirk is a FIDO2 token, or one that may be: opening it tells.
constexpr auto table = std::to_array<KnownToken>({
    {0x0483, 0xa2ac, "ellipticSecure MIRkey", fido},
    {0x0483, 0xa2ca, "SoloKeys Solo", fido},
    {0x0483, 0xcdab, "STM32 FIDO token", fido},
    {0x058b, 0x022d, "Infineon FIDO", fido},
    {0x06cb, 0x0088, "Kensington VeriMark", fido, Quirk::none, true},
    {0x096e, 0x0850, "Feitian ePass FIDO", fido, Quirk::none, true},
    {0x096e, 0x0852, "Feitian ePass FIDO", fido},
    {0x096e, 0x0853, "Feitian ePass FIDO", fido},
    {0x096e, 0x0854, "Feitian ePass FIDO", fido},
    {0x096e, 0x0856, "Feitian ePass FIDO", fido},
    {0x096e, 0x0858, "Feitian ePass FIDO", fido},
    {0x096e, 0x085a, "Feitian MultiPass FIDO", fido, Quirk::none, true},
    {0x096e, 0x085b, "Feitian FIDO", fido},
    {0x096e, 0x085d, "Feitian FIDO", fido},
    {0x096e, 0x0866, "Feitian BioPass K33", fido},
    {0x096e, 0x0867, "Feitian BioPass K43", fido},
    {0x096e, 0x0880, "Hypersecu HyperFIDO", fido, Quirk::none, true},
    {0x1050, 0x0010, "YubiKey", otp, Quirk::yubikey},
    {0x1050, 0x0110, "YubiKey NEO", otp, Quirk::yubikey},
    {0x1050, 0x0111, "YubiKey NEO", otp | ccid, Quirk::yubikey},
    {0x1050, 0x0112, "YubiKey NEO", ccid, Quirk::yubikey},
    {0x1050, 0x0113, "YubiKey NEO", fido, Quirk::yubikey},
    {0x1050, 0x0114, "YubiKey NEO", otp | fido, Quirk::yubikey},
    {0x1050, 0x0115, "YubiKey NEO", fido | ccid, Quirk::yubikey},
    {0x1050, 0x0116, "YubiKey NEO", otp | fido | ccid, Quirk::yubikey},
    {0x1050, 0x0120, "Security Key by Yubico", fido, Quirk::yubikey},
    {0x1050, 0x0121, "Security Key by Yubico", fido, Quirk::yubikey},
    {0x1050, 0x0200, "Gnubby", fido, Quirk::yubikey},
    {0x1050, 0x0401, "YubiKey 4", otp, Quirk::yubikey},
    {0x1050, 0x0402, "YubiKey 4", fido, Quirk::yubikey},
    {0x1050, 0x0403, "YubiKey 4", otp | fido, Quirk::yubikey},
    {0x1050, 0x0404, "YubiKey 4", ccid, Quirk::yubikey},
    {0x1050, 0x0405, "YubiKey 4", otp | ccid, Quirk::yubikey},
    {0x1050, 0x0406, "YubiKey 4", fido | ccid, Quirk::yubikey},
    {0x1050, 0x0407, "YubiKey 4", otp | fido | ccid, Quirk::yubikey},
    {0x1050, 0x0410, "YubiKey Plus", otp | fido, Quirk::yubikey},
    {0x10c4, 0x8acf, "U2F Zero", fido, Quirk::none, true},
    {0x1209, 0x5070, "SoloKeys Hacker", fido},
    {0x1209, 0x50b0, "SoloKeys Solo", fido},
    {0x1209, 0x53c1, "Trezor", fido},
    {0x1209, 0xbeee, "SoloKeys Solo 2", fido | ccid},
    {0x1370, 0x0911, "Swissbit iShield Key", fido},
    {0x18d1, 0x5026, "Google Titan Security Key", fido, Quirk::none, true},
    {0x18d1, 0x9470, "Google Titan Security Key v2", fido},
    {0x1a44, 0x00bb, "OneSpan SecureClick", fido, Quirk::none, true},
    {0x1d50, 0x60fc, "OnlyKey", fido},
    {0x1e0d, 0xf1ae, "Neowave Keydo AES", fido, Quirk::none, true},
    {0x1e0d, 0xf1d0, "Neowave Keydo", fido, Quirk::none, true},
    {0x1ea8, 0xf025, "Thetis FIDO U2F", fido, Quirk::none, true},
    {0x1ea8, 0xfc25, "Thetis FIDO2", fido},
    {0x1fc9, 0xf143, "GoTrust Idem Key", fido},
    {0x20a0, 0x4108, "Nitrokey Pro", ccid, Quirk::bcd_firmware},
    {0x20a0, 0x4109, "Nitrokey Storage", ccid},
    {0x20a0, 0x4211, "Nitrokey Start", ccid, Quirk::bcd_firmware},
    {0x20a0, 0x4230, "Nitrokey HSM", ccid},
    {0x20a0, 0x4287, "Nitrokey FIDO U2F", fido, Quirk::bcd_firmware, true},
    {0x20a0, 0x42b1, "Nitrokey FIDO2", fido},
    {0x20a0, 0x42b2, "Nitrokey 3", fido | ccid},
    {0x20a0, 0x42b3, "Safetech SafeKey", fido},
    {0x20a0, 0x42d4, "CanoKey", fido | ccid},
    {0x20a0, 0x42f3, "Nitrokey Passkey", fido},
    {0x24dc, 0x0101, "JaCarta U2F", fido, Quirk::none, true},
    {0x24dc, 0x0501, "JaCarta U2F", fido, Quirk::none, true},
    {0x2581, 0xf1d0, "Happlink Security Key", fido, Quirk::none, true},
    {0x2abe, 0x1002, "Bluink Key", fido, Quirk::none, true},
    {0x2c97, 0x0000, "Ledger Blue", fido},
    {0x2c97, 0x0001, "Ledger Nano S", fido},
    {0x2c97, 0x0004, "Ledger Nano X", fido},
    {0x2c97, 0x0011, "Ledger Blue", fido},
    {0x2c97, 0x0015, "Ledger Blue", fido},
    {0x2c97, 0x1005, "Ledger Nano S", fido},
    {0x2c97, 0x1011, "Ledger Nano S", fido},
    {0x2c97, 0x1015, "Ledger Nano S", fido},
    {0x2c97, 0x4005, "Ledger Nano X", fido},
    {0x2c97, 0x4011, "Ledger Nano X", fido},
    {0x2c97, 0x4015, "Ledger Nano X", fido},
    {0x2c97, 0x5005, "Ledger Nano S Plus", fido},
    {0x2c97, 0x5011, "Ledger Nano S Plus", fido},
    {0x2c97, 0x5015, "Ledger Nano S Plus", fido},
    {0x2c97, 0x6005, "Ledger Stax", fido},
    {0x2c97, 0x6011, "Ledger Stax", fido},
    {0x2c97, 0x6015, "Ledger Stax", fido},
    {0x2c97, 0x7005, "Ledger Flex", fido},
    {0x2c97, 0x7011, "Ledger Flex", fido},
    {0x2c97, 0x7015, "Ledger Flex", fido},
    {0x2ccf, 0x0880, "Hypersecu HyperFIDO", fido, Quirk::none, true},
    {0x311f, 0x4a1a, "TrustKey G310", fido},
    {0x311f, 0x4a2a, "TrustKey G310H/G320H", fido},
    {0x311f, 0x4c2a, "TrustKey G320", fido},
    {0x311f, 0x5c2f, "eWBM Goldengate G500", fido},
    {0x311f, 0xa6e9, "TrustKey T120", fido},
    {0x311f, 0xa7f9, "TrustKey T110", fido},
    {0x311f, 0xf47c, "eWBM Goldengate G450", fido},
    {0x32a3, 0x3201, "GoTrust Idem Key", fido},
    {0x349e, 0x0010, "Token2 PIN+ Mini", fido},
    {0x349e, 0x0012, "Token2 PIN+ Mini", fido},
    {0x349e, 0x0014, "Token2 PIN+ Mini", fido | ccid},
    {0x349e, 0x0015, "Token2 PIN+ Mini", ccid},
    {0x349e, 0x0016, "Token2 PIN+ Mini", fido | ccid},
    {0x349e, 0x0020, "Token2 PIN+", fido},
    {0x349e, 0x0022, "Token2 PIN+", fido},
    {0x349e, 0x0024, "Token2 PIN+", fido | ccid},
    {0x349e, 0x0025, "Token2 PIN+", ccid},
    {0x349e, 0x0026, "Token2 PIN+", fido | ccid},
    {0x349e, 0x0200, "Token2 PIN+ Bio3", fido},
    {0x349e, 0x0202, "Token2 PIN+ Bio3", fido},
    {0x349e, 0x0204, "Token2 PIN+ Bio3", fido | ccid},
    {0x349e, 0x0205, "Token2 PIN+ Bio3", ccid},
    {0x349e, 0x0206, "Token2 PIN+ Bio3", fido | ccid},
    {0x4c4d, 0xf703, "Longmai mFIDO", fido, Quirk::none, true},
    {0x534c, 0x0001, "Trezor One", fido, Quirk::none, true},
});

constexpr bool in_order(const KnownToken& a, const KnownToken& b) {
  return std::pair(a.vendor, a.product) < std::pair(b.vendor, b.product);
}
static_assert(std::ranges::is_sorted(table, in_order));

constexpr std::uint16_t yubikey_5 = 0x0500;

}  // namespace

std::span<const KnownToken> known_tokens() { return table; }

const KnownToken* find_known(std::uint16_t vendor, std::uint16_t product) {
  const auto at = std::ranges::lower_bound(
      table, std::pair(vendor, product), {},
      [](const KnownToken& token) { return std::pair(token.vendor, token.product); });
  return at != table.end() && at->vendor == vendor && at->product == product ? &*at : nullptr;
}

std::string firmware_of(const KnownToken& token, std::uint16_t bcd) {
  switch (token.quirk) {
    case Quirk::none:
      return {};
    case Quirk::yubikey:
      return fmt::format("{}.{}.{}", bcd >> 8U, bcd >> 4U & 0xfU, bcd & 0xfU);
    case Quirk::bcd_firmware:
      return fmt::format("{:x}.{:x}", bcd >> 8U, bcd & 0xffU);
  }
  std::unreachable();
}

std::string model_of(const KnownToken& token, std::uint16_t bcd) {
  if (token.quirk == Quirk::yubikey && token.model == "YubiKey 4" && bcd >= yubikey_5)
    return "YubiKey 5";
  return std::string(token.model);
}

std::vector<Capability> fido_capabilities(const KnownToken* token, std::uint16_t bcd) {
  const bool u2f_only =
      token != nullptr && (token->u2f_only || (token->quirk == Quirk::yubikey && bcd < yubikey_5));
  if (u2f_only) return {Capability::u2f};
  return {Capability::fido2, Capability::u2f};
}

}  // namespace countersign::devices::usb
