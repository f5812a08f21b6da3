// SPDX-License-Identifier: Apache-2.0
#include "core/factors/temporary_code.h"

#include <algorithm>
#include <array>

#include "core/crypto/hash.h"
#include "core/factors/backup_codes.h"

namespace countersign::temporary_code {
namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";  // Crockford
constexpr std::size_t group = 4;
constexpr std::size_t salt_size = 16;

crypto::Sha256 digest(BytesView salt, BytesView code) {
  return crypto::sha256({as_bytes("countersign temporary code"), salt, code});
}

}  // namespace

New make(Random& random) {
  Secret octets(backup_codes::characters);
  random.fill(octets.expose_mutable());
  std::string shown;
  std::string plain;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i != 0 && i % group == 0) shown += '-';
    shown += alphabet[octets.expose()[i] & 31U];
    plain += alphabet[octets.expose()[i] & 31U];
  }
  std::array<Byte, salt_size> salt{};
  random.fill(salt);
  const crypto::Sha256 hash = digest(salt, as_bytes(plain));
  New made{.code = Secret(shown), .material = Secret(salt_size + hash.size())};
  const auto out = std::ranges::copy(salt, made.material.expose_mutable().begin()).out;
  std::ranges::copy(hash, out);
  wipe(shown);
  wipe(plain);
  return made;
}

Check check(const Secret& material, const Progress& progress, const Secret& normalized) {
  Check result;
  if (material.size() != salt_size + sizeof(crypto::Sha256)) return result;
  const crypto::Sha256 hash = digest(material.expose().first(salt_size), normalized.expose());
  if (!equal_constant_time(hash, material.expose().subspan(salt_size))) return result;
  if (progress.detail <= 0)
    result.match = Match::used;
  else
    result = {Match::yes, {.counter = progress.counter + 1, .detail = progress.detail - 1}};
  return result;
}

}  // namespace countersign::temporary_code
