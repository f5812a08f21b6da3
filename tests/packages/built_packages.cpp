// SPDX-License-Identifier: Apache-2.0
#include "tests/packages/built_packages.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace countersign::test {

std::vector<std::string> build_packages(const TemporaryFolder& folder, const std::string& version) {
  const std::string there = folder / ("packages" + version);
  std::vector<std::string> words = {"cpack", "--config",
                                    COUNTERSIGN_BINARY_DIR "/CPackConfig.cmake", "-B", there};
  if (!version.empty()) words.insert(words.end(), {"-R", version});
  if (const Ran ran = run(words, {}, 300); ran.exit_code != 0)
    throw std::runtime_error("cpack: " + ran.out + ran.err);
  std::vector<std::string> packages;
  for (const auto& entry : std::filesystem::directory_iterator(there))
    if (entry.path().extension() == ".deb") packages.push_back(entry.path());
  std::ranges::sort(packages);
  return packages;
}

std::unique_ptr<BareRoot> bare_root(BareRoot::First first) {
  return std::make_unique<BareRoot>(
      first, std::vector<std::string>{COUNTERSIGN_SOURCE_DIR, COUNTERSIGN_BINARY_DIR});
}

void install(const BareRoot& root, const std::vector<std::string>& packages,
             const std::vector<std::string>& names) {
  std::string files;
  for (const std::string& package : packages) {
    const std::string file = std::filesystem::path(package).filename();
    if (std::ranges::none_of(names,
                             [&](const std::string& name) { return file.starts_with(name + "_"); }))
      continue;
    root.put(package, "/tmp/" + file);
    files += " /tmp/" + file;
  }
  (void)root.sh("dpkg -i" + files);
}

std::vector<std::string> left_over(const BareRoot& root) {
  std::vector<std::string> left;
  for (const std::string& path : root.changes()) {
    // What dpkg, its triggers and the tools for accounts keep for themselves.
    const bool theirs = std::ranges::any_of(
        std::vector<std::string>{"/var/lib/dpkg", "/var/log", "/var/cache", "/etc/passwd",
                                 "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/.pwd.lock",
                                 "/etc/subuid", "/etc/subgid", "/etc/ld.so.cache"},
        [&](const std::string& prefix) { return path.starts_with(prefix); });
    if (!theirs) left.push_back(path);
  }
  return left;
}

}  // namespace countersign::test
