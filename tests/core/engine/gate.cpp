// SPDX-License-Identifier: Apache-2.0
// Every kind of authenticator against every state that it or its user can be in: one verdict each,
// whoever asks.
#include "core/engine/gate.h"

#include <span>

#include "core/crypto/hmac.h"
#include "core/decide.h"
#include "core/engine/assertion.h"
#include "core/engine/card_assertion.h"
#include "core/engine/card_credentials.h"
#include "core/engine/otp_verification.h"
#include "core/engine/slots.h"
#include "core/formats/modhex.h"
#include "tests/core/engine/fixture.h"
#include "tests/core/webauthn/soft_authenticator.h"

using namespace countersign;
using namespace std::chrono_literals;

namespace {

enum class State {
  good,
  user_suspended,
  suspended,
  revoked,
  method_off,
  forgotten,
  restored,
  clock_wrong
};
constexpr std::array states = {State::good,     State::user_suspended, State::suspended,
                               State::revoked,  State::method_off,     State::forgotten,
                               State::restored, State::clock_wrong};

// What the kind says in each state, in their order; empty: it may answer.
struct Row {
  Kind kind;
  std::array<std::string_view, states.size()> says;
};
constexpr std::string_view user = "user-suspended", token = "unknown-token", off = "method-off",
                           gone = "forgotten", old = "restored-store";
constexpr std::array table = {
    Row{Kind::fido2, {"", user, token, token, off, gone, "", ""}},
    Row{Kind::piv, {"", user, token, token, off, gone, "", ""}},
    Row{Kind::openpgp, {"", user, token, token, off, gone, "", ""}},
    Row{Kind::yubico_otp, {"", user, token, token, off, gone, old, ""}},
    Row{Kind::hmac, {"", user, token, token, off, gone, "", ""}},
    Row{Kind::totp, {"", user, token, token, off, gone, old, "clock"}},
    Row{Kind::hotp, {"", user, token, token, off, gone, old, "clock"}},
    Row{Kind::sms, {"", user, token, token, off, gone, old, "clock"}},
    Row{Kind::email, {"", user, token, token, off, gone, old, "clock"}},
    Row{Kind::backup_codes, {"", user, token, token, off, gone, old, "clock"}},
    Row{Kind::temporary_code,
        {"", user, token, token, "", "", old,
         "clock"}},  // an administrator's word, no method of a policy
};
static_assert(table.size() == enum_names<Kind>.size(), "a kind has no row");

constexpr Byte credential_id = 7;
const Bytes otp_public_id{0xff, 0x00, 0x01, 0x02, 0x03, 0x04};
constexpr engine::SlotName slot{.serial = 1234, .slot = 2};

// Alice has one authenticator of a kind, put into the store as it is.
struct Fixture : test::EngineFixture {
  test::SigningKey key;
  Secret otp_key{std::string_view("sixteen byte key6 bytes").substr(0, yubico_otp::material_size)};
  Secret hmac_key{std::string_view("12345678901234567890")};

  Fixture() {
    context.rules.fido2.rp = {
        .id = "example.org", .origins = {"https://example.org"}, .top_origins = {}};
    add_user("alice");
    clock.pass(1h);
  }

  std::shared_ptr<const UserRecord> alice() { return store.user_by_name("alice").value(); }
  void write(Change change) {
    bool done = false;
    store.commit(std::move(change), [&](const Result<Applied>& applied) {
      done = applied && *applied == Applied::yes;
    });
    BOOST_TEST_REQUIRE(done);
  }

  Secret material_of(Kind kind) {
    if (kind == Kind::openpgp)
      return Secret(BytesView(
          engine::encode(engine::CardCredential{key.public_key().spki(), {}, "1", {}, false})));
    if (kind == Kind::yubico_otp) return otp_key.copy();
    return hmac_key.copy();
  }
  Authenticator give(Kind kind) {
    const Time now = clock.wall();
    Authenticator row{
        .id = ids.make<AuthenticatorId>(), .user = alice()->user.id, .kind = kind, .created = now};
    if (kind == Kind::temporary_code) row.ended = now + 24h, row.progress.detail = 5;
    if (kind == Kind::openpgp) row.handle = engine::card_handle_of(key.public_key().spki());
    if (kind == Kind::yubico_otp) row.handle = otp_public_id;
    if (kind == Kind::hmac) row.handle = engine::handle_of(slot);
    row.material =
        context.vault.seal(crypto::Purpose::authenticator, to_text(row.id), material_of(kind));
    write({.writes = {row}});
    return store.authenticator(row.id).value();
  }

  void bring(State state, Authenticator row) {
    Policy policy{.mode = Mode::required,
                  .methods = KindSet::all().without({Kind::temporary_code})};
    User owner = alice()->user;
    if (state == State::user_suspended) owner.suspended = true, write({.writes = {owner}});
    if (state == State::suspended) row.status = Status::suspended, write({.writes = {row}});
    if (state == State::revoked)
      row.status = Status::revoked, row.ended = clock.wall(), write({.writes = {row}});
    if (state == State::method_off) policy.methods = policy.methods.without({row.kind});
    if (state == State::forgotten) policy.enrolled_since = clock.wall() + 1ms;
    if (state == State::restored) store.set_restored(true);
    if (state == State::clock_wrong) clock.jump(24h);
    sign_ins.policies.use({.policies = {.by_audience = {{"staff", policy}}}});
  }
};

std::string said(const std::optional<Verdict>& verdict) {
  return verdict ? std::string(verdict->why()) : std::string();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gate)

BOOST_AUTO_TEST_CASE(C3_every_kind_in_every_state_has_one_verdict) {
  for (const auto& [kind, says] : table)
    for (std::size_t i = 0; i < states.size(); ++i) {
      Fixture fixture;
      const Authenticator row = fixture.give(kind);
      fixture.bring(states[i], row);
      const auto record = fixture.alice();
      BOOST_TEST(
          said(engine::barred(fixture.context, *record, record->authenticators.front())) == says[i],
          to_name(kind) << " in state " << i);
    }
}

// A sign-in offers nothing that the gate bars, and leaves out nothing else.
BOOST_AUTO_TEST_CASE(C3_a_sign_in_offers_what_may_answer) {
  for (const auto& [kind, says] : table)
    for (std::size_t i = 0; i < states.size(); ++i) {
      if (states[i] == State::user_suspended || states[i] == State::restored ||
          states[i] == State::clock_wrong)
        continue;
      Fixture fixture;
      fixture.bring(states[i], fixture.give(kind));
      const auto record = fixture.alice();
      const auto in_force = fixture.sign_ins.policies.now();
      const auto offers = usable_factors({.policy = policy_for(in_force->policies, "staff"),
                                          .user = &record->user,
                                          .authenticators = record->authenticators,
                                          .sendable = KindSet::all(),
                                          .now = fixture.clock.wall()});
      BOOST_TEST(offers.empty() == !says[i].empty(), to_name(kind) << " in state " << i);
    }
}

namespace {

// A right proof of the kind, begun before the state came about.
struct Proof : Fixture {
  Kind kind;
  Authenticator row;
  std::string begun;
  Bytes challenge;

  explicit Proof(Kind which) : kind(which) {
    if (kind == Kind::totp || kind == Kind::backup_codes) return;
    if (kind != Kind::fido2) row = give(kind);
  }

  void begin() {
    if (kind != Kind::openpgp && kind != Kind::hmac) return;
    engine::begin_assertion(context, {.caller = admin, .user = "alice", .cards = true},
                            [&](auto options) {
                              BOOST_TEST_REQUIRE(options.has_value());
                              begun = options->id;
                              challenge = options->challenge;
                            });
  }

  Verdict typed_otp() {
    Bytes octets = otp_public_id;
    const auto block = yubico_otp::make(otp_key, {.usage = 1, .session = 0, .timestamp = 1}, 42);
    octets.insert(octets.end(), block.begin(), block.end());
    Verdict verdict;
    engine::verify_otp(
        context,
        {.caller = admin, .user = "alice", .typed = Secret(formats::modhex_encode(octets))},
        [&](engine::OtpVerdict judged) { verdict = std::move(judged.verdict); });
    return verdict;
  }
  Verdict card() {
    Verdict verdict;
    engine::CardProof proof{.kind = Kind::openpgp,
                            .slot = "1",
                            .public_key = key.public_key().spki(),
                            .verified = true};
    proof.signature = key.sign(engine::card_message(challenge));
    engine::finish_card_assertion(context,
                                  {.caller = admin, .id = begun, .proof = std::move(proof)},
                                  [&](Verdict given) { verdict = std::move(given); });
    return verdict;
  }
  Verdict slot_answer() {
    const auto tag =
        crypto::Hmac(HashAlgorithm::sha1, hmac_key.expose()).of(engine::slot_message(challenge));
    Verdict verdict;
    engine::finish_slot_assertion(context,
                                  {.caller = admin,
                                   .id = begun,
                                   .name = slot,
                                   .response = Bytes(tag.view().begin(), tag.view().end())},
                                  [&](Verdict given) { verdict = std::move(given); });
    return verdict;
  }
  Verdict prove() {
    if (kind == Kind::yubico_otp) return typed_otp();
    return kind == Kind::openpgp ? card() : slot_answer();
  }
};

}  // namespace

// The proof itself is right each time. Codes and security keys: verification.cpp,
// security_keys.cpp.
BOOST_AUTO_TEST_CASE(C3_a_right_proof_of_what_is_barred_is_denied) {
  for (const Kind kind : {Kind::yubico_otp, Kind::openpgp, Kind::hmac})
    for (const State state : states) {
      Proof proof(kind);
      proof.begin();
      proof.bring(state, proof.row);
      const auto row = std::ranges::find(table, kind, &Row::kind);
      const bool may = row->says[static_cast<std::size_t>(state)].empty();
      const Verdict verdict = proof.prove();
      BOOST_TEST(verdict.verified() == may,
                 to_name(kind) << " in state " << static_cast<int>(state) << ": " << verdict.why());
    }
}

BOOST_AUTO_TEST_SUITE_END()
