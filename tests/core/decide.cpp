// SPDX-License-Identifier: Apache-2.0
// The decision's whole truth table, against a second statement of the rules: not as code in the
// order of the rules, but as what each decision needs, in words of the situation.
#include "core/policy/decide.h"

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <functional>

using namespace countersign;

namespace {

const Time now = from_unix_ms(1'800'000'000'000);
constexpr std::chrono::hours day{24};

enum class Who { person, suspended, unknown, account_named, account_elsewhere };
enum class Has {
  nothing_ever,
  lost,
  readmitted,
  only_suspended,
  phone,
  key,
  key_and_phone,
  paper_but_off,
  not_admitted_kind,
  number_on_file
};
enum class Skipped { never, lately, long_ago };

struct Situation {
  Mode mode = Mode::off;
  Ask ask = Ask::always;
  Skipped skipped = Skipped::never;
  Has has = Has::nothing_ever;
  MachineState machine = MachineState::none;
  Primary primary = Primary::none;
  const char* service = "";
  bool grace = false;
  bool throttled = false;
  bool enroll_at_sign_in = true;
  bool ask_sso = false;
  bool unknown_let_in = false;
  Who who = Who::person;
};

Authenticator authenticator(std::int64_t id, Kind kind, Status status = Status::active) {
  Authenticator made{
      .id = {id}, .user = {1}, .kind = kind, .status = status, .created = now - day * 30};
  if (status == Status::revoked) made.ended = now - day * 10;
  return made;
}

struct Told {
  Policy policy;
  User user{.id = {1}, .name = "u", .created = now - day * 100};
  std::vector<Authenticator> authenticators;
  KindSet sendable;
};

Told tell(const Situation& s) {
  Told told;
  Policy& policy = told.policy;
  policy.mode = s.mode;
  policy.ask = s.ask;
  policy.ask_sso = s.ask_sso;
  policy.enroll_at_sign_in = s.enroll_at_sign_in;
  policy.unknown_users = s.unknown_let_in ? UnknownUsers::allow : UnknownUsers::deny;
  policy.methods = {Kind::fido2, Kind::totp, Kind::sms, Kind::backup_codes};
  policy.backup_codes = false;
  policy.skip_days = 7;
  policy.recognition.services = {"*"};
  policy.grace = {.hours = 4, .services = {"screen-unlock"}};
  User& user = told.user;
  user.suspended = s.who == Who::suspended;
  if (s.who == Who::account_named)
    user.service_account =
        ServiceAccount{.callers = {990}, .services = {"kiosk", "screen-unlock", "sshd"}};
  if (s.who == Who::account_elsewhere)
    user.service_account =
        ServiceAccount{.callers = {991}, .services = {"kiosk", "screen-unlock", "sshd"}};
  // Skipping comes before the enrolments of 30 days ago where there are some: then it is void
  // anyway.
  if (s.skipped == Skipped::lately) user.skipped = now - day * 2;
  if (s.skipped == Skipped::long_ago) user.skipped = now - day * 9;
  switch (s.has) {
    case Has::nothing_ever:
      break;
    case Has::lost:
      told.authenticators = {authenticator(1, Kind::totp, Status::revoked)};
      break;
    case Has::readmitted:
      told.authenticators = {authenticator(1, Kind::totp, Status::revoked)};
      user.admitted = now - day * 10;
      break;
    case Has::only_suspended:
      told.authenticators = {authenticator(1, Kind::totp, Status::suspended)};
      break;
    case Has::phone:
      told.authenticators = {authenticator(1, Kind::totp)};
      break;
    case Has::key:
      told.authenticators = {authenticator(1, Kind::fido2)};
      break;
    case Has::key_and_phone:
      told.authenticators = {authenticator(1, Kind::totp), authenticator(2, Kind::fido2)};
      break;
    case Has::paper_but_off:
      told.authenticators = {authenticator(1, Kind::backup_codes)};
      break;
    case Has::not_admitted_kind:
      told.authenticators = {authenticator(1, Kind::hotp)};
      break;
    case Has::number_on_file:
      user.phone = "+491701234567";
      told.sendable = {Kind::sms};
      break;
  }
  return told;
}

Decided asked(const Situation& s, const Told& told) {
  return decide({.policy = told.policy,
                 .user = s.who == Who::unknown ? nullptr : &told.user,
                 .authenticators = told.authenticators,
                 .codes_open = s.throttled ? now + std::chrono::seconds(30) : Time{},
                 .sendable = told.sendable,
                 .machine = s.machine,
                 .primary = s.primary,
                 .service = s.service,
                 .caller = 990,
                 .grace = s.grace,
                 .now = now});
}

// The second statement. What a situation is, in the words of the acceptance table; then which
// decision that needs.
Decision needed(const Situation& s) {
  const std::string_view service = s.service;
  const bool codes =
      s.has == Has::phone || s.has == Has::key_and_phone || s.has == Has::number_on_file;
  const bool key = s.has == Has::key || s.has == Has::key_and_phone;
  const bool can_answer = key || (codes && !s.throttled);
  const bool owns = key || codes;
  const bool without = s.has == Has::nothing_ever || s.has == Has::readmitted;

  const bool shut_out = s.who == Who::suspended || s.machine == MachineState::blocked;
  if (s.who == Who::unknown)
    return !shut_out && s.unknown_let_in ? Decision::allow : Decision::deny;
  const bool exempt = s.mode == Mode::off || (s.primary == Primary::sso && !s.ask_sso);
  const bool account = s.who == Who::account_named || s.who == Who::account_elsewhere;
  const bool account_here = s.who == Who::account_named && !service.empty();
  const bool free_here = s.ask == Ask::unrecognized && s.machine == MachineState::recognized &&
                         service != "sshd" && !service.empty();
  const bool free_by_grace = s.grace && service == "screen-unlock";
  const bool skip = s.mode == Mode::optional && s.skipped == Skipped::lately && without;
  const bool in = exempt || account_here || (!account && (free_here || free_by_grace || skip));
  if (shut_out) return Decision::deny;
  if (in) return Decision::allow;
  if (account) return Decision::deny;
  if (owns) return can_answer ? Decision::verify : Decision::deny;
  if (!without) return Decision::deny;
  return s.mode == Mode::optional || s.enroll_at_sign_in ? Decision::enroll : Decision::deny;
}

std::string describe(const Situation& s) {
  return fmt::format(
      "mode {} ask {} skipped {} has {} machine {} primary {} service '{}' grace {} throttled {} "
      "enroll {} sso {} unknown {} who {}",
      to_name(s.mode), to_name(s.ask), int(s.skipped), int(s.has), to_name(s.machine),
      to_name(s.primary), s.service, s.grace, s.throttled, s.enroll_at_sign_in, s.ask_sso,
      s.unknown_let_in, int(s.who));
}

void every_situation(const std::function<void(const Situation&)>& look) {
  Situation s;
  for (const auto& mode : enum_names<Mode>)
    for (const auto& ask : enum_names<Ask>)
      for (int skipped = 0; skipped <= 2; ++skipped)
        for (int has = 0; has <= 9; ++has)
          for (const auto& machine : enum_names<MachineState>)
            for (const auto& primary : enum_names<Primary>)
              for (const char* service : {"kiosk", "screen-unlock", "sshd", ""})
                for (int bits = 0; bits < 32; ++bits)
                  for (int who = 0; who <= 4; ++who) {
                    s = {.mode = mode.value,
                         .ask = ask.value,
                         .skipped = Skipped(skipped),
                         .has = Has(has),
                         .machine = machine.value,
                         .primary = primary.value,
                         .service = service,
                         .grace = (bits & 1) != 0,
                         .throttled = (bits & 2) != 0,
                         .enroll_at_sign_in = (bits & 4) != 0,
                         .ask_sso = (bits & 8) != 0,
                         .unknown_let_in = (bits & 16) != 0,
                         .who = Who(who)};
                    look(s);
                  }
}

int openness(Decision decision) {
  switch (decision) {
    case Decision::allow:
      return 3;
    case Decision::enroll:
      return 2;
    case Decision::verify:
      return 1;
    case Decision::deny:
      return 0;
  }
  std::unreachable();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decide_suite)

BOOST_AUTO_TEST_CASE(the_whole_truth_table) {
  std::size_t situations = 0;
  std::size_t wrong = 0;
  std::array<std::size_t, 4> seen{};
  every_situation([&](const Situation& s) {
    const Decided decided = asked(s, tell(s));
    ++situations;
    ++seen[static_cast<std::size_t>(decided.decision)];
    if (decided.decision == needed(s) || ++wrong > 5) return;
    BOOST_TEST(false, describe(s) << ": " << to_name(decided.decision) << " by "
                                  << to_name(decided.because) << ", needed " << to_name(needed(s)));
  });
  BOOST_TEST(wrong == 0U);
  BOOST_TEST(situations == 3U * 2 * 3 * 10 * 6 * 3 * 4 * 32 * 5);
  for (const std::size_t count : seen) BOOST_TEST(count > 1000U);
}

// What comes with a decision: factors with verify alone, strongest first, none exhausted; a time
// with throttled alone; skipping where the mode is optional alone.
BOOST_AUTO_TEST_CASE(what_comes_with_a_decision) {
  std::size_t wrong = 0;
  every_situation([&](const Situation& s) {
    if (s.primary == Primary::password || s.unknown_let_in) return;  // change nothing here
    const Decided decided = asked(s, tell(s));
    bool good = decided.offers.empty() == (decided.decision != Decision::verify);
    good = good && decided.opens.has_value() == (decided.because == Because::throttled);
    good = good &&
           decided.skippable == (decided.decision == Decision::enroll && s.mode == Mode::optional);
    good = good && decided.because != Because::nothing;
    for (std::size_t i = 0; i + 1 < decided.offers.size(); ++i)
      good = good && strength(decided.offers[i].kind) >= strength(decided.offers[i + 1].kind);
    for (const Offer& offer : decided.offers)
      good = good && (!s.throttled || !guessable(offer.kind));
    if (!good && ++wrong < 5) BOOST_TEST(false, describe(s));
  });
  BOOST_TEST(wrong == 0U);
}

BOOST_AUTO_TEST_CASE(T46_no_recognition_and_no_grace_for_sshd_sudo_su_unless_named) {
  for (const char* service : {"sshd", "sudo", "su"}) {
    Situation s{.mode = Mode::required,
                .ask = Ask::unrecognized,
                .has = Has::phone,
                .machine = MachineState::recognized,
                .primary = Primary::password,
                .service = service,
                .grace = true};
    Told told = tell(s);
    BOOST_TEST(to_name(asked(s, told).decision) == "verify");
    told.policy.recognition.services = {"*", service};
    BOOST_TEST(to_name(asked(s, told).decision) == "allow");
    BOOST_TEST(!warnings(told.policy).empty());
  }
}

BOOST_AUTO_TEST_CASE(a_policy_of_backup_codes_alone_is_warned_of) {
  Policy policy{.mode = Mode::required, .methods = {Kind::backup_codes}};
  BOOST_TEST(warnings(policy).size() == 1U);
  policy.methods.insert(Kind::totp);
  BOOST_TEST(warnings(policy).empty());
}

BOOST_AUTO_TEST_CASE(T18_who_had_a_factor_is_not_without) {
  for (const Has has : {Has::lost, Has::only_suspended, Has::paper_but_off, Has::not_admitted_kind})
    for (const Mode mode : {Mode::optional, Mode::required})
      for (const Skipped skipped : {Skipped::never, Skipped::lately}) {
        const Situation s{.mode = mode,
                          .skipped = skipped,
                          .has = has,
                          .primary = Primary::password,
                          .service = "kiosk"};
        BOOST_TEST(to_name(asked(s, tell(s)).because) == "lost-factor");
      }
}

BOOST_AUTO_TEST_CASE(T08_throttled_codes_leave_the_key_and_recognition) {
  Situation s{.mode = Mode::required,
              .ask = Ask::unrecognized,
              .has = Has::key_and_phone,
              .primary = Primary::password,
              .service = "kiosk",
              .throttled = true};
  const Decided decided = asked(s, tell(s));
  BOOST_TEST_REQUIRE(decided.offers.size() == 1U);
  BOOST_TEST(to_name(decided.offers[0].kind) == "fido2");
  s.has = Has::phone;
  BOOST_TEST(to_name(asked(s, tell(s)).because) == "throttled");
  s.machine = MachineState::recognized;
  BOOST_TEST(to_name(asked(s, tell(s)).decision) == "allow");
}

BOOST_AUTO_TEST_CASE(a_temporary_code_works_under_each_policy_until_it_ends) {
  Situation s{
      .mode = Mode::required, .has = Has::lost, .primary = Primary::password, .service = "kiosk"};
  Told told = tell(s);
  Authenticator code = authenticator(9, Kind::temporary_code);
  code.created = now - std::chrono::hours(1);
  code.ended = now + std::chrono::hours(7);
  code.progress.detail = 2;
  told.authenticators.push_back(code);
  BOOST_TEST(to_name(asked(s, told).decision) == "verify");
  told.authenticators.back().ended = now;
  BOOST_TEST(to_name(asked(s, told).because) == "lost-factor");
  told.authenticators.back() = code;
  told.authenticators.back().progress.detail = 0;
  BOOST_TEST(to_name(asked(s, told).because) == "lost-factor");
  told.authenticators.back() = code;
  told.authenticators.push_back(authenticator(10, Kind::hotp));
  told.authenticators.back().created = now - std::chrono::minutes(30);  // something new was bound
  BOOST_TEST(to_name(asked(s, told).because) == "lost-factor");
}

BOOST_AUTO_TEST_CASE(C3_forgotten_enrolments_count_as_none) {
  Situation s{
      .mode = Mode::required, .has = Has::phone, .primary = Primary::password, .service = "kiosk"};
  Told told = tell(s);
  BOOST_TEST(to_name(asked(s, told).decision) == "verify");
  told.policy.enrolled_since = now - day;
  BOOST_TEST(to_name(asked(s, told).decision) == "enroll");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(policy_suite)

// Whatever loosened() does not call looser lets nobody in who was not let in before.
BOOST_AUTO_TEST_CASE(what_is_not_looser_opens_nothing) {
  std::vector<std::function<void(Policy&)>> edits;
  for (const Mode mode : {Mode::off, Mode::optional, Mode::required})
    edits.push_back([mode](Policy& p) { p.mode = mode; });
  for (const Ask ask : {Ask::always, Ask::unrecognized})
    edits.push_back([ask](Policy& p) { p.ask = ask; });
  for (const bool flag : {false, true}) {
    edits.push_back([flag](Policy& p) { p.ask_sso = flag; });
    edits.push_back([flag](Policy& p) { p.enroll_at_sign_in = flag; });
    edits.push_back(
        [flag](Policy& p) { p.unknown_users = flag ? UnknownUsers::allow : UnknownUsers::deny; });
  }
  edits.push_back([](Policy& p) { p.grace.hours = 0; });
  edits.push_back([](Policy& p) { p.grace.services = {"screen-unlock", "kiosk"}; });
  edits.push_back([](Policy& p) { p.recognition.services = {"kiosk"}; });
  edits.push_back([](Policy& p) { p.recognition.services = {"*", "sshd"}; });
  edits.push_back([](Policy& p) { p.skip_days = 30; });
  edits.push_back([](Policy& p) { p.skip_days = 1; });
  std::size_t wrong = 0;
  std::size_t looser = 0;
  every_situation([&](const Situation& s) {
    if (s.who == Who::suspended || s.throttled || s.has > Has::phone ||
        s.primary == Primary::none || *s.service == '\0')
      return;
    if (s.machine != MachineState::none && s.machine != MachineState::recognized)
      return;  // the others change nothing that policy could
    const Told before = tell(s);
    const Decided then = asked(s, before);
    for (const auto& edit : edits) {
      Told after = before;
      edit(after.policy);
      if (!loosened(before.policy, after.policy).empty()) {
        ++looser;
        continue;
      }
      if (openness(asked(s, after).decision) > openness(then.decision) && ++wrong < 5)
        BOOST_TEST(false, describe(s));
    }
  });
  BOOST_TEST(wrong == 0U);
  BOOST_TEST(looser > 0U);
}

BOOST_AUTO_TEST_CASE(weaker_methods_are_looser_stronger_ones_are_not) {
  Policy totp;
  totp.mode = Mode::required;
  totp.methods = {Kind::totp};
  Policy more = totp;
  more.methods.insert(Kind::fido2);
  BOOST_TEST(loosened(totp, more).empty());
  more.methods.insert(Kind::email);
  BOOST_TEST(!loosened(totp, more).empty());
  BOOST_TEST(loosened(more, totp).empty());
}

BOOST_AUTO_TEST_CASE(what_is_stored_is_read_back_and_damage_is_noticed) {
  Policies policies{.machines_since = now};
  policies.by_audience["staff"] = {.mode = Mode::required,
                                   .ask = Ask::unrecognized,
                                   .methods = {Kind::sms},
                                   .skip_days = 9,
                                   .enroll_at_sign_in = false,
                                   .ask_sso = true,
                                   .backup_codes = false,
                                   .code_length = 4,
                                   .uv = webauthn::UserVerification::required,
                                   .unknown_users = UnknownUsers::allow,
                                   .recognition = {.for_everyone = true,
                                                   .after = {Kind::sms},
                                                   .services = {"kiosk"},
                                                   .disuse_days = 1,
                                                   .maximum_days = 2,
                                                   .hardware_bound = true},
                                   .grace = {.hours = 3, .services = {"screen-unlock"}},
                                   .enrolled_since = now};
  policies.by_audience["client"] = {};
  const Bytes stored = encode(policies);
  const auto read = decode_policies(stored);
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST((*read == policies));
  for (std::size_t cut = 0; cut < stored.size(); ++cut)
    BOOST_TEST(!decode_policies(BytesView(stored).first(cut)).has_value());
}

BOOST_AUTO_TEST_CASE(what_can_not_hold_is_refused) {
  const auto refused = [](const std::function<void(Policy&)>& edit) {
    Policy policy;
    policy.mode = Mode::required;
    edit(policy);
    return !validate(policy).has_value();
  };
  BOOST_TEST(!refused([](Policy&) {}));
  BOOST_TEST(refused([](Policy& p) { p.methods = {}; }));
  BOOST_TEST(refused([](Policy& p) { p.methods = {Kind::temporary_code}; }));
  BOOST_TEST(refused([](Policy& p) { p.code_length = 3; }));
  BOOST_TEST(refused([](Policy& p) { p.code_length = 9; }));
  BOOST_TEST(refused([](Policy& p) { p.grace.hours = 1; }));
  BOOST_TEST(refused([](Policy& p) { p.grace = {.hours = 1, .services = {"*"}}; }));
  BOOST_TEST(refused([](Policy& p) { p.recognition.services = {"a b"}; }));
  BOOST_TEST(refused([](Policy& p) { p.recognition.disuse_days = 0; }));
}

BOOST_AUTO_TEST_CASE(an_audience_that_nobody_set_is_open_only_if_it_is_a_known_one) {
  BOOST_TEST(to_name(policy_for({}, "staff").mode) == "off");
  BOOST_TEST(to_name(policy_for({}, "client").mode) == "off");
  BOOST_TEST(to_name(policy_for({}, "staf").mode) == "required");
}

BOOST_AUTO_TEST_SUITE_END()
