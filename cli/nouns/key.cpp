// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/nouns.h"
#include "daemon/api/problem.h"
#include "daemon/api/status.h"

namespace countersign::cli {

void add_key(Command& noun, Front& front) {
  noun.require_subcommand(1);
  Command* verb =
      noun.add_subcommand("rotate", "Make a new data key and re-seal every secret under it");
  verb->callback([&front] {
    const auto rotated = front.call<api::KeyRotation>("POST", "/v1/keys/rotate", api::Nothing{});
    if (!rotated) return front.fail_with(rotated.error());
    front.out().object(front.answer());
    front.out().good(fmt::format(
        "rotated: data key {} seals from now on; older secrets are re-sealed in the background",
        rotated->data_key));
  });
}

}  // namespace countersign::cli
