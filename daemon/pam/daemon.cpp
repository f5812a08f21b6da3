// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/daemon.h"

#include "daemon/api/problem.h"

namespace countersign::pam {
namespace {

// Of what the daemon said, so that nobody takes it for a daemon that is not there.
Error told(int status, const std::string& body) {
  const auto problem = api::decode<api::Problem>(body);
  const Code code = status == 404   ? Code::not_found
                    : status == 403 ? Code::not_permitted
                    : status == 400 ? Code::invalid
                                    : Code::internal;
  return {code, problem ? problem->detail
                        : "the daemon's answer can't be read; is it of another version?"};
}

}  // namespace

Result<std::string> Daemon::send(std::string_view method, const std::string& target,
                                 std::string_view body, const Deadline& deadline,
                                 const client::Client::OnEvent& on_event) const {
  auto client = TRY(client::Client::connect(socket_, client::Trust::service, deadline));
  auto answer = client.call(method, target, body, deadline, on_event);
  if (!answer) {
    Error error = std::move(answer.error());
    if (error.code == Code::unavailable) error.code = Code::internal;  // it was there, and went
    return std::unexpected(std::move(error));
  }
  if (answer->status != 200) return std::unexpected(told(answer->status, answer->body));
  return std::move(answer->body);
}

Result<void> Daemon::answer(const std::string& interaction, const Secret& pin,
                            const Deadline& deadline) const {
  const auto taken = TRY(send("POST", "/v1/interactions/" + client::percent_encode(interaction),
                              pin.expose_text(), deadline, {}));
  return {};
}

}  // namespace countersign::pam
