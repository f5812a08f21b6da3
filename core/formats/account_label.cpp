// SPDX-License-Identifier: Apache-2.0
#include "core/formats/account_label.h"

#include "core/base/text.h"

namespace countersign::formats {

void take_account(TokenRecord& record, std::string_view name) {
  const auto colon = name.find(':');
  if (colon != std::string_view::npos) {
    if (record.issuer.empty()) record.issuer = trim(name.substr(0, colon));
    name.remove_prefix(colon + 1);
  }
  record.label = trim(name);
  record.user = record.label;
  if (record.label.empty()) record.label = record.issuer;
}

}  // namespace countersign::formats
