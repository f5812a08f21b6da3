// SPDX-License-Identifier: Apache-2.0
// P4: what follows the proof of a machine, with a million of them.
#include <fmt/format.h>

#include <random>
#include <stdexcept>

#include "tests/bench/figure.h"
#include "tests/bench/load.h"
#include "tests/bench/machines.h"
#include "tests/bench/measure.h"
#include "tests/bench/plain.h"
#include "tests/bench/spawn.h"
#include "tests/support/daemon_process.h"

namespace countersign::bench {
namespace {

constexpr std::size_t many = 64;
constexpr std::size_t warm = 4'000;
constexpr std::size_t count = 60'000;

// The code stands for the machine: its key hashes to the handle.
std::vector<std::string> random_requests() {
  std::mt19937_64 random(4);
  std::vector<std::string> requests;
  for (std::size_t i = 0; i < count; ++i) {
    const auto machine = static_cast<std::int64_t>(random() % machines);
    requests.push_back(
        http_request("POST", "/v1/verifications",
                     fmt::format(R"({{"user":"{}","code":"{:06}","service":"login"}})",
                                 name_of(user_of_machine(machine)), machine)));
  }
  return requests;
}

Load run(const Server& server, const std::vector<std::string>& requests) {
  Load load = run_load(server.socket(), many, requests, R"("verdict":"verified")", warm);
  if (load.good != load.answers)
    throw std::runtime_error(
        fmt::format("only {} of {} machines were recognized", load.good, load.answers));
  return load;
}

}  // namespace

void measure_recognition(const Wanted& wanted, Figures& out) {
  if (!wanted("P4")) return;
  const test::TemporaryFolder folder;
  fill_machines(folder / "state");
  const double octets = index_octets(folder / "state");
  const Server echo({"bench-echo", folder / "echo.sock"}, folder / "echo.sock");
  const Server look({"bench-look", folder / "look.sock", folder / "state"}, folder / "look.sock");
  const auto requests = random_requests();
  std::vector<double> looks, echoes;  // p99 of each round
  const Medians rates = interleave(
      [&] {
        const Load load = run(look, requests);
        looks.push_back(quantile(load.microseconds, 0.99));
        return load.rate();
      },
      [&] {
        const Load load = run(echo, requests);
        echoes.push_back(quantile(load.microseconds, 0.99));
        return load.rate();
      });
  out.push_back(make_figure("P4", rates.figure, "/s", rates.limit, Goal::at_least, 0.75,
                            "user and machine looked up, fingerprints compared, recognition "
                            "judged, 1M machines, 64 connections; limit: the same stack without"));
  out.push_back(make_figure("P4", median(looks), "us", median(echoes), Goal::at_most, 1.5,
                            "p99 of the same; limit: p99 of the stack without"));
  out.push_back(make_figure("P4", octets, "B", 64, Goal::at_most, 1,
                            "index entry of a machine, by SQLite's own count of pages; limit: 64"));
}

}  // namespace countersign::bench
