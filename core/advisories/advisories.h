// SPDX-License-Identifier: Apache-2.0
// What is known against tokens and their firmware: values, and which of it is about the token at
// hand. The data are the files in firmware-notes/, compiled in by a generator (advisory_table/): a
// program needs no file for them, and no parser.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/enum_names.h"

namespace countersign {

// By weight.
enum class AdvisoryVerdict { note, warn, refuse };

// What a token is used for. Enrolling makes or binds a key; verifying uses one that is bound.
enum class TokenOperation {
  fido2_enroll,
  fido2_verify,
  piv_enroll,
  piv_verify,
  openpgp_enroll,
  openpgp_verify,
  otp,
  oath,
  tpm_key
};

enum class KeyAlgorithm { ecdsa, eddsa, rsa };

// high: a policy that does not take what is only warned of otherwise.
enum class Assurance { usual, high };

// What decides besides the firmware, and who asks may know.
enum class Circumstance {
  fingerprinted_modulus,  // the RSA modulus has the ROCA fingerprint (T42)
  otp_access_code,        // slots are protected by an access code
  over_ble,
};

// Numbers between dots, "5.4.3"; missing ones are 0. Nothing: it is not one, or has more than six
// parts.
class FirmwareVersion {
 public:
  [[nodiscard]] static std::optional<FirmwareVersion> parse(std::string_view text);
  [[nodiscard]] std::string text() const;  // without zeros at its end
  auto operator<=>(const FirmwareVersion&) const = default;

 private:
  std::array<std::uint32_t, 6> parts_{};
};

// One of < <= >= = and a version. A range is a list of them that must all hold.
struct FirmwareBound {
  enum class Relation { below, up_to, from, exactly };
  Relation relation = Relation::exactly;
  FirmwareVersion version;
  bool operator==(const FirmwareBound&) const = default;
};
using FirmwareRange = std::vector<FirmwareBound>;
[[nodiscard]] std::optional<FirmwareRange> parse_firmware_range(
    std::string_view text);  // ">=5.0.0 <5.7.0"

// Models that can't, or need not, be told apart. Where AAGUIDs are named and the token's is known,
// that decides; else the USB ids do.
struct TokenFamily {
  std::string name;                                          // "yubikey"
  std::vector<std::pair<std::uint16_t, std::uint16_t>> usb;  // vendor, product
  std::vector<std::string> aaguids;                          // as text, lower case
  std::string tpm_manufacturer;  // TPM_PT_MANUFACTURER, "IFX"; "*": any TPM. Empty: no TPM
  bool operator==(const TokenFamily&) const = default;
};

struct AdvisoryCase {
  std::vector<TokenFamily> families;  // empty: whatever token
  std::string component;  // what the ranges are about: empty: the firmware; "openpgp-applet"
  std::vector<FirmwareRange> ranges;       // one of them holds; empty: every version
  std::vector<TokenOperation> operations;  // empty: all
  std::vector<KeyAlgorithm> algorithms;    // empty: all
  std::optional<Circumstance> when;
  AdvisoryVerdict verdict = AdvisoryVerdict::note;
  std::optional<AdvisoryVerdict> high_assurance;  // in place of verdict
};

struct Advisory {
  std::string id;                 // "YSA-2024-03"
  std::vector<std::string> also;  // "CVE-2024-45678"
  std::string title;
  std::string about;   // what it means and what to do; one or two sentences
  std::string source;  // where it was published
  std::vector<AdvisoryCase> cases;
};
using Advisories = std::vector<Advisory>;

// What is known of the token at hand.
struct TokenFacts {
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  std::string firmware = {};               // empty: can't be told
  std::optional<std::string> aaguid = {};  // as text, lower case; none: not asked, or it has none
  std::string tpm_manufacturer = {};       // of TPMs
  std::vector<std::pair<std::string, std::string>> components = {};  // component, version
  std::vector<std::pair<Circumstance, bool>> circumstances = {};     // the others are not known
};

struct Finding {
  std::string_view id, title, about;  // of the Advisory, which has to live as long
  AdvisoryVerdict verdict = AdvisoryVerdict::note;
  bool certain = true;  // false: a version or a circumstance that decides could not be told; then
                        // verdict is warn
  bool operator==(const Finding&) const = default;
};

// At most one finding an advisory, its gravest; the gravest first, then in the order of the
// advisories. Without operation or algorithm: whatever the token may be used for.
[[nodiscard]] std::vector<Finding> advisories_for(const Advisories& advisories,
                                                  const TokenFacts& token,
                                                  std::optional<TokenOperation> operation,
                                                  std::optional<KeyAlgorithm> algorithm,
                                                  Assurance assurance);

// The algorithm of a COSE number (IANA); none: not one of ours.
[[nodiscard]] std::optional<KeyAlgorithm> key_algorithm_of(std::int64_t cose);

// What firmware-notes/ says. Made at the first call; for good.
[[nodiscard]] const Advisories& known_advisories();

}  // namespace countersign

template <>
inline constexpr auto countersign::enum_names<countersign::AdvisoryVerdict> =
    std::to_array<countersign::EnumName<countersign::AdvisoryVerdict>>(
        {{countersign::AdvisoryVerdict::note, "note"},
         {countersign::AdvisoryVerdict::warn, "warn"},
         {countersign::AdvisoryVerdict::refuse, "refuse"}});

template <>
inline constexpr auto countersign::enum_names<countersign::TokenOperation> =
    std::to_array<countersign::EnumName<countersign::TokenOperation>>(
        {{countersign::TokenOperation::fido2_enroll, "fido2-enroll"},
         {countersign::TokenOperation::fido2_verify, "fido2-verify"},
         {countersign::TokenOperation::piv_enroll, "piv-enroll"},
         {countersign::TokenOperation::piv_verify, "piv-verify"},
         {countersign::TokenOperation::openpgp_enroll, "openpgp-enroll"},
         {countersign::TokenOperation::openpgp_verify, "openpgp-verify"},
         {countersign::TokenOperation::otp, "otp"},
         {countersign::TokenOperation::oath, "oath"},
         {countersign::TokenOperation::tpm_key, "tpm-key"}});

template <>
inline constexpr auto countersign::enum_names<countersign::KeyAlgorithm> =
    std::to_array<countersign::EnumName<countersign::KeyAlgorithm>>(
        {{countersign::KeyAlgorithm::ecdsa, "ecdsa"},
         {countersign::KeyAlgorithm::eddsa, "eddsa"},
         {countersign::KeyAlgorithm::rsa, "rsa"}});

template <>
inline constexpr auto countersign::enum_names<countersign::Circumstance> =
    std::to_array<countersign::EnumName<countersign::Circumstance>>(
        {{countersign::Circumstance::fingerprinted_modulus, "fingerprinted-modulus"},
         {countersign::Circumstance::otp_access_code, "otp-access-code"},
         {countersign::Circumstance::over_ble, "over-ble"}});
