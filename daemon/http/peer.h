// SPDX-License-Identifier: Apache-2.0
// Who is at the other end of a connection, and whose account that is.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "daemon/http/process.h"

namespace countersign::http {

// Who is at the other end of a connection, as the kernel says it (SO_PEERCRED, SO_PEERGROUPS): the
// credentials of the process that connected, at the moment it did. Nothing that a request carries
// changes it (T12).
struct Peer {
  std::uint32_t uid = 0xFFFFFFFFU;
  std::uint32_t gid = 0xFFFFFFFFU;
  std::uint32_t pid = 0;
  std::vector<std::uint32_t> groups;
  std::string login;         // the uid's name in the system's user database; empty when it has none
  std::string address = {};  // over TCP; empty: a Unix socket
  std::shared_ptr<const Process> process = {};  // over TCP none
};

// False when the kernel does not tell: such a connection is dropped.
[[nodiscard]] bool read_peer(int socket, Peer& peer);
// An account as the system has it, whatever was typed: DOMAIN\alice and alice@realm may be one.
struct Account {
  std::string name;  // pw_name of that uid
  std::uint32_t uid = 0;
};
// The system's user database (NSS). May wait for the network: for worker threads.
[[nodiscard]] std::string login_of(std::uint32_t uid);
// Nothing: it has none of that name. An error: it can't say now.
[[nodiscard]] Result<std::optional<Account>> account_named(const std::string& name);
// Whether the account is a member of the group, by the group database or as its own group.
[[nodiscard]] bool account_in_group(const std::string& name, std::uint32_t group);

// The same three, or a test's.
struct Accounts {
  std::function<std::string(std::uint32_t)> login_of = http::login_of;
  std::function<Result<std::optional<Account>>(const std::string&)> named = http::account_named;
  std::function<bool(const std::string&, std::uint32_t)> in_group = http::account_in_group;
};

}  // namespace countersign::http
