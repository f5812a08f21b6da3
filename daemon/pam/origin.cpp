// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/origin.h"

#include <algorithm>

namespace countersign::pam {
namespace {

// tty1 to tty63: the kernel's virtual terminals, shown on the machine's own screen. (ttyS0 is a
// serial line.)
bool virtual_terminal(std::string_view name) {
  if (name.starts_with("/dev/")) name.remove_prefix(5);
  if (!name.starts_with("tty")) return false;
  name.remove_prefix(3);
  return !name.empty() && name.size() <= 2 && name[0] != '0' &&
         std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<bool> is_here(const Origin& origin) {
  if (!origin.remote_host.empty()) return false;
  if (virtual_terminal(origin.terminal) || !origin.seat.empty()) return true;
  return std::nullopt;
}

}  // namespace countersign::pam
