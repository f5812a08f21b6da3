// SPDX-License-Identifier: Apache-2.0
#include "cli/front.h"

#include <cstdlib>

namespace countersign::cli {
namespace {

Code code_named(const std::string& name) {
  if (name == "invalid") return Code::invalid;
  if (name == "not_found") return Code::not_found;
  if (name == "exists") return Code::exists;
  if (name == "not_permitted") return Code::not_permitted;
  if (name == "fresh_needed") return Code::fresh_needed;
  if (name == "conflict") return Code::conflict;
  if (name == "exhausted") return Code::exhausted;
  if (name == "unavailable") return Code::unavailable;
  if (name == "timed_out") return Code::timed_out;
  if (name == "cancelled") return Code::cancelled;
  if (name == "corrupt") return Code::corrupt;
  return Code::internal;
}

}  // namespace

std::string Front::socket_path() const {
  if (!socket.empty()) return socket;
  if (const char* named = std::getenv("COUNTERSIGN_SOCKET"); named != nullptr && *named != '\0')
    return named;
  return client::default_socket();
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
      Error{code_named(problem->code), problem->detail, problem->change.value_or("")});
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
