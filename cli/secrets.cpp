// SPDX-License-Identifier: Apache-2.0
#include "cli/secrets.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/base/descriptor.h"
#include "core/base/text.h"

namespace countersign::cli {
namespace {

constexpr std::size_t longest = 4096;

Result<Secret> read_line(int fd, const std::string& name) {
  Secret buffer(longest + 1);
  const auto octets = buffer.expose_mutable();
  std::size_t size = 0;
  while (size < octets.size()) {
    const ssize_t got = read(fd, octets.data() + size, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return fail(Code::invalid, "can't read " + escape_text(name) + ": " + std::strerror(errno));
    if (got == 0 || octets[size] == '\n') break;
    ++size;
  }
  if (size > longest)
    return fail(Code::invalid, escape_text(name) + " is longer than a secret may be (4096 bytes)");
  while (size != 0 && octets[size - 1] == '\r') --size;
  return Secret(BytesView(octets.data(), size));
}

}  // namespace

Result<Secret> read_secret(const std::string& path) {
  if (path == "-") return read_line(STDIN_FILENO, "standard input");
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file)
    return fail(Code::invalid, "can't open " + escape_text(path) + ": " + std::strerror(errno));
  return read_line(file.get(), path);
}

Result<Secret> read_secret_text(const std::string& path, std::size_t most) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file)
    return fail(Code::invalid, "can't open " + escape_text(path) + ": " + std::strerror(errno));
  Secret buffer(most + 1);
  std::size_t size = 0;
  ssize_t got = 0;
  do {
    got = read(file.get(), buffer.expose_mutable().data() + size, buffer.size() - size);
    if (got > 0) size += static_cast<std::size_t>(got);
  } while ((got > 0 && size < buffer.size()) || (got < 0 && errno == EINTR));
  if (got < 0)
    return fail(Code::invalid, "can't read " + escape_text(path) + ": " + std::strerror(errno));
  if (size > most) return fail(Code::invalid, escape_text(path) + " is too large");
  return Secret(buffer.expose().first(size));
}

Result<Secret> ask(const std::string& prompt, bool hidden, const std::string& instead) {
  const Descriptor terminal(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal && instead.empty())
    return fail(Code::invalid, "there is no terminal to ask '" + escape_text(prompt) + "' on");
  if (!terminal) return fail(Code::invalid, "there is no terminal to ask on; give " + instead);
  termios before{};
  const bool restore = hidden && tcgetattr(terminal.get(), &before) == 0;
  if (restore) {
    termios quiet = before;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    (void)tcsetattr(terminal.get(), TCSAFLUSH, &quiet);
  }
  (void)!write(terminal.get(), prompt.data(), prompt.size());
  Result<Secret> answer = read_line(terminal.get(), "the terminal");
  if (restore) {
    (void)tcsetattr(terminal.get(), TCSAFLUSH, &before);
    (void)!write(terminal.get(), "\n", 1);
  }
  return answer;
}

Result<void> write_private_file(const std::string& path, BytesView content) {
  Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file)
    return fail(Code::invalid, "can't make " + escape_text(path) + ": " + std::strerror(errno));
  bool whole = true;
  while (!content.empty() && whole) {
    const ssize_t written = write(file.get(), content.data(), content.size());
    if (written > 0)
      content = content.subspan(static_cast<std::size_t>(written));
    else if (written == 0 || errno != EINTR)
      whole = false;
  }
  whole = close(file.release()) == 0 && whole;
  if (whole) return {};
  (void)unlink(path.c_str());
  return fail(Code::unavailable, "can't write " + escape_text(path) + ": " + std::strerror(errno));
}

}  // namespace countersign::cli
