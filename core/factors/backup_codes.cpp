// SPDX-License-Identifier: Apache-2.0
#include "core/factors/backup_codes.h"

#include <algorithm>
#include <bit>

namespace countersign::backup_codes {
namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t salt_size = 16;
constexpr std::size_t digest_size = 16;

std::size_t count_of(const Secret& material) {
  return material.size() < salt_size ? 0 : (material.size() - salt_size) / digest_size;
}

Secret make_code(Random& random) {
  Secret noise(characters);
  random.fill(noise.expose_mutable());
  Secret code(characters + 3);
  std::size_t at = 0;
  for (std::size_t i = 0; i < characters; ++i) {
    if (i % 4 == 0 && i != 0) code.expose_mutable()[at++] = '-';
    code.expose_mutable()[at++] = static_cast<Byte>(alphabet[noise.expose()[i] & 31U]);
  }
  return code;
}

}  // namespace

std::string normalize(std::string_view typed) {
  std::string code;
  for (char c : typed) {
    if (c == '-' || c == ' ') continue;
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == 'o') c = '0';
    if (c == 'i' || c == 'l') c = '1';
    if (!alphabet.contains(c) || code.size() == characters) return {};
    code += c;
  }
  return code.size() == characters ? code : std::string();
}

Result<NewSet> make(Random& random, int count) {
  if (count < 1 || count > most) return fail(Code::invalid, "a set has 1 to 60 backup codes");
  NewSet set{.codes = {},
             .material = Secret(salt_size + static_cast<std::size_t>(count) * digest_size)};
  const auto out = set.material.expose_mutable();
  random.fill(out.first(salt_size));
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    set.codes.push_back(make_code(random));
    std::string normalized = normalize(set.codes.back().expose_text());
    const Result<Secret> hashed = digest(set.material, normalized);
    wipe(normalized);
    if (!hashed) return std::unexpected(hashed.error());
    std::ranges::copy(hashed->expose(),
                      out.begin() + static_cast<std::ptrdiff_t>(salt_size + i * digest_size));
  }
  return set;
}

Result<Secret> digest(const Secret& material, std::string_view normalized) {
  if (material.size() < salt_size) return fail(Code::corrupt, "a set of backup codes is malformed");
  return crypto::scrypt(as_bytes(normalized), material.expose().first(salt_size),
                        crypto::ScryptCost{}, digest_size);
}

Result<Secret> digest_for_nobody(std::string_view normalized) {
  return crypto::scrypt(as_bytes(normalized), as_bytes("countersign none"), crypto::ScryptCost{},
                        digest_size);
}

Check check(const Secret& material, const Progress& progress, const Secret& digest) {
  Check result;
  for (std::size_t i = 0; i < count_of(material); ++i) {
    if (!equal_constant_time(material.expose().subspan(salt_size + i * digest_size, digest_size),
                             digest.expose()))
      continue;
    const std::int64_t bit = std::int64_t{1} << i;
    if ((progress.detail & bit) != 0)
      result.match = Match::used;
    else
      result = {Match::yes, {.counter = progress.counter + 1, .detail = progress.detail | bit}};
  }
  return result;
}

int left(const Secret& material, const Progress& progress) {
  return static_cast<int>(count_of(material)) -
         std::popcount(static_cast<std::uint64_t>(progress.detail));
}

}  // namespace countersign::backup_codes
