// SPDX-License-Identifier: Apache-2.0
// T21 for taps: a child of the reader for each one, and nothing of them stays.
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "core/base/process_limits.h"
#include "tests/e2e/support/key_house.h"
#include "tests/e2e/support/processes.h"

using namespace countersign;
using namespace countersign::test;

namespace {

// Of one process, when nothing is going on.
struct Weight {
  std::size_t descriptors = 0;
  long rss = 0;  // KiB
};
Weight weigh(pid_t pid) { return {descriptors_of(pid).size(), status_kib(pid, "VmRSS")}; }

pid_t reader_of(const House& house) {
  const auto children = children_of(house.daemon.pid());
  const auto reader = std::ranges::find(children, "countersign-rea", name_of);
  if (reader == children.end()) throw std::runtime_error("the daemon has no reader");
  return *reader;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tap_growth,
                      *boost::unit_test::enable_if<!countersign::built_with_sanitizer>())

BOOST_AUTO_TEST_CASE(T21_three_hundred_taps_leave_no_trace_in_memory) {
  constexpr int warm_up = 100;
  constexpr int measured = 300;
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = house.plug("a", {"--profile", "no-pin"});
  (void)house.enroll("alice");
  const auto verify_many = [&](int count) {
    int verified = 0;
    for (int i = 0; i < count; ++i)
      if (house.daemon.call("POST", "/v1/verifications/tap", R"({"user":"alice","seconds":10})")
              .body.find(R"("verdict":"verified")") != std::string::npos)
        ++verified;
    return verified;
  };
  BOOST_TEST(verify_many(warm_up) == warm_up);
  const pid_t reader = reader_of(house);
  // The children of the last tap are gone, and with them their sockets; the one that watches stays.
  const auto settled = [&] {
    return becomes_true([&] { return children_of(reader).size() <= 1; }, 10'000);
  };
  BOOST_TEST(settled());
  const Weight daemon_before = weigh(house.daemon.pid());
  const Weight reader_before = weigh(reader);
  BOOST_TEST(verify_many(measured) == measured);
  BOOST_TEST(settled());
  BOOST_TEST(reader_of(house) == reader);  // the same one all the time
  // What the last tap opened is closed soon after its answer.
  const auto closed = [](pid_t pid, const Weight& before) {
    return becomes_true([&] { return weigh(pid).descriptors <= before.descriptors; }, 10'000);
  };
  BOOST_TEST(closed(house.daemon.pid(), daemon_before));
  BOOST_TEST(closed(reader, reader_before));
  const Weight daemon_after = weigh(house.daemon.pid());
  const Weight reader_after = weigh(reader);
  BOOST_TEST_MESSAGE("grown by " << daemon_after.rss - daemon_before.rss << " KiB (daemon), "
                                 << reader_after.rss - reader_before.rss << " KiB (reader)");
  BOOST_TEST(daemon_after.rss - daemon_before.rss < 1024);
  BOOST_TEST(reader_after.rss - reader_before.rss < 1024);
}

BOOST_AUTO_TEST_SUITE_END()
