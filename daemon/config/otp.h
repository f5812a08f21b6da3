// SPDX-License-Identifier: Apache-2.0
// [yubico_otp]: servers that validate the one-time passwords of keys which were programmed
// elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/factors/otp_validation.h"

namespace countersign {

struct OtpServerSettings {
  std::vector<std::string> servers;  // empty: there are none
  std::int64_t client = 0;
  std::string key_file;
  std::chrono::milliseconds limit{5000};
};

// The client's number and key, of the file. Nothing where no servers are named.
[[nodiscard]] Result<std::shared_ptr<const otp_validation::Service>> otp_service(
    const OtpServerSettings& settings);

}  // namespace countersign
