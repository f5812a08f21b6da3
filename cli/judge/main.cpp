// SPDX-License-Identifier: Apache-2.0
// countersign-judge: judges a recorded WebAuthn ceremony in a process that can do nothing else.
//   countersign-judge webauthn <FILE >JSON-LINES
// Exit 0: accepted. 1: refused, or no ceremony; the lines say why. 2: usage. 3: no sandbox.
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <new>
#include <string_view>

#include "cli/import/sandbox.h"
#include "cli/judge/judge_lines.h"
#include "core/crypto/cose.h"
#include "core/crypto/hash.h"

namespace {

using namespace countersign;
using namespace countersign::judge;

Result<std::string> read_all() {
  std::string text;
  std::array<char, 65536> chunk;
  for (;;) {
    const ssize_t got = read(STDIN_FILENO, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(Code::unavailable, "the file could not be read to its end");
    if (got == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(got));
    if (text.size() > longest_recording)
      return fail(Code::invalid, "the file is longer than 1 MiB");
  }
}

bool write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = write(STDOUT_FILENO, text.data(), text.size());
    if (wrote > 0)
      text.remove_prefix(static_cast<std::size_t>(wrote));
    else if (wrote < 0 && errno != EINTR)
      return false;
  }
  return true;
}

// libcrypto reads its configuration at first use: before files are out of reach.
void prepare() {
  (void)crypto::sha256(BytesView());
  (void)crypto::PublicKey::from_edwards(crypto::SignatureAlgorithm::eddsa, Bytes(32, 1));
  (void)crypto::Certificate::parse({});
}

Judged run() {
  try {
    const auto text = read_all();
    if (!text) return {error_line(text.error())};
    const auto recording = parse_recording(*text);
    if (!recording) return {error_line(recording.error())};
    return judge::judge(*recording,
                        std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()));
  } catch (const std::bad_alloc&) {
    return {error_line({Code::exhausted, "the file needs more memory than judging is given"})};
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || std::string_view(argv[1]) != "webauthn") {
    std::fputs("usage: countersign-judge webauthn <FILE\n", stderr);
    return 2;
  }
  (void)close_range(3, ~0U, 0);  // what the caller left open by mistake
  prepare();
  if (!import::enter_sandbox()) {
    std::fputs("countersign-judge: the kernel has no seccomp sandbox, so nothing was read\n",
               stderr);
    return 3;
  }
  const Judged judged = run();
  _exit(write_all(judged.lines) && judged.accepted
            ? 0
            : 1);  // exit handlers of libraries may want calls that are gone
}
