// SPDX-License-Identifier: Apache-2.0
// The daemon's end of one child of the reader.
#pragma once

#include <functional>
#include <memory>

#include "core/base/secret.h"
#include "daemon/http/loop.h"
#include "devices/protocol/messages.h"

namespace countersign::tokens {

// Loop thread only. A child that says what it may not, or goes, ends the channel; what it has in
// flight is lost with it.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  struct Handlers {
    std::function<void(reader::Reply)> reply;
    std::function<void()> closed;  // once, unless close() was called
  };
  // socket: connected to the reader; taken over.
  [[nodiscard]] static std::shared_ptr<Channel> open(http::Loop& loop, int socket,
                                                     Handlers handlers);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  void send(const reader::Request& request);
  void send(const Secret& secret);  // answers the child's last prompt
  void close();  // the child stops what its token is doing, and ends; no handler runs any more

 private:
  struct Parts;
  explicit Channel(std::unique_ptr<Parts> parts);
  void read();
  void write();
  void lost();

  std::unique_ptr<Parts> parts_;
};

}  // namespace countersign::tokens
