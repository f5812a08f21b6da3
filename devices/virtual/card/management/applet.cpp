// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/management/applet.h"

#include <fmt/format.h>

#include <array>

#include "devices/virtual/card/base/identity.h"
#include "devices/virtual/card/base/tlv.h"

namespace countersign::virtual_card::management {
namespace {

constexpr std::array<Byte, 8> application{0xa0, 0x00, 0x00, 0x05, 0x27, 0x47, 0x11, 0x17};
constexpr Byte read_config = 0x1d;
constexpr std::uint32_t usb_supported = 1, serial_tag = 2, usb_enabled = 3, form_factor = 4,
                        version_tag = 5, config_lock = 10;

Bytes big_endian(std::uint32_t number, unsigned octets) {
  Bytes out;
  while (octets-- > 0) out.push_back(static_cast<Byte>(number >> 8U * octets & 0xffU));
  return out;
}

}  // namespace

BytesView ManagementApplet::aid() const { return application; }

Response ManagementApplet::select() {
  const auto& [major, minor, build] = identity::dialect;
  const std::string text = fmt::format("Virtual mgr - FW version {}.{}.{}", major, minor, build);
  return Bytes(text.begin(), text.end());
}

// The length of all, then the items.
Response ManagementApplet::handle(const Command& command, Moment) {
  if (command.ins != read_config) return StatusWord::wrong_instruction;
  if (command.parameters() != 0) return StatusWord::wrong_parameters;
  const Bytes applications = big_endian(capabilities_, 2);
  const Bytes items = tlv::join(
      {tlv::item(usb_supported, applications), tlv::item(serial_tag, big_endian(serial_, 4)),
       tlv::item(usb_enabled, applications), tlv::item(form_factor, {0}),
       tlv::item(version_tag, identity::dialect), tlv::item(config_lock, {0})});
  return tlv::join({Bytes{static_cast<Byte>(items.size())}, items});
}

}  // namespace countersign::virtual_card::management
