// SPDX-License-Identifier: Apache-2.0
#include "cli/default_socket.h"

#include <unistd.h>

#include <cstdlib>

#include "daemon/client/client.h"

namespace countersign::cli {

std::string default_socket() {
  if (access(client::system_socket, F_OK) == 0) return client::system_socket;
  if (const char* runtime = std::getenv("XDG_RUNTIME_DIR"); runtime != nullptr && *runtime == '/')
    if (std::string own = std::string(runtime) + "/countersign/api.sock";
        access(own.c_str(), F_OK) == 0)
      return own;
  return client::system_socket;
}

}  // namespace countersign::cli
