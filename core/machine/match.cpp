// SPDX-License-Identifier: Apache-2.0
#include "core/machine/match.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace countersign::machine {
namespace {

std::vector<Mark> marks_of(const Fingerprint& fingerprint, Component component) {
  std::vector<Mark> marks;
  std::ranges::copy_if(fingerprint.marks, std::back_inserter(marks),
                       [&](const Mark& mark) { return mark.component == component; });
  return marks;
}

std::optional<ComponentMatch> compare_one(Component component, const Fingerprint& baseline,
                                          const Fingerprint& now) {
  const std::vector<Mark> before = marks_of(baseline, component);
  const std::vector<Mark> after = marks_of(now, component);
  if (before.empty() && after.empty()) return std::nullopt;
  const Weight weight = weight_of(component);
  if (before.empty()) return ComponentMatch{.component = component, .how = Compared::added};
  const auto kept = std::ranges::count_if(
      before, [&](const Mark& mark) { return std::ranges::binary_search(after, mark); });
  ComponentMatch match{.component = component};
  match.points =
      static_cast<int>(weight.supports * kept / static_cast<std::ptrdiff_t>(before.size()));
  match.of = kept == 0 ? weight.contradicts : weight.supports;
  if (after.empty())
    match.how = Compared::missing;
  else if (kept == 0)
    match.how = Compared::changed;
  else
    match.how =
        kept == static_cast<std::ptrdiff_t>(before.size()) ? Compared::same : Compared::partly;
  return match;
}

class View {
 public:
  explicit View(const std::vector<ComponentMatch>& components) : components_(components) {}
  // Known on both sides and equal, at least in part.
  [[nodiscard]] bool kept(Component component) const {
    const ComponentMatch* found = find(component);
    return found != nullptr && (found->how == Compared::same || found->how == Compared::partly);
  }
  // Was known, and is not the same now.
  [[nodiscard]] bool lost(Component component) const {
    const ComponentMatch* found = find(component);
    return found != nullptr && (found->how == Compared::changed || found->how == Compared::missing);
  }
  [[nodiscard]] bool is(Component component, Compared how) const {
    const ComponentMatch* found = find(component);
    return found != nullptr && found->how == how;
  }
  [[nodiscard]] std::vector<Component> not_same() const {
    std::vector<Component> all;
    for (const ComponentMatch& match : components_)
      if (match.how != Compared::same && match.component != Component::hostname)
        all.push_back(match.component);
    return all;
  }

 private:
  [[nodiscard]] const ComponentMatch* find(Component component) const {
    const auto found = std::ranges::find(components_, component, &ComponentMatch::component);
    return found == components_.end() ? nullptr : &*found;
  }
  const std::vector<ComponentMatch>& components_;
};

Outcome name_drift(const View& view) {
  const std::vector<Component> others = view.not_same();
  if (others.empty())
    return view.is(Component::hostname, Compared::changed) ? Outcome::changed_hostname
                                                           : Outcome::same;
  if (others.size() > 1) return Outcome::drifted;
  if (others.front() == Component::mac && !view.is(Component::mac, Compared::added))
    return Outcome::replaced_nic;
  if (view.is(Component::root_disk, Compared::changed)) return Outcome::replaced_disk;
  if (view.is(Component::machine_id, Compared::changed)) return Outcome::reinstalled_os;
  return Outcome::drifted;
}

Outcome name_difference(const View& view, bool virtual_machine) {
  if (view.kept(Component::machine_id)) {
    if (virtual_machine) return Outcome::cloned_vm;
    if (view.kept(Component::root_disk)) return Outcome::moved_disk;
    return Outcome::copied_disk_image;
  }
  for (const Component component :
       {Component::product_uuid, Component::board_serial, Component::root_disk, Component::mac})
    if (view.kept(component)) return Outcome::other_machine;
  return Outcome::copied_key;
}

}  // namespace

Match compare(const Fingerprint& baseline, const Fingerprint& now) {
  Match match;
  int points = 0;
  int of = 0;
  for (const Component component : all_components) {
    const auto one = compare_one(component, baseline, now);
    if (!one) continue;
    match.components.push_back(*one);
    points += one->points;
    of += one->of;
  }
  int evidence = 0;  // that the baseline has
  for (const Component component : all_components)
    if (!marks_of(baseline, component).empty()) evidence += weight_of(component).supports;
  const View view(match.components);
  match.percent = of == 0 ? 0 : points * 100 / of;
  if (evidence < least_evidence) return match;
  // Hypervisors give each clone a UUID of its own, and may leave everything else.
  const bool other_vm =
      (baseline.virtual_machine || now.virtual_machine) && view.lost(Component::product_uuid);
  match.recognized =
      match.percent >= threshold && !other_vm && baseline.virtual_machine == now.virtual_machine;
  match.outcome = match.recognized ? name_drift(view) : name_difference(view, now.virtual_machine);
  return match;
}

std::string describe(const Match& match) {
  std::string differences;
  for (const ComponentMatch& component : match.components)
    if (component.how != Compared::same)
      differences += fmt::format("{}{} {}", differences.empty() ? "" : ", ",
                                 to_name(component.component), to_name(component.how));
  return fmt::format("{}: {} ({} of 100{}{})", match.recognized ? "recognized" : "unrecognized",
                     to_name(match.outcome), match.percent, differences.empty() ? "" : "; ",
                     differences);
}

}  // namespace countersign::machine
