// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/jws.h"

#include <boost/json.hpp>

#include "core/encoding/base64.h"
#include "core/encoding/base64url.h"
#include "core/encoding/json.h"

namespace countersign::webauthn {
namespace {

namespace json = boost::json;

constexpr std::size_t most_certificates = 8;
constexpr std::size_t longest_header = 128 * 1024;  // octets

struct Header {
  crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::es256;
  crypto::Certificates certificates;  // the signer's first
};

std::unexpected<Error> unreadable(std::string_view why) {
  return fail(Code::corrupt, "the signed file can't be read: " + std::string(why));
}

Result<Header> parse_header(BytesView bytes) {
  const Result<json::value> value = formats::parse_json(as_text(bytes), 8);
  const json::object* object = value ? value->if_object() : nullptr;
  if (object == nullptr) return unreadable("its header is no JSON object");
  const json::value *alg = object->if_contains("alg"), *x5c = object->if_contains("x5c");
  if (object->contains("crit"))
    return unreadable("its header asks for extensions that are not known (crit)");
  Header header;
  if (alg == nullptr || !alg->is_string()) return unreadable("its header names no algorithm");
  if (alg->get_string() == "ES256")
    header.algorithm = crypto::SignatureAlgorithm::es256;
  else if (alg->get_string() == "RS256")
    header.algorithm = crypto::SignatureAlgorithm::rs256;
  else
    return unreadable("it is signed with another algorithm than ES256 and RS256");
  if (x5c == nullptr || !x5c->is_array() || x5c->get_array().empty() ||
      x5c->get_array().size() > most_certificates)
    return unreadable("its header brings no certificates (x5c)");
  for (const json::value& one : x5c->get_array()) {
    const auto der = one.is_string() ? formats::base64_decode(std::string_view(one.get_string()))
                                     : fail(Code::corrupt, "");
    const auto certificate =
        der ? crypto::Certificate::parse(der->expose()) : fail(Code::corrupt, "");
    if (!certificate) return unreadable("its header has something that is not a certificate");
    header.certificates.push_back(*certificate);
  }
  return header;
}

Result<void> check_signer(const Header& header, const JwsRules& rules) {
  const crypto::Certificate& signer = header.certificates.front();
  if (const auto path =
          crypto::verify_path(signer, header.certificates, rules.roots, {.at = rules.now});
      !path)
    return fail(Code::not_permitted, "the file's signer is not trusted: " + path.error().what);
  if (!rules.host.empty() && !signer.is_for_host(rules.host))
    return fail(Code::not_permitted,
                "the file's signer is not " + rules.host + ", but " + signer.subject());
  return {};
}

}  // namespace

Result<Bytes> open_jws(std::string_view text, const JwsRules& rules) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || first > longest_header)
    return unreadable("it is not three parts with dots between");
  const auto header_bytes = formats::base64url_decode(text.substr(0, first));
  const auto signature = formats::base64url_decode(text.substr(second + 1));
  if (!header_bytes || !signature) return unreadable("its parts are not base64url");
  const auto header = TRY(parse_header(*header_bytes));
  if (const auto trusted = check_signer(header, rules); !trusted)
    return std::unexpected(trusted.error());
  const auto key = header.certificates.front().public_key(header.algorithm);
  if (!key) return fail(Code::not_permitted, key.error().what);
  const bool elliptic = header.algorithm == crypto::SignatureAlgorithm::es256;
  const bool sized = !elliptic || signature->size() == 64;
  if (!sized || !key->verify(as_bytes(text.substr(0, second)),
                             elliptic ? crypto::ecdsa_to_der(*signature) : *signature))
    return fail(Code::not_permitted,
                "the file's signature is not good: it was changed, or cut off");
  auto payload = formats::base64url_decode(text.substr(first + 1, second - first - 1));
  if (!payload) return unreadable("its payload is not base64url");
  return payload;
}

}  // namespace countersign::webauthn
