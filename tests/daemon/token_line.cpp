// SPDX-License-Identifier: Apache-2.0
#include "daemon/tokens/line.h"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace countersign;

namespace {

struct Place {
  Holder holder;
};
using Line = tokens::Line<Place>;

std::shared_ptr<Place> place_of(std::uint32_t uid, Share share = Share::own) {
  return std::make_shared<Place>(Place{{.uid = uid, .share = share}});
}

// How many of them find a place.
int joined(Line& line, std::uint32_t uid, Share share, int tries) {
  int in = 0;
  for (int i = 0; i < tries; ++i) in += line.join(place_of(uid, share)) ? 1 : 0;
  return in;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(token_line)

BOOST_AUTO_TEST_CASE(T54_one_uid_does_not_take_every_place_at_the_tokens) {
  Line line;
  BOOST_TEST(joined(line, 1000, Share::own, 16) == 2);
  BOOST_TEST(joined(line, 1001, Share::own, 1) == 1);
  for (std::uint32_t uid = 1002; uid < 1030; ++uid) (void)joined(line, uid, Share::own, 2);
  BOOST_TEST(joined(line, 2000, Share::own, 1) == 0);
  BOOST_TEST(joined(line, 33, Share::others, 16) == 4);  // what is kept for verifiers
  BOOST_TEST(joined(line, 0, Share::root, 16) == 2);     // and for root
}

BOOST_AUTO_TEST_CASE(T54_turns_at_the_tokens_go_round_and_root_comes_first) {
  Line line;
  const std::vector places{place_of(1000), place_of(1000), place_of(1001),
                           place_of(0, Share::root)};
  for (const auto& each : places) BOOST_TEST_REQUIRE(line.join(each));
  std::vector<std::uint32_t> served;
  while (const auto place = line.next()) {
    BOOST_TEST(line.next() == nullptr);  // one at a time
    BOOST_TEST(line.others_wait() == (served.size() < 3));
    served.push_back(place->holder.uid);
    line.leave(place.get());
  }
  const std::vector<std::uint32_t> fair{0, 1000, 1001, 1000};
  BOOST_TEST(served == fair, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(who_leaves_before_their_turn_is_not_served) {
  Line line;
  const auto gone = place_of(1000);
  BOOST_TEST(line.join(gone));
  line.leave(gone.get());
  BOOST_TEST(line.next() == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
