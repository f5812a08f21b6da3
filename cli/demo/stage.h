// SPDX-License-Identifier: Apache-2.0
// Where the story is told: a private daemon in a temporary folder, and commands shown as one would
// type them.
#pragma once

#include <string>
#include <vector>

#include "cli/output/output.h"
#include "daemon/api/authenticators.h"
#include "daemon/base/child_process.h"

namespace countersign::demo {

class Stage {
 public:
  // keep: the daemon and its folder outlive this program.
  [[nodiscard]] static Result<Stage> set_up(bool keep);
  Stage(Stage&&) = default;
  Stage& operator=(Stage&&) = delete;
  ~Stage();

  void heading(std::string_view text) const;
  void say(std::string_view text) const { out_.line(text); }
  [[nodiscard]] const cli::Output& out() const { return out_; }

  using Words = std::vector<std::string>;
  // Shows the command, runs it for real, lets it print. Another exit code than the expected one is
  // an error.
  [[nodiscard]] Result<void> run(const Words& words, int expected = 0) const;
  // Shows the command; what it answers with --json is kept for the story.
  [[nodiscard]] Result<api::EnrollResult> enroll(const Words& words) const;
  // Runs it without showing anything; what it prints with --json, when it ends well.
  [[nodiscard]] Result<std::string> answer(const Words& words) const;
  // Runs it without showing anything; its exit code.
  [[nodiscard]] Result<int> quietly(const Words& words) const;

  [[nodiscard]] std::string socket() const { return folder_ + "/api.sock"; }
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] pid_t daemon() const { return daemon_.pid(); }

 private:
  explicit Stage(bool keep) : out_(false), keep_(keep) {}
  void show(const Words& words) const;
  [[nodiscard]] Words whole(const Words& words, bool json) const;

  cli::Output out_;
  bool keep_;
  std::string folder_;
  ChildProcess daemon_;
};

}  // namespace countersign::demo
