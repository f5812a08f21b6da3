// SPDX-License-Identifier: Apache-2.0
// What a command is handed: the daemon at the other end, and where to say things.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/exit_code.h"
#include "cli/output/output.h"
#include "daemon/api/codec/decode.h"
#include "daemon/api/codec/encode.h"
#include "daemon/client/client.h"

namespace countersign::cli {

class Front {
 public:
  std::string socket;  // --socket; empty: the environment's, or the default
  bool json = false;   // --json
  Exit exit = Exit::done;

  [[nodiscard]] Output out() const { return Output(json); }
  [[nodiscard]] std::string socket_path() const;

  // Of streams: each event as it comes; false gives up.
  client::Client::OnEvent on_event;
  std::optional<Error> given_up;  // why on_event ended the call before this
  std::chrono::milliseconds patience{60'000};

  // The answer's text, or the daemon's problem as an error. Connects at the first call.
  [[nodiscard]] Result<std::string> send(std::string_view method, const std::string& target,
                                         std::string_view body);

  template <api::Wire Answer, api::Wire Request>
  [[nodiscard]] Result<Answer> call(std::string_view method, const std::string& target,
                                    const Request& request) {
    std::string body = api::encode(request);
    Result<std::string> text = send(method, target, body);
    wipe(body);
    if (!text) return std::unexpected(text.error());
    return keep<Answer>(std::move(*text));
  }
  template <api::Wire Answer>
  [[nodiscard]] Result<Answer> get(const std::string& target) {
    std::string text = TRY(send("GET", target, {}));
    return keep<Answer>(std::move(text));
  }
  // The last answer as it came: what --json prints.
  [[nodiscard]] const std::string& answer() const { return answer_; }

  [[nodiscard]] bool unreachable() const { return unreachable_; }  // at the last call

  // Says what went wrong; the exit code is the error's.
  void fail_with(const Error& error);

 private:
  template <class Answer>
  [[nodiscard]] Result<Answer> keep(std::string text) {
    answer_ = std::move(text);
    return api::decode<Answer>(answer_);
  }

  std::optional<client::Client> client_;
  bool unreachable_ = false;
  std::string answer_;
};

// "/v1/users/" + percent-encoded name.
[[nodiscard]] std::string path_of(std::string_view prefix, std::string_view name,
                                  std::string_view suffix = {});

}  // namespace countersign::cli
