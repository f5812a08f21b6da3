// SPDX-License-Identifier: Apache-2.0
// The overlap that SQLite before 3.51.3 does not survive (sqlite.org/wal.html, "WAL-reset bug"): a
// checkpoint has copied all of the log; the next one begins, and before it copies anything, a
// commit starts the log over.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <future>

#include "tests/daemon/store/fault_vfs.h"
#include "tests/daemon/store/fixtures.h"

using namespace countersign;
using namespace countersign::store_test;

BOOST_AUTO_TEST_SUITE(checkpoints)

namespace {

constexpr std::size_t frames_each = 50;  // about, with pages of 4 KiB

class Log {
 public:
  Log()
      : store_(SqliteStore::create({.folder = folder_ / "state", .vfs = fault_vfs()},
                                   StoreKind::production, {})
                   .value()) {
    BOOST_REQUIRE(store_->start(test_signer()).has_value());
  }
  ~Log() {
    store_.reset();
    set_during_checkpoint({});
  }

  // Any thread.
  void commit_one() {
    const int i = next_++;
    BOOST_TEST(applied(commit(*store_, {.writes = {Setting{.name = name(i), .value = value(i)}},
                                        .events = {event("setting")}})));
  }
  void commit_frames(std::size_t frames) {
    for (std::size_t i = 0; i < frames / frames_each; ++i) commit_one();
  }

  void check_all_is_there() {
    store_.reset();
    store_ = SqliteStore::open({.folder = folder_ / "state"}).value();
    int lost = 0;
    for (int i = 0; i < next_; ++i) {
      const auto setting = store_->setting(name(i));
      if (!setting || setting->value != value(i)) ++lost;
    }
    BOOST_TEST(lost == 0, lost << " of " << next_ << " commits are lost");
    BOOST_TEST(verify_chain(*store_, test_signer()->public_key()).has_value());
  }

 private:
  static std::string name(int i) { return "s" + std::to_string(i); }
  static Bytes value(int i) { return Bytes(frames_each * 4000, static_cast<std::uint8_t>(i)); }

  TemporaryFolder folder_;
  std::atomic<int> next_ = 0;
  std::unique_ptr<SqliteStore> store_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(T03_no_commit_starts_the_log_over_under_a_checkpoint) {
  Log log;
  std::atomic<int> passes = 0;
  std::promise<void> first, second;
  set_during_checkpoint({.begun =
                             [&] {
                               // All of this is copied by the first pass, and is reason enough for
                               // a second.
                               if (++passes == 1) log.commit_frames(Checkpointer::step + 500);
                             },
                         .header_read =
                             [&] {
                               if (passes == 1) return first.set_value();  // it copies all there is
                               if (passes > 2) return;
                               log.commit_one();
                               second.set_value();
                             }});
  auto begun = first.get_future();
  log.commit_frames(Checkpointer::step + frames_each);
  begun.wait();
  // Where a second pass follows at once, it comes now. Where it waits for a commit, there is
  // nothing to see.
  (void)second.get_future().wait_for(std::chrono::seconds(1));
  log.commit_frames(4 * Checkpointer::longest);
  log.check_all_is_there();
  BOOST_TEST(passes > 4);
}

BOOST_AUTO_TEST_SUITE_END()
