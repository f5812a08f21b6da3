// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/key/parameters.h"

namespace countersign::virtual_key {
namespace {

using cbor::Value;

Outcome<const Value*> need(const Value& map, std::int64_t key) {
  const Value* const at = map.find(key);
  if (at == nullptr) return refuse(Status::missing_parameter);
  return at;
}

// Kept as §6.1.2 lets a key with little memory do: cut at 64 octets, between characters.
std::optional<std::string> name_from(const Value& entity, std::string_view key) {
  const std::string* const text = entity.text_at(key);
  if (text == nullptr) return std::nullopt;
  std::size_t size = text->size();
  if (size > 64) {
    size = 64;
    while (size > 0 && (static_cast<Byte>((*text)[size]) & 0xc0U) == 0x80U) --size;
  }
  return text->substr(0, size);
}

}  // namespace

Outcome<const Bytes*> need_bytes(const Value& map, std::int64_t key) {
  const auto at = need(map, key);
  if (!at) return refuse(at.error());
  if ((*at)->bytes() == nullptr) return refuse(Status::cbor_unexpected_type);
  return (*at)->bytes();
}

Outcome<const std::string*> need_text(const Value& map, std::int64_t key) {
  const auto at = need(map, key);
  if (!at) return refuse(at.error());
  if ((*at)->text() == nullptr) return refuse(Status::cbor_unexpected_type);
  return (*at)->text();
}

Outcome<const Value*> need_map(const Value& map, std::int64_t key) {
  const auto at = need(map, key);
  if (at && (*at)->map() == nullptr) return refuse(Status::cbor_unexpected_type);
  return at;
}

Outcome<std::int64_t> need_integer(const Value& map, std::int64_t key) {
  const auto at = need(map, key);
  if (!at) return refuse(at.error());
  if (!(*at)->integer()) return refuse(Status::cbor_unexpected_type);
  return *(*at)->integer();
}

Outcome<std::optional<Authorization>> authorization(const Value& map, std::int64_t param_key,
                                                    std::int64_t protocol_key) {
  if (map.find(param_key) == nullptr) return std::nullopt;
  const auto signature = need_bytes(map, param_key);
  const auto number = need_integer(map, protocol_key);
  if (!signature) return refuse(signature.error());
  if (!number) return refuse(number.error());
  const auto protocol = pin_protocol(*number);
  if (!protocol) return refuse(Status::invalid_parameter);
  return Authorization{*protocol, **signature};
}

Outcome<std::optional<std::vector<Bytes>>> credential_list(const Value& map, std::int64_t key) {
  const Value* const at = map.find(key);
  if (at == nullptr) return std::nullopt;
  if (at->array() == nullptr) return refuse(Status::cbor_unexpected_type);
  if (at->array()->empty()) return refuse(Status::invalid_parameter);
  if (at->array()->size() > most_in_list) return refuse(Status::limit_exceeded);
  std::vector<Bytes> ids;
  for (const Value& each : *at->array()) {
    const std::string* const type = each.text_at("type");
    const Bytes* const id = each.bytes_at("id");
    if (each.map() == nullptr) return refuse(Status::cbor_unexpected_type);
    if (type == nullptr || id == nullptr) return refuse(Status::missing_parameter);
    if (*type == "public-key") ids.push_back(*id);
  }
  return ids;
}

Outcome<Options> options(const Value& map, std::int64_t key) {
  const Value* const at = map.find(key);
  if (at == nullptr) return Options{};
  if (at->map() == nullptr) return refuse(Status::cbor_unexpected_type);
  for (const char* const name : {"rk", "up", "uv"})
    if (at->find(name) != nullptr && !at->boolean_at(name))
      return refuse(Status::cbor_unexpected_type);
  return Options{at->boolean_at("rk"), at->boolean_at("up"), at->boolean_at("uv")};
}

Outcome<User> user_from(const Value& entity) {
  if (entity.map() == nullptr) return refuse(Status::cbor_unexpected_type);
  const Value* const id = entity.find("id");
  if (id == nullptr) return refuse(Status::missing_parameter);
  if (id->bytes() == nullptr) return refuse(Status::cbor_unexpected_type);
  if (id->bytes()->empty() || id->bytes()->size() > 64) return refuse(Status::invalid_length);
  return User{*id->bytes(), name_from(entity, "name"), name_from(entity, "displayName")};
}

Value to_cbor(const User& user, bool all) {
  Value::Map map{{"id", user.id}};
  if (all && user.name) map.push_back({"name", *user.name});
  if (all && user.display_name) map.push_back({"displayName", *user.display_name});
  return Value::map(std::move(map));
}

Value descriptor(const Credential& credential) {
  return Value::map({{"id", credential.id}, {"type", "public-key"}});
}

}  // namespace countersign::virtual_key
