// SPDX-License-Identifier: Apache-2.0
// Pieces of the state file that applications share.
#pragma once

#include "core/encoding/cbor.h"
#include "devices/virtual/card/base/key.h"
#include "devices/virtual/card/base/reference.h"

namespace countersign::virtual_card {

[[nodiscard]] std::unexpected<Error> corrupt_state();

[[nodiscard]] formats::cbor::Value to_cbor(const CardKey& key);
[[nodiscard]] Result<CardKey> card_key_from(const formats::cbor::Value& value);
[[nodiscard]] formats::cbor::Value to_cbor(const Reference& reference);
[[nodiscard]] Result<Reference> reference_from(const formats::cbor::Value& value);

}  // namespace countersign::virtual_card
