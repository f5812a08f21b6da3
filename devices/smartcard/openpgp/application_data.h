// SPDX-License-Identifier: Apache-2.0
// What an OpenPGP card says of itself (OpenPGP card application 3.4 §4.4): application related
// data, historical bytes.
#pragma once

#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "devices/smartcard/base/public_key_info.h"

namespace countersign::devices::smartcard::openpgp {

// The PINs' state (DO C4): tries left; zero is blocked, or for the resetting code not set.
struct PinStatus {
  int user = 0;
  int resetting_code = 0;
  int admin = 0;
  int longest_user_pin = 0;
};

// What the authentication key is (DO C3). Nothing of it where the card's algorithm is none of ours.
struct AuthenticationKey {
  bool rsa = false;
  std::optional<KeyType> curve;  // where it is not RSA
};

// What the card can do by its historical bytes (§6): it takes TERMINATE DF and ACTIVATE FILE only
// with a life cycle.
struct Historical {
  bool command_chaining = false;
  bool extended_length = false;
  bool life_cycle = false;
};
[[nodiscard]] Historical parse_historical(BytesView octets);

struct ApplicationData {
  Bytes application;    // the whole AID: 16 octets
  std::string version;  // of the specification: "3.4"
  std::string serial;   // "0006:12345678", manufacturer and number, hexadecimal
  PinStatus pins;
  AuthenticationKey authentication;
  bool touch = false;  // DO D8: the authentication key wants one
  Historical historical;
};
// The response to GET DATA 6E.
[[nodiscard]] Result<ApplicationData> parse_application_data(BytesView response);

// The response to GENERATE ASYMMETRIC KEY PAIR in reading mode, as SubjectPublicKeyInfo. not_found:
// no key, or none of ours.
[[nodiscard]] Result<Bytes> parse_public_key(BytesView response, const AuthenticationKey& key);

}  // namespace countersign::devices::smartcard::openpgp
