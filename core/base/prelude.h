// SPDX-License-Identifier: Apache-2.0
// What nearly every file includes, for the compiler to have parsed once (the root CMakeLists.txt
// precompiles it). Nothing relies on it: each file includes what it uses, and clang builds without
// it.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>
