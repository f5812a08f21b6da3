// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "daemon/routes/openapi.h"
#include "daemon/routes/routes.h"

namespace countersign::routes {

std::vector<http::Route> all_routes(Services& services) {
  std::vector<http::Route> routes;
  for (const auto& resource : {verification_routes,  code_routes,        sign_in_code_routes,
                               user_routes,          account_routes,     enrollment_routes,
                               authenticator_routes, import_routes,      key_export_routes,
                               coverage_routes,      audit_routes,       store_routes,
                               client_routes,        tap_routes,         device_routes,
                               provisioning_routes,  slot_routes,        otp_validation_routes,
                               webauthn_routes,      attestation_routes, sign_in_routes,
                               sign_in_key_routes,   policy_routes,      machine_routes,
                               receipt_routes,       fresh_routes,       rights_routes,
                               demo_routes}) {
    std::vector<http::Route> rows = resource(services);
    std::ranges::move(rows, std::back_inserter(routes));
  }
  routes.push_back(openapi_route(services));
  services.openapi =
      std::make_shared<const std::string>(openapi_document(routes, services.version));
  return routes;
}

}  // namespace countersign::routes
