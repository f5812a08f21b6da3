// SPDX-License-Identifier: Apache-2.0
#include "cli/local/packages.h"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <vector>

#include "daemon/base/child_process.h"

namespace countersign::cli {
namespace {

constexpr const char* query_program = "/usr/bin/dpkg-query";
constexpr const char* compare_program = "/usr/bin/dpkg";
constexpr std::chrono::milliseconds patience{2000};
constexpr std::size_t longest_answer = 4096;

// Nothing: it can't be run.
std::optional<Printed> ask(std::vector<std::string> words) {
  auto printed =
      output_of(Program(std::move(words)).no_input().no_errors(), patience, longest_answer);
  return printed ? std::optional(std::move(*printed)) : std::nullopt;
}

}  // namespace

bool has_packages() {
  return access(query_program, X_OK) == 0 && access(compare_program, X_OK) == 0;
}

std::optional<std::string> installed_version(const std::string& package) {
  const auto answer = ask({query_program, "-W", "-f", "${db:Status-Status} ${Version}\n", package});
  constexpr std::string_view installed = "installed ";
  if (!answer || answer->status != 0 || !answer->text.starts_with(installed)) return std::nullopt;
  const std::size_t end = answer->text.find('\n');
  if (end == std::string::npos || end == installed.size()) return std::nullopt;
  return answer->text.substr(installed.size(), end - installed.size());
}

std::optional<bool> at_least(const std::string& version, const std::string& other) {
  const auto answer = ask({compare_program, "--compare-versions", version, "ge", other});
  if (!answer || (answer->status != 0 && answer->status != 1)) return std::nullopt;
  return answer->status == 0;
}

std::string distribution() {
  std::ifstream file("/etc/os-release");
  std::string id, version;
  for (std::string line; std::getline(file, line);) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    std::string value = line.substr(equals + 1);
    std::erase(value, '"');
    if (line.starts_with("ID=")) id = value;
    if (line.starts_with("VERSION_ID=")) version = value;
  }
  return id.empty() || version.empty() ? std::string() : id + "-" + version;
}

}  // namespace countersign::cli
