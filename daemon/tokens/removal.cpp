// SPDX-License-Identifier: Apache-2.0
#include "daemon/tokens/removal.h"

#include <algorithm>

#include "daemon/tokens/here.h"

namespace countersign::tokens {
namespace {

bool same_token(const devices::Device& a, const devices::Device& b) {
  return a.id == b.id && a.serial == b.serial && a.vendor == b.vendor && a.product == b.product;
}

}  // namespace

void Removal::used(const devices::Device& device, std::string user, const http::Process* caller) {
  Gone gone{.user = std::move(user),
            .session = session_of(caller),
            .device = device.id,
            .model = device.model};
  std::erase_if(held_, [&](const Held& each) {
    return each.gone.user == gone.user && each.gone.session == gone.session;
  });  // the newest counts
  held_.push_back({device, std::move(gone)});
  if (!watching_)
    watching_ = directory_.watch({.changed = [this] { look(); }, .failed = [](const Error&) {}});
}

void Removal::look() {
  const auto& present = directory_.present();
  const auto gone = std::ranges::stable_partition(held_, [&](const Held& each) {
    return std::ranges::any_of(present,
                               [&](const auto& device) { return same_token(each.device, device); });
  });
  const std::vector<Held> left(gone.begin(), gone.end());
  held_.erase(gone.begin(), gone.end());
  for (const Held& each : left) act_(each.gone);
  if (held_.empty()) watching_.reset();
}

}  // namespace countersign::tokens
