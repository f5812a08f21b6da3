// SPDX-License-Identifier: Apache-2.0
// Looking things up for an administrator's operation, with the words that say what is missing.
// (Verification has its own way: there, absence is an answer like any other.)
#pragma once

#include <memory>
#include <string>

#include "core/base/text.h"
#include "core/engine/context.h"

namespace countersign::engine {

[[nodiscard]] inline Result<std::shared_ptr<const UserRecord>> user_named(Context& context,
                                                                          const std::string& name) {
  auto record = context.store.user_by_name(name);
  if (!record && record.error().code == Code::not_found)
    return fail(Code::not_found, "there is no user '" + escape_text(name) + "'");
  return record;
}

[[nodiscard]] inline Result<Authenticator> authenticator_with_id(Context& context,
                                                                 const std::string& id) {
  const auto number = id_from_text(id);
  auto found = number ? context.store.authenticator({*number}) : fail(Code::not_found, "");
  if (!found && found.error().code == Code::not_found)
    return fail(Code::not_found, "there is no authenticator '" + escape_text(id) + "'");
  return found;
}

// The name of whose it is; empty: nobody's yet.
[[nodiscard]] inline Result<std::string> owner_name(Context& context,
                                                    const Authenticator& authenticator) {
  if (!authenticator.user) return std::string();
  const auto record = TRY(context.store.user_by_id(authenticator.user));
  return record->user.name;
}

[[nodiscard]] inline Result<Authenticator> unassigned_by_serial(Context& context,
                                                                const std::string& serial) {
  auto found = TRY(
      context.store.authenticators({.limit = 1, .status = Status::unassigned, .serial = serial}));
  if (found.empty())
    return fail(Code::not_found,
                "no unassigned token with serial '" + escape_text(serial) + "' is in stock");
  return std::move(found.front());
}

// A fresh one (generation 0, no value) when none is stored.
[[nodiscard]] inline Result<Setting> setting_or_new(Context& context, const char* name) {
  Result<Setting> setting = context.store.setting(name);
  if (!setting && setting.error().code == Code::not_found) return Setting{.name = name};
  return setting;
}

}  // namespace countersign::engine
