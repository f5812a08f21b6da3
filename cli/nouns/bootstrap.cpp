// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/fresh.h"
#include "cli/nouns.h"
#include "daemon/api/problem.h"

namespace countersign::cli {

void add_bootstrap(Command& noun, Front& front) {
  noun.require_subcommand(1);
  auto fresh = std::make_shared<FreshOptions>();
  Command* verb = noun.add_subcommand("close",
                                      "End it, for good, by a fresh verification of yours: where "
                                      "administrators are a group, and no user has the role");
  add_fresh_options(*verb, *fresh);
  verb->callback([&front, fresh] {
    const auto closed =
        call_verified<api::Nothing>(front, "POST", "/v1/bootstrap/close", api::Nothing{}, *fresh);
    if (!closed) return front.fail_with(closed.error());
    front.out().object(front.answer());
    front.out().good(
        "closed: from now on, changes that give somebody something need a fresh verification");
  });
}

}  // namespace countersign::cli
