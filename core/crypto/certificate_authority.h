// SPDX-License-Identifier: Apache-2.0
// Certificates that we make: requests for keys that live on a card (PKCS #10, RFC 2986), and a
// small authority that answers them.
#pragma once

#include "core/base/random.h"
#include "core/base/secret.h"
#include "core/base/time.h"
#include "core/crypto/x509_path.h"

namespace countersign::crypto {

// A request whose signature is made elsewhere: only the card can sign with the card's key.
class RequestDraft {
 public:
  // Code::invalid: a name that no certificate can hold (empty, beyond 64 characters, not UTF-8), or
  // a key of a kind that is not taken.
  [[nodiscard]] static Result<RequestDraft> make(const std::string& common_name,
                                                 const PublicKey& key);

  // CertificationRequestInfo, DER: what the key signs, with its own algorithm (ES256, ES384, EdDSA,
  // RS256).
  [[nodiscard]] const Bytes& to_sign() const { return to_sign_; }
  // The request, DER. Code::invalid: the signature is not one of that key.
  [[nodiscard]] Result<Bytes> finish(BytesView signature) const;

 private:
  RequestDraft(PublicKey key, Bytes to_sign) : key_(std::move(key)), to_sign_(std::move(to_sign)) {}

  PublicKey key_;
  Bytes to_sign_;
};

// The key that a request (PEM or DER) is for. Code::corrupt: not a request; Code::invalid: its
// signature or its key is invalid.
[[nodiscard]] Result<PublicKey> requested_key(BytesView request);

struct NewCertificate {
  std::string common_name;                       // of the subject
  Bytes alternative_names;                       // subjectAltName's value, DER; empty: none
  std::vector<std::string> extended_key_usages;  // dotted
  Time from, until;
};

// An authority of one certificate and one key (P-384 when made here). For organisations without one
// of their own; it revokes nothing. Any thread may issue.
class CertificateAuthority {
 public:
  // Code::invalid as for RequestDraft::make.
  [[nodiscard]] static Result<CertificateAuthority> create(const std::string& common_name,
                                                           Time from, Time until, Random& random);
  // What certificate() and key() gave. Code::corrupt: not readable; Code::invalid: the key is not
  // the certificate's, or that is no CA's.
  [[nodiscard]] static Result<CertificateAuthority> load(const Certificate& certificate,
                                                         const Secret& key);

  [[nodiscard]] const Certificate& certificate() const { return certificate_; }
  [[nodiscard]] Secret key() const;  // PKCS #8, PEM, not encrypted

  // A certificate for digital signatures. Code::invalid: beyond the authority's own time, or a name
  // as above.
  [[nodiscard]] Result<Certificate> issue(const PublicKey& key, const NewCertificate& wanted,
                                          Random& random) const;

 private:
  using Key = std::shared_ptr<evp_pkey_st>;
  CertificateAuthority(Certificate certificate, Key key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  Certificate certificate_;
  Key key_;
};

// PEM (RFC 7468) of DER, under that label ("CERTIFICATE", "CERTIFICATE REQUEST").
[[nodiscard]] std::string to_pem(const std::string& label, BytesView der);

}  // namespace countersign::crypto
