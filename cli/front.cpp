// SPDX-License-Identifier: Apache-2.0
#include "cli/front.h"

#include <cstdlib>

#include "cli/default_socket.h"
#include "daemon/api/error_codes.h"
#include "daemon/api/problem.h"

namespace countersign::cli {

std::string Front::socket_path() const {
  if (!socket.empty()) return socket;
  if (const char* named = std::getenv("COUNTERSIGN_SOCKET"); named != nullptr && *named != '\0')
    return named;
  return default_socket();
}

Result<std::string> Front::send(std::string_view method, const std::string& target,
                                std::string_view body) {
  unreachable_ = false;
  if (!client_) {
    Result<client::Client> connected = client::Client::connect(socket_path());
    if (!connected) {
      unreachable_ = connected.error().code == Code::unavailable;
      return std::unexpected(connected.error());
    }
    client_.emplace(std::move(*connected));
  }
  Result<client::Answer> answer =
      client_->call(method, target, body, Deadline::in(patience), on_event);
  if (!answer) {
    unreachable_ = answer.error().code == Code::unavailable;
    client_.reset();
    return std::unexpected(answer.error());
  }
  if (answer->status == 200) return std::move(answer->body);
  const auto problem = api::decode<api::Problem>(answer->body);
  if (!problem)
    return fail(Code::corrupt, "the daemon's answer can't be read; is it of another version?");
  return std::unexpected(
      Error{api::code_named(problem->code), problem->detail, problem->change.value_or("")});
}

void Front::fail_with(const Error& error) {
  const Error& said = error.code == Code::cancelled && given_up ? *given_up : error;
  out().error(said);
  exit = unreachable_ ? Exit::unreachable : exit_for(said.code);
}

std::string path_of(std::string_view prefix, std::string_view name, std::string_view suffix) {
  return std::string(prefix) + client::percent_encode(name) + std::string(suffix);
}

}  // namespace countersign::cli
