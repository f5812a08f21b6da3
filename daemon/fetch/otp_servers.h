// SPDX-License-Identifier: Apache-2.0
// The validation servers that know the secrets of keys which were programmed elsewhere
// (core/engine/otp_elsewhere.h).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/verification/otp_elsewhere.h"
#include "daemon/base/work_queue.h"
#include "daemon/fetch/fetcher.h"

namespace countersign::fetch {

// Asks on threads of its own: servers that are slow keep nobody waiting but those who ask them. Any
// thread.
class OtpServers {
 public:
  // addresses: up to "?", such as https://api.yubico.com/wsapi/2.0/verify. limit: for one question,
  // however many servers there are. service: nothing where no servers are configured; then nothing
  // may be asked.
  OtpServers(Fetcher& fetcher, std::vector<std::string> addresses,
             std::shared_ptr<const otp_validation::Service> service,
             std::chrono::milliseconds limit);
  // At its end it waits for what is under way; what was not begun is dropped.

  [[nodiscard]] const std::shared_ptr<const otp_validation::Service>& service() const {
    return service_;
  }
  // Asks all of them at once; the answer is the first that holds, or stays empty, as it does when
  // too many wait already. then is called on another thread, or before this returns.
  using Then = std::move_only_function<void(engine::OtpEvidence)>;
  void ask(engine::OtpEvidence evidence, Then then);

 private:
  struct Job {
    engine::OtpEvidence evidence;
    Then then;
  };
  void fetch(engine::OtpEvidence& evidence) const;

  Fetcher& fetcher_;
  std::vector<std::string> addresses_;
  std::shared_ptr<const otp_validation::Service> service_;
  std::chrono::milliseconds limit_;
  std::optional<WorkQueue<Job>> jobs_;  // where there is a service
};

}  // namespace countersign::fetch
