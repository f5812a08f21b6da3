// SPDX-License-Identifier: Apache-2.0
// What a token is, as far as it can be told without opening it, and what opening it adds.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/enum_names.h"

namespace countersign::devices {

enum class Transport { usb, nfc, card /* a reader of PC/SC, with contacts or without */, software };

// What a token can do for us; each is a protocol that a folder of devices/ speaks.
enum class Capability { fido2, u2f, piv, openpgp, otp };

// What keeps a token that is there from being used.
enum class Trouble { none, permission, unknown_type, no_card /* a reader with nothing in it */ };

struct Device {
  std::string
      id;  // while it is plugged in: "hidraw3", "software-1"; what commands and messages name it by
  Transport transport = Transport::usb;
  std::string model;     // from the table of known tokens, else what the token says of itself
  std::string serial;    // empty where it has none (FIDO tokens as a rule)
  std::string firmware;  // "5.4.3"; empty: can't be told
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  std::vector<Capability> capabilities;
  Trouble trouble = Trouble::none;
  std::string node;  // what the reader opens
  std::string
      otp_node;  // for a YubiKey's slots, where that is another place: the USB device in /sys

  bool operator==(const Device&) const = default;
  static constexpr auto fields(
      auto take) {  // for reader/codec.h: takes the members, in the order of the wire
    return take(&Device::id, &Device::transport, &Device::model, &Device::serial, &Device::firmware,
                &Device::vendor, &Device::product, &Device::capabilities, &Device::trouble,
                &Device::node, &Device::otp_node);
  }
};

// Whether it speaks FIDO, so that it can be asked for a touch.
[[nodiscard]] inline bool is_security_key(const Device& device) {
  return std::ranges::any_of(device.capabilities, [](Capability each) {
    return each == Capability::fido2 || each == Capability::u2f;
  });
}

// What a FIDO token says of itself when opened (CTAP 2.1 §6.4); of a U2F token only the version is
// known.
struct Fido2Info {
  std::vector<std::string> versions;     // "FIDO_2_1", "U2F_V2"
  std::vector<std::string> extensions;   // "credProtect"
  Bytes aaguid;                          // 16 octets
  std::vector<std::int64_t> algorithms;  // COSE numbers, best first
  bool resident_keys = false;
  bool pin_set = false;
  bool can_pin = false;
  bool built_in_uv = false;  // configured, not only possible
  bool always_uv = false;
  std::optional<std::int64_t> pin_retries;
  std::optional<std::int64_t> uv_retries;
  std::optional<std::int64_t> free_resident;  // places left for discoverable credentials
  std::int64_t min_pin_length = 4;

  bool operator==(const Fido2Info&) const = default;
  static constexpr auto fields(auto take) {
    return take(&Fido2Info::versions, &Fido2Info::extensions, &Fido2Info::aaguid,
                &Fido2Info::algorithms, &Fido2Info::resident_keys, &Fido2Info::pin_set,
                &Fido2Info::can_pin, &Fido2Info::built_in_uv, &Fido2Info::always_uv,
                &Fido2Info::pin_retries, &Fido2Info::uv_retries, &Fido2Info::free_resident,
                &Fido2Info::min_pin_length);
  }
};

// What a smartcard says of itself when opened, by application. Nothing of it is vouched for.
struct CardApplet {
  Capability kind = Capability::piv;
  std::string version;  // of the firmware (PIV, where it tells), of the specification (OpenPGP)
  std::string serial;   // empty: it has none
  Bytes id;             // PIV: the CHUID's GUID; OpenPGP: the whole application identifier
  std::optional<std::int64_t> pin_retries;  // of the user's PIN
  std::optional<std::int64_t>
      puk_retries;  // OpenPGP: of the resetting code; 0: blocked, or none is set

  bool operator==(const CardApplet&) const = default;
  static constexpr auto fields(auto take) {
    return take(&CardApplet::kind, &CardApplet::version, &CardApplet::serial, &CardApplet::id,
                &CardApplet::pin_retries, &CardApplet::puk_retries);
  }
};
struct CardInfo {
  Bytes answer_to_reset;
  std::vector<CardApplet> applets;

  bool operator==(const CardInfo&) const = default;
  static constexpr auto fields(auto take) {
    return take(&CardInfo::answer_to_reset, &CardInfo::applets);
  }
};

// The slots of a YubiKey's OTP interface. What is in them can't be read, only that something is.
struct SlotInfo {
  bool programmed = false;
  bool touch = false;  // it does something when touched, or waits for a touch before it answers

  bool operator==(const SlotInfo&) const = default;
  static constexpr auto fields(auto take) { return take(&SlotInfo::programmed, &SlotInfo::touch); }
};
struct SlotsInfo {
  std::string firmware;                // "5.4.3"
  std::optional<std::int64_t> serial;  // none: no slot lets it be asked for
  std::int64_t sequence = 0;           // of programming
  std::vector<SlotInfo> slots;         // two

  bool operator==(const SlotsInfo&) const = default;
  static constexpr auto fields(auto take) {
    return take(&SlotsInfo::firmware, &SlotsInfo::serial, &SlotsInfo::sequence, &SlotsInfo::slots);
  }
};

}  // namespace countersign::devices

template <>
inline constexpr auto countersign::enum_names<countersign::devices::Transport> =
    std::to_array<countersign::EnumName<countersign::devices::Transport>>(
        {{countersign::devices::Transport::usb, "usb"},
         {countersign::devices::Transport::nfc, "nfc"},
         {countersign::devices::Transport::card, "card"},
         {countersign::devices::Transport::software, "software"}});

template <>
inline constexpr auto countersign::enum_names<countersign::devices::Capability> =
    std::to_array<countersign::EnumName<countersign::devices::Capability>>(
        {{countersign::devices::Capability::fido2, "fido2"},
         {countersign::devices::Capability::u2f, "u2f"},
         {countersign::devices::Capability::piv, "piv"},
         {countersign::devices::Capability::openpgp, "openpgp"},
         {countersign::devices::Capability::otp, "otp"}});

template <>
inline constexpr auto countersign::enum_names<countersign::devices::Trouble> =
    std::to_array<countersign::EnumName<countersign::devices::Trouble>>(
        {{countersign::devices::Trouble::none, ""},
         {countersign::devices::Trouble::permission, "permission"},
         {countersign::devices::Trouble::unknown_type, "unknown-type"},
         {countersign::devices::Trouble::no_card, "no-card"}});
