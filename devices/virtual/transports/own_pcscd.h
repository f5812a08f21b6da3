// SPDX-License-Identifier: Apache-2.0
// A pcscd with one virtual reader and a card in it, for this process and what it starts from then
// on.
#pragma once

#include <sys/types.h>

#include <string>

#include "core/base/result.h"
#include "devices/virtual/transports/card_setup.h"

namespace countersign::virtual_card {

class OwnPcscd {
 public:
  // Returns when programs see the card. What it leaves to the system is an empty folder /run/pcscd,
  // if there was none.
  [[nodiscard]] static Result<OwnPcscd> start(const Setup& setup);
  OwnPcscd(OwnPcscd&& other) noexcept : pid_(other.pid_) { other.pid_ = 0; }
  OwnPcscd& operator=(OwnPcscd&&) = delete;
  ~OwnPcscd();

 private:
  explicit OwnPcscd(pid_t pid) : pid_(pid) {}
  [[nodiscard]] Result<void> wait_for_card(const std::string& reader) const;

  pid_t pid_;  // pcscd's; the card is its child
};

}  // namespace countersign::virtual_card
