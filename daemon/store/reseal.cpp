// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/reseal.h"

#include "core/engine/administration/upkeep.h"

namespace countersign {
namespace {

constexpr std::size_t rows_at_once = 200;

}  // namespace

void Reseal::start() {
  if (running_) {
    again_ = true;  // a key newer than the one it is re-sealing under
    return;
  }
  const Result<bool> needed = engine::reseal_needed(context_);
  if (!needed || !*needed) return;
  running_ = true;
  again_ = false;
  step({});
}

void Reseal::step(AuthenticatorId after) {
  loop_.work(http::background, [this, after] {
    engine::reseal_some(context_, after, rows_at_once, [this](Result<AuthenticatorId> next) {
      loop_.post([this, next = std::move(next)] {
        if (next && *next) return step(*next);
        running_ = false;  // the end; or an error: the next start goes on
        if (next && again_) start();
      });
    });
  });
}

}  // namespace countersign
