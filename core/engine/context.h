// SPDX-License-Identifier: Apache-2.0
// What every operation of the engine is handed. The engine opens no file, socket or device.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>

#include "core/base/random.h"
#include "core/base/time.h"
#include "core/certificates/card_certificate.h"
#include "core/certificates/key_attestation.h"
#include "core/crypto/vault.h"
#include "core/engine/clock_guard.h"
#include "core/engine/id_source.h"
#include "core/factors/hotp.h"
#include "core/factors/sent_code.h"
#include "core/factors/totp.h"
#include "core/kind_set.h"
#include "core/policy/send_budget.h"
#include "core/policy/suppressed.h"
#include "core/policy/throttle.h"
#include "core/policy/unlisted.h"
#include "core/ports/store.h"
#include "core/verdict.h"
#include "core/webauthn/authentication.h"

namespace countersign::engine {

// What holds for security keys. The relying party is the store's, for good
// (webauthn/relying_party.h).
struct Fido2Rules {
  webauthn::RelyingParty rp;
  Milliseconds challenge_lives{300'000};
  std::size_t challenges_per_caller = 4096;  // an application has many users, and some never answer
  webauthn::CounterRule counter = webauthn::CounterRule::warn;
  bool virtual_tokens = false;  // demo stores only (T50)
};

// Who the holder of a PIV card is.
enum class CardIdentity {
  enrolled_key,  // whoever has enrolled that key
  principal,     // or whom the certificate's UPN names
  email,         // or whom its rfc822Name names
  card_uuid,     // or whose card has its UUID, by the list of holders
  fasc_n,        // or its FASC-N
};

// What holds for smartcards. Everything of certificates is PIV's; OpenPGP cards have none.
struct CardRules {
  // False: only the enrolled key counts, whatever the certificate says and until when.
  bool certificates = true;
  certificates::CardPolicy policy;
  CardIdentity identity = CardIdentity::enrolled_key;
  std::string domain;  // identity by name: what follows the @; the user's name is what stands
                       // before it. Empty: the whole is the name
  std::map<std::string, std::string> holders;   // identity by the card's number: UUID or FASC-N as
                                                // certificates::Names has them → the user's name
  certificates::AttestationPolicy attestation;  // of keys on cards that are provisioned here
  bool hardware_by_policy = false;  // the policies that are asked for are given to keys in hardware
                                    // alone: a PIN is AAL 3 then
};

class CredentialCache;
class AttestationTrust;
struct SignInShared;

struct Rules {
  ThrottleRules throttle;
  totp::Window totp;
  hotp::Window hotp;
  std::string issuer = "Countersign";  // what a phone shows above the code
  Milliseconds pending_lives{3'600'000};
  std::size_t pending_per_caller = 64;
  Fido2Rules fido2;
  CardRules cards;
  int confirm_tries = 5;
  KindSet sendable = {};  // of sms and email: what this installation can send
  Milliseconds sign_in_lives{600'000};
  std::size_t sign_ins_per_caller = 16'384;
  int sign_in_tries = 10;
  sent_code::Rules sent;
  SendRules sending;
  std::size_t sent_codes_per_caller = 4096;  // an application has many users
};

// TOTP steps up to this moment are refused, whatever their row says: set when a restored store is
// accepted.
using OneTimeFloor = std::atomic<std::int64_t>;  // milliseconds since 1970

// Shared by all operations; each part may be used from any thread.
struct Context {
  Store& store;
  Random& random;
  crypto::Vault& vault;
  ClockGuard& clock;
  IdSource& ids;
  Suppressed& suppressed;
  Unlisted& unlisted;
  OneTimeFloor& floor;
  CredentialCache& credentials;
  AttestationTrust& attestation;
  SignInShared& sign_ins;
  Rules rules;
};

// How every operation answers: exactly once, on the thread that the store delivers on, or before
// the call returns.
template <class T>
using Then = std::move_only_function<void(Result<T>)>;
using ThenVerdict = std::move_only_function<void(Verdict)>;

}  // namespace countersign::engine
