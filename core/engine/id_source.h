// SPDX-License-Identifier: Apache-2.0
// Where new ids come from.
#pragma once

#include <mutex>

#include "core/base/clock.h"
#include "core/base/id.h"
#include "core/base/random.h"

namespace countersign {

// Makes ids; ascending within one source. Any thread may call it.
class IdSource {
 public:
  IdSource(const Clock& clock, Random& random) : clock_(clock), random_(random) {}
  [[nodiscard]] std::int64_t next();
  template <class I>
  [[nodiscard]] I make() {
    return I{next()};
  }

 private:
  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  std::int64_t last_ = 0;
};

}  // namespace countersign
