// SPDX-License-Identifier: Apache-2.0
#include "core/engine/administration/forgetting.h"

#include "core/engine/administration/policies.h"
#include "tests/core/engine/fixture.h"

using namespace countersign;
using namespace std::chrono_literals;

namespace {

struct Fixture : test::EngineFixture {
  static constexpr int people = 150;

  Fixture() {
    for (int i = 0; i < people; ++i) {
      add_user(name(i));
      (void)bind(name(i), Kind::totp);
    }
    clock.pass(1h);
  }
  static std::string name(int i) { return "user" + std::to_string(1000 + i); }

  void forget_by_policy() {
    engine::SetPolicy request{.caller = admin,
                              .wish = {.audience = "staff",
                                       .policy = {.mode = Mode::required},
                                       .forget_enrollments = true},
                              .basis = "test"};
    bool done = false;
    engine::set_policy(context, std::move(request),
                       [&](const auto& set) { done = set.has_value(); });
    BOOST_TEST_REQUIRE(done);
  }
  std::string some(const engine::Forgetting& begun, const std::string& after) {
    Result<std::string> next = fail(Code::internal, "no answer");
    engine::forget_some(context, std::nullopt, begun, after,
                        [&](Result<std::string> answer) { next = std::move(answer); });
    BOOST_TEST_REQUIRE(next.has_value());
    return *next;
  }
  int active() {
    int count = 0;
    for (int i = 0; i < people; ++i)
      count += store.user_by_name(name(i)).value()->authenticators.front().status == Status::active
                   ? 1
                   : 0;
    return count;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(forgetting, Fixture)

BOOST_AUTO_TEST_CASE(C3_what_is_not_done_yet_is_noted_until_it_is) {
  forget_by_policy();
  const auto noted = engine::unfinished_forgetting(context).value();
  BOOST_TEST_REQUIRE(noted.size() == 1U);
  BOOST_TEST(active() == people);
  std::string after = some(noted.front(), {});
  BOOST_TEST(active() > 0);
  BOOST_TEST(active() < people);
  // It ends here: another start finds what is left, from the first user on.
  BOOST_TEST((engine::unfinished_forgetting(context).value() == noted));
  after.clear();
  do after = some(noted.front(), after);
  while (!after.empty());
  BOOST_TEST(active() == 0);
  BOOST_TEST(engine::unfinished_forgetting(context).value().empty());
}

BOOST_AUTO_TEST_CASE(C3_a_later_one_takes_the_place_of_an_earlier_one) {
  forget_by_policy();
  const auto first = engine::unfinished_forgetting(context).value();
  clock.pass(1h);
  forget_by_policy();
  const auto second = engine::unfinished_forgetting(context).value();
  BOOST_TEST_REQUIRE(second.size() == 1U);
  BOOST_TEST((second != first));
  std::string after;
  do after = some(first.front(), after);
  while (!after.empty());
  BOOST_TEST((engine::unfinished_forgetting(context).value() ==
              second));  // the first one's end is not the second one's
}

BOOST_AUTO_TEST_CASE(C3_a_code_of_a_forgotten_phone_is_denied_before_its_row_is_revoked) {
  const auto phone = bind(name(3), Kind::totp);
  clock.pass(1h);
  forget_by_policy();
  BOOST_TEST(!verify(name(3), totp_code(phone)).verified());
}

BOOST_AUTO_TEST_SUITE_END()
