// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/local/helper.h"
#include "cli/nouns.h"

namespace countersign::cli {

// The story is a program of its own: it plays the phone, and so needs a crypto library that this
// one does not load.
void add_demo(Command& noun, Front& front) {
  auto keep = std::make_shared<bool>(false);
  noun.add_flag("--keep", *keep,
                "Leave the daemon running at the end, to go on with your own phone");
  noun.callback([&front, keep] {
    front.fail_with(become_helper("countersign-demo", *keep ? std::vector<std::string>{"--keep"}
                                                            : std::vector<std::string>{}));
  });
}

}  // namespace countersign::cli
