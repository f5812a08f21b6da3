// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/web_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/text.h"

namespace countersign {
namespace {

constexpr std::string_view app_prefix = "android:apk-key-hash";  // also "...-sha256"

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || digit(c);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

std::string_view without_spaces(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// The URL standard's "ends in a number": such a host is an IPv4 address or nothing.
bool is_address(std::string_view host) {
  if (host.starts_with('[') || std::ranges::count(host, ':') > 1) return true;
  const std::string_view last = host.substr(host.rfind('.') + 1);
  return !last.empty() && (std::ranges::all_of(last, digit) || last.starts_with("0x"));
}

bool is_domain(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  for (bool more = true; more;) {
    const auto dot = host.find('.');
    const std::string_view label = host.substr(0, dot);
    const bool plain = std::ranges::all_of(
        label, [](char c) { return letter_or_digit(c) || c == '-' || c == '_'; });
    if (label.empty() || label.size() > 63 || !plain) return false;
    more = dot != std::string_view::npos;
    if (more) host.remove_prefix(dot + 1);
  }
  return true;
}

bool is_localhost(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost");
}
bool is_loopback(std::string_view host) {
  return is_localhost(host) || host.starts_with("127.") || host == "[::1]";
}

std::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  return fail(Code::invalid, fmt::format("\"{}\" {}", escape_text(text), why));
}

// A URL's parts, or those of what somebody took for one.
struct Parts {
  std::string scheme, host, port;  // host and scheme in lower case
};

Parts parts_of(std::string_view text) {
  Parts parts;
  text = without_spaces(text);
  if (const auto end = text.find("://"); end != std::string_view::npos) {
    parts.scheme = lower(text.substr(0, end));
    text.remove_prefix(end + 3);
  }
  text = text.substr(0, text.find_first_of("/?#\\"));
  text.remove_prefix(text.rfind('@') + 1);
  const auto colon = text.rfind(':');
  const bool port = colon != std::string_view::npos &&
                    text.find(']', colon) == std::string_view::npos &&
                    (text.starts_with('[') || text.find(':') == colon);
  if (port) parts.port = text.substr(colon + 1);
  parts.host = lower(port ? text.substr(0, colon) : text);
  while (parts.host.ends_with('.')) parts.host.pop_back();
  return parts;
}

Result<void> require_host(std::string_view text, std::string_view host) {
  if (std::ranges::any_of(host, [](char c) { return static_cast<signed char>(c) < 0; }))
    return refuse(text, "has letters beyond ASCII: write the name as browsers send it, with xn--");
  if (!is_domain(host)) return refuse(text, "has no domain name in it");
  return {};
}

// The text ":8443", or nothing for the port that the scheme means anyway.
Result<std::string> written_port(std::string_view text, const Parts& parts) {
  if (parts.port.empty()) return std::string();
  unsigned number = 0;
  const char* const end = parts.port.data() + parts.port.size();
  const auto [stop, error] = std::from_chars(parts.port.data(), end, number);
  if (error != std::errc() || stop != end || number == 0 || number > 65'535)
    return refuse(text, "has a port that is not a number from 1 to 65535");
  const bool usual = number == (parts.scheme == "http" ? 80U : 443U);
  return usual ? std::string() : fmt::format(":{}", number);
}

enum class Page { own, around };

Result<void> require_page(std::string_view text, Page page) {
  const Parts parts = parts_of(text);
  if (!parts.scheme.empty() && parts.scheme != "https" && parts.scheme != "http")
    return refuse(text, "must begin with https://");
  const bool address = is_address(parts.host);
  if (address && page == Page::own)
    return refuse(
        text,
        "has an IP address for a host, where browsers use no security keys: write a domain name");
  if (!address) TRY(require_host(text, parts.host));
  const auto port = TRY(written_port(text, parts));
  const bool plain = parts.scheme == "http" &&
                     (page == Page::own ? is_localhost(parts.host) : is_loopback(parts.host));
  const std::string sent = fmt::format("{}://{}{}", plain ? "http" : "https", parts.host, port);
  if (sent == text) return {};
  return refuse(text,
                fmt::format("is not how browsers send an origin: write \"{}\"", escape_text(sent)));
}

// "android:apk-key-hash:" and the hash in base64url, WebAuthn's form for apps.
bool is_app(std::string_view text) { return text.starts_with(app_prefix); }

Result<void> require_app(std::string_view text) {
  const std::string_view hash = text.substr(text.rfind(':') + 1);
  const std::string_view kind = text.substr(0, text.size() - hash.size());
  const bool good =
      (kind == "android:apk-key-hash:" || kind == "android:apk-key-hash-sha256:") &&
      !hash.empty() &&
      std::ranges::all_of(hash, [](char c) { return letter_or_digit(c) || c == '-' || c == '_'; });
  if (good) return {};
  return refuse(text,
                "must be android:apk-key-hash: and the hash in base64url, without = at its end");
}

}  // namespace

Result<void> require_rp_id(std::string_view text) {
  const std::string host = parts_of(text).host;
  if (is_address(host))
    return refuse(
        text,
        "is an IP address, and browsers bind security keys to domain names: write a domain name");
  TRY(require_host(text, host));
  if (host.contains('_')) return refuse(text, "has an underscore, which no domain name has");
  if (host != text)
    return refuse(text, fmt::format("is not a domain name in lower case: write \"{}\"", host));
  return {};
}

Result<void> require_origin(std::string_view text) {
  return is_app(text) ? require_app(text) : require_page(text, Page::own);
}

Result<void> require_top_origin(std::string_view text) { return require_page(text, Page::around); }

Result<void> require_within(const std::vector<std::string>& origins, std::string_view rp_id) {
  for (const std::string& origin : origins) {
    const std::string host = parts_of(origin).host;
    if (is_app(origin) || host == rp_id || host.ends_with("." + std::string(rp_id))) continue;
    return fail(Code::invalid, fmt::format("fido2.origins: \"{}\" is outside of the rp_id {}: "
                                           "browsers refuse it there. Write an origin "
                                           "whose host is {} or ends with .{}",
                                           escape_text(origin), rp_id, rp_id, rp_id));
  }
  return {};
}

}  // namespace countersign
