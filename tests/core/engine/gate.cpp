// SPDX-License-Identifier: Apache-2.0
// Every kind of authenticator against every state that it or its user can be in: one verdict each,
// whoever asks.
#include "core/engine/verification/gate.h"

#include <span>

#include "core/crypto/hmac.h"
#include "core/encoding/modhex.h"
#include "core/engine/enrollment/registration.h"
#include "core/engine/verification/begin.h"
#include "core/engine/verification/card.h"
#include "core/engine/verification/card_credentials.h"
#include "core/engine/verification/security_key.h"
#include "core/engine/verification/sending.h"
#include "core/engine/verification/slot.h"
#include "core/engine/verification/yubico_otp.h"
#include "core/factors/backup_codes.h"
#include "core/factors/temporary_code.h"
#include "core/policy/decide.h"
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
  clock_wrong,
  throttled,
  off_for_others,  // the method is off, for another audience than the user's
};
constexpr std::array states = {State::good,          State::user_suspended, State::suspended,
                               State::revoked,       State::method_off,     State::forgotten,
                               State::restored,      State::clock_wrong,    State::throttled,
                               State::off_for_others};

// What is said of the kind in each state, in their order; empty: it may answer, or is verified.
struct Row {
  Kind kind;
  std::array<std::string_view, states.size()> says;
};
constexpr std::string_view user = "user-suspended", token = "unknown-token", off = "method-off",
                           gone = "forgotten", old = "restored-store";

// The gate. The throttle is a user's, not an authenticator's, and looked at before.
constexpr std::array table = {
    Row{Kind::fido2, {"", user, token, token, off, gone, "", "", "", ""}},
    Row{Kind::piv, {"", user, token, token, off, gone, "", "", "", ""}},
    Row{Kind::openpgp, {"", user, token, token, off, gone, "", "", "", ""}},
    Row{Kind::yubico_otp, {"", user, token, token, off, gone, old, "", "", ""}},
    Row{Kind::hmac, {"", user, token, token, off, gone, "", "", "", ""}},
    Row{Kind::totp, {"", user, token, token, off, gone, old, "clock", "", ""}},
    Row{Kind::hotp, {"", user, token, token, off, gone, old, "clock", "", ""}},
    Row{Kind::sms, {"", user, token, token, off, gone, old, "clock", "", ""}},
    Row{Kind::email, {"", user, token, token, off, gone, old, "clock", "", ""}},
    Row{Kind::backup_codes, {"", user, token, token, off, gone, old, "clock", "", ""}},
    // An administrator's word, no method of a policy.
    Row{Kind::temporary_code, {"", user, token, token, "", "", old, "clock", "", ""}},
};
static_assert(table.size() == enum_names<Kind>.size(), "a kind has no row");

// The verdict on a right proof. Of typed codes it is not said why an authenticator may not answer.
constexpr std::string_view none = "no-factor", used = "used-code", closed = "throttled";
constexpr std::array verdicts = {
    Row{Kind::fido2, {"", user, token, token, off, gone, "", "", "", ""}},
    Row{Kind::piv, {"", user, token, token, off, gone, "", "", "", ""}},
    Row{Kind::openpgp, {"", user, token, token, off, gone, "", "", "", ""}},
    Row{Kind::yubico_otp, {"", user, token, token, off, gone, old, "", "", ""}},
    Row{Kind::hmac, {"", user, token, token, off, gone, "", "", "", ""}},
    Row{Kind::totp, {"", user, none, none, none, none, old, "clock", closed, ""}},
    Row{Kind::hotp, {"", user, none, none, none, none, old, "clock", closed, ""}},
    // Its enrolment revoked, the number or address on file is one that nobody has proved.
    Row{Kind::sms, {"", user, none, "", none, none, old, "clock", closed, ""}},
    Row{Kind::email, {"", user, none, "", none, none, old, "clock", closed, ""}},
    Row{Kind::backup_codes, {"", user, none, none, none, none, old, "clock", closed, ""}},
    // Right once: no guess.
    Row{Kind::temporary_code, {"", user, used, used, "", "", old, "clock", closed, ""}},
};
static_assert(verdicts.size() == enum_names<Kind>.size(), "a kind has no row");

const Bytes otp_public_id{0xff, 0x00, 0x01, 0x02, 0x03, 0x04};
constexpr engine::SlotName slot{.serial = 1234, .slot = 2};

// Alice has one authenticator of a kind, put into the store as it is.
struct Fixture : test::EngineFixture {
  test::SigningKey key;
  test::Authority root;
  Secret otp_key{std::string_view("sixteen byte key6 bytes").substr(0, yubico_otp::material_size)};
  Secret hmac_key{std::string_view("12345678901234567890")};

  Fixture() {
    context.rules.fido2.rp = {.id = "example.org", .origins = {"https://example.org"}};
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

  // Of what a person types: the code, and what is kept of it. The same each time.
  struct Typed {
    Secret code, material;
  };
  static Typed typed_material(Kind kind) {
    fakes::CountingRandom same;
    if (kind == Kind::temporary_code) {
      auto made = temporary_code::make(same);
      return {std::move(made.code), std::move(made.material)};
    }
    auto made = backup_codes::make(same, 1);
    return {std::move(made->codes.front()), std::move(made->material)};
  }

  void put_on_file(Kind kind) {
    User owner = alice()->user;
    (kind == Kind::sms ? owner.phone : owner.email) =
        kind == Kind::sms ? "+491701234567" : "alice@example.org";
    write({.writes = {owner}});
  }

  Secret material_of(Kind kind) {
    if (kind == Kind::backup_codes || kind == Kind::temporary_code)
      return typed_material(kind).material;
    if (kind == Kind::piv)
      return Secret(BytesView(engine::encode(engine::CardCredential{
          key.public_key().spki(), root.issue(key, {}).der(), "1", {}, false})));
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
    if (kind == Kind::piv || kind == Kind::openpgp)
      row.handle = engine::card_handle_of(key.public_key().spki());
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
    if (state == State::throttled)
      for (int i = 0; i < context.rules.throttle.free_failures; ++i)
        BOOST_TEST(!verify("alice", "0000-0000-0000-0000").verified());
    Policy others = policy;
    if (state == State::off_for_others) others.methods = others.methods.without({row.kind});
    sign_ins.policies.use({.policies = {.by_audience = {{"staff", policy}, {"guests", others}}}});
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
  for (const auto& [kind, says] : verdicts)
    for (std::size_t i = 0; i < states.size(); ++i) {
      if (states[i] == State::user_suspended || states[i] == State::restored ||
          states[i] == State::clock_wrong || states[i] == State::throttled)
        continue;
      Fixture fixture;
      if (sent(kind)) fixture.put_on_file(kind);
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
  std::string code;  // where one is typed
  engine::AssertionOptions begun;
  std::string sent;  // the challenge of a code that was sent
  engine::SendBook book;

  explicit Proof(Kind which) : kind(which) {
    context.rules.cards.certificates = false;
    context.rules.sending.countries = {"49"};
    User owner = alice()->user;
    owner.phone = "+491701234567", owner.email = "alice@example.org";
    write({.writes = {owner}});
    if (kind == Kind::fido2)
      row = enrolled_key();
    else
      row = give(kind);
  }

  Authenticator enrolled_key() {
    test::Registration ceremony = test::Registration::of(webauthn::AttestationFormat::none, root);
    ceremony.key = key;
    engine::begin_registration(context, {.caller = admin, .user = "alice", .label = {}},
                               [&](Result<engine::RegistrationOptions> options) {
                                 BOOST_TEST_REQUIRE(options.has_value());
                                 code = options->id;
                                 ceremony.said.challenge = options->challenge;
                               });
    const auto made = ceremony.make();
    AuthenticatorId id;
    engine::finish_registration(context,
                                {.caller = admin,
                                 .id = code,
                                 .client_data_json = made.client_data,
                                 .attestation_object = made.object},
                                [&](const Result<AuthenticatorId>& bound) { id = bound.value(); });
    return store.authenticator(id).value();
  }

  void begin() {
    if (guessable(kind)) return begin_code();
    if (kind == Kind::yubico_otp) return;
    engine::begin_assertion(context, {.caller = admin, .user = "alice", .cards = true},
                            [&](auto options) {
                              BOOST_TEST_REQUIRE(options.has_value());
                              begun = std::move(*options);
                            });
  }
  void begin_code() {
    if (kind == Kind::totp)
      code = hotp::code_at(row.oath, hmac_key, totp::step_at(row.oath, clock.wall()));
    if (kind == Kind::hotp) code = hotp::code_at(row.oath, hmac_key, 0);
    if (kind == Kind::backup_codes || kind == Kind::temporary_code)
      code = typed_material(kind).code.expose_text();
    if (countersign::sent(kind))
      engine::begin_sent_code(context, book, {.caller = admin, .user = "alice", .kind = kind},
                              [&](Result<engine::CodeToSend> made) {
                                BOOST_TEST_REQUIRE(made.has_value());
                                code = made->code.expose_text();
                                sent = made->id;
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
  Verdict typed_code() {
    auto typed = countersign::sent(kind) ? parse_sent_code(code) : parse_code(code);
    Verdict verdict;
    engine::verify(context,
                   {.caller = admin, .user = "alice", .code = std::move(*typed), .challenge = sent},
                   [&](Verdict given) { verdict = std::move(given); });
    return verdict;
  }
  Verdict security_key() {
    test::Authentication ceremony;
    ceremony.said.challenge = begun.challenge;
    ceremony.key = key;
    const auto made = ceremony.make();
    Verdict verdict;
    engine::finish_assertion(context,
                             {.caller = admin,
                              .id = begun.id,
                              .credential_id = made.id,
                              .client_data_json = made.client_data,
                              .authenticator_data = made.authenticator_data,
                              .signature = made.signature},
                             [&](Verdict given) { verdict = std::move(given); });
    return verdict;
  }
  Verdict card() {
    Verdict verdict;
    engine::CardProof proof{
        .kind = kind, .slot = "1", .public_key = key.public_key().spki(), .verified = true};
    if (kind == Kind::piv) proof.certificate = root.issue(key, {}).der();
    proof.signature = key.sign(engine::card_message(begun.challenge));
    engine::finish_card_assertion(context,
                                  {.caller = admin, .id = begun.id, .proof = std::move(proof)},
                                  [&](Verdict given) { verdict = std::move(given); });
    return verdict;
  }
  Verdict slot_answer() {
    const auto tag = crypto::Hmac(HashAlgorithm::sha1, hmac_key.expose())
                         .of(engine::slot_message(begun.challenge));
    Verdict verdict;
    engine::finish_slot_assertion(context,
                                  {.caller = admin,
                                   .id = begun.id,
                                   .name = slot,
                                   .response = Bytes(tag.view().begin(), tag.view().end())},
                                  [&](Verdict given) { verdict = std::move(given); });
    return verdict;
  }
  Verdict prove() {
    switch (kind) {
      case Kind::fido2:
        return security_key();
      case Kind::piv:
      case Kind::openpgp:
        return card();
      case Kind::yubico_otp:
        return typed_otp();
      case Kind::hmac:
        return slot_answer();
      case Kind::totp:
      case Kind::hotp:
      case Kind::sms:
      case Kind::email:
      case Kind::backup_codes:
      case Kind::temporary_code:
        return typed_code();
    }
    std::unreachable();
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(C3_a_right_proof_of_each_kind_has_one_verdict_in_each_state) {
  for (const auto& [kind, says] : verdicts)
    for (std::size_t i = 0; i < states.size(); ++i) {
      Proof proof(kind);
      proof.begin();
      proof.bring(states[i], proof.row);
      const Verdict verdict = proof.prove();
      BOOST_TEST(verdict.verified() == says[i].empty(), to_name(kind) << " in state " << i);
      BOOST_TEST(verdict.why() == says[i], to_name(kind) << " in state " << i);
    }
}

BOOST_AUTO_TEST_SUITE_END()
