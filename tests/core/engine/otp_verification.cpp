// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/yubico_otp.h"

#include "core/encoding/modhex.h"
#include "core/engine/administration/authenticators.h"
#include "core/engine/administration/imports.h"
#include "tests/core/engine/fixture.h"

using namespace countersign;
using namespace countersign::test;

namespace {

const Bytes public_id{0xff, 0x00, 0x01, 0x02, 0x03, 0x04};

struct Keys : EngineFixture {
  Secret own{std::string_view("sixteen byte key6 bytes").substr(0, yubico_otp::material_size)};

  Keys() {
    add_user("alice");
    add_user("bob");
    BOOST_TEST_REQUIRE(import("alice", "4711", public_id));
  }

  // Whether the row was taken, and its import completed.
  bool import(const std::string& user, const std::string& serial, const Bytes& handle) {
    ImportId id;
    engine::begin_import(context, admin, [&](Result<ImportId> begun) { id = begun.value(); });
    engine::ImportTokens rows{.caller = admin, .import = id};
    rows.tokens.push_back({.user = user,
                           .serial = serial,
                           .label = {},
                           .kind = Kind::yubico_otp,
                           .handle = handle,
                           .oath = {},
                           .secret = own.copy()});
    bool taken = false;
    engine::import_tokens(context, std::move(rows), [&](Result<engine::ImportedBatch> batch) {
      taken = batch && batch->accepted == 1;
    });
    const auto parts = engine::import_parts(context, id);
    engine::finish_import(context,
                          {.caller = admin,
                           .import = id,
                           .complete = taken,
                           .parts = parts.value(),
                           .basis = Basis::bootstrap()},
                          [](Result<std::monostate>) {});
    return taken;
  }

  std::string typed(yubico_otp::Moment moment, const Bytes& id = public_id) {
    Bytes octets = id;
    const auto block = yubico_otp::make(own, moment, 42);
    octets.insert(octets.end(), block.begin(), block.end());
    return formats::modhex_encode(octets);
  }

  engine::OtpVerdict judge(const std::string& text, std::optional<std::string> user = {},
                           std::uint32_t tag = 0) {
    engine::OtpVerdict out;
    int answers = 0;
    engine::verify_otp(
        context, {.caller = admin, .user = std::move(user), .typed = Secret(text), .tag = tag},
        [&](engine::OtpVerdict said) {
          out = std::move(said);
          ++answers;
        });
    BOOST_TEST_REQUIRE(answers == 1);
    return out;
  }
  std::string why(const std::string& text, std::optional<std::string> user = {}) {
    return std::string(judge(text, std::move(user)).verdict.why());
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(otp_verification, Keys)

BOOST_AUTO_TEST_CASE(named_or_by_its_public_id) {
  const auto by_id = judge(typed({.usage = 1, .session = 0, .timestamp = 10}));
  BOOST_TEST(by_id.verdict.verified());
  BOOST_TEST(by_id.verdict.user() == "alice");
  BOOST_TEST((by_id.verdict.kind() == Kind::yubico_otp));
  BOOST_TEST((by_id.moment == yubico_otp::Moment{.usage = 1, .session = 0, .timestamp = 10}));
  const Verdict named = verify("alice", typed({.usage = 1, .session = 1, .timestamp = 20}));
  BOOST_TEST(named.verified());
  BOOST_TEST(named.user().empty());
}

BOOST_AUTO_TEST_CASE(T01_once_and_forward_only) {
  const std::string first = typed({.usage = 5, .session = 3, .timestamp = 100});
  BOOST_TEST(judge(first).verdict.verified());
  BOOST_TEST(why(first) == "used-code");
  BOOST_TEST(why(typed({.usage = 5, .session = 2, .timestamp = 90})) == "used-code");
  BOOST_TEST(why(typed({.usage = 4, .session = 200, .timestamp = 999})) == "used-code");
  BOOST_TEST(judge(typed({.usage = 6, .session = 0, .timestamp = 5})).verdict.verified());
}

BOOST_AUTO_TEST_CASE(the_same_request_again_is_told_from_the_same_otp_again) {
  const std::string otp = typed({.usage = 5, .session = 3, .timestamp = 100});
  BOOST_TEST(judge(otp, {}, 77).verdict.verified());
  BOOST_TEST(judge(otp, {}, 78).tag_before.value() == 77U);
  BOOST_TEST(judge(typed({.usage = 6, .session = 0, .timestamp = 1}), {}, 79).verdict.verified());
  BOOST_TEST(!judge(otp, {}, 77).tag_before.has_value());
}

BOOST_AUTO_TEST_CASE(T26_the_key_of_somebody_else) {
  const std::string otp = typed({.usage = 5, .session = 3, .timestamp = 100});
  BOOST_TEST(why(otp, "bob") == "unknown-token");
  BOOST_TEST(why(otp, "nobody") == "unknown-user");
  BOOST_TEST(judge(otp).verdict.verified());  // none of these used it up
}

BOOST_AUTO_TEST_CASE(a_wrong_one) {
  std::string otp = typed({.usage = 5, .session = 3, .timestamp = 100});
  otp.back() = otp.back() == 'c' ? 'b' : 'c';
  BOOST_TEST(why(otp) == "wrong-code");
  BOOST_TEST(why(typed({.usage = 5, .session = 3, .timestamp = 100}, {0xff, 0, 1, 2, 3, 5})) ==
             "unknown-token");
  BOOST_TEST(why(typed({.usage = 5, .session = 3, .timestamp = 100}, {})) == "unknown-token");
}

BOOST_AUTO_TEST_CASE(T08_guessed_codes_do_not_close_it) {
  for (int i = 0; i < 12; ++i) (void)verify("alice", "000000");
  BOOST_TEST((verify("alice", "000000").reason() == Reason::throttled));
  BOOST_TEST(verify("alice", typed({.usage = 5, .session = 3, .timestamp = 100})).verified());
}

BOOST_AUTO_TEST_CASE(suspended_and_restored) {
  store.set_restored(true);
  BOOST_TEST(why(typed({.usage = 5, .session = 3, .timestamp = 100})) == "restored-store");
  store.set_restored(false);
  BOOST_TEST(judge(typed({.usage = 5, .session = 3, .timestamp = 100})).verdict.verified());
}

BOOST_AUTO_TEST_CASE(T04_what_is_not_recorded_does_not_count) {
  const std::string otp = typed({.usage = 5, .session = 3, .timestamp = 100});
  store.fail_commits(true);
  BOOST_TEST(why(otp) == "unavailable");
  store.fail_commits(false);
  BOOST_TEST(judge(otp).verdict.verified());
}

BOOST_AUTO_TEST_CASE(each_denial_and_accept_is_one_event) {
  const auto before = events();
  (void)judge(typed({.usage = 5, .session = 3, .timestamp = 100}));
  (void)judge(typed({.usage = 5, .session = 3, .timestamp = 100}));
  BOOST_TEST(events() == before + 2);
}

BOOST_AUTO_TEST_CASE(a_public_id_is_bound_once) {
  BOOST_TEST(!import("bob", "4712", public_id));
  BOOST_TEST(import("bob", "4713", {1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(from_stock_with_a_first_touch) {
  const Bytes other{9, 9, 9, 9, 9, 9};
  BOOST_TEST_REQUIRE(import("", "5000", other));
  std::string id;
  engine::begin_enrollment(context,
                           {.caller = admin,
                            .user = "bob",
                            .kind = Kind::yubico_otp,
                            .label = {},
                            .serial = "5000",
                            .secret = {}},
                           [&](Result<engine::Enrollment> begun) {
                             BOOST_TEST_REQUIRE(begun.has_value());
                             id = begun->id;
                             BOOST_TEST(begun->secret.empty());
                           });
  const auto confirm = [&](const std::string& text) {
    bool bound = false;
    engine::confirm_enrollment(context,
                               {.caller = admin, .id = id, .code = parse_code(text).value()},
                               [&](Result<AuthenticatorId> done) { bound = done.has_value(); });
    return bound;
  };
  BOOST_TEST(!confirm(typed({.usage = 1, .session = 0, .timestamp = 1})));  // alice's key
  BOOST_TEST(!confirm("123456"));
  BOOST_TEST(confirm(typed({.usage = 1, .session = 0, .timestamp = 1}, other)));
  BOOST_TEST(why(typed({.usage = 1, .session = 0, .timestamp = 1}, other)) == "used-code");
  BOOST_TEST(judge(typed({.usage = 1, .session = 1, .timestamp = 9}, other)).verdict.user() ==
             "bob");
}

BOOST_AUTO_TEST_SUITE_END()
