// SPDX-License-Identifier: Apache-2.0
#include "core/base/process_limits.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace countersign {

bool limit_resource(int resource, std::uint64_t most) {
  const rlimit value{most, most};
  return setrlimit(static_cast<__rlimit_resource>(resource), &value) == 0;
}

bool forbid_privileges_and_dumps() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !limit_resource(RLIMIT_CORE, 0)) return false;
  return built_with_sanitizer || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

}  // namespace countersign
