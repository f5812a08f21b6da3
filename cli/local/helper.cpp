// SPDX-License-Identifier: Apache-2.0
#include "cli/local/helper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "cli/import/sandbox.h"
#include "core/base/text.h"
#include "daemon/base/child_process.h"

namespace countersign::cli {
namespace {

constexpr std::size_t longest_line = 64 * 1024;
constexpr int password_fd = 3;
constexpr int key_fd = 4;
constexpr std::chrono::seconds last_moments{2};  // of a helper that has closed its output

// A pipe that already holds the secret; small enough never to block.
Result<Descriptor> pipe_with(const Secret& secret) {
  Pipe pipe = TRY(make_pipe());
  if (write(pipe.write.get(), secret.expose().data(), secret.size()) !=
      static_cast<ssize_t>(secret.size()))
    return fail(Code::invalid, "the password or key is too long");
  return std::move(pipe.read);
}

struct Helper {
  ChildProcess child;
  Descriptor output;
};

Result<Helper> start(const HelperInput& input, const Descriptor& file) {
  std::vector<std::string> words = {program_path(input.program), input.format};
  if (!input.columns.empty()) words.insert(words.end(), {"--columns", input.columns});
  Pipe output = TRY(make_pipe());
  Descriptor password, key;
  if (!input.password.empty()) {
    password = TRY(pipe_with(input.password));
    words.insert(words.end(), {"--password-fd", std::to_string(password_fd)});
  }
  if (!input.key.empty()) {
    key = TRY(pipe_with(input.key));
    words.insert(words.end(), {"--key-fd", std::to_string(key_fd)});
  }
  Program program(std::move(words));
  program.give(file, STDIN_FILENO).give(output.write, STDOUT_FILENO);
  if (password) program.give(password, password_fd);
  if (key) program.give(key, key_fd);
  return Helper{.child = TRY(program.start()), .output = std::move(output.read)};
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
  const bool sandboxed = status == 128 + SIGSYS;
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
  const Descriptor file(open(input.file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file)
    return fail(Code::invalid,
                "can't open " + escape_text(input.file) + ": " + std::strerror(errno));
  struct stat about{};
  (void)fstat(file.get(), &about);
  if (S_ISDIR(about.st_mode)) return fail(Code::invalid, escape_text(input.file) + " is a folder");
  Helper helper = TRY(start(input, file));
  Result<void> result;
  std::string buffer;
  std::array<char, 65536> chunk;
  bool ended = false;
  std::string refused_call;
  while (result) {
    const ssize_t size = read(helper.output.get(), chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    buffer.append(chunk.data(), static_cast<std::size_t>(size));
    std::size_t begin = 0;
    const double read_so_far = share_read(file.get(), about.st_size);
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
      result = fail(Code::corrupt, input.program + " printed a line that is too long");
  }
  wipe(chunk.data(), chunk.size());
  // One that is not done yet, or said more than it should, is not waited for.
  if (!result || ended) {
    helper.child.signal(SIGKILL);
    return result;
  }
  const int status = helper.child.wait_until(std::chrono::steady_clock::now() + last_moments);
  return std::unexpected(ended_early(input.program, status, refused_call));
}

Error become_helper(const std::string& name, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {program_path(name)};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
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
