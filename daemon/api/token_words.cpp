// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/token_words.h"

#include <algorithm>
#include <array>

namespace countersign::api {
namespace {

struct Entry {
  std::string_view name;
  Code code;
  std::string_view words;
};

constexpr auto entries = std::to_array<Entry>({
    {"absent", Code::timed_out, "no such security key is plugged in"},
    {"removed", Code::cancelled,
     "the key was pulled out, or stopped answering; nothing was changed. Plug it in and try again"},
    {"permission", Code::not_permitted,
     "the reader may not open the key: its udev rule is missing. Install 70-countersign.rules into "
     "/etc/udev/rules.d, run 'udevadm control --reload', and plug the key in again"},
    {"busy", Code::unavailable, "another program is using the key; close it and try again"},
    {"timed-out", Code::timed_out, "nobody touched the key in time"},
    {"cancelled", Code::cancelled, "cancelled"},
    {"declined", Code::cancelled, "declined on the key"},
    {"wrong-pin", Code::not_permitted, "the PIN is wrong"},
    {"pin-blocked", Code::not_permitted,
     "the key's PIN is blocked after too many wrong ones. Only 'countersign device reset' helps, "
     "and it erases the key: enrol it again afterwards"},
    {"card-pin-blocked", Code::not_permitted,
     "the card's PIN is blocked after too many wrong ones: 'countersign device pin unblock' sets a "
     "new one, with its PUK"},
    {"puk-blocked", Code::not_permitted,
     "the card's PUK is blocked or was never set. Only 'countersign device reset' helps, and it "
     "erases the card: enrol it again afterwards"},
    {"wrong-management-key", Code::not_permitted,
     "the card's management key is neither the factory's nor one that is kept here; "
     "--management-key-file gives it"},
    {"pin-paused", Code::not_permitted,
     "too many wrong PINs in a row: pull the key out, plug it in, and try again"},
    {"pin-not-set", Code::conflict,
     "this needs a PIN and the key has none: 'countersign device pin set' sets one"},
    {"pin-refused", Code::invalid,
     "the key refused this PIN: it is too short, too long, or was used before"},
    {"uv-failed", Code::not_permitted, "the fingerprint was not recognized"},
    {"excluded", Code::exists, "this key is enrolled for the user already"},
    {"no-credential", Code::not_found, "this key is not enrolled for the user"},
    {"full", Code::conflict,
     "the key has no place for another account: 'countersign device credentials list' shows what "
     "is on it, 'delete' makes room; or enrol without --discoverable"},
    {"unsupported", Code::conflict, "the key can't do this"},
    {"slot-refused", Code::conflict,
     "the key refused it: another access code protects the slot (--access-code-file), or its "
     "firmware is too old for that"},
    {"reset-too-late", Code::conflict,
     "a key is reset only within ten seconds after it was plugged in: pull it out, plug it in, and "
     "start the reset at once"},
    {"advisory", Code::not_permitted,
     "this key is refused because of a problem in its firmware; 'countersign device list' names "
     "it"},
    {"validation-unreachable", Code::unavailable,
     "the servers that know this key gave no valid answer; try again later, or use another factor"},
    {"malformed", Code::corrupt,
     "the key's answer is not what the standard asks for; it may be broken, or not be a security "
     "key"},
    {"internal", Code::unavailable,
     "the reader could not do it; 'journalctl -u countersign-reader' says more"},
});

const Entry* find(std::string_view name) {
  const auto found = std::ranges::find(entries, name, &Entry::name);
  return found != entries.end() ? &*found : nullptr;
}

}  // namespace

std::string retries_words(std::optional<std::int64_t> retries) {
  if (!retries) return {};
  if (*retries == 0) return "; no tries left";
  if (*retries == 1) return "; 1 try left, then the key is blocked";
  return "; " + std::to_string(*retries) + " tries left";
}

std::string token_words(std::string_view name, std::optional<std::int64_t> retries) {
  const Entry* entry = find(name);
  return std::string(entry != nullptr ? entry->words : "the key could not be used") +
         retries_words(retries);
}

Code token_code(std::string_view name) {
  const Entry* entry = find(name);
  return entry != nullptr ? entry->code : Code::internal;
}

}  // namespace countersign::api
