// SPDX-License-Identifier: Apache-2.0
// P11 and P12: a million enrolments.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <stdexcept>

#include "daemon/store/sqlite_store.h"
#include "tests/bench/figure.h"
#include "tests/bench/measure.h"
#include "tests/bench/plain.h"
#include "tests/support/daemon_process.h"

namespace countersign::bench {
namespace {

constexpr std::int64_t million = 1'000'000;
constexpr double mebibyte = 1024 * 1024;

// Straight into a store that a daemon has made and left.
void fill(const std::string& folder) {
  auto store = SqliteStore::open({.folder = folder});
  if (!store) throw std::runtime_error(store.error().what);
  if (auto started =
          (*store)->start(std::make_shared<const crypto::Signer>(Secret(std::size_t{32})));
      !started)
    throw std::runtime_error(started.error().what);
  constexpr std::int64_t at_once = 2000;
  for (std::int64_t i = 0; i < million; i += at_once) {
    Change change;
    for (std::int64_t k = i; k < i + at_once; ++k) {
      change.writes.emplace_back(person(k));
      change.writes.emplace_back(enrolment(k));
    }
    std::promise<Result<Applied>> done;
    (*store)->commit(std::move(change),
                     [&](Result<Applied> result) { done.set_value(std::move(result)); });
    const auto result = done.get_future().get();
    if (!result || *result != Applied::yes) throw std::runtime_error("the store can't be filled");
  }
}

double resident(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) * 1024 / mebibyte;
  return 0;
}

}  // namespace

void measure_million(const Wanted& wanted, Figures& out) {
  if (!wanted("P11") && !wanted("P12")) return;
  const test::TemporaryFolder folder;
  test::DaemonProcess daemon(
      {.state = folder / "state", .socket = folder / "api.sock", .demo = true, .more = {}});
  (void)daemon.call("GET", "/v1/status");
  const double idle = resident(daemon.pid());
  (void)daemon.stop();
  fill(folder / "state");
  Plain plain(folder / "plain.db");
  plain.fill(million, million);
  if (wanted("P11")) {
    const Medians medians = interleave(
        [&] {
          const double begin = seconds();
          daemon.start();
          (void)daemon.call("GET", "/v1/users/user0500000");
          const double time = (seconds() - begin) * 1e3;
          (void)daemon.stop();
          return time;
        },
        [&] { return plain.scan() * 1e3; });
    out.push_back(make_figure(
        "P11", medians.figure, "ms", medians.limit, Goal::at_most, 1.2,
        "daemon start to its first answer with 1M enrolments; limit: a full table scan by SQLite"));
    out.push_back(
        make_figure("P11", idle, "MiB", 16, Goal::at_most, 1,
                    "resident memory of an idle daemon without enrolments; limit: 16 MiB"));
  }
  if (wanted("P12")) {
    const auto size = [&](const std::string& name) {
      return static_cast<double>(std::filesystem::file_size(folder / name)) / 1e6;
    };
    out.push_back(
        make_figure("P12", size("state/store.db"), "MB", size("plain.db"), Goal::at_most, 1.25,
                    "database of 1M users and enrolments; limit: plain tables without indexes"));
  }
}

}  // namespace countersign::bench
