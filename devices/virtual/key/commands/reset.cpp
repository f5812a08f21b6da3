// SPDX-License-Identifier: Apache-2.0
// authenticatorReset (CTAP 2.1 §6.6) and authenticatorSelection (§6.9).
#include <chrono>

#include "devices/virtual/key/commands.h"

namespace countersign::virtual_key {

Step reset_key(Key& key) {
  constexpr std::chrono::seconds window{10};  // after power-up
  if (key.now - key.session.powered_at > window) return end(Status::not_allowed);
  return Ask{Want::touch, [&key](Answer given) {
               if (given != Answer::given) return end(status_of(given));
               reset(key.state);
               const Moment powered_at = key.session.powered_at;
               key.session = Session{};
               key.session.powered_at = powered_at;
               return end(key.save());
             }};
}

Step selection(Key&) {
  return Ask{Want::touch, [](Answer given) { return end(status_of(given)); }};
}

}  // namespace countersign::virtual_key
