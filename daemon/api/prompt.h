// SPDX-License-Identifier: Apache-2.0
// What a stream tells the user to do with the token in their hand.
#pragma once

#include <array>

#include "core/base/enum_names.h"

namespace countersign::api {

// What the person is to do, or to know. insert, touch, select, one-card, pin, new-pin, puk,
// new-puk, verify and sample wait for it.
enum class Prompt {
  wait,
  insert,
  touch,
  select,
  one_card,
  pin,
  new_pin,
  puk,
  new_puk,
  verify,
  sample,
  wrong_key,
  no_permission,
  advisory,
  present
};

}  // namespace countersign::api

template <>
inline constexpr auto countersign::enum_names<countersign::api::Prompt> =
    std::to_array<countersign::EnumName<countersign::api::Prompt>>({
        {countersign::api::Prompt::wait, "wait"},
        {countersign::api::Prompt::insert, "insert"},
        {countersign::api::Prompt::touch, "touch"},
        {countersign::api::Prompt::select, "select"},
        {countersign::api::Prompt::one_card, "one-card"},
        {countersign::api::Prompt::pin, "pin"},
        {countersign::api::Prompt::new_pin, "new-pin"},
        {countersign::api::Prompt::puk, "puk"},
        {countersign::api::Prompt::new_puk, "new-puk"},
        {countersign::api::Prompt::verify, "verify"},
        {countersign::api::Prompt::sample, "sample"},
        {countersign::api::Prompt::wrong_key, "wrong-key"},
        {countersign::api::Prompt::no_permission, "no-permission"},
        {countersign::api::Prompt::advisory, "advisory"},
        {countersign::api::Prompt::present, "present"},
    });
