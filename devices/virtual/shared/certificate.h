// SPDX-License-Identifier: Apache-2.0
// Certificates that software tokens make themselves (X.509 v3), built piece by piece with
// libcrypto.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

struct evp_pkey_st;
struct x509_st;
struct X509_name_st;

namespace countersign::virtual_token {

struct FreeCertificate {
  void operator()(x509_st* certificate) const;
};
using Certificate = std::unique_ptr<x509_st, FreeCertificate>;

// Times as ASN.1 has them, YYYYMMDDHHMMSSZ. The usual ones: from 2020 until it no longer matters,
// because tests move clocks.
struct Validity {
  const char* from = "20200101000000Z";
  const char* until = "99991231235959Z";
};

// Version 3 with a random serial number, no names, not signed.
[[nodiscard]] Certificate make_certificate(evp_pkey_st* key, Validity validity = {});
void add_name(X509_name_st* name, const char* field, std::string_view text);
// As openssl.cnf writes extensions.
void add_usual(x509_st* certificate, x509_st* issuer, int nid, const char* value);
// An extension that libcrypto has no name for; der is what extnValue holds.
void add_other(x509_st* certificate, const char* oid, BytesView der);
[[nodiscard]] Bytes to_der(x509_st* certificate);
[[nodiscard]] Certificate from_der(BytesView der);  // nothing: no certificate
[[nodiscard]] std::string to_pem(BytesView certificate);

}  // namespace countersign::virtual_token
