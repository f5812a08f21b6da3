// SPDX-License-Identifier: Apache-2.0
// SMS by HTTP gateways, one after the other until one takes it.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/deadline.h"
#include "core/base/result.h"
#include "core/ports/courier.h"
#include "daemon/couriers/curl.h"
#include "daemon/couriers/settings.h"

namespace countersign::couriers {

struct ReadyGateway {
  Gateway settings;
  Secret password;
};

// What one gateway is asked: every value is escaped for the place where it stands.
[[nodiscard]] Result<HttpRequest> request_for(const ReadyGateway& gateway, const Message& message);
// What it said to that. unavailable: it did not take it.
[[nodiscard]] Result<void> judge(const Gateway& gateway, const HttpAnswer& answer);

// Blocking. Tries each within its own time and the deadline; the last one's failure is the answer's
// text, each is logged.
[[nodiscard]] Result<void> send_sms(const std::vector<ReadyGateway>& gateways,
                                    const Message& message, const Deadline& deadline,
                                    const std::atomic<bool>* stop = nullptr);

// The placeholders that url, headers and body may have.
[[nodiscard]] const std::vector<std::string_view>& gateway_placeholders();

}  // namespace countersign::couriers
