// SPDX-License-Identifier: Apache-2.0
// What 'countersign machine show' says of this machine.
#pragma once

#include <string>
#include <vector>

#include "core/machine/machine.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

struct MachineComponent {
  machine::Component component{};
  std::string value;
  int weight = 0;
  int against = 0;
  std::string note, about;
  static Fields fields() {
    return {Field{"component", &MachineComponent::component, "Which one"},
            Field{"value", &MachineComponent::value,
                  "As the system has it; it never leaves the machine. Empty: not known"},
            Field{"weight", &MachineComponent::weight,
                  "Points for the same value, shared by all of one component"},
            Field{"against", &MachineComponent::against, "Points that another value costs"},
            Field{"note", &MachineComponent::note,
                  "Why it weighs nothing, or is not known; else empty"},
            Field{"about", &MachineComponent::about, "What it is"}};
  }
};

struct MachineView {
  bool virtual_machine = false;
  int points = 0, needed = 0, threshold = 0;
  bool enough = false;
  std::vector<MachineComponent> components;
  static Fields fields() {
    return {Field{"virtual_machine", &MachineView::virtual_machine,
                  "Whether it runs under a hypervisor"},
            Field{"points", &MachineView::points, "What all that is known weighs together"},
            Field{"needed", &MachineView::needed,
                  "Points that a machine must have to be recognized again"},
            Field{"threshold", &MachineView::threshold,
                  "Percent of its points that must be the same later"},
            Field{"enough", &MachineView::enough, "Whether this machine can be recognized again"},
            Field{"components", &MachineView::components, "Each with its weight"}};
  }
};

}  // namespace countersign::api
