// SPDX-License-Identifier: Apache-2.0
// Texts with {placeholders}: a brace that no word of letters follows stands for itself.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign::couriers {

// How a value is written into its surroundings, so that it stays a value (T33).
enum class Into {
  text,  // as it is
  line,  // as it is; an end of a line in it is an error
  url,   // RFC 3986, everything but unreserved characters in percent
  form,  // the same
  json,  // inside of a string
  xml,   // and HTML: & < > " '
};

using Values = std::vector<std::pair<std::string_view, std::string_view>>;

// invalid: a placeholder that is not known, or a value that can't stand there.
[[nodiscard]] Result<Secret> fill(std::string_view text, const Values& values, Into into);

// Whether fill would know every placeholder; for configurations. The error names the first one that
// is not.
[[nodiscard]] Result<void> require_placeholders(std::string_view text,
                                                const std::vector<std::string_view>& known);

}  // namespace countersign::couriers
