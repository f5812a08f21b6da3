// SPDX-License-Identifier: Apache-2.0
#include "devices/usb/hid_descriptor.h"

namespace countersign::devices::usb {
namespace {

constexpr std::size_t most_usages = 16;

// Items by tag and type, without the size bits (HID 1.11 §6.2.2.4, .7, .8).
constexpr Byte usage_page = 0x04;
constexpr Byte usage = 0x08;
constexpr Byte collection = 0xa0;
constexpr Byte end_collection = 0xc0;
constexpr Byte long_item = 0xfe;

}  // namespace

std::vector<Usage> top_level_usages(BytesView rest) {
  std::vector<Usage> usages;
  Usage current;
  std::size_t depth = 0;
  while (!rest.empty() && usages.size() < most_usages) {
    const Byte prefix = rest.front();
    const std::size_t data = prefix == long_item   ? (rest.size() > 1 ? 2U + rest[1] : 2U)
                             : (prefix & 3U) == 3U ? 4U
                                                   : prefix & 3U;
    if (rest.size() - 1 < data) break;
    std::uint32_t value = 0;
    for (std::size_t i = 0; prefix != long_item && i < data; ++i)
      value |= std::uint32_t{rest[1 + i]} << (8 * i);
    const Byte item = prefix == long_item ? prefix : static_cast<Byte>(prefix & 0xfcU);
    if (item == usage_page) current.page = value;
    if (item == usage && depth == 0)
      current = data == 4 ? Usage{value >> 16U, value & 0xffffU} : Usage{current.page, value};
    if (item == collection && depth++ == 0) usages.push_back(current);
    if (item == end_collection && depth > 0) --depth;
    rest = rest.subspan(1 + data);
  }
  return usages;
}

}  // namespace countersign::devices::usb
