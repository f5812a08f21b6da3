// SPDX-License-Identifier: Apache-2.0
#include "core/machine/proof.h"

#include <string_view>

namespace countersign::machine {
namespace {

constexpr std::string_view domain = "countersign-machine-proof-v1";

void append(Bytes& out, BytesView field) {
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<Byte>(field.size() >> shift));
  out.insert(out.end(), field.begin(), field.end());
}

}  // namespace

Bytes message_of(const Statement& statement) {
  Bytes out(as_bytes(domain).begin(), as_bytes(domain).end());
  out.push_back(0);
  append(out, statement.challenge);
  append(out, as_bytes(statement.sign_in));
  append(out, as_bytes(statement.service));
  append(out, encode(statement.fingerprint));
  return out;
}

Bytes sign(const Statement& statement, const crypto::Es256Key& key) {
  return key.sign(message_of(statement));
}

bool holds(const Statement& statement, const crypto::PublicKey& key, BytesView signature) {
  return key.algorithm() == crypto::SignatureAlgorithm::es256 &&
         key.verify(message_of(statement), signature);
}

}  // namespace countersign::machine
