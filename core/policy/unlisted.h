// SPDX-License-Identifier: Apache-2.0
// Denials beyond what the record takes of one caller, counted instead.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/caller.h"

namespace countersign::engine {

// Denials that cost nobody anything: of each caller, and of each user it is about, so many a minute
// are listed in the record, and of all of them together; the rest are counted (T55). Any thread.
class Unlisted {
 public:
  struct Limits {
    int each = 10;      // of one caller about one user, or about nobody
    int trusted = 120;  // the same, of root and of who acts for others
    int all = 240;      // of all who speak for themselves
  };
  Unlisted() = default;
  explicit Unlisted(Limits limits) : limits_(limits) {}

  struct Key {
    std::uint32_t uid = 0;
    std::string user;  // empty: nobody
    auto operator<=>(const Key&) const = default;
  };
  struct Count {
    Key key;
    std::int64_t events = 0;
    Time since{};
  };

  // Whether this one is listed; if not, it is counted.
  [[nodiscard]] bool list(Holder holder, const std::string& user, Time now);
  // What was counted in minutes that are over, and forgets it; all: in this one, too.
  [[nodiscard]] std::vector<Count> take(Time now, bool all);
  // What could not be told: to be told later.
  void put_back(const std::vector<Count>& counts, Time now);

 private:
  struct Minute {
    Time began{};
    int listed = 0;
    std::int64_t counted = 0;
    Time since{};                             // when the first of those that are counted came
    [[nodiscard]] bool over(Time now) const;  // also when the clock went back
  };
  [[nodiscard]] Minute& minute_of(Key key, Time now);

  const Limits limits_ = {};
  std::mutex mutex_;
  std::map<Key, Minute> minutes_;
  Minute all_;
};

}  // namespace countersign::engine
