// SPDX-License-Identifier: Apache-2.0
// The daemon, as the module calls it: one connection and one deadline for each request.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/deadline.h"
#include "core/base/secret.h"
#include "daemon/api/codec/decode.h"
#include "daemon/api/codec/encode.h"
#include "daemon/client/client.h"

namespace countersign::pam {

class Daemon {
 public:
  explicit Daemon(std::string socket) : socket_(std::move(socket)) {}

  // unavailable: nobody listens at the socket, and nothing else (client.h).
  // Any other answer than 200 is an error in the daemon's words; what breaks after the connection
  // stood is internal or timed_out.
  template <api::Wire Answer, api::Wire Request>
  [[nodiscard]] Result<Answer> post(const std::string& target, const Request& request,
                                    const Deadline& deadline,
                                    const client::Client::OnEvent& on_event = {}) const {
    std::string body = api::encode(request);
    auto answer = send("POST", target, body, deadline, on_event);
    wipe(body);
    if (!answer) return std::unexpected(answer.error());
    return api::decode<Answer>(*answer);
  }
  template <api::Wire Answer>
  [[nodiscard]] Result<Answer> get(const std::string& target, const Deadline& deadline) const {
    const auto answer = TRY(send("GET", target, {}, deadline, {}));
    return api::decode<Answer>(answer);
  }
  // A PIN, as it is, for the prompt with this id.
  [[nodiscard]] Result<void> answer(const std::string& interaction, const Secret& pin,
                                    const Deadline& deadline) const;

 private:
  [[nodiscard]] Result<std::string> send(std::string_view method, const std::string& target,
                                         std::string_view body, const Deadline& deadline,
                                         const client::Client::OnEvent& on_event) const;
  std::string socket_;
};

}  // namespace countersign::pam
