// SPDX-License-Identifier: Apache-2.0
// The load: one thread, many connections, each with one request in flight.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace countersign::bench {

struct Load {
  double seconds = 0;
  std::size_t answers = 0;
  std::size_t good = 0;              // those that contain the text
  std::vector<double> microseconds;  // of each, in order of arrival
  [[nodiscard]] double rate() const { return static_cast<double>(good) / seconds; }
};

// socket: a path, or HOST:PORT (an IPv4 address).
// Sends the requests in their order, each on the next connection that is free, and waits for all
// answers. good: what an answer must contain to count. warm: so many first ones are sent before the
// clock starts.
[[nodiscard]] Load run_load(const std::string& socket, std::size_t connections,
                            const std::vector<std::string>& requests, std::string_view good,
                            std::size_t warm = 0);

[[nodiscard]] std::string http_request(std::string_view method, std::string_view target,
                                       std::string_view body = {});

}  // namespace countersign::bench
