// SPDX-License-Identifier: Apache-2.0
// One application on the card. It sees whole commands: chains are joined, and long answers are cut
// up, by the card.
#pragma once

#include <chrono>
#include <utility>

#include "devices/virtual/card/base/apdu.h"

namespace countersign::virtual_card {

using Moment = std::chrono::steady_clock::time_point;

class Applet {
 public:
  virtual ~Applet() = default;
  [[nodiscard]] virtual BytesView aid() const = 0;
  // Begins a session in which nothing was verified.
  [[nodiscard]] virtual Response select() = 0;
  // Forgets the session: another application was selected, or the power went.
  virtual void deselect() = 0;
  // Whether the command has to wait for a person's touch.
  [[nodiscard]] virtual bool wants_touch(const Command&, Moment) const { return false; }
  // The touch came; commands that follow may go by it.
  virtual void touched(Moment) {}
  [[nodiscard]] virtual Response handle(const Command& command, Moment now) = 0;

  // Whether something was changed, since this was last asked, that has to be kept before the answer
  // goes out.
  [[nodiscard]] bool take_changed() { return std::exchange(changed_, false); }

 protected:
  void changed() { changed_ = true; }

 private:
  bool changed_ = false;
};

}  // namespace countersign::virtual_card
