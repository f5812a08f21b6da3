// SPDX-License-Identifier: Apache-2.0
// What is known against a token, for those who list it and those who enrol it.
#pragma once

#include <optional>
#include <vector>

#include "core/advisories/advisories.h"
#include "core/engine/enrollment/attestation_trust.h"
#include "daemon/api/devices.h"
#include "devices/protocol/device.h"

namespace countersign::routes {

// fido2: what it said when it was opened, if it was.
[[nodiscard]] TokenFacts facts_of(const devices::Device& device,
                                  const std::optional<devices::Fido2Info>& fido2);

// Whatever it may be used for.
[[nodiscard]] std::vector<api::AdvisoryView> advisories_of(
    const devices::Device& device, const std::optional<devices::Fido2Info>& fido2);

// What speaks against enrolling it as a security key, with the algorithm that it would use.
[[nodiscard]] std::vector<Finding> against_enrolling(const devices::Device& device,
                                                     const std::optional<devices::Fido2Info>& fido2,
                                                     Assurance assurance);

// Why it may not be verified with; nothing: it may. Only a refusal counts: whoever holds an
// enrolled key was told the rest when it was enrolled.
[[nodiscard]] std::optional<Finding> refused_at_verification(
    const devices::Device& device, const std::optional<devices::Fido2Info>& fido2,
    Assurance assurance);

// Active security keys that an advisory warns of or refuses today, by what they said when they were
// enrolled and by their model id. Reads them all: for a worker thread.
[[nodiscard]] Result<std::vector<engine::KeyAtRisk>> enrolled_at_risk(engine::Context& context,
                                                                      Assurance assurance);

// What speaks against enrolling or using a card. Whether its key is a ROCA one is judged elsewhere,
// when the key is known.
[[nodiscard]] std::vector<Finding> against_card(const devices::Device& device,
                                                TokenOperation operation);

// What speaks against a YubiKey's slots, under an access code or without.
[[nodiscard]] std::vector<Finding> against_slots(const devices::Device& device, bool access_code);

// What it means for this token and what to do.
[[nodiscard]] std::string words_of(const Finding& finding);

}  // namespace countersign::routes
