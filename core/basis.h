// SPDX-License-Identifier: Apache-2.0
// What a change rested on. Each authenticator keeps the basis of its binding for good, because only
// some of them may later serve for a fresh verification (core/DESIGN.md, "Rights").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.h"

namespace countersign {

class Basis {
 public:
  Basis() = default;  // none: nothing is known, so it never serves

  // No administrator held an authenticator that serves yet.
  [[nodiscard]] static Basis bootstrap() { return Basis("bootstrap"); }
  // A fresh verification of this user, for exactly that change.
  [[nodiscard]] static Basis fresh(std::string_view user) {
    return Basis("fresh:" + std::string(user));
  }
  // Its owner verified in the same sign-in or request, with an authenticator that serves.
  [[nodiscard]] static Basis verified_sign_in() { return Basis("verified-sign-in"); }
  // Root on the daemon's host, when no administrator could verify.
  [[nodiscard]] static Basis root_recovery() { return Basis("root-recovery"); }
  // It was active when a store of an earlier version was opened.
  [[nodiscard]] static Basis before_upgrade() { return Basis("before-upgrade"); }
  // Bound by its owner under the decision `enroll`: nobody vouched for that person but the first
  // factor.
  [[nodiscard]] static Basis first_factor() { return Basis("first-factor"); }
  // A directory or SCIM source that was admitted by name.
  [[nodiscard]] static Basis source(std::string_view name) {
    return Basis("source:" + std::string(name));
  }

  // As it is stored and shown; empty for none. corrupt: not one of the above.
  [[nodiscard]] static Result<Basis> from_text(std::string_view text);
  [[nodiscard]] const std::string& text() const { return text_; }

  // Whether an authenticator with this basis may make a fresh verification for a user who has a
  // role. The others may after another administrator, or root, has confirmed them.
  [[nodiscard]] bool serves() const;

  // Of `fresh`: who verified.
  [[nodiscard]] std::optional<std::string_view> verified_by() const;

  bool operator==(const Basis&) const = default;

 private:
  explicit Basis(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace countersign
