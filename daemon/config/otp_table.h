// SPDX-License-Identifier: Apache-2.0
// For config.cpp alone.
#pragma once

#include "daemon/config/otp.h"
#include "daemon/config/reader.h"

namespace countersign::config {

[[nodiscard]] Take otp_table(OtpServerSettings& settings);

}  // namespace countersign::config
