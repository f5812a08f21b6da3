// SPDX-License-Identifier: Apache-2.0
// countersign-import: parses a file from outside in a process that can do nothing else.
//   countersign-import pskc|otpauth|migration|tokens-csv|yubikey-csv|users-csv [--password-fd N]
//   [--key-fd N]
//                      [--columns LIST] <FILE >JSON-LINES
// --columns: tokens-csv without a header (oath_csv.h).
// Exit 0: the file was read to its end (rows may be refused). 1: it could not be; the last line
// says why. 2: usage. 3: no sandbox.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <new>
#include <optional>
#include <span>
#include <string_view>

#include "cli/import/json_lines.h"
#include "cli/import/sandbox.h"
#include "core/encoding/hex.h"
#include "core/formats/foreign.h"
#include "core/formats/migration.h"
#include "core/formats/oath_csv.h"
#include "core/formats/otpauth.h"
#include "core/formats/pskc.h"
#include "core/formats/users_csv.h"
#include "core/formats/yubikey_csv.h"

namespace {

using namespace countersign;
using namespace countersign::import;

enum class Format { pskc, otpauth, migration, tokens_csv, yubikey_csv, users_csv };

struct FormatName {
  std::string_view name;
  Format format;
};
constexpr FormatName format_names[] = {{"pskc", Format::pskc},
                                       {"otpauth", Format::otpauth},
                                       {"migration", Format::migration},
                                       {"tokens-csv", Format::tokens_csv},
                                       {"yubikey-csv", Format::yubikey_csv},
                                       {"users-csv", Format::users_csv}};

struct Arguments {
  Format format = Format::pskc;
  int password = -1;  // descriptors; -1: none
  int key = -1;
  std::string_view columns;  // empty: the file has a header
};

std::optional<Arguments> parse(std::span<char*> words) {
  if (words.size() < 2) return std::nullopt;
  Arguments arguments;
  bool known = false;
  for (const FormatName& entry : format_names) {
    if (entry.name != words[1]) continue;
    arguments.format = entry.format;
    known = true;
  }
  if (!known || words.size() % 2 != 0) return std::nullopt;
  for (std::size_t i = 2; i < words.size(); i += 2) {
    const std::string_view option = words[i];
    const std::string_view value = words[i + 1];
    if (option == "--columns" && arguments.format == Format::tokens_csv) {
      arguments.columns = value;
      continue;
    }
    int* descriptor = option == "--password-fd" ? &arguments.password
                      : option == "--key-fd"    ? &arguments.key
                                                : nullptr;
    if (descriptor == nullptr || arguments.format != Format::pskc) return std::nullopt;
    const auto [end, error] =
        std::from_chars(value.data(), value.data() + value.size(), *descriptor);
    if (error != std::errc{} || end != value.data() + value.size() || *descriptor < 3)
      return std::nullopt;
  }
  return arguments;
}

Result<std::size_t> read_some(int descriptor, std::span<char> out) {
  for (;;) {
    const ssize_t got = read(descriptor, out.data(), out.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return fail(Code::unavailable, "the file could not be read to its end");
  }
}

// To the descriptor's end, at most 1024 octets.
Result<Secret> read_secret(int descriptor) {
  if (descriptor < 0) return Secret();
  Secret buffer(1025);
  const auto out = buffer.expose_mutable();
  std::size_t size = 0;
  while (size < out.size()) {
    const auto got =
        TRY(read_some(descriptor, {reinterpret_cast<char*>(out.data()) + size, out.size() - size}));
    if (got == 0) break;
    size += got;
  }
  close(descriptor);
  if (size == out.size())
    return fail(Code::invalid, "the password or key is longer than 1024 bytes");
  if (size == 0) return fail(Code::invalid, "the password or key is empty");
  return Secret(buffer.expose().first(size));
}

// Without the line end that editors add.
std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

Result<Secret> read_password(int descriptor) {
  auto text = read_secret(descriptor);
  if (!text || text->empty()) return text;
  return Secret(without_line_end(text->expose_text()));
}

bool key_sized(const Secret& key) {
  return key.size() == 16 || key.size() == 24 || key.size() == 32;
}

// 16, 24 or 32 octets, or as many in hex, which is tried first.
Result<Secret> read_key(int descriptor) {
  auto text = read_secret(descriptor);
  if (!text || text->empty()) return text;
  auto octets = formats::hex_decode(without_line_end(text->expose_text()));
  if (octets && key_sized(*octets)) return octets;
  if (key_sized(*text)) return text;
  return fail(Code::invalid,
              "the pre-shared key must have 16, 24 or 32 octets, or be as many in hex");
}

// Standard input, whose beginning was looked at.
class Input {
 public:
  ~Input() { wipe(front_.data(), front_.size()); }

  // Code::invalid, with what to do, for files that no importer reads.
  Result<void> look(std::string_view importer) {
    for (bool more = true; more && size_ < front_.size();) {
      const auto got = TRY(read_some(STDIN_FILENO, std::span(front_).subspan(size_)));
      size_ += got;
      more = got > 0;
    }
    const std::string_view advice = formats::advice_on({front_.data(), size_}, importer);
    return advice.empty() ? Result<void>() : fail(Code::invalid, std::string(advice));
  }

  Result<std::size_t> read(std::span<char> out) {
    if (at_ == size_) return read_some(STDIN_FILENO, out);
    const std::size_t size = std::min(out.size(), size_ - at_);
    std::copy_n(front_.data() + at_, size, out.data());
    at_ += size;
    return size;
  }

 private:
  std::array<char, formats::enough_to_recognise> front_{};
  std::size_t size_ = 0;
  std::size_t at_ = 0;
};

std::string_view name_of(Format format) {
  return std::ranges::find(format_names, format, &FormatName::format)->name;
}

Result<void> import_file(const Arguments& arguments, const formats::PskcKeys& keys, Time now,
                         JsonLines& lines, formats::Tally& tally) {
  Input input;
  tally.line = 1;
  TRY(input.look(name_of(arguments.format)));
  const formats::Source source = [&input](std::span<char> out) { return input.read(out); };
  TokenLines tokens(lines);
  UserLines users(lines);
  switch (arguments.format) {
    case Format::pskc:
      return formats::import_pskc(source, keys, now, tokens, tally);
    case Format::otpauth:
      return formats::import_otpauth(source, tokens, tally);
    case Format::migration:
      return formats::import_migration(source, tokens, tally);
    case Format::tokens_csv:
      return arguments.columns.empty() ? formats::import_oath_csv(source, tokens, tally)
                                       : formats::import_oath_csv_without_header(
                                             source, arguments.columns, tokens, tally);
    case Format::yubikey_csv:
      return formats::import_yubikey_csv(source, tokens, tally);
    case Format::users_csv:
      return formats::import_users_csv(source, users, tally);
  }
  std::unreachable();
}

// What the caller left open by mistake.
void close_others(const Arguments& arguments) {
  const unsigned first =
      static_cast<unsigned>(std::max(2, std::min(arguments.password, arguments.key)));
  const unsigned second =
      static_cast<unsigned>(std::max(2, std::max(arguments.password, arguments.key)));
  if (first > 3) (void)close_range(3, first - 1, 0);
  if (second > first + 1) (void)close_range(first + 1, second - 1, 0);
  (void)close_range(second + 1, ~0U, 0);
}

int run(const Arguments& arguments) {
  JsonLines lines(STDOUT_FILENO);
  formats::Tally tally;
  Result<void> imported;
  formats::PskcKeys keys;
  auto password = read_password(arguments.password);
  auto key = read_key(arguments.key);
  if (!password)
    imported = std::unexpected(password.error());
  else if (!key)
    imported = std::unexpected(key.error());
  else {
    keys = {std::move(*password), std::move(*key)};
    const Time now = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
    try {
      imported = import_file(arguments, keys, now, lines, tally);
    } catch (const std::bad_alloc&) {
      imported = fail(Code::exhausted, "the file needs more memory than an import is given");
    }
  }
  if (imported)
    lines.end(tally);
  else
    lines.error(imported.error(), tally);
  return lines.flush() && imported ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = parse({argv, static_cast<std::size_t>(argc)});
  if (!arguments) {
    std::fputs(
        "usage: countersign-import pskc|otpauth|migration|tokens-csv|yubikey-csv|users-csv "
        "[--password-fd N] [--key-fd N] [--columns LIST] <FILE\n",
        stderr);
    return 2;
  }
  close_others(*arguments);
  if (arguments->format == Format::pskc) formats::prepare_pskc();
  if (!enter_sandbox()) {
    std::fputs("countersign-import: the kernel has no seccomp sandbox, so nothing was read\n",
               stderr);
    return 3;
  }
  const int status = run(*arguments);
  _exit(status);  // nothing is left to tidy, and exit handlers of libraries may want calls that are
                  // gone
}
