// SPDX-License-Identifier: Apache-2.0
#include "core/engine/card_authority.h"

#include "core/encoding/cbor.h"
#include "core/engine/lookup.h"

namespace countersign::engine {

namespace cbor = formats::cbor;

Result<std::pair<Bytes, Bytes>> stored_authority(Context& context) {
  const Setting setting = TRY(setting_or_new(context, authority_setting));
  if (setting.value.empty())
    return fail(
        Code::not_found,
        "there is no authority yet: 'countersign ca init' makes one, --ca or --csr goes by yours");
  const auto value = cbor::parse(setting.value);
  const Bytes* const der = value ? value->bytes_at("certificate") : nullptr;
  const Bytes* const sealed = value ? value->bytes_at("key") : nullptr;
  if (der == nullptr || sealed == nullptr)
    return fail(Code::corrupt,
                "the authority's certificate and key can't be read: they are damaged, or sealed by "
                "another root key");
  return std::pair(*der, *sealed);
}

Result<crypto::Certificate> authority_certificate(Context& context) {
  const auto stored = TRY(stored_authority(context));
  return crypto::Certificate::parse(stored.first);
}

Result<crypto::CertificateAuthority> authority_of(Context& context) {
  const auto stored = TRY(stored_authority(context));
  const auto certificate = crypto::Certificate::parse(stored.first);
  const auto key = context.vault.open(crypto::Purpose::setting, authority_setting, stored.second);
  if (!certificate) return std::unexpected(certificate.error());
  if (!key) return std::unexpected(key.error());
  return crypto::CertificateAuthority::load(*certificate, *key);
}

}  // namespace countersign::engine
