// SPDX-License-Identifier: Apache-2.0
// Is what lies at a socket's path the service's? (T15)
#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.h"

namespace countersign::client {

// Whose daemon a caller takes an answer from.
enum class Trust {
  service,         // root's or the service's: front ends that act for others (PAM)
  service_or_own,  // the caller's own as well
};

// Root, the user "countersign", and the caller's effective uid where `trust` says so. Asks the user
// database; for any thread.
[[nodiscard]] bool trusted(std::uint32_t uid, Trust trust);

// The socket and every folder above it belong to somebody trusted, and nobody else can put another
// in its place: no folder can be written by others, unless it is sticky. not_permitted otherwise,
// naming what is wrong; unavailable when nothing lies there. What was right a moment ago may be
// another by the time it is opened: the peer is checked, too.
[[nodiscard]] Result<void> require_safe_place(const std::string& path, Trust trust);

}  // namespace countersign::client
