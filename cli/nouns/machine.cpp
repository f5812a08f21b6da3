// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <algorithm>

#include "cli/command.h"
#include "cli/nouns.h"
#include "cli/nouns/machines.h"
#include "core/base/text.h"
#include "daemon/api/machine.h"
#include "daemon/host/machine_facts.h"

namespace countersign::cli {
namespace {

using machine::Component;
using machine::Facts;

api::MachineComponent row_of(Component component) {
  return {.component = component,
          .value = {},
          .note = {},
          .about = std::string(machine::about(component))};
}

api::MachineView view_of(const Facts& facts) {
  api::MachineView view{.virtual_machine = facts.virtual_machine,
                        .needed = machine::least_evidence,
                        .threshold = machine::threshold,
                        .components = {}};
  for (const Component component : machine::all_components) {
    const machine::Weight weight = machine::weight_of(component);
    bool known = false;
    bool weighs = false;
    for (const machine::Fact& fact : facts.facts) {
      if (fact.component != component) continue;
      api::MachineComponent row = row_of(component);
      row.value = fact.value;
      row.note = machine::worthless(fact, facts.virtual_machine);
      known = true;
      if (row.note.empty()) {
        row.weight = weight.supports;
        row.against = weight.contradicts;
        weighs = true;
      }
      view.components.push_back(std::move(row));
    }
    if (weighs) view.points += weight.supports;
    if (known) continue;
    view.components.push_back(row_of(component));
    const bool unreadable =
        std::ranges::find(facts.unreadable, component) != facts.unreadable.end();
    view.components.back().note = unreadable ? "only root may read it" : "this machine has none";
  }
  view.enough = view.points >= view.needed;
  return view;
}

void show(Front& front, const std::string& root) {
  const api::MachineView view = view_of(collect_machine_facts(root));
  const Output out = front.out();
  out.object(api::encode(view));
  std::vector<std::vector<std::string>> rows;
  rows.reserve(view.components.size());
  for (const api::MachineComponent& row : view.components)
    rows.push_back({std::string(to_name(row.component)), row.value,
                    row.note.empty() ? fmt::format("+{} -{}", row.weight, row.against) : "0",
                    row.note.empty() ? row.about : row.note});
  out.table({"COMPONENT", "VALUE", "WEIGHT", "ABOUT"}, rows, "");
  out.line(
      fmt::format("{} machine, {} points. {} of 100 of them the same later: the same machine. No "
                  "value leaves it, only keyed digests do.",
                  view.virtual_machine ? "Virtual" : "Physical", view.points, view.threshold));
  if (!view.enough)
    out.line(
        fmt::format("That is too little ({} are needed): this machine can't be recognized again.",
                    view.needed));
  if (std::ranges::any_of(view.components,
                          [](const auto& row) { return row.note == "only root may read it"; }))
    out.note(
        "some components are readable by root only: run this as root to see what the daemon can go "
        "by");
}

}  // namespace

void add_machine(Command& noun, Front& front) {
  noun.require_subcommand(1);
  auto root = std::make_shared<std::string>();
  Command* verb = noun.add_subcommand(
      "show", "Show what this machine is recognized by, and what each component weighs");
  verb->add_option("--root", *root, "Another system's files: the folder that stands for /")
      ->type_name("FOLDER");
  verb->callback([&front, root] { show(front, *root); });
  add_known_machines(noun, front);
}

}  // namespace countersign::cli
