// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/base/state_parts.h"

namespace countersign::virtual_card {

using formats::cbor::Value;

std::unexpected<Error> corrupt_state() {
  return fail(Code::corrupt, "this is no state of a virtual card, or a damaged one");
}

Value to_cbor(const CardKey& key) {
  return Value::map({{"type", static_cast<int>(key.type())}, {"pkcs8", key.pkcs8().expose()}});
}

Result<CardKey> card_key_from(const Value& value) {
  const auto number = value.integer_at("type");
  const Bytes* const der = value.bytes_at("pkcs8");
  const auto type = number && *number >= 0 && *number <= 0xff ? key_type(static_cast<Byte>(*number))
                                                              : std::nullopt;
  if (!type || der == nullptr) return corrupt_state();
  return CardKey::from_pkcs8(*type, *der);
}

Value to_cbor(const Reference& reference) {
  return Value::map({{"value", reference.value.expose()},
                     {"most", static_cast<int>(reference.most)},
                     {"left", static_cast<int>(reference.left)},
                     {"factory", reference.factory}});
}

Result<Reference> reference_from(const Value& value) {
  const Bytes* const content = value.bytes_at("value");
  const auto most = value.integer_at("most"), left = value.integer_at("left");
  const auto factory = value.boolean_at("factory");
  if (content == nullptr || !most || !left || !factory || *most < 0 || *most > 255 || *left < 0 ||
      *left > *most)
    return corrupt_state();
  return Reference{.value = Secret(BytesView(*content)),
                   .most = static_cast<unsigned>(*most),
                   .left = static_cast<unsigned>(*left),
                   .factory = *factory};
}

}  // namespace countersign::virtual_card
