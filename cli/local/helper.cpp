// SPDX-License-Identifier: Apache-2.0
#include "cli/local/helper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "cli/import/sandbox.h"
#include "core/base/text.h"

extern char** environ;

namespace countersign::cli {
namespace {

constexpr std::size_t longest_line = 64 * 1024;
constexpr int password_fd = 3;
constexpr int key_fd = 4;

// A pipe that already holds the secret; small enough never to block.
Result<int> pipe_with(const Secret& secret) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail(Code::unavailable, "no pipe to the helper program");
  const bool whole =
      write(ends[1], secret.expose().data(), secret.size()) == static_cast<ssize_t>(secret.size());
  close(ends[1]);
  if (whole) return ends[0];
  close(ends[0]);
  return fail(Code::invalid, "the password or key is too long");
}

struct Child {
  pid_t pid = -1;
  int output = -1;
  ~Child() {
    if (output >= 0) close(output);
    (void)end();
  }
  // Ends it, unless it has ended by itself: its wait status.
  int end() {
    int status = 0;
    if (pid > 0 && kill(pid, SIGKILL) == 0) (void)waitpid(pid, &status, 0);
    pid = -1;
    return status;
  }
};

// Gives a descriptor to the child under this number. dup2 onto itself would keep close-on-exec.
void hand_over(posix_spawn_file_actions_t& actions, int fd, int as) {
  posix_spawn_file_actions_adddup2(&actions, fd, as);
}

Result<void> spawn(const HelperInput& input, int file, Child& child) {
  std::array<int, 2> output{};
  if (pipe2(output.data(), O_CLOEXEC) != 0)
    return fail(Code::unavailable, "no pipe to the helper program");
  child.output = output[0];
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  std::vector<std::string> words = {program_path(input.program), input.format};
  if (!input.columns.empty()) words.insert(words.end(), {"--columns", input.columns});
  std::vector<int> ours = {output[1]};
  // High numbers first, so that no hand-over overwrites a descriptor that is still needed.
  const auto secret = [&](const Secret& value, const std::string& option, int as) -> Result<void> {
    if (value.empty()) return {};
    const int end = TRY(pipe_with(value));
    const int high = fcntl(end, F_DUPFD_CLOEXEC, 64);
    close(end);
    ours.push_back(high);
    hand_over(actions, high, as);
    words.push_back(option);
    words.push_back(std::to_string(as));
    return {};
  };
  Result<void> ready = secret(input.password, "--password-fd", password_fd);
  if (ready) ready = secret(input.key, "--key-fd", key_fd);
  const int high_file = fcntl(file, F_DUPFD_CLOEXEC, 64);
  const int high_output = fcntl(output[1], F_DUPFD_CLOEXEC, 64);
  ours.insert(ours.end(), {high_file, high_output});
  hand_over(actions, high_file, STDIN_FILENO);
  hand_over(actions, high_output, STDOUT_FILENO);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  if (ready && posix_spawn(&child.pid, words[0].c_str(), &actions, nullptr, arguments.data(),
                           environ) != 0) {
    child.pid = -1;
    ready = fail(Code::unavailable,
                 "can't run the helper program " + words[0] + ": " + std::strerror(errno));
  }
  posix_spawn_file_actions_destroy(&actions);
  for (const int fd : ours) close(fd);
  return ready;
}

double share_read(int file, off_t size) {
  const off_t at = lseek(file, 0, SEEK_CUR);
  return size > 0 && at > 0 ? static_cast<double>(at) / static_cast<double>(size) : 0;
}

std::string digits_at(std::string_view text) {
  const auto end = text.find_first_not_of("0123456789");
  return std::string(text.substr(0, std::min<std::size_t>(end, 8)));
}

// Why a helper ended that had not said it was done. One that its sandbox ended is not the file's
// doing: mostly a library of this machine makes a call that ours did not make.
Error ended_early(const std::string& program, int status, std::string_view call) {
  const bool sandboxed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
  if (!sandboxed)
    return {Code::invalid, "the file could not be read to its end: " + program +
                               " stopped (is the file hostile or damaged?); nothing was done"};
  const std::string number = call.empty() ? std::string() : " (number " + std::string(call) + ")";
  return {Code::internal, "the sandbox of " + program + " refused a system call" + number +
                              ". Nothing was done. Most likely this is a bug in Countersign and "
                              "not in the file: please report it, with the "
                              "versions of libc and libcrypto"};
}

}  // namespace

Result<void> run_helper(const HelperInput& input,
                        const std::function<Result<void>(std::string_view, double)>& take) {
  const int file = open(input.file.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return fail(Code::invalid,
                "can't open " + escape_text(input.file) + ": " + std::strerror(errno));
  struct stat about{};
  (void)fstat(file, &about);
  Child child;
  Result<void> result =
      S_ISDIR(about.st_mode)
          ? Result<void>(fail(Code::invalid, escape_text(input.file) + " is a folder"))
          : spawn(input, file, child);
  std::string buffer;
  std::array<char, 65536> chunk;
  bool ended = false;
  std::string refused_call;
  while (result) {
    const ssize_t size = read(child.output, chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    buffer.append(chunk.data(), static_cast<std::size_t>(size));
    std::size_t begin = 0;
    const double read_so_far = share_read(file, about.st_size);
    for (std::size_t end = buffer.find('\n'); result && end != std::string::npos;
         end = buffer.find('\n', begin)) {
      const std::string_view line(buffer.data() + begin, end - begin);
      begin = end + 1;
      if (line.starts_with(import::refused_call_line)) {
        refused_call = digits_at(line.substr(import::refused_call_line.size()));
        continue;
      }
      ended = line.starts_with(R"({"end":)");
      result = take(line, read_so_far);
    }
    wipe(buffer.data(), begin);
    buffer.erase(0, begin);
    if (result && buffer.size() > longest_line)
      result = fail(Code::corrupt, input.program + " does not speak in lines");
  }
  wipe(chunk.data(), chunk.size());
  close(file);
  if (!result || ended) return result;
  return std::unexpected(ended_early(input.program, child.end(), refused_call));
}

Error become_helper(const std::string& name, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {program_path(name)};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  (void)execv(pointers[0], pointers.data());
  const bool missing = errno == ENOENT;
  return {
      Code::unavailable,
      "can't run " + words[0] + ": " + std::strerror(errno) +
          (missing && name == "countersign-virtual" ? "; it comes in a package of its own" : "")};
}

std::string program_path(const std::string& name) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error)
    if (const auto beside = self.parent_path() / name; std::filesystem::exists(beside, error))
      return beside;
  return "/usr/libexec/countersign/" + name;
}

}  // namespace countersign::cli
