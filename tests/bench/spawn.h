// SPDX-License-Identifier: Apache-2.0
// Programs of the build, run as processes.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace countersign::bench {

// A program that listens on a socket, killed with this object.
class Server {
 public:
  // words[0]: its name beside this program. Waits until the socket answers.
  Server(std::vector<std::string> words, std::string socket);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  [[nodiscard]] const std::string& socket() const { return socket_; }

 private:
  std::string socket_;
  pid_t pid_ = -1;
};

// Runs it to its end with no input and its output thrown away; milliseconds. Throws when it does
// not exit with 0.
[[nodiscard]] double run_time(const std::vector<std::string>& words);

}  // namespace countersign::bench
