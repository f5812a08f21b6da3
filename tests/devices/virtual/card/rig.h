// SPDX-License-Identifier: Apache-2.0
// A virtual card in this process, with a host at its commands.
#pragma once

#include <string_view>

#include "devices/virtual/card/base/tlv.h"
#include "devices/virtual/card/card.h"

namespace countersign::test {

namespace vc = virtual_card;
namespace tlv = virtual_card::tlv;

inline const Bytes piv_aid{0xa0, 0x00, 0x00, 0x03, 0x08};
inline const Bytes openpgp_aid{0xd2, 0x76, 0x00, 0x01, 0x24, 0x01};

struct Answered {
  Bytes data;
  unsigned status = 0;
};

class CardRig {
 public:
  explicit CardRig(vc::Profile profile = {}, const std::string& file = {});

  // Bytes as they are; throws when the card was removed or waits for a touch.
  Answered raw(BytesView apdu);
  // A short command; parts of the answer are collected.
  Answered send(Byte ins, Byte p1, Byte p2, BytesView data = {});
  Answered send(Byte ins, Byte p1, Byte p2, std::string_view text) {
    return send(ins, p1, p2, as_bytes(text));
  }
  unsigned status(Byte ins, Byte p1, Byte p2, BytesView data = {}) {
    return send(ins, p1, p2, data).status;
  }
  unsigned select(BytesView aid) { return status(0xa4, 0x04, 0x00, aid); }

  // --- PIV ---
  unsigned verify(std::string_view pin);  // filled up with FF
  bool authenticate_management();         // with the factory's key, mutually
  Bytes generate(Byte slot, Byte algorithm,
                 std::initializer_list<Byte> policies = {});  // throws unless it went well
  Answered sign(Byte slot, Byte algorithm, BytesView input);

  vc::Card card;
  vc::Moment now{};
};

[[nodiscard]] Bytes filled(std::string_view pin);  // eight octets

}  // namespace countersign::test
