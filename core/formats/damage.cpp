// SPDX-License-Identifier: Apache-2.0
#include "core/formats/damage.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/formats/token_record.h"

namespace countersign::formats {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// One digit, perhaps a fraction, and a signed power: "2.6E+12", in some countries "2,6E+12".
bool is_rounded(std::string_view value) {
  if (value.starts_with('-')) value.remove_prefix(1);
  const auto power = value.find_first_of("eE");
  if (power == std::string_view::npos || power + 2 >= value.size()) return false;
  const std::string_view number = value.substr(0, power);
  const char sign = value[power + 1];
  if ((sign != '+' && sign != '-') || !all_digits(value.substr(power + 2))) return false;
  if (!all_digits(number.substr(0, 1))) return false;
  return number.size() == 1 ||
         ((number[1] == '.' || number[1] == ',') && all_digits(number.substr(2)));
}

}  // namespace

Result<void> require_undamaged(std::string_view value, std::size_t field) {
  if (!is_utf8(value))
    return fail(Code::invalid,
                fmt::format("field {} is not UTF-8: save the file as CSV (UTF-8)", field));
  if (!is_rounded(value)) return {};
  return fail(Code::invalid, fmt::format("field {} is '{}': a spreadsheet rounded the number. "
                                         "Format its column as text, and fill it "
                                         "in again from the original",
                                         field, shown_value(value)));
}

}  // namespace countersign::formats
