// SPDX-License-Identifier: Apache-2.0
// GENERAL AUTHENTICATE (SP 800-73-4 Part 2 §3.2.4 and appendix A).
#include "core/crypto/system_random.h"
#include "devices/virtual/card/piv/applet.h"
#include "devices/virtual/card/piv/block_cipher.h"

namespace countersign::virtual_card::piv {
namespace {

constexpr std::uint32_t witness_tag = 0x80, challenge_tag = 0x81, response_tag = 0x82,
                        exponentiation_tag = 0x85;

Response answer(std::uint32_t tag, BytesView value) {
  return tlv::item(0x7c, tlv::item(tag, value));
}

Secret random_block(Cipher cipher) {
  Secret block(block_size(cipher));
  crypto::SystemRandom().fill(block.expose_mutable());
  return block;
}

}  // namespace

Response PivApplet::general_authenticate(const Command& command) {
  const auto items = tlv::read_inside(command.data, 0x7c);
  if (!items) return StatusWord::wrong_data;
  if (command.p2 == slot::management_key) return authenticate_management(command.p1, *items);
  return use_key(command.p1, command.p2, *items);
}

// Mutual authentication (A.1.2: a witness, then witness and challenge) or the host's alone (A.1.1:
// a challenge, then the response).
Response PivApplet::authenticate_management(Byte algorithm, const std::vector<tlv::Item>& items) {
  if (rules_.contactless) return StatusWord::security_status;
  const ManagementKey& key = state_.management;
  const bool fits = algorithm == static_cast<Byte>(key.cipher) ||
                    (algorithm == 0 && key.cipher == Cipher::triple_des);
  if (!fits) return StatusWord::wrong_parameters;
  const auto witness = tlv::find(items, witness_tag), challenge = tlv::find(items, challenge_tag),
             response = tlv::find(items, response_tag);
  const Secret sent_witness = std::exchange(session_.witness, Secret()),
               sent_challenge = std::exchange(session_.challenge, Secret());
  const std::size_t size = block_size(key.cipher);
  if (witness && witness->empty()) {
    session_.witness = random_block(key.cipher);
    return answer(witness_tag, encipher(key, session_.witness.expose()));
  }
  if (challenge && challenge->empty()) {
    session_.challenge = random_block(key.cipher);
    return answer(challenge_tag, session_.challenge.expose());
  }
  session_.management = false;
  if (witness && challenge && !sent_witness.empty()) {
    if (challenge->size() != size) return StatusWord::wrong_data;
    if (!equal_constant_time(*witness, sent_witness.expose())) return StatusWord::security_status;
    session_.management = true;
    return answer(response_tag, encipher(key, *challenge));
  }
  if (response && !sent_challenge.empty()) {
    if (!equal_constant_time(*response, encipher(key, sent_challenge.expose())))
      return StatusWord::security_status;
    session_.management = true;
    return StatusWord::ok;
  }
  return StatusWord::wrong_data;
}

bool PivApplet::may_use(Byte number, const SlotKey& slot) const {
  if (rules_.contactless && number != slot::card_authentication) return false;
  switch (slot.pin) {
    case PinPolicy::never:
      return true;
    case PinPolicy::once:
      return session_.pin;
    case PinPolicy::always:
      return session_.pin_fresh;
  }
  return false;
}

// A signature (A.4), a decipherment, or a key agreement (A.5).
Response PivApplet::use_key(Byte algorithm, Byte number, const std::vector<tlv::Item>& items) {
  const auto held = state_.slots.find(number);
  if (held == state_.slots.end() || number == slot::attestation) return StatusWord::no_reference;
  const SlotKey& slot = held->second;
  if (algorithm != static_cast<Byte>(slot.key.type())) return StatusWord::wrong_parameters;
  if (!may_use(number, slot)) return StatusWord::security_status;
  const auto challenge = tlv::find(items, challenge_tag),
             point = tlv::find(items, exponentiation_tag);
  if (!tlv::find(items, response_tag))
    return StatusWord::wrong_data;  // empty: where the answer is wanted
  std::optional<Bytes> result;
  if (point)
    result = slot.key.agree(*point);
  else if (!challenge)
    return StatusWord::wrong_data;
  else if (is_rsa(slot.key.type()))
    result = slot.key.rsa(*challenge);
  else
    result = slot.key.type() == KeyType::ed25519 ? slot.key.eddsa(*challenge)
                                                 : slot.key.ecdsa(*challenge);
  session_.pin_fresh = false;
  if (!result) return StatusWord::wrong_data;
  return answer(response_tag, *result);
}

}  // namespace countersign::virtual_card::piv
