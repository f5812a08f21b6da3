// SPDX-License-Identifier: Apache-2.0
// The fresh verification that some changes need: --as, --code or --tap, --recovery. The daemon says
// which changes do.
#pragma once

#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/front.h"
#include "daemon/api/with_fresh.h"

namespace countersign::cli {

struct FreshOptions {
  std::string as, code, code_file;
  bool tap = false;
  bool recovery = false;
  [[nodiscard]] std::optional<bool> recovers() const {
    return recovery ? std::optional(true) : std::nullopt;
  }
};
// Where the command has a --code of its own, these are --as-code, --as-code-file and --as-tap.
enum class OwnCode { no, yes };
void add_fresh_options(Command& verb, FreshOptions& options, OwnCode own_code = OwnCode::no);

// Verifies whom --as names for this change, at a terminal whoever is named there; its id. Nothing
// when nobody is named.
[[nodiscard]] Result<std::optional<std::string>> verify_freshly(Front& front,
                                                                const std::string& change,
                                                                const FreshOptions& options);

// Front::call for a change: where the daemon wants a fresh verification for it, verifies, and asks
// again.
template <api::Wire Answer, api::Wire Request>
[[nodiscard]] Result<Answer> call_verified(Front& front, std::string_view method,
                                           const std::string& target, Request request,
                                           const FreshOptions& options) {
  api::WithFresh<Request> body{{std::move(request)}, {}, options.recovers()};
  Result<Answer> answer = front.call<Answer>(method, target, body);
  if (answer || answer.error().change.empty()) return answer;
  std::optional<std::string> fresh = TRY(verify_freshly(front, answer.error().change, options));
  if (!fresh) return answer;
  body.fresh = std::move(fresh);
  return front.call<Answer>(method, target, body);
}

}  // namespace countersign::cli
