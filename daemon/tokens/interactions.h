// SPDX-License-Identifier: Apache-2.0
// Prompts that wait for a secret. Who knows the 128-bit id saw it on the stream it was meant for;
// it answers once.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign::tokens {

// Loop thread only.
class Interactions {
 public:
  explicit Interactions(Random& random) : random_(random) {}

  using Take = std::move_only_function<void(Secret)>;
  // uid: whose front end may answer. Returns the id. min_length: of a new PIN, in code points; 0:
  // none.
  [[nodiscard]] std::string open(std::uint32_t uid, std::int64_t min_length, Take take);
  void close(const std::string& id);

  // not_found: no such prompt (any more), or another uid's. invalid: no token would take it (T17);
  // the prompt stays.
  [[nodiscard]] Result<void> answer(const std::string& id, std::uint32_t uid, Secret secret);

 private:
  struct Open {
    std::uint32_t uid;
    std::int64_t min_length;
    Take take;
  };
  Random& random_;
  std::map<std::string, Open, std::less<>> open_;
};

}  // namespace countersign::tokens
