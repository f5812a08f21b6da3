// SPDX-License-Identifier: Apache-2.0
// The requests of messages.h, each with an operation that was begun for it.
#pragma once

#include "devices/fido2/operation.h"

namespace countersign::devices::fido2 {

[[nodiscard]] reader::Reply make(Operation& operation, const reader::Fido2Make& request);
[[nodiscard]] reader::Reply get(Operation& operation, const reader::Fido2Get& request);
[[nodiscard]] reader::Reply holds(Operation& operation, const reader::Fido2Holds& request);
[[nodiscard]] reader::Reply select(Operation& operation);
[[nodiscard]] reader::Reply manage(Operation& operation, const reader::Fido2Manage& request);
[[nodiscard]] reader::Reply list(Operation& operation, const reader::Fido2List& request);

// Of these the ones that the token holds, found without touch or PIN. Credentials that it shows
// only to a verified user (credProtect level 3) are not among them.
[[nodiscard]] std::expected<std::vector<Bytes>, reader::Failed> held_of(
    Operation& operation, const std::string& rp_id, std::span<const Bytes> credentials);

// The list as it may be sent: the same if the token takes so much in one question, else what it
// holds of it.
[[nodiscard]] std::expected<std::vector<Bytes>, reader::Failed> sendable(
    Operation& operation, const std::string& rp_id, const std::vector<Bytes>& credentials);

// fingerprints.cpp
[[nodiscard]] reader::Reply list_fingerprints(Operation& operation);
[[nodiscard]] reader::Reply enroll_fingerprint(Operation& operation, const std::string& name);
[[nodiscard]] reader::Reply rename_fingerprint(Operation& operation, const Bytes& id,
                                               const std::string& name);
[[nodiscard]] reader::Reply delete_fingerprint(Operation& operation, const Bytes& id);

}  // namespace countersign::devices::fido2
