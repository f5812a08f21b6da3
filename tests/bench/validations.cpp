// SPDX-License-Identifier: Apache-2.0
// P1's rule for Yubico's validation protocol: OTPs verified through GET /wsapi/2.0/verify of the
// real daemon.
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <stdexcept>

#include "core/encoding/base32.h"
#include "core/encoding/modhex.h"
#include "core/factors/yubico_otp.h"
#include "daemon/api/clients.h"
#include "daemon/api/codec/decode.h"
#include "daemon/api/imports.h"
#include "tests/bench/figure.h"
#include "tests/bench/load.h"
#include "tests/bench/measure.h"
#include "tests/bench/plain.h"
#include "tests/bench/population.h"
#include "tests/bench/spawn.h"
#include "tests/support/daemon_process.h"

namespace countersign::bench {
namespace {

constexpr std::size_t users = 40'000, many = 64, warm = 2'000, rows_at_once = 1000;
constexpr std::string_view accepted = "status=OK";

// A port of localhost that nobody listens at now.
std::string free_place() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(fd);
  if (!bound) throw std::runtime_error("no free port");
  return fmt::format("127.0.0.1:{}", ntohs(address.sin_port));
}

std::string called(const test::DaemonProcess& daemon, const std::string& target,
                   const std::string& body) {
  const client::Answer answer = daemon.call("POST", target, body);
  if (answer.status != 200) throw std::runtime_error(target + ": " + answer.body);
  return answer.body;
}

// A daemon that serves the protocol, and people whose keys this program plays.
class Keys {
 public:
  Keys() {
    for (std::size_t i = 0; i < users; ++i) {
      Bytes octets(yubico_otp::material_size);
      for (Byte& octet : octets) octet = static_cast<Byte>(random_());
      materials_.emplace_back(octets);
    }
    enrol();
    const auto client =
        api::decode<api::ClientView>(called(daemon_, "/v1/clients", R"({"name":"bench"})"));
    if (!client) throw std::runtime_error(client.error().what);
    client_ = client->id;
  }

  [[nodiscard]] const std::string& place() const { return place_; }
  [[nodiscard]] std::int64_t transactions() const {
    return transactions_by(folder_ / "state.epoch");
  }

  // What each key types in its next power-up, in random order, as requests. The answers are signed.
  [[nodiscard]] std::vector<std::string> requests() {
    ++power_ups_;
    std::vector<std::size_t> order(users);
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::shuffle(order, random_);
    std::vector<std::string> out;
    for (const std::size_t i : order) {
      const auto block =
          yubico_otp::make(materials_[i], {.usage = power_ups_, .session = 0, .timestamp = 100},
                           static_cast<std::uint16_t>(random_()));
      out.push_back(
          http_request("GET", fmt::format("/wsapi/2.0/verify?id={}&nonce={:032x}&otp={}{}", client_,
                                          random_(), public_id(i), formats::modhex_encode(block))));
    }
    return out;
  }

 private:
  [[nodiscard]] static std::string public_id(std::size_t i) {
    Bytes octets{
        0xff, 0, 0, static_cast<Byte>(i >> 16U), static_cast<Byte>(i >> 8U), static_cast<Byte>(i)};
    return formats::modhex_encode(octets);
  }

  void enrol() {
    const auto import = api::decode<api::ImportRef>(called(daemon_, "/v1/imports", "{}"));
    if (!import) throw std::runtime_error(import.error().what);
    const std::string path = "/v1/imports/" + import->id;
    for (std::size_t i = 0; i < users; i += rows_at_once) {
      std::string people = "{\"users\":[", rows = "{\"rows\":[";
      for (std::size_t k = i; k < std::min(users, i + rows_at_once); ++k) {
        const std::string name = name_of(static_cast<std::int64_t>(k)), comma = k == i ? "" : ",";
        people += fmt::format("{}{{\"name\":\"{}\"}}", comma, name);
        rows += fmt::format(
            "{}{{\"user\":\"{}\",\"kind\":\"yubico-otp\",\"public_id\":\"{}\",\"secret\":\"", comma,
            name, public_id(k));
        formats::append_base32(rows, materials_[k].expose());
        rows += "\"}";
      }
      (void)called(daemon_, "/v1/users/batch", people + "]}");
      (void)called(daemon_, path + "/rows", rows + "]}");
    }
    (void)called(daemon_, path + "/finish", R"({"complete":true})");
  }

  test::TemporaryFolder folder_;
  std::string place_ = free_place();
  test::DaemonProcess daemon_{{.state = folder_ / "state",
                               .socket = folder_ / "api.sock",
                               .demo = true,
                               .more = {"--wsapi", place_}}};
  std::vector<Secret> materials_;
  std::int64_t client_ = 0;
  std::uint16_t power_ups_ = 0;
  std::mt19937_64 random_{1};
};

}  // namespace

void measure_validations(const Wanted& wanted, Figures& out) {
  if (!wanted("P1")) return;
  Keys keys;
  const test::TemporaryFolder folder;
  const std::string place = free_place();
  const Server echo({"bench-echo", folder / "echo.sock", place}, folder / "echo.sock");
  Plain plain(folder / "plain.db");
  plain.fill(users, users);
  std::vector<double> rates, bounds, echoes, durables, batches;
  for (int round = 0; round < rounds; ++round) {
    const auto requests = keys.requests();
    const std::int64_t before = keys.transactions();
    const Load load = run_load(keys.place(), many, requests, accepted, warm);
    if (load.good != load.answers)
      throw std::runtime_error(
          fmt::format("only {} of {} fresh OTPs were accepted", load.good, load.answers));
    rates.push_back(load.rate());
    batches.push_back(static_cast<double>(requests.size()) /
                      static_cast<double>(keys.transactions() - before));
    echoes.push_back(run_load(place, many, requests, accepted, warm).rate());
    durables.push_back(plain.verifications(
        static_cast<std::size_t>(std::lround(std::max(1.0, batches.back()))), users));
    bounds.push_back(std::min(echoes.back(), durables.back()));
  }
  out.push_back(make_figure(
      "P1", median(rates), "/s", median(bounds), Goal::at_least, 0.75,
      fmt::format("Yubico OTPs through /wsapi/2.0/verify, answers signed, 64 TCP connections, {} "
                  "keys, mean batch {:.0f}; limit: min(echo of the same stack "
                  "{:.0f}/s, SQLite FULL at this batch {:.0f}/s)",
                  users, median(batches), median(echoes), median(durables))));
}

}  // namespace countersign::bench
