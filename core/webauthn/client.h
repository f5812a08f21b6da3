// SPDX-License-Identifier: Apache-2.0
// What a terminal does in a browser's place: the client data, serialized byte for byte as WebAuthn
// L3 §5.8.1.1 says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace countersign::webauthn {

struct ClientDataToBuild {
  std::string_view type;  // type_create or type_get
  BytesView challenge;
  std::string_view origin;
  bool cross_origin = false;
  std::optional<std::string_view> top_origin = std::nullopt;
};

[[nodiscard]] std::string build_client_data(const ClientDataToBuild& data);

}  // namespace countersign::webauthn
