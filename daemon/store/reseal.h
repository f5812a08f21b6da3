// SPDX-License-Identifier: Apache-2.0
// Seals old secrets under the current data key, in the background.
#pragma once

#include "core/engine/context.h"
#include "daemon/http/loop.h"

namespace countersign {

// Re-seals everything under the newest data key, some rows at a time, on a worker; goes on after a
// restart.
class Reseal {
 public:
  Reseal(engine::Context& context, http::Loop& loop) : context_(context), loop_(loop) {}
  // Loop thread. Does nothing when there is nothing to do, or it runs already.
  void start();

 private:
  void step(AuthenticatorId after);
  engine::Context& context_;
  http::Loop& loop_;
  bool running_ = false;
  bool again_ = false;
};

}  // namespace countersign
