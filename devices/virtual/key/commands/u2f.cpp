// SPDX-License-Identifier: Apache-2.0
// U2F raw messages (FIDO U2F v1.2): version, register, authenticate.
#include <algorithm>
#include <optional>

#include "core/crypto/system_random.h"
#include "devices/virtual/key/authenticator_data.h"
#include "devices/virtual/key/commands.h"

namespace countersign::virtual_key {
namespace {

enum class StatusWord : std::uint16_t {
  no_error = 0x9000,
  conditions_not_satisfied = 0x6985,
  wrong_data = 0x6a80,
  wrong_length = 0x6700,
  class_not_supported = 0x6e00,
  instruction_not_supported = 0x6d00,
  internal = 0x6f00,
};

enum Control : Byte { enforce = 0x03, check_only = 0x07, do_not_enforce = 0x08 };

struct Apdu {
  Byte cla = 0, ins = 0, p1 = 0;
  BytesView data;
};

// ISO 7816-4, command APDU with a short or an extended length; an expected length may follow and
// says nothing here.
std::optional<Apdu> parse(BytesView message) {
  if (message.size() < 4) return std::nullopt;
  Apdu apdu{message[0], message[1], message[2], {}};
  BytesView rest = message.subspan(4);
  if (rest.size() <= 1 || (rest[0] == 0 && rest.size() <= 3)) return apdu;  // no data, at most Le
  const bool extended = rest[0] == 0;
  const std::size_t header = extended ? 3 : 1;
  const std::size_t size = extended ? std::size_t{rest[1]} << 8U | rest[2] : rest[0];
  rest = rest.subspan(header);
  if (rest.size() < size || rest.size() > size + 3) return std::nullopt;
  apdu.data = rest.first(size);
  return apdu;
}

U2fAnswer only(StatusWord word) {
  return {Bytes{static_cast<Byte>(static_cast<unsigned>(word) >> 8U), static_cast<Byte>(word)}};
}

U2fAnswer with(Bytes data) {
  data.push_back(0x90);
  data.push_back(0x00);
  return {std::move(data), false, true};
}

U2fAnswer not_yet() {
  U2fAnswer answer = only(StatusWord::conditions_not_satisfied);
  answer.wants_touch = true;
  return answer;
}

// Request: challenge (32) | application (32).
U2fAnswer enroll(Key& key, BytesView data, bool touched) {
  constexpr Byte reserved = 0x05;
  if (data.size() != 64) return only(StatusWord::wrong_length);
  if (!touched) return not_yet();
  if (key.faults.full || key.count(false) >= most_other_credentials)
    return only(StatusWord::internal);
  Credential credential{.id = Bytes(64), .key = PrivateKey::generate(Algorithm::es256)};
  crypto::SystemRandom().fill(credential.id);
  std::ranges::copy(data.last(32), credential.rp_id_hash.begin());
  const Bytes point = credential.key.point();
  const Bytes id = credential.id;
  key.state.credentials.push_back(std::move(credential));
  if (key.save() != Status::ok) return only(StatusWord::internal);
  const Attestation& attestation = key.state.attestation;
  const Bytes signature =
      attestation.key.sign(join({Bytes{0x00}, data.last(32), data.first(32), id, point}));
  return with(join({Bytes{reserved}, point, Bytes{static_cast<Byte>(id.size())}, id,
                    attestation.certificate, signature}));
}

// Request: challenge (32) | application (32) | L | key handle (L).
U2fAnswer authenticate(Key& key, const Apdu& apdu, bool touched) {
  const BytesView data = apdu.data;
  if (data.size() < 65 || data.size() != 65U + data[64]) return only(StatusWord::wrong_length);
  const BytesView application = data.subspan(32, 32);
  const Credential* const credential = key.find(data.subspan(65));
  if (credential == nullptr || !std::ranges::equal(credential->rp_id_hash, application) ||
      credential->key.algorithm() != Algorithm::es256 ||
      credential->protection == Protection::required)
    return only(StatusWord::wrong_data);
  if (apdu.p1 == check_only) return only(StatusWord::conditions_not_satisfied);
  if (apdu.p1 != enforce && apdu.p1 != do_not_enforce) return only(StatusWord::wrong_data);
  if (apdu.p1 == enforce && !touched) return not_yet();
  const Byte flags = touched ? Flag::user_present : 0;
  // The same octets as WebAuthn's: application | presence | counter.
  const Bytes signed_data = authenticator_data(key, application, flags, next_counter(key), {}, {});
  if (key.save() != Status::ok) return only(StatusWord::internal);
  const Bytes signature = credential->key.sign(join({signed_data, data.first(32)}));
  return with(join({BytesView(signed_data).subspan(32, 5), signature}));
}

}  // namespace

U2fAnswer handle_u2f(Key& key, BytesView message, bool touched) {
  const auto apdu = parse(message);
  if (!apdu) return only(StatusWord::wrong_length);
  if (apdu->cla != 0) return only(StatusWord::class_not_supported);
  if (key.state.always_uv) return only(StatusWord::instruction_not_supported);  // CTAP 2.1 §7.2.4
  switch (apdu->ins) {
    case 0x01:
      return enroll(key, apdu->data, touched);
    case 0x02:
      return authenticate(key, *apdu, touched);
    case 0x03: {
      if (!apdu->data.empty()) return only(StatusWord::wrong_length);
      U2fAnswer version = with(join({as_bytes("U2F_V2")}));
      version.used_touch = false;
      return version;
    }
    default:
      return only(StatusWord::instruction_not_supported);
  }
}

}  // namespace countersign::virtual_key
