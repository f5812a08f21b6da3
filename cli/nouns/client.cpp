// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/nouns.h"
#include "core/base/text.h"
#include "daemon/api/clients.h"
#include "daemon/api/codec/time_text.h"
#include "daemon/api/problem.h"

namespace countersign::cli {
namespace {

void add(Front& front, const std::string& name) {
  const auto added = front.call<api::ClientView>("POST", "/v1/clients", api::ClientAdd{name});
  if (!added) return front.fail_with(added.error());
  front.out().object(front.answer());
  front.out().good(fmt::format("added: client {}, {}", added->id, escape_text(added->name)));
  front.out().line(
      fmt::format("  id   {}\n  key  {}", added->id, added->key ? added->key->expose_text() : ""));
  front.out().line(
      "Give both to the program (ykclient, pam_yubico, ...). The key is shown this once.");
}

void list(Front& front) {
  const auto all = front.call<api::ClientList>("GET", "/v1/clients", api::Nothing{});
  if (!all) return front.fail_with(all.error());
  front.out().object(front.answer());
  std::vector<std::vector<std::string>> rows;
  for (const api::ClientView& each : all->clients)
    rows.push_back({fmt::to_string(each.id), each.name, each.revoked ? "revoked" : "active",
                    api::to_rfc3339(each.created)});
  front.out().table({"ID", "NAME", "STATE", "SINCE"}, rows,
                    "There are no programs yet; 'countersign client add' adds one.");
}

void revoke(Front& front, std::int64_t id) {
  const auto done = front.call<api::Nothing>(
      "POST", path_of("/v1/clients/", std::to_string(id), "/revoke"), api::Nothing{});
  if (!done) return front.fail_with(done.error());
  front.out().object(front.answer());
  front.out().good(
      fmt::format("revoked: client {}; it is answered OPERATION_NOT_ALLOWED from now on", id));
}

}  // namespace

void add_client(Command& noun, Front& front) {
  noun.require_subcommand(1);
  auto name = std::make_shared<std::string>();
  Command* adding = noun.add_subcommand(
      "add", "Add a program; shows the number and the key that it has to be given");
  adding->add_option("NAME", *name, "What it is, e.g. vpn")->required();
  adding->callback([&front, name] { add(front, *name); });
  noun.add_subcommand("list", "List them")->callback([&front] { list(front); });
  auto id = std::make_shared<std::int64_t>(0);
  Command* revoking = noun.add_subcommand("revoke", "Refuse a program from now on, for good");
  revoking->add_option("ID", *id, "Its number")->required();
  revoking->callback([&front, id] { revoke(front, *id); });
}

}  // namespace countersign::cli
