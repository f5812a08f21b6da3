// SPDX-License-Identifier: Apache-2.0
#include "daemon/ceremonies/card_answers.h"

namespace countersign::routes {
namespace {

// As YubiKeys leave the factory: 01 to 08, three times.
Secret factory_key() {
  Secret key(24);
  for (std::size_t i = 0; i < key.size(); ++i)
    key.expose_mutable()[i] = static_cast<Byte>(1 + i % 8);
  return key;
}

}  // namespace

// The one that is kept comes first: the reader's child goes by that.
std::optional<Secret> CardAnswers::next_key(bool again) {
  offered_ = again ? offered_ + 1 : 1;
  if (offered_ == 1) return kept_.management_key.copy();
  if (offered_ == 2 && given_) return given_->copy();
  return offered_ == (given_ ? 3 : 2) ? std::optional(factory_key()) : std::nullopt;
}

std::optional<Secret> CardAnswers::to(const reader::Prompt& prompt) {
  if (prompt.kind == reader::PromptKind::management_key) return next_key(prompt.again);
  if (prompt.kind == reader::PromptKind::new_management_key) return kept_.management_key.copy();
  if (prompt.kind == reader::PromptKind::new_puk) return kept_.puk.copy();
  return std::nullopt;
}

}  // namespace countersign::routes
