// SPDX-License-Identifier: Apache-2.0
// The port to what is fetched over HTTP: revocation lists, OCSP responses, what servers say of
// one-time passwords.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/deadline.h"
#include "core/base/result.h"

namespace countersign::fetch {

struct Request {
  std::string address;            // http or https
  Bytes body = {};                // not empty: it is posted
  std::string content_type = {};  // of the body
  std::size_t longest = 0;        // octets of the answer; more is an error
};

class Fetcher {
 public:
  virtual ~Fetcher() = default;
  // The body of an answer with status 200. unavailable: no such answer; timed_out: none before the
  // deadline. Blocks; any thread.
  [[nodiscard]] virtual Result<Bytes> fetch(const Request& request, const Deadline& deadline) = 0;
  // All of them at once: the first body that is good; nothing when none is, before the deadline.
  // Blocks; any thread.
  [[nodiscard]] virtual std::optional<Bytes> first(
      const std::vector<Request>& requests, const Deadline& deadline,
      const std::function<bool(BytesView body)>& good) = 0;
};

}  // namespace countersign::fetch
