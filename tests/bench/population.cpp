// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/population.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <numeric>
#include <stdexcept>

#include "core/encoding/base32.h"
#include "core/factors/hotp.h"
#include "daemon/api/codec/decode.h"
#include "daemon/api/codec/encode.h"
#include "daemon/api/imports.h"
#include "daemon/api/status.h"
#include "tests/bench/load.h"
#include "tests/bench/plain.h"

namespace countersign::bench {
namespace {

constexpr std::size_t rows_at_once = 1000;

std::string called(const test::DaemonProcess& daemon, const std::string& method,
                   const std::string& target, const std::string& body) {
  const client::Answer answer = daemon.call(method, target, body);
  if (answer.status != 200) throw std::runtime_error(method + " " + target + ": " + answer.body);
  return answer.body;
}

}  // namespace

Population::Population(std::size_t users)
    : daemon_(
          {.state = folder_ / "state", .socket = folder_ / "api.sock", .demo = true, .more = {}}) {
  for (std::size_t i = 0; i < users; ++i) {
    Bytes octets(20);
    for (Byte& octet : octets) octet = static_cast<Byte>(random_());
    secrets_.emplace_back(octets);
  }
  add_users(users);
  add_tokens();
  advance();
}

void Population::add_users(std::size_t count) {
  for (std::size_t i = 0; i < count; i += rows_at_once) {
    std::string body = "{\"users\":[";
    for (std::size_t k = i; k < std::min(count, i + rows_at_once); ++k)
      body += fmt::format("{}{{\"name\":\"{}\"}}", k == i ? "" : ",",
                          name_of(static_cast<std::int64_t>(k)));
    (void)called(daemon_, "POST", "/v1/users/batch", body + "]}");
  }
}

void Population::add_tokens() {
  const auto import = api::decode<api::ImportRef>(called(daemon_, "POST", "/v1/imports", "{}"));
  if (!import) throw std::runtime_error(import.error().what);
  const std::string path = "/v1/imports/" + import->id;
  for (std::size_t i = 0; i < secrets_.size(); i += rows_at_once) {
    std::string body = "{\"rows\":[";
    for (std::size_t k = i; k < std::min(secrets_.size(), i + rows_at_once); ++k) {
      body += fmt::format("{}{{\"user\":\"{}\",\"kind\":\"totp\",\"secret\":\"", k == i ? "" : ",",
                          name_of(static_cast<std::int64_t>(k)));
      formats::append_base32(body, secrets_[k].expose());
      body += "\"}";
    }
    (void)called(daemon_, "POST", path + "/rows", body + "]}");
  }
  (void)called(daemon_, "POST", path + "/finish", R"({"complete":true})");
}

void Population::advance() {
  const auto status =
      api::decode<api::StatusView>(called(daemon_, "PUT", "/v1/demo/clock", R"({"advance":90})"));
  if (!status) throw std::runtime_error(status.error().what);
  step_ = unix_seconds(status->time) / 30;
}

std::string Population::code(std::size_t user) const {
  return hotp::code_at({}, secrets_[user], step_);
}

std::vector<std::string> Population::verifications(std::size_t most) {
  std::vector<std::size_t> order(secrets_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::shuffle(order, random_);
  order.resize(std::min(most, order.size()));
  std::vector<std::string> requests;
  for (const std::size_t user : order)
    requests.push_back(
        http_request("POST", "/v1/verifications",
                     fmt::format(R"({{"user":"{}","code":"{}","service":"sshd"}})",
                                 name_of(static_cast<std::int64_t>(user)), code(user))));
  return requests;
}

// Two slots of 512 octets; at octet 8 of each how many times the epoch was written, big-endian
// (daemon/store/epoch.cpp).
std::int64_t transactions_by(const std::string& epoch_file) {
  std::ifstream file(epoch_file, std::ios::binary);
  std::int64_t most = 0;
  for (const int slot : {0, 512}) {
    std::int64_t count = 0;
    file.seekg(slot + 8);
    for (int i = 0; i < 8; ++i) count = count << 8 | file.get();
    most = std::max(most, count);
  }
  return most;
}

}  // namespace countersign::bench
