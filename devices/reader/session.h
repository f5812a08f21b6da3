// SPDX-License-Identifier: Apache-2.0
// The life of one open token in its child: one thread listens to the daemon, one works with the
// token.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "devices/protocol/channel.h"
#include "devices/protocol/token.h"

namespace countersign::reader {

class Session final : private devices::Interaction {
 public:
  explicit Session(Channel& channel) : channel_(channel) {}

  // For the working thread: returns when the session ends.
  void work();
  // The token to work with, before listen(); work() tells what it is (Opened or Failed).
  void begin(std::unique_ptr<devices::Token> token);
  // For the other thread: until the connection or `stop` (a descriptor that becomes readable) ends
  // it, or the daemon says what it may not say now. An operation in flight is then cancelled, and
  // waited for at most a second. False: not even then did it end; the process has to.
  bool listen(int stop);
  // After listen() said true: closes the token.
  void release() { token_.reset(); }

 private:
  enum class Next { go_on, end };

  void tell(const Prompt& prompt) override;
  Result<Secret> ask(const Prompt& prompt, const Deadline& deadline) override;
  bool cancelled() override;

  Next handle(Frame frame);
  Next handle(const Request& request);
  Next start(std::function<Reply(devices::Token&)> operation);
  void cancel();
  bool end();
  Reply perform(const std::function<Reply(devices::Token&)>& operation);

  Channel& channel_;
  std::unique_ptr<devices::Token> token_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<Reply(devices::Token&)>
      operation_;           // what the worker is to do, or does: one at a time
  bool cancelled_ = false;  // the operation in flight is
  bool asked_ = false;      // a secret is waited for
  std::optional<Secret> secret_;
  bool over_ = false;
  bool worker_gone_ = false;
};

}  // namespace countersign::reader
