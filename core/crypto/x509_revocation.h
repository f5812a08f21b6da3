// SPDX-License-Identifier: Apache-2.0
// Whether a certificate was revoked, from lists (RFC 5280 §5) and responses (OCSP, RFC 6960) that
// somebody else fetched. Nothing is fetched here.
#pragma once

#include "core/base/time.h"
#include "core/crypto/x509_path.h"

namespace countersign::crypto {

inline constexpr std::size_t longest_revocation_list = 32 * 1024 * 1024;  // octets
inline constexpr std::size_t longest_ocsp_response = 64 * 1024;

// Immutable once made; any thread may read it.
class RevocationList {
 public:
  // One list, PEM or DER. Code::corrupt: not one, or too long.
  [[nodiscard]] static Result<RevocationList> parse(BytesView content);

  [[nodiscard]] std::optional<Time> next_update() const;
  [[nodiscard]] std::string issuer() const;  // RFC 2253 text, for people

  struct Parsed;
  [[nodiscard]] const Parsed& parsed() const { return *parsed_; }  // for this folder

 private:
  explicit RevocationList(std::shared_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}

  std::shared_ptr<const Parsed> parsed_;
};

// What was fetched or given, of any issuer; what does not fit is ignored.
struct RevocationEvidence {
  std::vector<RevocationList> lists;
  std::vector<Bytes> responses;  // OCSPResponse, DER
};

enum class Revocation {
  good,     // a response or a list that holds now says so
  revoked,  // one of them says so
  unknown,  // none that holds now says anything
};

// By the issuer's own signature, or for OCSP by a responder that the issuer made for it; lists have
// to cover the certificate. Whatever else says good, one that says revoked is believed. A response
// without an end holds for a day.
[[nodiscard]] Revocation revocation_of(const Certificate& certificate, const Certificate& issuer,
                                       const RevocationEvidence& evidence, Time at);

// What to fetch. Only http and https addresses; in the order of the certificate.
[[nodiscard]] std::vector<std::string> ocsp_addresses(
    const Certificate& certificate);  // RFC 5280 §4.2.2.1
[[nodiscard]] std::vector<std::string> list_addresses(const Certificate& certificate);  // §4.2.1.13

// An OCSPRequest for the one certificate, DER, without a nonce: answers may come from caches.
[[nodiscard]] Bytes ocsp_request(const Certificate& certificate, const Certificate& issuer);
// Until when the response may be kept: its nextUpdate, or nothing when it says none or can't be
// read. Its signature is not looked at.
[[nodiscard]] std::optional<Time> ocsp_next_update(BytesView response);

}  // namespace countersign::crypto
