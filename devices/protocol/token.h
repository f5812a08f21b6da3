// SPDX-License-Identifier: Apache-2.0
// The reader's ports: a token that is open, and the person in front of it. One folder per library
// implements Token.
#pragma once

#include "core/base/deadline.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "devices/protocol/messages.h"

namespace countersign::devices {

// What a token needs of a person. Called on the thread that runs the token's operation.
class Interaction {
 public:
  virtual ~Interaction() = default;
  virtual void tell(const reader::Prompt&
                        prompt) = 0;  // touch, verify, sample: goes out at once, nothing comes back
  // Sends the prompt and waits for the one secret that answers it. cancelled or timed_out
  // otherwise.
  virtual Result<Secret> ask(const reader::Prompt& prompt, const Deadline& deadline) = 0;
  virtual bool cancelled() = 0;
};

// An open token. One thread runs its operations, one after the other; cancel() alone may come from
// another.
class Token {
 public:
  virtual ~Token() = default;
  virtual reader::Reply describe() = 0;  // Opened or Failed
  // What the request asks for; its result or Failed. unsupported for a request that is of another
  // kind of token.
  virtual reader::Reply run(const reader::Request& request, Interaction& interaction) = 0;
  // Makes the run() that goes on return soon. Who calls it makes interaction.cancelled() true
  // before: a run() that has not quite begun sees it there.
  virtual void cancel() = 0;
};

}  // namespace countersign::devices
