// SPDX-License-Identifier: Apache-2.0
// Fetches over HTTP with libcurl.
#pragma once

#include "daemon/fetch/fetcher.h"

namespace countersign::fetch {

// By libcurl: http and https only, at most three redirections, the system's authorities, proxies as
// the environment has them.
class CurlFetcher final : public Fetcher {
 public:
  CurlFetcher();
  ~CurlFetcher() override;
  CurlFetcher(const CurlFetcher&) = delete;
  CurlFetcher& operator=(const CurlFetcher&) = delete;
  [[nodiscard]] Result<Bytes> fetch(const Request& request, const Deadline& deadline) override;
  [[nodiscard]] std::optional<Bytes> first(
      const std::vector<Request>& requests, const Deadline& deadline,
      const std::function<bool(BytesView body)>& good) override;
};

}  // namespace countersign::fetch
