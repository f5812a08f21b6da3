// SPDX-License-Identifier: Apache-2.0
#include "daemon/couriers/mail_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/encoding/hex.h"

namespace countersign::couriers {
namespace {

constexpr std::size_t longest_line = 76;
constexpr std::size_t longest_word = 18;  // octets in one encoded word: each may be written as =XX,
                                          // and the header's name stands before the first
constexpr std::size_t longest_plain = 64;

std::string random_name(Random& random) {
  std::array<Byte, 16> noise{};
  random.fill(noise);
  return formats::hex_encode(noise);
}

bool plain_header(std::string_view text) {
  return text.size() <= longest_plain && !text.contains("=?") &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7F; });
}

// Octets up to the end of a character.
std::size_t whole_characters(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80) --most;
  return most == 0 ? 1 : most;
}

void append_part(std::string& out, std::string_view type, std::string_view text) {
  out += fmt::format(
      "Content-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
      type);
  append_quoted_printable(out, text);
}

}  // namespace

std::string header_text(std::string_view text) {
  std::string clean(text);
  std::ranges::replace_if(
      clean, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }, ' ');
  if (plain_header(clean)) return clean;
  std::string out;
  std::string_view rest = clean;
  while (!rest.empty()) {
    const std::size_t size = whole_characters(rest, longest_word);
    out += out.empty() ? "=?utf-8?Q?" : "\r\n =?utf-8?Q?";
    for (const char c : rest.substr(0, size)) {
      const bool letter =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (letter)
        out += c;
      else if (c == ' ')
        out += '_';
      else
        out += fmt::format("={:02X}", static_cast<unsigned char>(c));
    }
    out += "?=";
    rest.remove_prefix(size);
  }
  return out;
}

void append_quoted_printable(std::string& out, std::string_view text) {
  std::size_t column = 0;
  const auto put = [&](std::string_view piece) {
    if (column + piece.size() > longest_line - 1) {
      out += "=\r\n";
      column = 0;
    }
    out += piece;
    column += piece.size();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\r') continue;
    if (c == '\n') {
      out += "\r\n";
      column = 0;
      continue;
    }
    const bool last_in_line = i + 1 == text.size() || text[i + 1] == '\n' || text[i + 1] == '\r';
    const bool as_it_is = (c > ' ' && c < 0x7F && c != '=' && !(c == '.' && column == 0)) ||
                          ((c == ' ' || c == '\t') && !last_in_line);
    if (as_it_is)
      put(text.substr(i, 1));
    else
      put(fmt::format("={:02X}", c));
  }
  out += "\r\n";
}

Secret mail_text(const Message& message, const Mailbox& from, Time now, Random& random) {
  std::string out;
  out.reserve(
      8192 + 3 * (message.text.size() + message.html.size()));  // no copy is left behind by growing
  const std::string domain = from.address.substr(from.address.rfind('@') + 1);
  // A name is an encoded word or a quoted string; the address needs neither (require_mail_address).
  std::string name = header_text(from.name);
  if (name == from.name && !name.empty()) {
    std::erase_if(name, [](char c) { return c == '"' || c == '\\'; });
    name = '"' + name + '"';
  }
  out += name.empty() ? "From: " + from.address + "\r\n"
                      : "From: " + name + " <" + from.address + ">\r\n";
  out += "To: " + message.to + "\r\n";
  out += "Subject: " + header_text(message.subject) + "\r\n";
  out += fmt::format("Date: {:%a, %d %b %Y %H:%M:%S} +0000\r\n",
                     std::chrono::floor<std::chrono::seconds>(now));
  out += "Message-ID: <" + random_name(random) + "@" + domain + ">\r\n";
  out += "MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n";
  if (message.html.empty()) {
    append_part(out, "plain", message.text.expose_text());
  } else {
    const std::string boundary = "part-" + random_name(random);
    out += "Content-Type: multipart/alternative;\r\n boundary=\"" + boundary + "\"\r\n\r\n--" +
           boundary + "\r\n";
    append_part(out, "plain", message.text.expose_text());
    out += "\r\n--" + boundary + "\r\n";
    append_part(out, "html", message.html.expose_text());
    out += "\r\n--" + boundary + "--\r\n";
  }
  Secret mail{std::string_view(out)};
  wipe(out);
  return mail;
}

}  // namespace countersign::couriers
