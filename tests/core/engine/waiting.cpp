// SPDX-License-Identifier: Apache-2.0
// What waits for its second step: written by its table of fields, sealed, its owner's alone.
#include "core/engine/pending/waiting.h"

#include "core/engine/enrollment/pending_enrollment.h"
#include "core/engine/verification/challenge.h"
#include "tests/core/engine/fixture.h"

using namespace countersign;
using namespace std::chrono_literals;

namespace {

struct Inner {
  Bytes octets;
  bool operator==(const Inner&) const = default;
  static auto fields(auto& i) { return std::tie(i.octets); }
};
enum class Colour { red, green };
struct Sample {
  std::string text;
  std::int64_t number = 0;
  bool flag = false;
  Colour colour = Colour::red;
  UserId user;
  Time time{};
  std::optional<std::string> maybe, none;
  std::vector<Inner> all;
  Basis basis;
  bool operator==(const Sample&) const = default;

  static constexpr std::string_view waits_as = "sample";
  static std::uint64_t owner(const Caller& caller) {
    return engine::owner_for(caller, "sample " + caller.service);
  }
  static auto fields(auto& s) {
    return std::tie(s.text, s.number, s.flag, s.colour, s.user, s.time, s.maybe, s.none, s.all,
                    s.basis);
  }
};

const Sample sample{.text = std::string("a\n\0b", 4),
                    .number = -7,
                    .flag = true,
                    .colour = Colour::green,
                    .user = {42},
                    .time = from_unix_ms(1'700'000'000'123),
                    .maybe = "",
                    .all = {{{1, 2, 3}}, {{}}},
                    .basis = Basis::fresh("alice")};

struct Fixture : test::EngineFixture {
  const Caller shop{.uid = 33, .pid = 5, .service = "shop"};

  engine::Place place(const std::string& id) const {
    return {.id = id,
            .owner = Sample::owner(shop),
            .holder = shop.holder(),
            .expires = context.clock.read().now + 60s,
            .most_per_owner = 2};
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(waiting, Fixture)

BOOST_AUTO_TEST_CASE(a_record_is_read_as_it_was_written) {
  const auto again = engine::decode_record<Sample>(engine::encode_record(sample));
  BOOST_TEST_REQUIRE(again.has_value());
  BOOST_TEST((*again == sample));
}

BOOST_AUTO_TEST_CASE(a_record_that_is_cut_off_or_longer_is_refused) {
  const Secret whole = engine::encode_record(sample);
  for (std::size_t size = 0; size < whole.size(); ++size)
    BOOST_TEST(!engine::decode_record<Sample>(Secret(whole.expose().first(size))), size);
  BOOST_TEST(!engine::decode_record<Sample>(Secret(std::string(whole.expose_text()) + "x")));
  // Lengths that claim more than there is.
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Secret wrong = whole.copy();
    wrong.expose_mutable()[at] = 0x7f;
    (void)engine::decode_record<Sample>(wrong);
  }
}

BOOST_AUTO_TEST_CASE(T23_only_its_owner_takes_it_and_once) {
  BOOST_TEST_REQUIRE(engine::hold(context, place("one"), sample).has_value());
  const auto take = [&](const Caller& caller) {
    return engine::take<Sample>(context, caller, "one").has_value();
  };
  BOOST_TEST(!take({.uid = 33, .pid = 5, .service = "bank"}));
  BOOST_TEST(!take({.uid = 34, .pid = 5, .service = "shop"}));
  BOOST_TEST(take(shop));
  BOOST_TEST(!take(shop));
}

BOOST_AUTO_TEST_CASE(T23_one_kind_of_thing_is_not_read_as_another) {
  BOOST_TEST_REQUIRE(engine::hold(context, place("one"), sample).has_value());
  BOOST_TEST(!engine::look<engine::PendingEnrollment>(context, "one").has_value());
  BOOST_TEST(!engine::look<engine::Challenge>(context, "one").has_value());
  BOOST_TEST(engine::look<Sample>(context, "one").has_value());
}

BOOST_AUTO_TEST_CASE(an_owner_has_so_many_at_most_and_each_for_its_time) {
  BOOST_TEST(engine::hold(context, place("one"), sample).has_value());
  BOOST_TEST(engine::hold(context, place("two"), sample).has_value());
  const auto third = engine::hold(context, place("three"), sample);
  BOOST_TEST_REQUIRE(!third.has_value());
  BOOST_TEST((third.error().code == Code::exhausted));
  clock.pass(60s);
  BOOST_TEST(!engine::look<Sample>(context, "one").has_value());
  BOOST_TEST(engine::hold(context, place("three"), sample).has_value());
}

BOOST_AUTO_TEST_CASE(what_was_replaced_is_not_taken_by_who_saw_it_before) {
  BOOST_TEST_REQUIRE(engine::hold(context, place("one"), sample).has_value());
  const auto before = engine::look<Sample>(context, "one");
  auto newer = engine::look<Sample>(context, "one");
  ++newer->value.number;
  BOOST_TEST(engine::replace(context, *newer).has_value());
  BOOST_TEST(!engine::take(context, *before).has_value());
  BOOST_TEST(engine::look<Sample>(context, "one")->value.number == sample.number + 1);
  BOOST_TEST(engine::take(context, *newer).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
