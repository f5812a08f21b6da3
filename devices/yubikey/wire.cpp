// SPDX-License-Identifier: Apache-2.0
#include "devices/yubikey/wire.h"

namespace countersign::devices::yubikey {

Status status_from(BytesView octets) {
  return {.version = {octets[0], octets[1], octets[2]}, .sequence = octets[3], .level = octets[4]};
}

}  // namespace countersign::devices::yubikey
