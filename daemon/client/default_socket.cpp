// SPDX-License-Identifier: Apache-2.0
// In a file of its own: what goes by the environment is no part of the PAM module.
#include <unistd.h>

#include <cstdlib>

#include "daemon/client/client.h"

namespace countersign::client {

std::string default_socket() {
  if (access(system_socket, F_OK) == 0) return system_socket;
  if (const char* runtime = std::getenv("XDG_RUNTIME_DIR"); runtime != nullptr && *runtime == '/')
    if (std::string own = std::string(runtime) + "/countersign/api.sock";
        access(own.c_str(), F_OK) == 0)
      return own;
  return system_socket;
}

}  // namespace countersign::client
