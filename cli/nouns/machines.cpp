// SPDX-License-Identifier: Apache-2.0
#include "cli/nouns/machines.h"

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/fresh.h"
#include "cli/pages.h"
#include "core/base/text.h"
#include "daemon/api/codec/time_text.h"
#include "daemon/api/problem.h"
#include "daemon/api/sign_in.h"

namespace countersign::cli {
namespace {

struct MachinesOptions {
  std::string id, name, audience, user, kind, status;
  bool all = false;
  FreshOptions fresh;
};

std::optional<std::string> if_any(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

void list(Front& front, const MachinesOptions& options) {
  Query query;
  query.add("kind", options.kind);
  query.add("status", options.status);
  std::vector<std::vector<std::string>> rows;
  const auto listed = all_pages<api::KnownMachinePage, api::KnownMachine>(
      front, "/v1/machines", query, "machines", &api::KnownMachinePage::machines,
      [&](const api::KnownMachine& machine) {
        std::string whom;
        std::string last;
        for (const api::RecognitionView& each : machine.recognitions) {
          whom += (whom.empty() ? "" : ", ") +
                  (each.user ? *each.user : "everyone of " + each.audience);
          last = std::max(last, api::to_rfc3339(each.last_used));
        }
        rows.push_back({machine.id, std::string(to_name(machine.kind)), machine.name,
                        std::string(to_name(machine.status)), whom, last});
      });
  if (!listed) return front.fail_with(listed.error());
  front.out().table({"MACHINE", "KIND", "NAME", "STATUS", "RECOGNIZED FOR", "LAST USED"}, rows,
                    "No machine is recognized. One becomes so when somebody verifies there in a "
                    "sign-in, if policy asks at unrecognized machines alone (--ask unrecognized).");
}

template <class Body>
void act(Front& front, const MachinesOptions& options, const std::string& verb, const Body& body,
         std::string_view done) {
  const auto machine = call_verified<api::KnownMachine>(
      front, "POST", path_of("/v1/machines/", options.id, "/" + verb), body, options.fresh);
  if (!machine) return front.fail_with(machine.error());
  front.out().object(front.answer());
  front.out().good(
      fmt::format("{}: {} {}{}", done, to_name(machine->kind), machine->id,
                  machine->name.empty() ? "" : " (" + escape_text(machine->name) + ")"));
}

void recognize(Front& front, const MachinesOptions& options) {
  act(front, options, "recognize",
      api::BodyOf<api::MachineRecognize>{{.id = {},
                                          .name = if_any(options.name),
                                          .audience = if_any(options.audience),
                                          .user = if_any(options.user)}},
      "recognized");
}

void forget_all(Front& front, const MachinesOptions& options) {
  const auto done = call_verified<api::Nothing>(front, "POST", "/v1/machines/forget",
                                                api::Nothing{}, options.fresh);
  if (!done) return front.fail_with(done.error());
  front.out().object(front.answer());
  front.out().good("forgotten: no machine is recognized any more, until somebody verifies there");
}

}  // namespace

void add_known_machines(Command& noun, Front& front) {
  auto options = std::make_shared<MachinesOptions>();
  Command* verb = noun.add_subcommand(
      "list", "List the machines that people signed in from, and for whom each is recognized");
  verb->add_option("--kind", options->kind, "browser or host")->one_of({"browser", "host"});
  verb->add_option("--status", options->status, "known, forgotten or blocked")
      ->one_of({"known", "forgotten", "blocked"});
  verb->callback([&front, options] { list(front, *options); });

  verb = noun.add_subcommand("recognize",
                             "Make a machine recognized, as if somebody had verified there");
  verb->add_option("ID", options->id, "Id of the machine")->required();
  auto* audience =
      verb->add_option("--audience", options->audience, "For everyone of this audience");
  verb->add_option("--user", options->user, "Or for this user")->excludes(audience);
  verb->add_option("--name", options->name, "What people call it from now on");
  add_fresh_options(*verb, options->fresh);
  verb->callback([&front, options] { recognize(front, *options); });

  verb =
      noun.add_subcommand("forget", "End what a machine is recognized for; --all: every machine");
  auto* id = verb->add_option("ID", options->id, "Id of the machine");
  verb->add_flag("--all", options->all, "Every machine, at once")->excludes(id);
  add_fresh_options(*verb, options->fresh);
  verb->callback([&front, options] {
    if (options->all) return forget_all(front, *options);
    if (options->id.empty())
      return front.fail_with({Code::invalid, "which machine? Give its id, or --all"});
    act(front, *options, "forget", api::Nothing{}, "forgotten");
  });

  verb = noun.add_subcommand("block", "Let nobody in from a machine");
  verb->add_option("ID", options->id, "Id of the machine")->required();
  verb->callback([&front, options] { act(front, *options, "block", api::Nothing{}, "blocked"); });
}

}  // namespace countersign::cli
