// SPDX-License-Identifier: Apache-2.0
// How tables of TOML are read, for config.cpp and config_couriers.cpp alone: which keys there are
// and where their values go.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/base/text.h"

// toml++ 3.3 takes some malformed input ("[=") for impossible: an assertion, or undefined behaviour
// without them. Here its assertions are errors of the file, in every build.
#include <stdexcept>
#undef NDEBUG
#define TOML_ASSERT(expr) ((expr) ? void() : throw std::logic_error("this is not TOML"))
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored \
    "-Wterminate"  // an assertion in a destructor ends the program, as assert() would
#include <toml++/toml.h>
#pragma GCC diagnostic pop

namespace countersign::config {

// Where a table's keys go, one function each.
struct Reader;
using Take = std::function<Result<void>(const toml::node&, const std::string& key, const Reader&)>;
using Keys = std::map<std::string, Take, std::less<>>;

struct Reader {
  const std::string& file;

  [[nodiscard]] std::unexpected<Error> wrong(const toml::node& at, const std::string& key,
                                             std::string_view what) const {
    return fail(Code::invalid,
                fmt::format("{}:{}: {} {}", file, at.source().begin.line, escape_text(key), what));
  }

  [[nodiscard]] Result<void> table(const toml::node& node, const std::string& name,
                                   const Keys& keys) const {
    const toml::table* table = node.as_table();
    if (table == nullptr) return wrong(node, name, "must be a table");
    for (const auto& [key, value] : *table) {
      const std::string path = (name.empty() ? "" : name + ".") + std::string(key.str());
      const auto take = keys.find(key.str());
      if (take == keys.end())
        return fail(Code::invalid, fmt::format("{}:{}: {} is not a known key", file,
                                               key.source().begin.line, escape_text(path)));
      TRY(take->second(value, path, *this));
    }
    return {};
  }
};

inline Take text(std::string& into) {
  return [&into](const toml::node& node, const std::string& key,
                 const Reader& reader) -> Result<void> {
    const auto value = node.value_exact<std::string>();
    if (!value) return reader.wrong(node, key, "must be a string");
    if (auto plain = require_plain_text(key, *value, 4096); !plain)
      return reader.wrong(node, key, "holds characters that are not allowed");
    into = *value;
    return {};
  };
}

inline Take number(std::int64_t least, std::int64_t most, std::function<void(std::int64_t)> into) {
  return [=](const toml::node& node, const std::string& key, const Reader& reader) -> Result<void> {
    const auto value = node.value_exact<std::int64_t>();
    if (!value || *value < least || *value > most)
      return reader.wrong(node, key,
                          fmt::format("must be a whole number from {} to {}", least, most));
    into(*value);
    return {};
  };
}

template <class T>
inline Take number(std::int64_t least, std::int64_t most, T& into) {
  return number(least, most, std::function<void(std::int64_t)>([&into](std::int64_t value) {
                  into = static_cast<T>(value);
                }));
}

inline Take flag(bool& into) {
  return [&into](const toml::node& node, const std::string& key,
                 const Reader& reader) -> Result<void> {
    const auto value = node.value_exact<bool>();
    if (!value) return reader.wrong(node, key, "must be true or false");
    into = *value;
    return {};
  };
}

template <class E>
Take one_of(std::vector<std::pair<std::string, E>> names, E& into) {
  return [names = std::move(names), &into](const toml::node& node, const std::string& key,
                                           const Reader& reader) -> Result<void> {
    const auto value = node.value_exact<std::string>();
    std::string all;
    for (const auto& [name, meaning] : names) {
      all += (all.empty() ? "" : " or ") + name;
      if (value != name) continue;
      into = meaning;
      return {};
    }
    return reader.wrong(node, key, "must be " + all);
  };
}

inline Take texts(std::vector<std::string>& into) {
  return [&into](const toml::node& node, const std::string& key,
                 const Reader& reader) -> Result<void> {
    const toml::array* list = node.as_array();
    if (list == nullptr) return reader.wrong(node, key, "must be a list of strings");
    into.clear();
    for (const toml::node& element : *list) {
      const auto value = element.value_exact<std::string>();
      if (!value) return reader.wrong(element, key, "must be a list of strings");
      into.push_back(*value);
    }
    return {};
  };
}

inline Take table_of(Keys keys) {
  return [keys = std::move(keys)](const toml::node& node, const std::string& key,
                                  const Reader& reader) { return reader.table(node, key, keys); };
}

}  // namespace countersign::config
