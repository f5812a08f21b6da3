// SPDX-License-Identifier: Apache-2.0
// Who a certificate says its holder is, in the subject alternative name (RFC 5280 §4.2.1.6): what a
// policy may map to a user.
#pragma once

#include "core/crypto/x509_path.h"

namespace countersign::certificates {

// As the certificate has them, in its order. Nothing here is to be relied on before the path to an
// anchor was judged.
struct Names {
  std::vector<std::string>
      principals;  // Microsoft's UPN, otherName 1.3.6.1.4.1.311.20.2.3: "alice@corp.example"
  std::vector<std::string> emails;  // rfc822Name
  std::vector<std::string>
      card_uuids;  // URI urn:uuid:..., lower case, with hyphens (SP 800-73-4 part 1 §3.4.1)
  std::vector<std::string> fasc_ns;  // otherName 2.16.840.1.101.3.6.6 (FIPS 201), hexadecimal

  bool operator==(const Names&) const = default;
};

// Code::corrupt: the extension is there and can't be read.
[[nodiscard]] Result<Names> names_in(const crypto::Certificate& certificate);

// The value of subjectAltName with these names (DER), for certificates that we make. Code::invalid:
// no ASCII e-mail address, no UUID.
[[nodiscard]] Result<Bytes> subject_alternative_name(const Names& names);

}  // namespace countersign::certificates
