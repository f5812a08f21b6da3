// SPDX-License-Identifier: Apache-2.0
#include "cli/output/output.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>

#include "core/base/text.h"
#include "daemon/api/codec/encode.h"

namespace countersign::cli {
namespace {

// Columns a text takes on a terminal; near enough for names: one for each character.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

struct Failure {
  std::string error;
  static api::Fields fields() {
    return {api::Field{"error", &Failure::error, "What happened and what to do"}};
  }
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

void put(std::FILE* to, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), to);
  std::fputc('\n', to);
}

}  // namespace

TerminalAbilities terminal_abilities() {
  TerminalAbilities abilities;
  const std::string terminal = environment("TERM");
  abilities.colour = !terminal.empty() && terminal != "dumb" && environment("NO_COLOR").empty();
  std::string locale = environment("LC_ALL");
  for (const char* next : {"LC_CTYPE", "LANG"})
    if (locale.empty()) locale = environment(next);
  std::ranges::transform(locale, locale.begin(), [](unsigned char c) { return std::tolower(c); });
  abilities.utf8 = locale.contains("utf-8") || locale.contains("utf8");
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) abilities.columns = size.ws_col;
  return abilities;
}

Output::Output(bool json) : json_(json), terminal_(!json && isatty(STDOUT_FILENO) == 1) {
  if (terminal_) abilities_ = terminal_abilities();
}

void Output::object(std::string_view json_text) const {
  if (json_) put(stdout, json_text);
}
void Output::line(std::string_view text) const {
  if (!json_) put(stdout, text);
}
void Output::good(std::string_view text) const {
  line(fmt::format("{}{}", marks() ? "\x1b[32m✔\x1b[0m " : "", text));
}
void Output::bad(std::string_view text) const {
  line(fmt::format("{}{}", marks() ? "\x1b[31m✘\x1b[0m " : "", text));
}

void Output::error(const Error& error) const {
  if (json_)
    put(stdout, api::encode(Failure{error.what}));
  else
    put(stderr, "countersign: " + escape_text(error.what));
}
void Output::note(std::string_view text) const { put(stderr, text); }

void Output::table(const std::vector<std::string>& heads,
                   const std::vector<std::vector<std::string>>& rows,
                   std::string_view empty) const {
  if (json_) return;
  if (rows.empty()) return line(empty);
  std::vector<std::vector<std::string>> cells = {heads};
  for (const auto& row : rows) {
    auto& escaped = cells.emplace_back();
    for (const std::string& cell : row) escaped.push_back(cell.empty() ? "-" : escape_text(cell));
  }
  std::vector<std::size_t> widths(heads.size(), 0);
  for (const auto& row : cells)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  for (bool head = true; const auto& row : cells) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - width_of(row[i]) + 2, ' ');
    }
    line(std::exchange(head, false) && abilities_.colour ? "\x1b[1m" + text + "\x1b[0m" : text);
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

}  // namespace countersign::cli
