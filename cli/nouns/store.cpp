// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/nouns.h"
#include "daemon/api/problem.h"
#include "daemon/api/status.h"

namespace countersign::cli {

void add_store(Command& noun, Front& front) {
  noun.require_subcommand(1);
  auto yes = std::make_shared<bool>(false);
  Command* verb = noun.add_subcommand(
      "resync",
      "Accept store and clock as they are, after an old copy was put back or the clock was wrong");
  verb->add_flag("--yes", *yes, "Don't ask: do it");
  verb->callback([&front, yes] {
    if (!*yes)
      return front.fail_with({Code::invalid,
                              "this accepts the store and the clock as they are now. TOTP codes up "
                              "to this moment are refused; if an old copy was put back, "
                              "HOTP tokens and backup codes are suspended, because nobody knows "
                              "which of their codes were used. Give --yes to accept them"});
    const auto done = front.call<api::StoreResync>("POST", "/v1/store/resync", api::Nothing{});
    if (!done) return front.fail_with(done.error());
    front.out().object(front.answer());
    front.out().good(
        fmt::format("accepted; {} authenticators wait to be resumed ('countersign authenticator "
                    "list --status suspended')",
                    done->suspended));
  });
}

}  // namespace countersign::cli
