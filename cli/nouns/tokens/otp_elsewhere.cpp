// SPDX-License-Identifier: Apache-2.0
#include "cli/nouns/tokens/otp_elsewhere.h"

#include <fmt/format.h>

#include "cli/secrets.h"
#include "core/base/text.h"
#include "daemon/api/authenticators.h"
#include "daemon/api/otp_validation.h"

namespace countersign::cli {

void enroll_elsewhere(Front& front, const ElsewhereOptions& options) {
  Result<Secret> code = options.code.empty() ? ask("Touch the key, so that it types: ", false,
                                                   "what it types with --code")
                                             : Result<Secret>(Secret(options.code));
  if (!code) return front.fail_with(code.error());
  api::EnrollElsewhere request{.user = options.user, .label = {}, .code = std::move(*code)};
  if (!options.label.empty()) request.label = options.label;
  const auto bound = call_verified<api::AuthenticatorView>(
      front, "POST", "/v1/enrollments/validated-elsewhere", std::move(request), options.fresh);
  if (!bound) return front.fail_with(bound.error());
  front.out().object(front.answer());
  front.out().good(fmt::format("bound: {} of {}, {}. The configured servers validate it",
                               to_name(bound->kind), escape_text(bound->user), bound->id));
}

}  // namespace countersign::cli
