// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/extensions.h"

namespace countersign::webauthn {

std::string wrong_with_extensions(const formats::cbor::Value& outputs,
                                  const ExtensionsAsked& asked) {
  const auto* protect = outputs.find("credProtect");
  const std::int64_t level = outputs.integer_at("credProtect").value_or(0);
  if (protect != nullptr && (level < 1 || level > 3)) return "credProtect is not 1, 2 or 3";
  if (level < asked.credential_protection)
    return "the credential is not protected as was asked (credProtect)";
  if (const auto* secret = outputs.find("hmac-secret");
      secret != nullptr && !secret->boolean() && secret->bytes() == nullptr)
    return "hmac-secret is neither true, false nor octets";
  if (const auto* length = outputs.find("minPinLength");
      length != nullptr && length->integer().value_or(-1) < 0)
    return "minPinLength is no length";
  return {};
}

}  // namespace countersign::webauthn
