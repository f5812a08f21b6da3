// SPDX-License-Identifier: Apache-2.0
#include "daemon/couriers/template.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/encoding/percent.h"

namespace countersign::couriers {
namespace {

// The word in braces at the front: "{code}". Nothing when it is only a brace.
std::string_view placeholder_at(std::string_view text) {
  if (!text.starts_with('{')) return {};
  const std::size_t end = text.find('}');
  if (end == std::string_view::npos || end == 1) return {};
  const std::string_view word = text.substr(1, end - 1);
  const bool letters =
      std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  return letters ? word : std::string_view();
}

void append_xml(std::string& out, std::string_view value) {
  for (const char c : value) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
}

Result<void> append(std::string& out, std::string_view name, std::string_view value, Into into) {
  switch (into) {
    case Into::text:
      out += value;
      return {};
    case Into::line:
      if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
        return fail(Code::invalid, "the value of {" + std::string(name) +
                                       "} has a line break, which a header can't have");
      out += value;
      return {};
    case Into::url:
    case Into::form:
      formats::append_percent_encoded(out, value);
      return {};
    case Into::json: {
      std::string quoted;
      append_json_string(quoted, value);
      out += std::string_view(quoted).substr(1, quoted.size() - 2);
      wipe(quoted);
      return {};
    }
    case Into::xml:
      append_xml(out, value);
      return {};
  }
  std::unreachable();
}

}  // namespace

Result<Secret> fill(std::string_view text, const Values& values, Into into) {
  std::string out;
  out.reserve(text.size() + 1024);  // so that no copy of a secret is left behind by growing
  Result<void> good;
  while (!text.empty() && good) {
    const std::string_view name = placeholder_at(text);
    if (name.empty()) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    const auto value = std::ranges::find(values, name, &Values::value_type::first);
    if (value == values.end())
      good = fail(Code::invalid, "{" + std::string(name) + "} is not a known placeholder");
    else
      good = append(out, name, value->second, into);
    text.remove_prefix(name.size() + 2);
  }
  Secret filled{std::string_view(out)};
  wipe(out);
  if (!good) return std::unexpected(good.error());
  return filled;
}

Result<void> require_placeholders(std::string_view text,
                                  const std::vector<std::string_view>& known) {
  for (; !text.empty(); text.remove_prefix(1)) {
    const std::string_view name = placeholder_at(text);
    if (!name.empty() && std::ranges::find(known, name) == known.end())
      return fail(Code::invalid, "{" + std::string(name) + "} is not a known placeholder");
  }
  return {};
}

}  // namespace countersign::couriers
