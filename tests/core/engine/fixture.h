// SPDX-License-Identifier: Apache-2.0
// An engine on fakes: a store in memory, a clock and randomness under control.
#pragma once

#include <boost/test/unit_test.hpp>

#include "core/base/time.h"
#include "core/engine/administration/users.h"
#include "core/engine/enrollment/attestation_trust.h"
#include "core/engine/enrollment/enrollment.h"
#include "core/engine/sign_in_shared.h"
#include "core/engine/verification/code.h"
#include "core/engine/verification/fido2_credentials.h"
#include "core/factors/hotp.h"
#include "tests/fakes/counting_random.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/memory_store.h"

namespace countersign::test {

struct EngineFixture {
  fakes::ManualClock clock;
  fakes::CountingRandom random;
  fakes::MemoryStore store;
  crypto::Vault vault{random, Secret(32)};
  ClockGuard guard{clock, Time{}, std::nullopt};
  IdSource ids{clock, random};
  engine::Suppressed suppressed;
  engine::Unlisted unlisted;
  engine::OneTimeFloor floor = 0;
  engine::CredentialCache credentials;
  engine::AttestationTrust attestation;
  engine::SignInShared sign_ins;
  engine::Context context{store,    random, vault,       guard,       ids,      suppressed,
                          unlisted, floor,  credentials, attestation, sign_ins, engine::Rules{}};
  Caller admin{.uid = 0, .pid = 1, .service = {}};

  void add_user(const std::string& name) {
    bool done = false;
    engine::add_user(context, admin, User{.name = name}, Basis::bootstrap(),
                     [&](const Result<User>& user) { done = user.has_value(); });
    BOOST_TEST_REQUIRE(done);
  }

  // The policy of whom add_user adds: these methods and no others.
  void admit(KindSet methods) {
    sign_ins.policies.use({.policies = {.by_audience = {{"staff", Policy{.methods = methods}}}}});
  }

  struct Bound {
    std::string id;
    Secret secret;
    OathParameters oath;
  };
  // Bound at once, without a first code.
  Bound bind(const std::string& user, Kind kind) {
    Bound bound;
    engine::begin_enrollment(context,
                             {.caller = admin,
                              .user = user,
                              .kind = kind,
                              .label = {},
                              .serial = {},
                              .secret = {},
                              .confirm = false},
                             [&](Result<engine::Enrollment> enrolled) {
                               BOOST_TEST_REQUIRE(enrolled.has_value());
                               bound = {enrolled->id, std::move(enrolled->secret), enrolled->oath};
                             });
    return bound;
  }

  std::string totp_code(const Bound& bound, int steps = 0) {
    return hotp::code_at(bound.oath, bound.secret, totp::step_at(bound.oath, clock.wall()) + steps);
  }

  Verdict verify(const std::string& user, std::string_view code, std::uint32_t uid = 0) {
    Result<TypedCode> typed = parse_code(code);
    BOOST_TEST_REQUIRE(typed.has_value());
    Verdict verdict;
    int answers = 0;
    engine::verify(
        context,
        {.caller = {.uid = uid, .pid = 1, .service = {}}, .user = user, .code = std::move(*typed)},
        [&](Verdict given) {
          verdict = std::move(given);
          ++answers;
        });
    BOOST_TEST_REQUIRE(answers == 1);
    return verdict;
  }

  std::int64_t events() { return store.head()->sequence; }
};

}  // namespace countersign::test
