// SPDX-License-Identifier: Apache-2.0
#include "cli/local/host_checks.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>

#include "core/base/text.h"

namespace fs = std::filesystem;

namespace countersign::cli {
namespace {

constexpr std::string_view fido_usage_page =
    "\x06\xd0\xf1";  // HID Usage Tables: Usage Page (FIDO Alliance)

std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> all;
  std::error_code ignored;
  for (fs::directory_iterator entry(folder, ignored), end; entry != end; entry.increment(ignored))
    all.push_back(entry->path());
  std::ranges::sort(all);
  return all;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// Of group(5): "name:x:GID:members".
std::optional<gid_t> group_id(const fs::path& root, std::string_view name) {
  std::istringstream lines(file_text(root / "etc/group"));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(std::string(name) + ":")) continue;
    const auto colon = line.find(':', name.size() + 1);
    gid_t gid = 0;
    if (colon != std::string::npos &&
        std::from_chars(line.data() + colon + 1, line.data() + line.size(), gid).ec == std::errc{})
      return gid;
  }
  return std::nullopt;
}

}  // namespace

std::string file_text(const fs::path& path) {
  constexpr std::size_t most = 256 * 1024;
  std::ifstream file(path, std::ios::binary);
  std::string text(most, '\0');
  file.read(text.data(), static_cast<std::streamsize>(most));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

std::vector<Finding> check_token_nodes(const fs::path& root) {
  const auto reader = group_id(root, "countersign-reader");
  std::string seen;
  std::vector<Finding> findings;
  for (const fs::path& each : entries(root / "sys/class/hidraw")) {
    if (!file_text(each / "device/report_descriptor").contains(fido_usage_page)) continue;
    const fs::path node = root / "dev" / each.filename();
    const std::string name = "/dev/" + each.filename().string();
    struct stat about{};
    const bool known = stat(node.c_str(), &about) == 0;
    const bool open = known && (reader ? about.st_gid == *reader && (about.st_mode & 0060U) == 0060U
                                       : access(node.c_str(), R_OK | W_OK) == 0);
    if (open)
      seen += (seen.empty() ? "" : ", ") + name;
    else if (!known)
      findings.push_back(
          {"security keys", false,
           name + " is not there, though the kernel has a key: udev is not running",
           "systemctl start systemd-udevd && udevadm trigger --subsystem-match=hidraw"});
    else
      findings.push_back(
          {"security keys", false,
           fmt::format("{} of a security key is not open to {}", name,
                       reader ? "the group countersign-reader" : "you"),
           reader ? "udevadm control --reload && udevadm trigger --subsystem-match=hidraw"
                  : "install the package countersign, which has the udev rules, and plug the key "
                    "in again"});
  }
  if (findings.empty())
    findings.push_back({.check = "security keys",
                        .good = true,
                        .detail = seen.empty() ? "none is plugged in" : seen + " may be used",
                        .note = seen.empty()});
  return findings;
}

std::vector<Finding> check_pcscd(const fs::path& root) {
  if (!is_there(root / "usr/sbin/pcscd")) return {};
  if (!is_there(root / "run/pcscd/pcscd.comm"))
    return {{"pcscd", false, "pcscd is installed and does not listen: smartcards can't be used",
             "systemctl enable --now pcscd.socket"}};
  if (is_there(root / "usr/share/polkit-1/actions/org.debian.pcsc-lite.policy")) {
    bool allowed = false;
    for (const char* folder : {"etc/polkit-1/rules.d", "usr/share/polkit-1/rules.d"})
      for (const fs::path& rule : entries(root / folder))
        allowed = allowed ||
                  (rule.extension() == ".rules" && file_text(rule).contains("countersign-reader"));
    if (!allowed)
      return {{"pcscd", false,
               "polkit lets only users at the machine's own seat use pcscd: the reader is refused",
               "apt-get install --reinstall countersign (it has "
               "/usr/share/polkit-1/rules.d/50-countersign.rules)"}};
  }
  return {{"pcscd", true, "listens, and lets the reader in", ""}};
}

std::vector<Finding> check_scdaemon(const fs::path& root, uid_t asker) {
  for (const fs::path& process : entries(root / "proc")) {
    const std::string number = process.filename();
    if (!std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; }) ||
        file_text(process / "comm") != "scdaemon\n")
      continue;
    struct stat about{};
    const bool ours = stat(process.c_str(), &about) == 0 && about.st_uid == asker;
    if (!ours && asker != 0) continue;  // somebody else's: not for us to end
    return {{"scdaemon", false,
             fmt::format("GnuPG's scdaemon (process {}) runs: no other program can use a card that "
                         "it has used until it ends",
                         number),
             "gpgconf --kill scdaemon; to share for good: printf 'disable-ccid\\npcsc-shared\\n' "
             ">>~/.gnupg/scdaemon.conf"}};
  }
  return {};
}

}  // namespace countersign::cli
