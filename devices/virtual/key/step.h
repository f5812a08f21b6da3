// SPDX-License-Identifier: Apache-2.0
// How a command goes on: it answers, or it needs the person first. No command blocks, so that one
// thread serves frames, cancels and keepalives while a person takes their time.
#pragma once

#include <functional>
#include <utility>
#include <variant>

#include "core/base/bytes.h"
#include "core/encoding/cbor.h"
#include "devices/virtual/key/status.h"

namespace countersign::virtual_key {

namespace cbor = formats::cbor;

enum class Want {
  touch,         // user presence
  verification,  // built-in user verification: the right finger
};

// What became of it.
enum class Answer {
  given,
  refused,    // the person said no, or it was another finger
  timed_out,  // CTAP 2.1 §6: user action timeout
  cancelled,  // CTAPHID_CANCEL
};

struct Ask;
// The whole answer as it goes into the transport's message, or what is to be asked of the person
// first.
using Step = std::variant<Bytes, Ask>;

struct Ask {
  Want want = Want::touch;
  std::function<Step(Answer)> then;  // called once, with what the command began with still alive
};

[[nodiscard]] inline Step end(Status status) { return Bytes{static_cast<Byte>(status)}; }

// Success with parameters.
[[nodiscard]] inline Step answer(const cbor::Value& body) {
  Bytes bytes = cbor::encode(body);
  bytes.insert(bytes.begin(), static_cast<Byte>(Status::ok));
  return bytes;
}

// What a command ends with when the person did not do what was asked.
[[nodiscard]] inline Status status_of(Answer answer) {
  switch (answer) {
    case Answer::given:
      return Status::ok;
    case Answer::refused:
      return Status::operation_denied;
    case Answer::timed_out:
      return Status::user_action_timeout;
    case Answer::cancelled:
      return Status::keepalive_cancel;
  }
  std::unreachable();
}

}  // namespace countersign::virtual_key
