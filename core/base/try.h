// SPDX-License-Identifier: Apache-2.0
// The value of a Result (or another std::expected), or out of the function with its error:
//
//   const auto record = TRY(user_named(context, name));
//   TRY(validate_label(label));
//
// A statement expression of g++ and clang, because nothing in the language does this. Not inside of
// another TRY.
#pragma once

#include <expected>
#include <utility>

#define TRY(...)                                                              \
  __extension__({                                                             \
    auto try_result_ = (__VA_ARGS__);                                         \
    if (!try_result_) return std::unexpected(std::move(try_result_).error()); \
    *std::move(try_result_);                                                  \
  })
