// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/credential.h"

#include <algorithm>
#include <limits>

#include "core/encoding/cbor.h"

namespace countersign::webauthn {
namespace {

namespace cbor = formats::cbor;

constexpr std::int64_t current_version = 1;

// Keys of the map. A number is never given another meaning.
constexpr std::int64_t version = 0, id = 1, public_key = 2, aaguid = 3, counter = 4, flags = 5,
                       transports = 6, format = 7, trust = 8, certificates = 9, vendor = 10,
                       product = 11, firmware = 12;  // not in records from before there were these

constexpr std::int64_t flag_user_verified = 1, flag_backup_eligible = 2, flag_backed_up = 4;

std::unexpected<Error> corrupt() {
  return fail(Code::corrupt,
              "the stored credential can't be read; was it written by a later version?");
}

template <class T, class Get>
bool take_list(const cbor::Value& map, std::int64_t key, std::vector<T>& out, Get get) {
  const auto* list = map.array_at(key);
  if (list == nullptr) return false;
  for (const cbor::Value& one : *list) {
    const T* item = get(one);
    if (item == nullptr) return false;
    out.push_back(*item);
  }
  return true;
}

cbor::Value list_of(const auto& items) { return cbor::Value::array({items.begin(), items.end()}); }

}  // namespace

Bytes encode(const Credential& c) {
  const std::int64_t bits = (c.user_verified ? flag_user_verified : 0) |
                            (c.backup_eligible ? flag_backup_eligible : 0) |
                            (c.backed_up ? flag_backed_up : 0);
  return cbor::encode(cbor::Value::map({{version, current_version},
                                        {id, c.id},
                                        {public_key, c.public_key},
                                        {aaguid, c.aaguid},
                                        {counter, c.counter},
                                        {flags, bits},
                                        {transports, list_of(c.transports)},
                                        {format, c.attestation_format},
                                        {trust, to_name(c.trust)},
                                        {certificates, list_of(c.attestation_certificates)},
                                        {vendor, std::int64_t{c.token.vendor}},
                                        {product, std::int64_t{c.token.product}},
                                        {firmware, c.token.firmware}}));
}

Result<Credential> decode_credential(BytesView stored) {
  const auto map = cbor::parse(stored, {.depth = 2, .items = 128});
  if (!map || map->integer_at(version) != current_version) return corrupt();
  Credential c;
  const Bytes *stored_id = map->bytes_at(id), *key = map->bytes_at(public_key),
              *model = map->bytes_at(aaguid);
  const auto count = map->integer_at(counter), bits = map->integer_at(flags);
  const std::string *stored_format = map->text_at(format), *trust_name = map->text_at(trust);
  if (stored_id == nullptr || key == nullptr || model == nullptr ||
      model->size() != c.aaguid.size() || !count || *count < 0 ||
      *count > std::numeric_limits<std::uint32_t>::max() || !bits || stored_format == nullptr ||
      trust_name == nullptr)
    return corrupt();
  const auto known_trust = from_name<Trust>(*trust_name);
  if (!known_trust ||
      !take_list(*map, transports, c.transports,
                 [](const cbor::Value& one) { return one.text(); }) ||
      !take_list(*map, certificates, c.attestation_certificates,
                 [](const cbor::Value& one) { return one.bytes(); }))
    return corrupt();
  c.id = *stored_id;
  c.public_key = *key;
  std::ranges::copy(*model, c.aaguid.begin());
  c.counter = static_cast<std::uint32_t>(*count);
  c.user_verified = (*bits & flag_user_verified) != 0;
  c.backup_eligible = (*bits & flag_backup_eligible) != 0;
  c.backed_up = (*bits & flag_backed_up) != 0;
  c.attestation_format = *stored_format;
  c.trust = *known_trust;
  c.token.vendor = static_cast<std::uint16_t>(map->integer_at(vendor).value_or(0));
  c.token.product = static_cast<std::uint16_t>(map->integer_at(product).value_or(0));
  if (const std::string* told = map->text_at(firmware)) c.token.firmware = *told;
  return c;
}

}  // namespace countersign::webauthn
