// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/support/key_house.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <thread>

extern char** environ;

namespace countersign::test {
namespace {

using namespace std::chrono_literals;

void wait_for_file(const std::string& path) {
  for (int i = 0; i < 500; ++i) {
    if (std::filesystem::exists(path)) return;
    std::this_thread::sleep_for(10ms);
  }
  throw std::runtime_error(path + " never came");
}

std::vector<std::string> serve_words(const std::string& base,
                                     const std::vector<std::string>& options) {
  std::vector<std::string> words = {program("countersign-virtual"),
                                    "serve",
                                    "--socket",
                                    base + ".sock",
                                    "--state",
                                    base + ".state",
                                    "--control",
                                    base + ".control",
                                    "--die-with-parent"};
  if (std::ranges::find(options, "--kind") == options.end())
    words.insert(words.end(), {"--kind", "fido2"});
  words.insert(words.end(), options.begin(), options.end());
  return words;
}

}  // namespace

Running::Running(const std::vector<std::string>& words, const std::string& output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  start(words, actions);
}

Running::Running(const std::vector<std::string>& words, int channel) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO})
    posix_spawn_file_actions_adddup2(&actions, channel, standard);
  start(words, actions);
}

void Running::start(const std::vector<std::string>& words, posix_spawn_file_actions_t& actions) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int error = posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("can't run " + words[0]);
}

Running::~Running() {
  if (pid_ <= 0) return;
  (void)kill(pid_, SIGTERM);
  (void)wait(2);
}

int Running::wait(int seconds) {
  int status = 0;
  for (int i = 0; i < seconds * 100; ++i) {
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    std::this_thread::sleep_for(10ms);
  }
  (void)kill(pid_, SIGKILL);
  (void)waitpid(pid_, &status, 0);
  pid_ = -1;
  return 128 + SIGKILL;
}

SoftKey::SoftKey(const std::string& folder, std::string name, std::vector<std::string> options)
    : base_(folder + "/" + std::move(name)), program_(serve_words(base_, options)) {
  wait_for_file(base_ + ".sock.json");
}

std::string SoftKey::control(const std::vector<std::string>& words) const {
  std::vector<std::string> all = {program("countersign-virtual"), "control", "--control",
                                  base_ + ".control"};
  all.insert(all.end(), words.begin(), words.end());
  const Ran ran = run(all, {}, 10);
  if (ran.exit_code != 0) throw std::runtime_error("control: " + ran.err);
  return ran.out;
}

std::string SoftKey::root() const {
  return tool({program("countersign-virtual"), "root", "--state", base_ + ".state"});
}

KeyHouse::KeyHouse(const std::string& config, const std::string& keys_folder)
    : House(config, true,
            [&](const TemporaryFolder& own) {
              const std::string path = keys_folder.empty() ? own / "keys" : keys_folder;
              std::filesystem::create_directories(path);
              return std::vector<std::string>{"--virtual", path};
            }),
      keys_(keys_folder.empty() ? folder / "keys" : keys_folder) {}

std::string KeyHouse::pin(const std::string& digits) const {
  std::string path = folder / ("pin-" + std::to_string(std::hash<std::string>()(digits)));
  if (!std::filesystem::exists(path)) write_file(path, digits + "\n");
  return path;
}

KeyHouse::Done KeyHouse::tap(std::vector<std::string> words) const {
  words.insert(words.end(), {"--json", "--events"});
  const Ran ran = daemon.cli(words);
  Done done{.exit_code = ran.exit_code, .object = {}, .events = {}};
  std::istringstream lines(ran.out);
  std::string last;
  for (std::string line; std::getline(lines, line); last = line)
    if (line.starts_with(R"({"event":)")) done.events.push_back(object_in(line));
  done.object = object_in(last);
  return done;
}

std::string KeyHouse::enroll(const std::string& user, std::vector<std::string> more) const {
  std::vector<std::string> words = {"enroll", "fido2", "--user", user, "--timeout", "20"};
  words.insert(words.end(), more.begin(), more.end());
  const Done done = tap(words);
  if (done.exit_code != 0)
    throw std::runtime_error("enroll: " + boost::json::serialize(done.object));
  return text(done.object, "id");
}

std::string KeyHouse::verdict(const std::string& user, std::vector<std::string> more) const {
  std::vector<std::string> words = {"verify", "--tap", "--timeout", "20"};
  if (!user.empty()) words.insert(words.end(), {"--user", user});
  words.insert(words.end(), more.begin(), more.end());
  const Done done = tap(words);
  const auto* verdict = done.object.if_contains("verdict");
  if (verdict == nullptr) return "error: " + boost::json::serialize(done.object);
  return *verdict == "verified" ? "verified" : text(done.object, "reason");
}

bool told(const KeyHouse::Done& done, std::string_view event) {
  return std::ranges::any_of(done.events,
                             [&](const Json& each) { return text(each, "event") == event; });
}

}  // namespace countersign::test
