// SPDX-License-Identifier: Apache-2.0
// P5: what an API call costs beyond HTTP.
#include <fmt/format.h>

#include <stdexcept>

#include "tests/bench/figure.h"
#include "tests/bench/load.h"
#include "tests/bench/measure.h"
#include "tests/bench/population.h"
#include "tests/bench/spawn.h"

namespace countersign::bench {

void measure_calls(const Wanted& wanted, Figures& out) {
  if (!wanted("P5")) return;
  constexpr std::size_t calls = 8'000;
  constexpr std::size_t warm = 1'000;
  const Population population(100);
  const std::string target = "/v1/users/user0000042";
  const client::Answer answer = population.call("GET", target);
  const test::TemporaryFolder folder;
  const Server bare({"bench-bare-echo", folder / "bare.sock", std::to_string(answer.body.size())},
                    folder / "bare.sock");
  const std::vector<std::string> requests(calls, http_request("GET", target));
  const auto p50 = [&](const std::string& socket) {
    return median(run_load(socket, 1, requests, "200 OK", warm).microseconds);
  };
  const Medians medians =
      interleave([&] { return p50(population.socket()); }, [&] { return p50(bare.socket()); });
  out.push_back(make_figure("P5", medians.figure, "us", medians.limit, Goal::at_most, 1.15,
                            fmt::format("p50 of GET /v1/users/NAME ({} bytes) on a warm "
                                        "connection; limit: bare Beast echo of as many bytes",
                                        answer.body.size())));
}

}  // namespace countersign::bench
