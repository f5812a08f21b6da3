// SPDX-License-Identifier: Apache-2.0
#include "daemon/tokens/interactions.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/encoding/hex.h"

namespace countersign::tokens {
namespace {

constexpr std::size_t longest_pin = 63;  // octets of UTF-8, CTAP 2.1 §6.5.1

// T17: refused before a token is asked and a retry spent.
Result<void> require_pin(std::string_view pin, std::int64_t min_length) {
  if (pin.empty()) return fail(Code::invalid, "the PIN is empty");
  if (pin.size() > longest_pin) return fail(Code::invalid, "a PIN has at most 63 bytes");
  if (pin.contains('\0')) return fail(Code::invalid, "the PIN holds a NUL character");
  const auto points = std::ranges::count_if(
      pin, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  if (points < min_length)
    return fail(Code::invalid, "the PIN is too short: this key asks for " +
                                   std::to_string(min_length) + " characters or more");
  return {};
}

}  // namespace

std::string Interactions::open(std::uint32_t uid, std::int64_t min_length, Take take) {
  std::array<Byte, 16> octets{};
  random_.fill(octets);
  std::string id = formats::hex_encode(octets);
  open_.emplace(id, Open{uid, min_length, std::move(take)});
  return id;
}

void Interactions::close(const std::string& id) { open_.erase(id); }

Result<void> Interactions::answer(const std::string& id, std::uint32_t uid, Secret secret) {
  const auto found = open_.find(id);
  if (found == open_.end() || found->second.uid != uid)
    return fail(Code::not_found, "nothing is waiting for an answer with this id");
  TRY(require_pin(secret.expose_text(), found->second.min_length));
  Take take = std::move(found->second.take);
  open_.erase(found);
  take(std::move(secret));
  return {};
}

}  // namespace countersign::tokens
