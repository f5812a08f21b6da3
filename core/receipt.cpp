// SPDX-License-Identifier: Apache-2.0
#include "core/receipt.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "core/encoding/base64url.h"
#include "core/encoding/der.h"
#include "core/encoding/json.h"

namespace countersign {
namespace {

namespace json = boost::json;
using formats::base64url;

constexpr std::size_t number_size = 32;  // P-256
constexpr std::size_t longest = 8192;

// DER's Ecdsa-Sig-Value as r || s (RFC 7518 §3.4).
std::string jose_signature(BytesView der) {
  Bytes raw;
  if (const auto numbers = formats::der::read_inside(der)) {
    for (const formats::der::Item& number : *numbers) {
      BytesView octets = number.content;
      while (octets.size() > number_size) octets = octets.subspan(1);
      raw.insert(raw.end(), number_size - octets.size(), 0);
      raw.insert(raw.end(), octets.begin(), octets.end());
    }
  }
  return base64url(raw);
}

std::string text_of(const json::value& value) {
  return base64url(as_bytes(json::serialize(value)));
}

std::unexpected<Error> refused(const char* why) {
  return fail(Code::not_permitted, std::string("the receipt is not valid: ") + why);
}

std::string text_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains({name.data(), name.size()});
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<std::int64_t> number_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains({name.data(), name.size()});
  return value != nullptr && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}

std::optional<json::object> object_in(std::string_view encoded) {
  const auto octets = formats::base64url_decode(encoded);
  if (!octets) return std::nullopt;
  Result<json::value> value = formats::parse_json(as_text(*octets), 8);
  if (!value || !value->is_object()) return std::nullopt;
  return std::move(value->get_object());
}

}  // namespace

std::string sign_receipt(const Receipt& receipt, const crypto::Es256Key& key,
                         std::string_view key_id) {
  const json::object header{
      {"alg", "ES256"}, {"typ", "JWT"}, {"kid", json::string_view(key_id.data(), key_id.size())}};
  json::object claims{{"iss", receipt.issuer},
                      {"aud", receipt.audience},
                      {"sub", receipt.subject},
                      {"jti", receipt.id},
                      {"iat", unix_seconds(receipt.issued)},
                      {"nbf", unix_seconds(receipt.issued)},
                      {"exp", unix_seconds(receipt.expires)},
                      {"decision", receipt.decision},
                      {"because", receipt.because},
                      {"service", receipt.service},
                      {"primary", receipt.primary},
                      {"aal", receipt.aal},
                      {"amr", json::array(receipt.amr.begin(), receipt.amr.end())}};
  if (!receipt.nonce.empty()) claims["nonce"] = receipt.nonce;
  if (!receipt.machine_state.empty())
    claims["machine"] = json::object{{"id", receipt.machine}, {"state", receipt.machine_state}};
  const std::string signed_part = text_of(header) + "." + text_of(claims);
  return signed_part + "." + jose_signature(key.sign(as_bytes(signed_part)));
}

Result<Receipt> judge_receipt(std::string_view text, const crypto::PublicKey& key,
                              std::string_view key_id, Time now) {
  if (text.size() > longest) return refused("it is too long");
  const auto first = text.find('.');
  const auto last = text.rfind('.');
  if (first == std::string_view::npos || first == last) return refused("it is no JWT");
  const auto header = object_in(text.substr(0, first));
  const auto claims = object_in(text.substr(first + 1, last - first - 1));
  const auto signature = formats::base64url_decode(text.substr(last + 1));
  if (!header || !claims || !signature) return refused("it is no JWT");
  if (text_at(*header, "alg") != "ES256" || text_at(*header, "kid") != key_id ||
      header->contains("crit"))
    return refused("another key or algorithm");
  if (signature->size() != 2 * number_size ||
      !key.verify(as_bytes(text.substr(0, last)), crypto::ecdsa_to_der(*signature)))
    return refused("its signature is not good");
  const auto issued = number_at(*claims, "iat");
  const auto expires = number_at(*claims, "exp");
  const std::int64_t seconds = unix_seconds(now);
  if (!issued || !expires || *expires - *issued > receipt_lives.count())
    return refused("it has no times, or too long ones");
  if (seconds < *issued) return refused("it is of the future");
  if (seconds >= *expires) return refused("it is older than 5 minutes; sign in again");
  Receipt receipt{.issuer = text_at(*claims, "iss"),
                  .audience = text_at(*claims, "aud"),
                  .subject = text_at(*claims, "sub"),
                  .id = text_at(*claims, "jti"),
                  .nonce = text_at(*claims, "nonce"),
                  .decision = text_at(*claims, "decision"),
                  .because = text_at(*claims, "because"),
                  .service = text_at(*claims, "service"),
                  .primary = text_at(*claims, "primary"),
                  .aal = static_cast<int>(number_at(*claims, "aal").value_or(0)),
                  .issued = from_unix_ms(*issued * 1000),
                  .expires = from_unix_ms(*expires * 1000)};
  if (const auto* amr = claims->if_contains("amr"); amr != nullptr && amr->is_array())
    for (const json::value& each : amr->get_array())
      if (each.is_string()) receipt.amr.emplace_back(each.get_string());
  if (const auto* machine = claims->if_contains("machine");
      machine != nullptr && machine->is_object()) {
    receipt.machine = text_at(machine->get_object(), "id");
    receipt.machine_state = text_at(machine->get_object(), "state");
  }
  return receipt;
}

}  // namespace countersign
