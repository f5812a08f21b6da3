// SPDX-License-Identifier: Apache-2.0
#include "daemon/tokens/directory.h"

#include <utility>

namespace countersign::tokens {
namespace {

constexpr std::chrono::milliseconds pause{1000};  // before a watching child is started again

}  // namespace

Directory::~Directory() {
  if (channel_) channel_->close();
}

std::shared_ptr<void> Directory::watch(Watcher watcher) {
  auto held = std::make_shared<Watcher>(std::move(watcher));
  watchers_.emplace_back(held);
  if (!channel_ && !timer_)
    start();
  else if (known_)
    loop_.post([weak = std::weak_ptr(held)] {
      if (const auto still = weak.lock()) still->changed();
    });
  return held;
}

void Directory::start() {
  timer_.reset();
  Result<Descriptor> socket = reader_.connect();
  if (!socket) {
    loop_.post([this, error = socket.error(), listening = watchers_] {
      for (const auto& weak : listening)
        if (const auto held = weak.lock()) held->failed(error);
    });
    return again();
  }
  channel_ = Channel::open(loop_, socket->release(),
                           {.reply = [this](reader::Reply reply) { take(std::move(reply)); },
                            .closed =
                                [this] {
                                  channel_.reset();
                                  again();
                                }});
  channel_->send(reader::Watch{});
}

// Only as long as somebody wants to know.
void Directory::again() {
  std::erase_if(watchers_, [](const auto& weak) { return weak.expired(); });
  known_ = false;
  if (watchers_.empty()) return;
  timer_ = loop_.after(pause, [this] { start(); });
}

void Directory::take(reader::Reply reply) {
  auto* present = std::get_if<reader::Present>(&reply);
  if (present == nullptr) return;
  present_ = std::move(present->devices);
  known_ = true;
  tell();
}

void Directory::tell() {
  std::erase_if(watchers_, [](const auto& weak) { return weak.expired(); });
  for (const auto& weak : std::list(watchers_))
    if (const auto held = weak.lock()) held->changed();
}

}  // namespace countersign::tokens
