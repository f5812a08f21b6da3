// SPDX-License-Identifier: Apache-2.0
#include "core/certificates/key_attestation.h"

#include "core/encoding/der.h"

namespace countersign::certificates {
namespace {

namespace der = formats::der;

constexpr std::string_view serial_extension = "1.3.6.1.4.1.41482.3.7",
                           policy_extension = "1.3.6.1.4.1.41482.3.8";

std::unexpected<Error> refused(std::string why) {
  return fail(Code::not_permitted, std::move(why));
}

Result<void> is_of_card(const crypto::Certificate& statement, std::string_view serial) {
  const auto extension = statement.extension(serial_extension);
  const auto items = extension ? der::read(extension->value)
                               : Result<std::vector<der::Item>>(fail(Code::not_found, {}));
  const auto number = items && items->size() == 1 && items->front().is(der::integer)
                          ? der::small_integer(items->front())
                          : std::nullopt;
  if (!number) return refused("the statement names no card");
  if (std::to_string(*number) != serial)
    return refused("the statement is about another card, serial " + std::to_string(*number));
  return {};
}

Result<void> has_policies(const crypto::Certificate& statement, const AttestedKey& key) {
  if (key.pin_policy == 0 && key.touch_policy == 0) return {};
  const auto extension = statement.extension(policy_extension);
  if (!extension || extension->value.size() != 2)
    return refused("the statement does not say when the key asks for PIN and touch");
  if (key.pin_policy != 0 && extension->value[0] != key.pin_policy)
    return refused("the key has another PIN policy than was asked for");
  if (key.touch_policy != 0 && extension->value[1] != key.touch_policy)
    return refused("the key has another touch policy than was asked for");
  return {};
}

}  // namespace

Result<crypto::Certificate> statement_about(const crypto::PublicKey& key, BytesView statement) {
  if (statement.empty()) return refused("the card does not say that it made this key");
  auto certificate = crypto::Certificate::parse(statement);
  if (!certificate) return refused("the statement can't be read: " + certificate.error().what);
  const auto attested = certificate->public_key(key.algorithm());
  if (!attested || !attested->same_key(key)) return refused("the statement is about another key");
  return certificate;
}

Result<void> judge_attestation(const KeyAttestation& attestation, const AttestedKey& key,
                               const AttestationPolicy& policy, Time now) {
  const auto statement = TRY(statement_about(key.key, attestation.statement));
  crypto::Certificates between;
  if (!attestation.attester.empty()) {
    auto attester = crypto::Certificate::parse(attestation.attester);
    if (!attester)
      return refused("the certificate of the card's attestation key can't be read: " +
                     attester.error().what);
    between.push_back(std::move(*attester));
  }
  const auto path = crypto::find_path(statement, between, policy.roots, {.at = now});
  if (!path)
    return refused("the statement does not chain to a trusted maker: " + path.error().what);
  TRY(is_of_card(statement, key.serial));
  return has_policies(statement, key);
}

}  // namespace countersign::certificates
