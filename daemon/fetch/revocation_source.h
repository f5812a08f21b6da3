// SPDX-License-Identifier: Apache-2.0
// What authorities say of revoked certificates: fetched from the addresses in the certificates, and
// kept as long as it says it holds.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/certificates/card_certificate.h"
#include "daemon/fetch/fetcher.h"

namespace countersign::fetch {

// Any thread. Nothing is believed here: signatures and times are judged by who gets the evidence.
class RevocationSource {
 public:
  explicit RevocationSource(Fetcher& fetcher) : fetcher_(fetcher) {}

  // Adds what can be known before the deadline: for each certificate the first response of its
  // responders, else its lists. Blocks. What could not be fetched is missing, and is not asked for
  // again for half a minute.
  void add(const std::vector<certificates::Wanted>& wanted, Time now, const Deadline& deadline,
           crypto::RevocationEvidence& evidence);

 private:
  struct Kept {
    Bytes content;  // empty: could not be fetched
    Time until{};
  };
  // A list of what is kept under this key, or fetched and kept; nothing: it can't be had.
  [[nodiscard]] std::optional<Bytes> get(const std::string& key, const Request& request, Time now,
                                         const Deadline& deadline,
                                         Time (*until)(BytesView content, Time now));

  Fetcher& fetcher_;
  std::mutex mutex_;
  std::map<std::string, Kept> kept_;
};

}  // namespace countersign::fetch
