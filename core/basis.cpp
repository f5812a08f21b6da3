// SPDX-License-Identifier: Apache-2.0
#include "core/basis.h"

#include <algorithm>
#include <array>

namespace countersign {
namespace {

struct Row {
  std::string_view text;
  bool named;  // a name follows
  bool serves;
};
constexpr std::array rows = {
    Row{"bootstrap", false, true},        Row{"fresh:", true, true},
    Row{"verified-sign-in", false, true}, Row{"root-recovery", false, true},
    Row{"before-upgrade", false, true},   Row{"first-factor", false, false},
    Row{"source:", true, false},
};

const Row* row_of(std::string_view text) {
  const auto* const found = std::ranges::find_if(rows, [&](const Row& row) {
    return row.named ? text.size() > row.text.size() && text.starts_with(row.text)
                     : text == row.text;
  });
  return found == rows.end() ? nullptr : found;
}

}  // namespace

Result<Basis> Basis::from_text(std::string_view text) {
  if (!text.empty() && row_of(text) == nullptr)
    return fail(Code::corrupt, "an authenticator's basis is not one that is known");
  return Basis(std::string(text));
}

std::optional<std::string_view> Basis::verified_by() const {
  constexpr std::string_view prefix = "fresh:";
  const std::string_view text = text_;
  return text.starts_with(prefix) ? std::optional(text.substr(prefix.size())) : std::nullopt;
}

bool Basis::serves() const {
  const Row* row = row_of(text_);
  return row != nullptr && row->serves;
}

}  // namespace countersign
