// SPDX-License-Identifier: Apache-2.0
// The route table: one function per resource, each row with its method, path, privilege and
// handler.
#pragma once

#include <functional>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/api/problem.h"
#include "daemon/http/route.h"
#include "daemon/services/services.h"

namespace countersign::routes {

[[nodiscard]] std::vector<http::Route> verification_routes(Services& services);
[[nodiscard]] std::vector<http::Route> code_routes(Services& services);
[[nodiscard]] std::vector<http::Route> sign_in_code_routes(Services& services);
[[nodiscard]] std::vector<http::Route> user_routes(Services& services);
[[nodiscard]] std::vector<http::Route> account_routes(Services& services);
[[nodiscard]] std::vector<http::Route> enrollment_routes(Services& services);
[[nodiscard]] std::vector<http::Route> authenticator_routes(Services& services);
[[nodiscard]] std::vector<http::Route> import_routes(Services& services);
[[nodiscard]] std::vector<http::Route> key_export_routes(Services& services);
[[nodiscard]] std::vector<http::Route> coverage_routes(Services& services);
[[nodiscard]] std::vector<http::Route> audit_routes(Services& services);
[[nodiscard]] std::vector<http::Route> store_routes(Services& services);
[[nodiscard]] std::vector<http::Route> client_routes(Services& services);
[[nodiscard]] std::vector<http::Route> tap_routes(Services& services);
[[nodiscard]] std::vector<http::Route> device_routes(Services& services);
[[nodiscard]] std::vector<http::Route> provisioning_routes(Services& services);
[[nodiscard]] std::vector<http::Route> slot_routes(Services& services);
[[nodiscard]] std::vector<http::Route> otp_validation_routes(Services& services);
[[nodiscard]] std::vector<http::Route> webauthn_routes(Services& services);
[[nodiscard]] std::vector<http::Route> attestation_routes(Services& services);
[[nodiscard]] std::vector<http::Route> sign_in_routes(Services& services);
[[nodiscard]] std::vector<http::Route> sign_in_key_routes(Services& services);
[[nodiscard]] std::vector<http::Route> policy_routes(Services& services);
[[nodiscard]] std::vector<http::Route> machine_routes(Services& services);
[[nodiscard]] std::vector<http::Route> receipt_routes(Services& services);
[[nodiscard]] std::vector<http::Route> fresh_routes(Services& services);
[[nodiscard]] std::vector<http::Route> rights_routes(Services& services);
[[nodiscard]] std::vector<http::Route> demo_routes(
    Services& services);  // empty on a production store

// Where the engine only says that it is done: an empty object.
[[nodiscard]] inline auto answer_nothing(std::move_only_function<void(Result<api::Nothing>)> then) {
  return [then = std::move(then)](const Result<std::monostate>& done) mutable {
    if (!done) return then(std::unexpected(done.error()));
    then(api::Nothing{});
  };
}

// All of them, and the OpenAPI document made of them.
[[nodiscard]] std::vector<http::Route> all_routes(Services& services);

}  // namespace countersign::routes
