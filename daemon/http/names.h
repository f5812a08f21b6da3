// SPDX-License-Identifier: Apache-2.0
// Which user a request means: before anything else is asked of it, each way of naming a user gives
// way to the user's own name, and each account on this host to the name that the system has for it.
#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <string>

#include "daemon/http/doorkeeper.h"

namespace countersign::http {

// Calls user(text) for each member that names a user, and login(text) for each that sets somebody's
// account.
template <class Request>
void each_name(Request& request, auto&& user, auto&& login) {
  const auto visit = [](auto& member, auto& each) {
    if constexpr (std::same_as<std::remove_cvref_t<decltype(member)>, std::optional<std::string>>) {
      if (member) each(*member);
    } else if constexpr (std::same_as<std::remove_cvref_t<decltype(member)>, std::string>) {
      each(member);
    }
  };
  if constexpr (requires { request.user; }) visit(request.user, user);
  if constexpr (requires { request.login; }) visit(request.login, login);
  if constexpr (requires { std::remove_cvref_t<Request>::is_user; }) visit(request.name, user);
  if constexpr (requires { request.users.front().login; })
    for (auto& each : request.users) visit(each.login, login);
}

// Whether the system's user database has to be asked, which may wait for the network.
template <class Request>
[[nodiscard]] bool names_wait(Request& request, const Doorkeeper& doorkeeper) {
  bool wait = false;
  each_name(
      request, [&](std::string& user) { wait = wait || doorkeeper.asks_system(user); },
      [&](const std::string& login) { wait = wait || !login.empty(); });
  return wait;
}

// ask: the system, too, where names_wait. It is not asked for whoever may do nothing for others:
// they would have workers wait at will. An error when somebody can't be told now.
template <class Request>
[[nodiscard]] Result<void> resolve_names(Request& request, const Doorkeeper& doorkeeper, bool ask) {
  Result<void> all;
  const auto resolve = [&](std::string& user) {
    if (all) all = doorkeeper.resolve_user(user, ask);
  };
  const auto keep = [&](std::string& login) {
    if (!all || !ask) return;
    Result<std::string> name = doorkeeper.account_name(login);
    if (name)
      login = std::move(*name);
    else
      all = std::unexpected(name.error());
  };
  each_name(request, resolve, keep);
  return all;
}

}  // namespace countersign::http
