// SPDX-License-Identifier: Apache-2.0
// The person that the key plays at itself: when they touch, and which finger they use.
#pragma once

#include <chrono>

namespace countersign::virtual_key {

struct Person {
  enum class Touch {
    automatic,  // after the delay
    manual,     // when the control socket says so
    never,
  };
  Touch touch = Touch::automatic;
  std::chrono::milliseconds delay{0};
  bool right_finger = true;  // what built-in verification says of the touch
  std::chrono::milliseconds patience{
      30'000};  // the key's, for the person: then user_action_timeout
};

}  // namespace countersign::virtual_key
