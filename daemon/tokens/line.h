// SPDX-License-Identifier: Apache-2.0
// Who waits for a turn at the tokens, and whose it is: so many places, and each uid its share
// (T54).
#pragma once

#include <algorithm>
#include <list>
#include <memory>
#include <optional>
#include <utility>

#include "core/caller.h"

namespace countersign::tokens {

struct LineLimits {
  std::size_t places = 16;
  std::size_t of_own = 2;           // of one uid that speaks for itself
  std::size_t of_others = 8;        // of one that acts for others
  std::size_t kept_for_others = 6;  // and root: all others have what is left of places
  std::size_t kept_for_root = 2;    // of those
};

// Loop thread only. Place has a holder.
template <class Place>
class Line {
 public:
  explicit Line(LineLimits limits = {}) : limits_(limits) {}

  // False: no place for this one.
  [[nodiscard]] bool join(std::shared_ptr<Place> place) {
    const Holder& holder = place->holder;
    const auto mine = std::ranges::count_if(
        places_, [&](const auto& each) { return each->holder.uid == holder.uid; });
    if (static_cast<std::size_t>(mine) >= most_of(holder.share)) return false;
    if (places_.size() >= most_over(holder.share)) return false;
    places_.push_back(std::move(place));
    return true;
  }
  void leave(const Place* place) {
    if (serving_ == place) serving_ = nullptr;
    places_.remove_if([place](const auto& each) { return each.get() == place; });
  }
  // Whose turn begins now; nobody's while somebody is served. Root and who acts for others come
  // first; of the rest, somebody else than was served last.
  [[nodiscard]] std::shared_ptr<Place> next() {
    if (serving_ != nullptr || places_.empty()) return nullptr;
    auto turn = std::ranges::find_if(
        places_, [](const auto& each) { return each->holder.share != Share::own; });
    if (turn == places_.end())
      turn = std::ranges::find_if(places_,
                                  [this](const auto& each) { return each->holder.uid != last_; });
    if (turn == places_.end()) turn = places_.begin();
    serving_ = turn->get();
    last_ = serving_->holder.uid;
    return *turn;
  }
  [[nodiscard]] bool serves(const Place* place) const { return serving_ == place; }
  // Whether somebody else waits for who is served.
  [[nodiscard]] bool others_wait() const {
    return serving_ != nullptr && std::ranges::any_of(places_, [this](const auto& each) {
             return each->holder.uid != serving_->holder.uid;
           });
  }
  [[nodiscard]] Place* serving() const { return serving_; }

 private:
  [[nodiscard]] std::size_t most_of(Share share) const {
    switch (share) {
      case Share::own:
        return limits_.of_own;
      case Share::others:
        return limits_.of_others;
      case Share::root:
        return limits_.places;
    }
    std::unreachable();
  }
  [[nodiscard]] std::size_t most_over(Share share) const {
    switch (share) {
      case Share::own:
        return limits_.places - limits_.kept_for_others;
      case Share::others:
        return limits_.places - limits_.kept_for_root;
      case Share::root:
        return limits_.places;
    }
    std::unreachable();
  }

  const LineLimits limits_;
  std::list<std::shared_ptr<Place>> places_;
  Place* serving_ = nullptr;
  std::optional<std::uint32_t> last_;
};

}  // namespace countersign::tokens
