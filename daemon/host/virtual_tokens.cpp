// SPDX-License-Identifier: Apache-2.0
#include "daemon/host/virtual_tokens.h"

#include <sys/stat.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <sstream>

namespace countersign {

VirtualTokens::~VirtualTokens() {
  for (const ChildProcess& each : running_) each.signal(SIGTERM);
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
  running_.push_back(TRY(Program(std::move(words)).no_output().start()));
  return {};
}

std::string program_beside_us(const std::string& name) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (error ? std::filesystem::path("/usr/libexec/countersign") : self.parent_path()) / name;
}

}  // namespace countersign
