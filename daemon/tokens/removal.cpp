// SPDX-License-Identifier: Apache-2.0
#include "daemon/tokens/removal.h"

#include <systemd/sd-login.h>

#include <algorithm>
#include <cstdlib>

namespace countersign::tokens {
namespace {

std::string session_of(std::uint32_t pid) {
  char* raw = nullptr;
  if (sd_pid_get_session(static_cast<pid_t>(pid), &raw) < 0) return {};
  std::string session = raw;
  std::free(raw);
  return session;
}

bool same_token(const devices::Device& a, const devices::Device& b) { return a.id == b.id && a.serial == b.serial && a.vendor == b.vendor && a.product == b.product; }

}  // namespace

void Removal::used(const devices::Device& device, std::string user, std::uint32_t pid) {
  Gone gone{.user = std::move(user), .session = session_of(pid), .device = device.id, .model = device.model};
  std::erase_if(held_, [&](const Held& each) { return each.gone.user == gone.user && each.gone.session == gone.session; });  // the newest counts
  held_.push_back({device, std::move(gone)});
  if (!watching_) watching_ = directory_.watch({.changed = [this] { look(); }, .failed = [](const Error&) {}});
}

void Removal::look() {
  const auto& present = directory_.present();
  const auto gone = std::ranges::stable_partition(held_, [&](const Held& each) { return std::ranges::any_of(present, [&](const auto& device) { return same_token(each.device, device); }); });
  const std::vector<Held> left(gone.begin(), gone.end());
  held_.erase(gone.begin(), gone.end());
  for (const Held& each : left) act_(each.gone);
  if (held_.empty()) watching_.reset();
}

}  // namespace countersign::tokens
