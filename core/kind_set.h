// SPDX-License-Identifier: Apache-2.0
// A set of kinds of authenticators, as policies name them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "core/authenticator.h"

namespace countersign {

class KindSet {
 public:
  constexpr KindSet() = default;
  constexpr KindSet(std::initializer_list<Kind> kinds) {
    for (const Kind kind : kinds) insert(kind);
  }
  [[nodiscard]] static constexpr KindSet all() {
    KindSet set;
    for (const auto& entry : enum_names<Kind>) set.insert(entry.value);
    return set;
  }
  [[nodiscard]] static constexpr KindSet from_bits(std::int64_t bits) {
    KindSet set;
    set.bits_ = static_cast<std::uint32_t>(bits) & all().bits_;
    return set;
  }

  constexpr void insert(Kind kind) { bits_ |= bit(kind); }
  constexpr void erase(Kind kind) { bits_ &= ~bit(kind); }
  [[nodiscard]] constexpr bool contains(Kind kind) const { return (bits_ & bit(kind)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr std::int64_t bits() const { return bits_; }
  [[nodiscard]] constexpr bool overlaps(KindSet other) const { return (bits_ & other.bits_) != 0; }
  [[nodiscard]] constexpr KindSet without(KindSet other) const {
    return from_bits(bits_ & ~other.bits_);
  }
  [[nodiscard]] std::vector<Kind> list() const {
    std::vector<Kind> kinds;
    for (const auto& entry : enum_names<Kind>)
      if (contains(entry.value)) kinds.push_back(entry.value);
    return kinds;
  }
  bool operator==(const KindSet&) const = default;

 private:
  static constexpr std::uint32_t bit(Kind kind) {
    return std::uint32_t{1} << static_cast<unsigned>(kind);
  }
  std::uint32_t bits_ = 0;
};

// What answers at a machine, by a touch or by being put in; the others are typed.
inline constexpr KindSet token_kinds = {Kind::fido2, Kind::piv, Kind::openpgp, Kind::hmac};

}  // namespace countersign
