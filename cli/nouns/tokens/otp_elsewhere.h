// SPDX-License-Identifier: Apache-2.0
// Enrolling a YubiKey that the configured servers validate.
#pragma once

#include <string>

#include "cli/fresh.h"
#include "cli/front.h"

namespace countersign::cli {

// enroll yubico-otp --validated-elsewhere: what the key types now goes to the servers that know it.
// code empty: the person is asked to touch it.
struct ElsewhereOptions {
  std::string user, label, code;
  FreshOptions fresh;
};
void enroll_elsewhere(Front& front, const ElsewhereOptions& options);

}  // namespace countersign::cli
