// SPDX-License-Identifier: Apache-2.0
// What a security key says of itself (authenticatorGetInfo).
#pragma once

#include <expected>

#include "devices/fido2/link.h"
#include "devices/protocol/messages.h"

struct fido_dev;

namespace countersign::devices::fido2 {

// What an open token can do: what it says of itself, and what bounds our questions. Of U2F tokens
// the defaults hold.
struct Facts {
  Fido2Info info;
  std::string firmware;  // as the token says it, "" if it doesn't
  bool fido2 = false;    // else CTAP1/U2F
  bool make_needs_no_uv =
      false;  // makeCredUvNotRqd: a PIN that is set does not mean that makeCredential wants it
  bool manages_credentials = false;
  bool manages_fingerprints = false;
  std::size_t longest_list = 8;  // credentials in one question
  std::size_t longest_id = 1023;
  std::size_t longest_message = 1024;
};

// Asks the token (authenticatorGetInfo, and the tries that PIN and built-in verification have
// left). No touch, no PIN.
[[nodiscard]] std::expected<Facts, reader::Failed> ask_facts(fido_dev* dev, const Link& link);

}  // namespace countersign::devices::fido2
