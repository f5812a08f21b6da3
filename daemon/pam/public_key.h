// SPDX-License-Identifier: Apache-2.0
// What sshd tells PAM about the authentication methods that have succeeded so far.
#pragma once

#include <string_view>

namespace countersign::pam {

// Whether SSH_AUTH_INFO_0 (sshd_config(5), ExposeAuthInfo) names a completed public key: a line
// such as "publickey ssh-ed25519 AAAA...". sshd adds a line only after the method has succeeded.
[[nodiscard]] bool has_public_key(std::string_view auth_info);

}  // namespace countersign::pam
