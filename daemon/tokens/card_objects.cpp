// SPDX-License-Identifier: Apache-2.0
#include "daemon/tokens/card_objects.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <utility>

#include "core/encoding/ber_tlv.h"
#include "core/encoding/hex.h"

namespace countersign::tokens {
namespace {

namespace tlv = formats::tlv;

// 9999-9999-999999-0-1 and zeros, in the BCD of five bits that a FASC-N has (PACS 2.3 table 1).
constexpr std::array<Byte, 25> no_agency{0xd4, 0xe7, 0x39, 0xda, 0x73, 0x9c, 0xed, 0x39, 0xce,
                                         0x73, 0x9d, 0x83, 0x68, 0x58, 0x21, 0x08, 0x42, 0x10,
                                         0x84, 0x21, 0xc8, 0x42, 0x10, 0xc3, 0xeb};
constexpr std::array<Byte, 7> card_identifier{
    0xa0, 0x00, 0x00, 0x01, 0x16, 0xff, 0x02};  // GSC-RID, unknown manufacturer, JavaCard

template <std::size_t N>
std::array<Byte, N> fresh(Random& random) {
  std::array<Byte, N> octets{};
  random.fill(octets);
  return octets;
}

}  // namespace

Bytes make_guid(Random& random) {
  auto guid = fresh<16>(random);
  guid[6] = static_cast<Byte>(0x40U | (guid[6] & 0x0fU));  // RFC 4122: version 4
  guid[8] = static_cast<Byte>(0x80U | (guid[8] & 0x3fU));
  return {guid.begin(), guid.end()};
}

std::string uuid_text(BytesView guid) {
  std::string text = formats::hex_encode(guid);
  if (text.size() != 32) return {};
  for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
  return text;
}

Bytes make_chuid(BytesView guid, Time until) {
  Bytes chuid = tlv::make(0x30, no_agency);
  tlv::append(chuid, 0x34, guid);
  tlv::append(chuid, 0x35,
              as_bytes(fmt::format("{:%Y%m%d}", std::chrono::floor<std::chrono::seconds>(until))));
  tlv::append(chuid, 0x3e, {});  // no signature
  tlv::append(chuid, 0xfe, {});
  return chuid;
}

Bytes make_capabilities(Random& random) {
  Bytes identifier(card_identifier.begin(), card_identifier.end());
  const auto number = fresh<14>(random);
  identifier.insert(identifier.end(), number.begin(), number.end());
  Bytes container = tlv::make(0xf0, identifier);
  tlv::append(container, 0xf1, Bytes{0x21});  // container and grammar versions 2.1
  tlv::append(container, 0xf2, Bytes{0x21});
  tlv::append(container, 0xf3, {});
  tlv::append(container, 0xf4, Bytes{0x00});
  tlv::append(container, 0xf5, Bytes{0x10});  // data model
  for (const std::uint32_t tag : {0xf6U, 0xf7U, 0xfaU, 0xfbU, 0xfcU, 0xfdU, 0xfeU})
    tlv::append(container, tag, {});
  return container;
}

}  // namespace countersign::tokens
