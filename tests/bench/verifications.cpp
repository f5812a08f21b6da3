// SPDX-License-Identifier: Apache-2.0
// P1, P2, P3, P14: verifications through the API of the real daemon.
#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "tests/bench/figure.h"
#include "tests/bench/load.h"
#include "tests/bench/measure.h"
#include "tests/bench/peers.h"
#include "tests/bench/plain.h"
#include "tests/bench/population.h"
#include "tests/bench/spawn.h"

namespace countersign::bench {
namespace {

constexpr std::size_t users = 40'000;
constexpr std::size_t many = 64;
constexpr std::size_t warm = 2'000;
constexpr std::string_view verified = R"("verdict":"verified")";

std::vector<std::string> echo_requests(std::size_t count) {
  return {count, http_request("POST", "/v1/verifications",
                              R"({"user":"user0012345","code":"123456","service":"sshd"})")};
}

void require_good(const Load& load) {
  if (load.good * 100 < load.answers * 99)
    throw std::runtime_error(
        fmt::format("only {} of {} fresh codes were verified", load.good, load.answers));
}

// What the machine gives: the HTTP stack alone, and SQLite alone.
class Limits {
 public:
  Limits()
      : echo_({"bench-echo", folder_ / "echo.sock"}, folder_ / "echo.sock"),
        plain_(folder_ / "plain.db") {
    plain_.fill(users, users);
  }

  double echo_rate() {
    return run_load(echo_.socket(), many, echo_requests(users), "verdict", warm).rate();
  }
  double round_trip() {
    return median(run_load(echo_.socket(), 1, echo_requests(2'000), "verdict", 200).microseconds);
  }
  double durable_rate(double batch) {
    return plain_.verifications(static_cast<std::size_t>(std::lround(std::max(1.0, batch))), users);
  }
  double one_commit() {
    std::vector<double> each;
    for (int i = 0; i < 300; ++i) each.push_back(1e6 / plain_.verifications(1, 1));
    return median(each);
  }

 private:
  test::TemporaryFolder folder_;
  Server echo_;
  Plain plain_;
};

struct Crowd {
  double rate = 0, batch = 0, p50 = 0, p99 = 0;
};

Crowd run_crowd(Population& population) {
  population.advance();
  const auto requests = population.verifications(users);
  const std::int64_t before = population.transactions();
  const Load load = run_load(population.socket(), many, requests, verified, warm);
  require_good(load);
  return {.rate = load.rate(),
          .batch = static_cast<double>(requests.size()) /
                   static_cast<double>(population.transactions() - before),
          .p50 = median(load.microseconds),
          .p99 = quantile(load.microseconds, 0.99)};
}

void measure_crowd(const Wanted& wanted, Population& population, Limits& limits, Figures& out) {
  std::vector<double> rates, bounds, echoes, durables, batches, p50s, p99s, peers, ours, theirs;
  std::string peer = "no peer could be measured here";
  for (int round = 0; round < rounds; ++round) {
    const Crowd crowd = run_crowd(population);
    rates.push_back(crowd.rate);
    batches.push_back(crowd.batch);
    p50s.push_back(crowd.p50);
    p99s.push_back(crowd.p99);
    if (wanted("P1")) {
      echoes.push_back(limits.echo_rate());
      durables.push_back(limits.durable_rate(crowd.batch));
      bounds.push_back(std::min(echoes.back(), durables.back()));
    }
    if (wanted("P14"))
      if (const Peer best = best_peer(); best.rate > 0) {
        peers.push_back(best.rate);
        peer = best.name;
      }
    if (wanted("P14"))
      if (const Modules modules = modules_alone(); modules.theirs.rate > 0) {
        ours.push_back(modules.ours);
        theirs.push_back(modules.theirs.rate);
      }
  }
  if (wanted("P1"))
    out.push_back(
        make_figure("P1", median(rates), "/s", median(bounds), Goal::at_least, 0.75,
                    fmt::format("durable TOTP verifications, 64 connections, {} users, mean batch "
                                "{:.0f}; limit: min(echo of the same stack {:.0f}/s, "
                                "SQLite FULL at this batch {:.0f}/s)",
                                users, median(batches), median(echoes), median(durables))));
  if (wanted("P3"))
    out.push_back(make_figure(
        "P3", median(p99s), "us", median(p50s), Goal::at_most, 2,
        "p99 of a verification at 64 connections, checkpoints running; limit: its p50"));
  if (wanted("P14") && !peers.empty())
    out.push_back(
        make_figure("P14", median(rates), "/s", median(peers), Goal::at_least, 50,
                    "verifications, API at 64 connections; limit: the best durable peer, " + peer));
  if (wanted("P14") && !theirs.empty())
    out.push_back(make_figure("P14", median(ours), "/s", median(theirs), Goal::at_least, 1,
                              "verifications, our PAM module in an in-process loop, one client; "
                              "limit: theirs in the same loop"));
}

void measure_alone(Population& population, Limits& limits, Figures& out) {
  double round_trip = 0, commit = 0;
  const Medians medians = interleave(
      [&] {
        population.advance();
        const Load load =
            run_load(population.socket(), 1, population.verifications(1'000), verified, 100);
        require_good(load);
        return median(load.microseconds);
      },
      [&] { return (round_trip = limits.round_trip()) + (commit = limits.one_commit()); });
  out.push_back(
      make_figure("P2", medians.figure, "us", medians.limit, Goal::at_most, 1.25,
                  fmt::format("p50 of a durable verification, one client; limit: round trip of the "
                              "same stack ({:.0f}) + one FULL commit of the same rows ({:.0f})",
                              round_trip, commit)));
}

}  // namespace

void measure_verifications(const Wanted& wanted, Figures& out) {
  const bool crowd = wanted("P1") || wanted("P3") || wanted("P14");
  if (!crowd && !wanted("P2")) return;
  Population population(users);
  Limits limits;
  if (crowd) measure_crowd(wanted, population, limits, out);
  if (wanted("P2")) measure_alone(population, limits, out);
}

}  // namespace countersign::bench
