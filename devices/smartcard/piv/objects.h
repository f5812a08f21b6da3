// SPDX-License-Identifier: Apache-2.0
// What stands in a PIV card's data objects (SP 800-73-4 Part 1 §3, Appendix A). Nothing here is
// signed: who it is comes from a certificate that was judged, never from a CHUID.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace countersign::devices::smartcard::piv {

inline constexpr std::array<Byte, 9> application = {0xA0, 0x00, 0x00, 0x03, 0x08,
                                                    0x00, 0x00, 0x10, 0x00};
inline constexpr std::uint32_t chuid_object = 0x5FC102, discovery_object = 0x7E;
inline constexpr std::uint32_t attester_object = 0x5FFF01;  // YubiKey's: the certificate of slot F9

// As tag 5C names a data object (Part 1 Table 3).
[[nodiscard]] Bytes name_of_object(std::uint32_t tag);

// Key references that sign, in the order in which they are tried (SP 800-73-4 Part 1, Table 4b). 9D
// is for key management alone.
struct Slot {
  Byte reference;
  std::uint32_t certificate;  // its data object
  std::string_view name;
  bool pin_always = false;  // verified again for each use (9C)
  bool pin_never = false;   // card authentication (9E)
};
inline constexpr std::array<Slot, 3> slots = {{{0x9A, 0x5FC105, "9a"},
                                               {0x9C, 0x5FC10A, "9c", true, false},
                                               {0x9E, 0x5FC101, "9e", false, true}}};
[[nodiscard]] const Slot* slot_named(std::string_view name);

inline constexpr std::size_t longest_certificate = 16 * 1024;  // unpacked

// Card Holder Unique Identifier; unsigned as we read it.
struct Chuid {
  Bytes fasc_n;  // 25 octets, or empty
  Bytes guid;    // 16 octets, or empty
};
[[nodiscard]] Result<Chuid> parse_chuid(BytesView object);

// The certificate of a certificate object: tag 70, packed with gzip where tag 71 says so. At most
// longest_certificate octets of DER, whatever it is packed as. Code::not_found: the object is
// empty.
[[nodiscard]] Result<Bytes> parse_certificate(BytesView object);

// Which PIN is the card's own to ask for: true: the global one (Part 1 §3.3.2, 5F2F).
[[nodiscard]] bool prefers_global_pin(BytesView discovery);

}  // namespace countersign::devices::smartcard::piv
