// SPDX-License-Identifier: Apache-2.0
#include "core/policy/unlisted.h"

#include <algorithm>

namespace countersign::engine {
namespace {

constexpr Milliseconds minute{60'000};
constexpr std::size_t most_keys = 10'000;
constexpr std::uint32_t nobody = 0xFFFFFFFFU;

}  // namespace

bool Unlisted::Minute::over(Time now) const { return now >= began + minute || now < began; }

// Beyond so many keys at once they are counted as one: nobody's.
Unlisted::Minute& Unlisted::minute_of(Key key, Time now) {
  if (minutes_.size() >= most_keys && !minutes_.contains(key)) {
    std::erase_if(minutes_, [now](const auto& each) {
      return each.second.counted == 0 && each.second.over(now);
    });
    if (minutes_.size() >= most_keys) key = {.uid = nobody, .user = {}};
  }
  Minute& mine = minutes_[std::move(key)];
  if (mine.over(now)) {
    mine.began = now;
    mine.listed = 0;
  }
  return mine;
}

bool Unlisted::list(Holder holder, const std::string& user, Time now) {
  const std::lock_guard lock(mutex_);
  if (all_.over(now)) all_ = {.began = now};
  Minute& mine = minute_of({.uid = holder.uid, .user = user}, now);
  const bool own = holder.share == Share::own;
  const int most = own ? limits_.each : limits_.trusted;
  if (mine.listed < most && (!own || all_.listed < limits_.all)) {
    ++mine.listed;
    if (own) ++all_.listed;
    return true;
  }
  if (mine.counted++ == 0) mine.since = now;
  return false;
}

std::vector<Unlisted::Count> Unlisted::take(Time now, bool all) {
  const std::lock_guard lock(mutex_);
  std::vector<Count> counts;
  for (auto& [key, mine] : minutes_) {
    const bool due = all || now >= mine.since + minute || now < mine.since;
    if (mine.counted == 0 || !due) continue;
    counts.push_back({.key = key, .events = std::exchange(mine.counted, 0), .since = mine.since});
  }
  std::erase_if(minutes_, [now](const auto& each) {
    return each.second.counted == 0 && each.second.over(now);
  });
  return counts;
}

void Unlisted::put_back(const std::vector<Count>& counts, Time now) {
  const std::lock_guard lock(mutex_);
  for (const Count& each : counts) {
    Minute& mine = minute_of(each.key, now);
    mine.since = mine.counted == 0 ? each.since : std::min(mine.since, each.since);
    mine.counted += each.events;
  }
}

}  // namespace countersign::engine
