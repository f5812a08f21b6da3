// SPDX-License-Identifier: Apache-2.0
// The validation servers that know the secrets of keys which were programmed elsewhere (core/engine/otp_elsewhere.h).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/engine/otp_elsewhere.h"
#include "daemon/fetch/fetcher.h"

namespace countersign::fetch {

// Any thread.
class OtpServers {
 public:
  // addresses: up to "?", such as https://api.yubico.com/wsapi/2.0/verify. limit: for one question, however many servers there are.
  OtpServers(Fetcher& fetcher, std::vector<std::string> addresses, std::shared_ptr<const otp_validation::Service> service, std::chrono::milliseconds limit)
      : fetcher_(fetcher), addresses_(std::move(addresses)), service_(std::move(service)), limit_(limit) {}

  [[nodiscard]] const std::shared_ptr<const otp_validation::Service>& service() const { return service_; }
  // Asks all of them at once; the answer is the first that holds, or stays empty. Blocks.
  void ask(engine::OtpEvidence& evidence) const;

 private:
  Fetcher& fetcher_;
  std::vector<std::string> addresses_;
  std::shared_ptr<const otp_validation::Service> service_;
  std::chrono::milliseconds limit_;
};

}  // namespace countersign::fetch
