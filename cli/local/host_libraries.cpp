// SPDX-License-Identifier: Apache-2.0
#include "cli/local/host_libraries.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace countersign::cli {
namespace {

constexpr const char* check = "host libraries";

// The version that this distribution mended it in, where the files say.
const std::string* mended_in(const HostLibrary& library, const std::string& distribution) {
  const auto found = std::ranges::find(library.fixed_in, distribution,
                                       &std::pair<std::string, std::string>::first);
  return found != library.fixed_in.end() ? &found->second : nullptr;
}

std::string names(const HostLibrary& library) {
  std::string all = library.id;
  for (const std::string& each : library.also) all += ", " + each;
  return all;
}

// Nothing: it is mended.
std::optional<Finding> judge(const HostLibrary& library, const std::string& package,
                             const std::string& version, const HostPackages& host) {
  const std::string* own = mended_in(library, host.distribution);
  if (host.at_least(version, library.fixed).value_or(false) ||
      (own != nullptr && host.at_least(version, *own).value_or(false)))
    return std::nullopt;
  if (!library.since.empty() && !host.at_least(version, library.since).value_or(true))
    return std::nullopt;
  const std::string what =
      fmt::format("{} {}: {} ({})", package, version, library.about, names(library));
  if (!library.avoided.empty())
    return Finding{
        .check = check, .good = true, .detail = what + ". " + library.avoided, .note = true};
  if (own != nullptr)
    return Finding{check, false, fmt::format("{}; fixed in {}", what, *own),
                   fmt::format("apt-get install --only-upgrade {}", package)};
  return Finding{
      check, false,
      fmt::format("{}; fixed in {}. It is not known here whether {} fixed its older version", what,
                  library.fixed, host.distribution.empty() ? "this system" : host.distribution),
      fmt::format("apt-get changelog {} and look for {}", package, names(library))};
}

}  // namespace

std::vector<Finding> check_host_libraries(const std::vector<HostLibrary>& libraries,
                                          const HostPackages& host) {
  std::vector<Finding> findings;
  std::set<std::string> seen;
  for (const HostLibrary& library : libraries)
    for (const std::string& package : library.packages) {
      const auto version = host.installed(package);
      if (!version) continue;
      seen.insert(package + " " + *version);
      if (auto finding = judge(library, package, *version, host))
        findings.push_back(std::move(*finding));
    }
  if (!findings.empty()) return findings;
  std::string all;
  for (const std::string& each : seen) all += (all.empty() ? "" : ", ") + each;
  return {{check, true,
           seen.empty() ? "no library with a known vulnerability is installed"
                        : all + ": no known vulnerability",
           ""}};
}

}  // namespace countersign::cli
