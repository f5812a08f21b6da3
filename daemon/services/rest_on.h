// SPDX-License-Identifier: Apache-2.0
// The one way in which a route asks whether its caller may change something: the rights table
// (core/rights.h), and a fresh verification where that asks for one.
#pragma once

#include <optional>
#include <string>

#include "core/engine/grounds/fresh.h"
#include "core/engine/grounds/grounds.h"
#include "daemon/http/route.h"
#include "daemon/services/services.h"

namespace countersign::routes {

struct Rest {
  Deed deed;
  std::string subject = {};  // what is changed: a user's name, an id
  ChangeParts parts = {};    // how: everything that matters
  std::optional<std::string> change =
      {};  // in place of subject and parts, where the change has its text already
  std::string concerned = {};  // name of the user whom it is about; empty: nobody in particular
  std::optional<std::string> fresh = {};
  std::optional<bool> recovery = {};
};
// On what it rests; none where nothing more is asked for. not_found: there is no such user. Errors
// as engine::rest_on.
[[nodiscard]] Result<Basis> rest_on(Services& services, const http::Call& call, Rest rest);

// The caller as the rights table knows them.
[[nodiscard]] Actor actor_of(const http::Call& call);

// Of what somebody else's word binds for a user: kind and whatever else of it matters go into the
// change. A permit that covers it is asked when it is bound.
struct BindOrder {
  std::string user;
  Kind kind = Kind::totp;
  ChangeParts parts = {};
  std::optional<std::string> fresh = {};
  std::optional<bool> recovery = {};
  std::optional<std::string> permit = {};
};
[[nodiscard]] Result<engine::Grounds> grounds_for(Services& services, const http::Call& call,
                                                  BindOrder order);

}  // namespace countersign::routes
