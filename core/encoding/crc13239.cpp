// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/crc13239.h"

#include <boost/crc.hpp>

namespace countersign::formats {

std::uint16_t crc13239(BytesView octets) {
  boost::crc_optimal<16, 0x1021, 0xffff, 0, true, true> crc;
  crc.process_bytes(octets.data(), octets.size());
  return crc.checksum();
}

}  // namespace countersign::formats
