// SPDX-License-Identifier: Apache-2.0
#include "core/engine/sign_in/browser_cookie.h"

#include "core/crypto/hash.h"
#include "core/crypto/hmac.h"
#include "core/encoding/base64url.h"

namespace countersign::engine {
namespace {

constexpr std::size_t id_size = 8;
constexpr std::size_t random_size = 32;
constexpr std::size_t tag_size = 16;
constexpr std::size_t handle_size = 16;

Bytes tag_of(const Secret& key, BytesView body) {
  const Secret tag = crypto::hmac_sha256(key.expose(), body);
  const BytesView octets = tag.expose().first(tag_size);
  return {octets.begin(), octets.end()};
}

Bytes handle_of_value(BytesView random) {
  const crypto::Sha256 digest = crypto::sha256(random);
  return {digest.begin(), digest.begin() + handle_size};
}

}  // namespace

BrowserCookie make_cookie(Random& random, const Secret& key, MachineId machine) {
  Bytes octets;
  for (int shift = 56; shift >= 0; shift -= 8)
    octets.push_back(static_cast<Byte>(static_cast<std::uint64_t>(machine.value) >> shift));
  octets.resize(id_size + random_size);
  random.fill(std::span(octets).subspan(id_size));
  BrowserCookie cookie{.machine = machine,
                       .handle = handle_of_value(BytesView(octets).subspan(id_size)),
                       .value = {}};
  const Bytes tag = tag_of(key, octets);
  octets.insert(octets.end(), tag.begin(), tag.end());
  cookie.value = formats::base64url(octets);
  return cookie;
}

std::optional<BrowserCookie> read_cookie(const Secret& key, std::string_view value) {
  const auto octets = formats::base64url_decode(value);
  if (!octets || octets->size() != id_size + random_size + tag_size || key.empty())
    return std::nullopt;
  const BytesView body = BytesView(*octets).first(id_size + random_size);
  if (!equal_constant_time(tag_of(key, body), BytesView(*octets).last(tag_size)))
    return std::nullopt;
  std::uint64_t id = 0;
  for (const Byte octet : body.first(id_size)) id = id << 8U | octet;
  return BrowserCookie{.machine = {static_cast<std::int64_t>(id)},
                       .handle = handle_of_value(body.subspan(id_size)),
                       .value = std::string(value)};
}

}  // namespace countersign::engine
