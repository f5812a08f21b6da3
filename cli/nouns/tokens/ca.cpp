// SPDX-License-Identifier: Apache-2.0
// countersign ca: the small authority for organisations without one of their own.
#include <fmt/format.h>
#include <cstdio>

#include "cli/command.h"
#include "cli/nouns.h"
#include "core/base/text.h"
#include "daemon/api/cards.h"

namespace countersign::cli {
namespace {

// The certificate goes to standard output as it is, for a file.
void show(Front& front, const Result<api::AuthorityView>& authority) {
  if (!authority) return front.fail_with(authority.error());
  front.out().object(front.answer());
  if (!front.json) std::fputs(authority->certificate.c_str(), stdout);
}

}  // namespace

void add_ca(Command& noun, Front& front) {
  noun.require_subcommand(1);
  auto wanted = std::make_shared<api::AuthorityCreate>();
  Command* init = noun.add_subcommand(
      "init", "Make it, once; its key stays sealed in the store, its certificate is printed");
  init->add_option("--name", wanted->name, "Common name of its certificate")->required();
  init->add_option("--days", wanted->days, "How long it is valid; 3650 by default")
      ->in_range(1, 10'000);
  init->callback([&front, wanted] {
    show(front, front.call<api::AuthorityView>("POST", "/v1/authority", *wanted));
  });
  noun.add_subcommand(
          "show",
          "Print its certificate (PEM), for other programs; its cards are accepted here without it")
      ->callback([&front] { show(front, front.get<api::AuthorityView>("/v1/authority")); });
}

}  // namespace countersign::cli
