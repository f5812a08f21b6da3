// SPDX-License-Identifier: Apache-2.0
// Opens a security key's device node.
#pragma once

#include <expected>

#include "core/base/descriptor.h"
#include "devices/protocol/device.h"
#include "devices/protocol/messages.h"

namespace countersign::devices::fido2 {

// Opens what a FIDO token's reports go through: a hidraw node, or the socket of a software token
// (SOCK_SEQPACKET, a packet is a report). Says nothing to the token. Failed: removed, permission,
// busy.
[[nodiscard]] std::expected<Descriptor, reader::Failed> open_node(const Device& device);

}  // namespace countersign::devices::fido2
