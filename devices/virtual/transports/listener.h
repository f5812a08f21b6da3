// SPDX-License-Identifier: Apache-2.0
// Unix sockets: of type SEQPACKET, where one packet is one report or command; or STREAM, as the
// virtual reader driver speaks.
#pragma once

#include <string>
#include <utility>

#include "core/base/descriptor.h"
#include "core/base/result.h"

namespace countersign::virtual_key {

inline constexpr int sequenced_packets = 5, stream = 1;  // SOCK_SEQPACKET, SOCK_STREAM

// A listening socket of mode 0600 whose name goes with it. All descriptors are closed on exec.
class Listener {
 public:
  // In place of a socket that nobody listens on any more. exists: somebody does, or it is another
  // kind of file.
  [[nodiscard]] static Result<Listener> open(const std::string& path, int type = sequenced_packets);
  Listener(Listener&& other) noexcept
      : path_(std::exchange(other.path_, {})), fd_(std::move(other.fd_)) {}
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] Descriptor accept() const;  // holds nothing when there was no caller after all

 private:
  Listener(std::string path, Descriptor fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  Descriptor fd_;
};

[[nodiscard]] Result<Descriptor> connect_to(const std::string& path, int type = sequenced_packets);

}  // namespace countersign::virtual_key
