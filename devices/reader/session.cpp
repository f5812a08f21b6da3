// SPDX-License-Identifier: Apache-2.0
#include "devices/reader/session.h"

#include <poll.h>

#include <cerrno>
#include <new>

namespace countersign::reader {
namespace {

constexpr std::chrono::seconds grace(1);

}  // namespace

void Session::tell(const Prompt& prompt) {
  (void)channel_.send(prompt);
}  // who is gone is noticed by listen()

Result<Secret> Session::ask(const Prompt& prompt, const Deadline& deadline) {
  std::unique_lock lock(mutex_);
  if (cancelled_) return fail(Code::cancelled, "cancelled");
  secret_.reset();
  asked_ = true;
  lock.unlock();
  const bool sent = channel_.send(prompt);
  lock.lock();
  if (sent)
    changed_.wait_until(lock, deadline.at(), [this] { return secret_.has_value() || cancelled_; });
  asked_ = false;
  if (cancelled_ || !sent) return fail(Code::cancelled, "cancelled");
  if (!secret_) return fail(Code::timed_out, "no PIN came");
  Secret secret = std::move(*secret_);
  secret_.reset();
  return secret;
}

bool Session::cancelled() {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

void Session::begin(std::unique_ptr<devices::Token> token) {
  token_ = std::move(token);
  (void)start([](devices::Token& opened) { return opened.describe(); });
}

Reply Session::perform(const std::function<Reply(devices::Token&)>& operation) {
  try {
    return operation(*token_);
  } catch (const std::bad_alloc&) {
    return Failed{.failure = Failure::internal, .detail = "out of memory"};
  }
}

void Session::work() {
  std::unique_lock lock(mutex_);
  while (!over_) {
    changed_.wait(lock, [this] { return operation_ || over_; });
    if (!operation_) break;
    lock.unlock();
    const Reply reply = perform(operation_);
    lock.lock();
    operation_ = nullptr;  // before the reply: the next request may follow it at once
    cancelled_ = over_;
    changed_.notify_all();
    lock.unlock();
    (void)channel_.send(reply);
    lock.lock();
  }
  worker_gone_ = true;
  changed_.notify_all();
}

Session::Next Session::start(std::function<Reply(devices::Token&)> operation) {
  const std::lock_guard lock(mutex_);
  if (operation_) return Next::end;  // one at a time
  operation_ = std::move(operation);
  changed_.notify_all();
  return Next::go_on;
}

void Session::cancel() {
  const std::lock_guard lock(mutex_);
  if (!operation_) return;
  cancelled_ = true;
  token_->cancel();
  changed_.notify_all();
}

Session::Next Session::handle(const Request& request) {
  if (std::holds_alternative<Cancel>(request)) {
    cancel();
    return Next::go_on;
  }
  if (std::holds_alternative<Watch>(request) || std::holds_alternative<Open>(request))
    return Next::end;
  return start([this, request](devices::Token& token) { return token.run(request, *this); });
}

Session::Next Session::handle(Frame frame) {
  if (auto* secret = std::get_if<Secret>(&frame)) {
    const std::lock_guard lock(mutex_);
    if (asked_ && !secret_) secret_ = std::move(*secret);  // else it came too late, and is wiped
    changed_.notify_all();
    return Next::go_on;
  }
  const auto request = decode_request(std::get<Bytes>(frame));
  return request ? handle(*request) : Next::end;
}

bool Session::listen(int stop) {
  for (;;) {
    pollfd ready[] = {{.fd = channel_.descriptor(), .events = POLLIN, .revents = 0},
                      {.fd = stop, .events = POLLIN, .revents = 0}};
    if (poll(ready, 2, -1) < 0 && errno != EINTR) break;
    if (ready[1].revents != 0) break;
    if (ready[0].revents == 0) continue;
    auto frame = channel_.receive();
    if (!frame) break;
    if (*frame && handle(std::move(**frame)) == Next::end) break;
  }
  return end();
}

bool Session::end() {
  cancel();
  std::unique_lock lock(mutex_);
  over_ = true;
  changed_.notify_all();
  return changed_.wait_for(lock, grace, [this] { return worker_gone_; });
}

}  // namespace countersign::reader
