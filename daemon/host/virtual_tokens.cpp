// SPDX-License-Identifier: Apache-2.0
#include "daemon/host/virtual_tokens.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <sstream>

extern char** environ;

namespace countersign {

VirtualTokens::~VirtualTokens() {
  for (const pid_t pid : running_) (void)kill(pid, SIGTERM);
  for (const pid_t pid : running_) (void)waitpid(pid, nullptr, 0);
}

Result<void> VirtualTokens::start(const std::string& what, const std::string& state_folder) {
  if (what.starts_with('/')) {
    folder_ = what;
    return {};
  }
  folder_ = std::filesystem::absolute(state_folder) / "virtual";
  if (mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST)
    return fail(Code::unavailable, "can't make " + folder_ + ": " + std::strerror(errno));
  std::istringstream list(what);
  for (std::string each; std::getline(list, each, ',');) {
    const std::size_t colon = each.find(':');
    const std::string profile = colon == std::string::npos ? "" : each.substr(colon + 1);
    TRY(start_one(each.substr(0, colon), profile, running_.size() + 1));
  }
  return {};
}

Result<void> VirtualTokens::start_one(const std::string& kind, const std::string& profile,
                                      std::size_t number) {
  const std::string base = folder_ + "/" + kind + "-" + std::to_string(number);
  std::vector<std::string> words = {program_beside_us("countersign-virtual"),
                                    "serve",
                                    "--kind",
                                    kind,
                                    "--socket",
                                    base + ".sock",
                                    "--state",
                                    base + ".state",
                                    "--control",
                                    base + ".control",
                                    "--die-with-parent"};
  if (!profile.empty()) words.insert(words.end(), {"--profile", profile});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    return fail(Code::unavailable, "can't run " + words[0] + ": " + std::strerror(error));
  running_.push_back(pid);
  return {};
}

std::string program_beside_us(const std::string& name) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (error ? std::filesystem::path("/usr/libexec/countersign") : self.parent_path()) / name;
}

}  // namespace countersign
