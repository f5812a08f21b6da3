// SPDX-License-Identifier: Apache-2.0
#include "tests/packages/bare_root.h"

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace countersign::test {
namespace {

// $1: the folder; $2: idle or systemd, its first process; then what is hidden. The overlay does not
// show what is mounted below /: the folders of the kernel are mounted again.
constexpr const char* set_up = R"sh(
exec 2>&1
set -e
base=$1 first=$2; shift 2
mount -t tmpfs -o mode=755 bare-root "$base"
mkdir "$base/upper" "$base/work" "$base/root"
mount -t overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" bare-root "$base/root"
mount -t proc proc "$base/root/proc"
mount --rbind /dev "$base/root/dev"
mount -t tmpfs -o mode=755 run "$base/root/run"
mount -t tmpfs -o mode=1777 tmp "$base/root/tmp"
for hidden; do
  if [ -d "$base/root$hidden" ]; then mount -t tmpfs hidden "$base/root$hidden"; fi
done
echo ready >"$base.ready"
if [ "$first" = idle ]; then exec sleep infinity; fi
# systemd, with none of this machine's own services, and nothing of the kernel to change but a tree of control groups.
rm -rf "$base/root"/lib/systemd/system/*.wants "$base/root"/etc/systemd/system/*
rm -f "$base/root/usr/sbin/policy-rc.d"  # it would keep packages from starting their services
mount -t sysfs -o ro sysfs "$base/root/sys"
mount -t cgroup2 cgroup2 "$base/root/sys/fs/cgroup"
mount --bind -o ro "$base/root/proc/sys" "$base/root/proc/sys"
mount -o remount,bind,ro "$base/root/proc/sys"
mount --make-rshared /
exec chroot "$base/root" env -i container=bare-root PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=sockets.target --log-target=console
)sh";

void append(std::vector<std::string>& words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
}

}  // namespace

BareRoot::BareRoot(First first, const std::vector<std::string>& hidden) {
  const std::string base = folder_ / "base";
  std::filesystem::create_directory(base);
  std::vector<std::string> words = {"/usr/bin/unshare",
                                    "--mount",
                                    "--pid",
                                    "--cgroup",
                                    "--uts",
                                    "--ipc",
                                    "--fork",
                                    "--kill-child",
                                    "--propagation",
                                    "private",
                                    "sh",
                                    "-c",
                                    set_up,
                                    "set-up",
                                    base,
                                    first == First::idle ? "idle" : "systemd"};
  append(words, hidden);
  holder_ = std::make_unique<Running>(words, folder_ / "log");
  for (int i = 0; i < 1000 && !std::filesystem::exists(base + ".ready"); ++i) usleep(10'000);
  std::ifstream(("/proc/" + std::to_string(holder_->pid()) + "/task/" +
                 std::to_string(holder_->pid()) + "/children")
                    .c_str()) >>
      pid_;
  if (!std::filesystem::exists(base + ".ready") || pid_.empty())
    throw std::runtime_error("no root file system of its own: " + content_of(folder_ / "log"));
  if (first == First::idle) return;
  Ran state;
  for (int i = 0; i < 500; ++i, usleep(20'000)) {
    state = run({"systemctl", "is-active", "sockets.target"});
    if (state.exit_code == 0) return;
  }
  throw std::runtime_error("systemd does not run: " + state.out + state.err +
                           content_of(folder_ / "log"));
}

BareRoot::~BareRoot() {
  if (!pid_.empty())
    (void)kill(std::stoi(pid_), SIGKILL);  // the first process in there: all others go with it
}

std::vector<std::string> BareRoot::inside(bool in_root) const {
  // A mount namespace is entered at its uppermost root, which is not this process's where that is a
  // chroot; unshare's is.
  std::vector<std::string> words = {"/usr/bin/nsenter",
                                    "--target",
                                    pid_,
                                    "--mount",
                                    "--pid",
                                    "--cgroup",
                                    "--uts",
                                    "--ipc",
                                    "--root=/proc/" + std::to_string(holder_->pid()) + "/root"};
  if (in_root)
    append(words,
           {"chroot", folder_ / "base/root", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME=/root", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"});
  return words;
}

Ran BareRoot::run(std::vector<std::string> words, const std::string& input, int seconds) const {
  std::vector<std::string> all = inside(true);
  append(all, words);
  return test::run(all, input, seconds);
}

std::string BareRoot::sh(const std::string& script) const {
  const Ran ran = run({"sh", "-ec", script});
  if (ran.exit_code != 0)
    throw std::runtime_error(script + "\nended with " + std::to_string(ran.exit_code) + ":\n" +
                             ran.out + ran.err);
  return ran.out;
}

std::unique_ptr<Running> BareRoot::start(std::vector<std::string> words,
                                         const std::string& log) const {
  std::vector<std::string> all = inside(true);
  append(all, words);
  return std::make_unique<Running>(all, log);
}

void BareRoot::put(const std::string& from, const std::string& to) const {
  std::vector<std::string> words = inside(false);
  append(words, {"cp", "-r", from, folder_ / "base/root" + to});
  if (const Ran ran = test::run(words); ran.exit_code != 0)
    throw std::runtime_error("can't copy " + from + ": " + ran.err);
}

std::vector<std::string> BareRoot::changes() const {
  // Written again and the same in the end is no change.
  constexpr const char* list = R"sh(
same() { [ -f "/$1" ] && [ ! -h "/$1" ] && cmp -s "$1" "/$1" && [ "$(stat -c '%u %g %a' "$1")" = "$(stat -c '%u %g %a' "/$1")" ]; }
cd "$1"
find . -mindepth 1 -printf '%y %P\n' | while read -r type path; do
  if [ "$type" = d ] && [ -e "/$path" ]; then continue; fi
  if [ "$type" = f ] && same "$path"; then continue; fi
  echo "/$path"
done)sh";
  std::vector<std::string> words = inside(false);
  append(words, {"sh", "-c", list, "changes", folder_ / "base/upper"});
  std::istringstream lines(tool(words));
  std::vector<std::string> changed;
  for (std::string line; std::getline(lines, line);) changed.push_back(line);
  return changed;
}

}  // namespace countersign::test
