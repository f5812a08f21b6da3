// SPDX-License-Identifier: Apache-2.0
// Other processes as /proc shows them, to root also those that are not dumpable.
#pragma once

#include <sys/types.h>

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace countersign::test {

[[nodiscard]] std::set<std::string> descriptors_of(pid_t pid);      // their numbers
[[nodiscard]] long status_kib(pid_t pid, const std::string& name);  // "VmRSS" of /proc/PID/status
[[nodiscard]] std::vector<pid_t> children_of(pid_t pid);            // those that have not ended
[[nodiscard]] std::string name_of(
    pid_t pid);  // of its program, at most 15 characters; "" when it is gone

// Where these bytes are in the memory of a process: the names of its mappings ("[heap]"), once for
// each place. All mappings are read, whatever their protection, but the kernel's own ([vvar],
// [vsyscall]); one that can't be read throws.
[[nodiscard]] std::vector<std::string> places_in_memory(pid_t pid, std::string_view bytes);

// The same, but only those that a core dump would have: not in mappings that are left out of dumps
// (smaps: dd).
[[nodiscard]] std::vector<std::string> places_in_core(pid_t pid, std::string_view bytes);

// Until it holds; false: not within the limit.
[[nodiscard]] bool becomes_true(const std::function<bool()>& condition, int milliseconds = 5000);

}  // namespace countersign::test
