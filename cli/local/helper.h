// SPDX-License-Identifier: Apache-2.0
// Helpers of ours that read bytes from outside, as child processes: a file goes in, JSON lines come
// out.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign::cli {

struct HelperInput {
  std::string program = "countersign-import";  // or countersign-judge
  std::string format;  // pskc, otpauth, migration, tokens-csv, users-csv; webauthn
  std::string file;
  Secret password;           // empty: none
  Secret key;                // hexadecimal; empty: none
  std::string columns = {};  // of tokens-csv without a header; empty: it has one
};

// Runs the helper and hands over each line it prints, with how much of the file is read, 0 to 1.
// Line by line: memory does not grow with the file. A line that is refused by the callback ends it.
// An error when the file can't be opened, the helper can't be run, or it died before it had said
// that the file is at its end.
[[nodiscard]] Result<void> run_helper(
    const HelperInput& input,
    const std::function<Result<void>(std::string_view line, double read)>& take);

// Becomes a program of ours: returns only when that can't be, with the reason.
[[nodiscard]] Error become_helper(const std::string& name,
                                  const std::vector<std::string>& arguments);

// Where a program of ours lies: beside this one, else in the system's folder for them.
[[nodiscard]] std::string program_path(const std::string& name);

}  // namespace countersign::cli
