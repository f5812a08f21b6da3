// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/workers.h"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <future>
#include <string>

using namespace countersign;
using http::Workers;

namespace {

constexpr Holder alice{.uid = 1000}, bob{.uid = 1001}, carol{.uid = 1002};
constexpr Holder web{.uid = 33, .share = Share::others}, root{.uid = 0, .share = Share::root};

bool comes(std::future<void>& done) {
  return done.wait_for(std::chrono::seconds(30)) == std::future_status::ready;
}

// Tasks that last until it is opened.
class Gate {
 public:
  void hold(Workers& workers, const Holder& holder, int tasks) {
    for (int i = 0; i < tasks; ++i) workers.work(holder, [opened = opened_] { opened.wait(); });
  }
  void open() { open_.set_value(); }

 private:
  std::promise<void> open_;
  std::shared_future<void> opened_ = open_.get_future().share();
};

std::future<void> task_of(Workers& workers, const Holder& holder) {
  std::promise<void> done;
  auto future = done.get_future();
  workers.work(holder, [done = std::move(done)]() mutable { done.set_value(); });
  return future;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(workers)

BOOST_AUTO_TEST_CASE(T54_slow_requests_of_one_uid_leave_a_worker_for_others) {
  Gate gate;
  Workers workers(2);
  gate.hold(workers, alice, 200);
  auto bobs = task_of(workers, bob);
  BOOST_TEST(comes(bobs));
  auto verifiers = task_of(workers, web);
  BOOST_TEST(comes(verifiers));
  gate.open();
}

BOOST_AUTO_TEST_CASE(T54_root_and_verifiers_always_get_a_worker) {
  Gate gate;
  Workers workers(2);
  gate.hold(workers, alice, 50);
  gate.hold(workers, bob, 50);
  gate.hold(workers, carol, 50);
  for (const Holder& holder : {web, root}) {
    auto done = task_of(workers, holder);
    BOOST_TEST(comes(done));
  }
  gate.open();
}

BOOST_AUTO_TEST_CASE(T54_turns_go_round_among_those_who_wait) {
  std::string order;
  std::promise<void> begin;
  {
    Workers workers(1);
    workers.work(carol, [opened = begin.get_future().share()] { opened.wait(); });
    for (int i = 0; i < 3; ++i) workers.work(alice, [&order] { order += 'a'; });
    workers.work(bob, [&order] { order += 'b'; });
    begin.set_value();
  }
  BOOST_TEST(order == "abaa");
}

BOOST_AUTO_TEST_CASE(what_waits_at_the_end_is_run) {
  std::atomic<int> ran = 0;
  {
    Workers workers(2);
    for (const Holder& holder : {alice, bob, web, root})
      for (int i = 0; i < 100; ++i) workers.work(holder, [&ran] { ++ran; });
  }
  BOOST_TEST(ran == 400);
}

BOOST_AUTO_TEST_SUITE_END()
