// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/spoil.h"

#include <algorithm>

#include "devices/virtual/card/base/tlv.h"

namespace countersign::virtual_card {
namespace {

constexpr std::uint32_t object_tag = 0x53, certificate_tag = 0x70, packing_tag = 0x71;
constexpr std::size_t longest = 65'535;

// Within 53: 70 certificate, 71 how it is packed, FE.
void spoil_certificate(const Faults& faults, Bytes& data) {
  const auto items = tlv::read_inside(data, object_tag);
  const auto certificate = items ? tlv::find(*items, certificate_tag) : std::nullopt;
  if (!certificate) return;
  Bytes content(certificate->begin(), certificate->end());
  if (faults.garbage) std::ranges::fill(content, Byte{0xa5});
  const Byte packing = faults.bad_gzip ? 1 : 0;
  data = tlv::item(
      object_tag, tlv::join({tlv::item(certificate_tag, content), tlv::item(packing_tag, {packing}),
                             tlv::item(0xfe, BytesView{})}));
}

}  // namespace

void spoil_content(const Faults& faults, Bytes& data) {
  if (data.size() < 2) return;
  if (faults.garbage || faults.bad_gzip) spoil_certificate(faults, data);
  if (faults.bad_tlv) {  // the octet after a tag of one or two octets, as most have
    Byte& length = data[(data[0] & 0x1fU) == 0x1f && data.size() > 2 ? 2 : 1];
    length = length == 0x82 ? 0x84 : 0x7f;
  }
  if (faults.cut_off) data.resize(data.size() / 2);
}

Bytes spoil_answer(const Faults& faults, Bytes answer) {
  if (faults.no_status) answer.resize(1);
  if (faults.too_long) answer.insert(answer.begin(), longest - answer.size(), Byte{0});
  return answer;
}

}  // namespace countersign::virtual_card
