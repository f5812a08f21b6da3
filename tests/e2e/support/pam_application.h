// SPDX-License-Identifier: Apache-2.0
// A program that people log in by, in a process of its own: one transaction of libpam's, step by
// step. Unlike pamtester it can run as another user, answers by what it is asked, and says PAM's
// own numbers.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace countersign::test {

struct Transaction {
  std::string service, user;
  std::map<std::string, std::string> items = {};        // "rhost", "tty"
  std::map<std::string, std::string> environment = {};  // of the PAM handle
  uid_t uid = 0;                                        // what the process runs as
  uid_t caller = 0;  // whose program it was, when it runs as root by its set-uid bit
  // What is typed when `asked` is shown, after `said` has been; nothing: there is nobody to ask.
  std::function<std::optional<std::string>(const std::string& asked, const std::string& said)>
      typed = {};
  std::vector<std::string> steps = {"authenticate"};  // or "account"
  std::function<void()> between = {};                 // after the first step
};

struct Transacted {
  std::vector<int> codes;  // of each step, up to the first that is not PAM_SUCCESS
  std::string said;        // all that was shown, one line each
  [[nodiscard]] int last() const { return codes.empty() ? -1 : codes.back(); }
};

[[nodiscard]] Transacted transact(const Transaction& transaction);

// Types these lines, one a question.
[[nodiscard]] std::function<std::optional<std::string>(const std::string&, const std::string&)>
lines(std::vector<std::string> typed);

}  // namespace countersign::test
