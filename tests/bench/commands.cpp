// SPDX-License-Identifier: Apache-2.0
// P8 and P13: the command line as people and scripts run it.
#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <stdexcept>

#include "core/encoding/base32.h"
#include "tests/bench/figure.h"
#include "tests/bench/load.h"
#include "tests/bench/measure.h"
#include "tests/bench/plain.h"
#include "tests/bench/population.h"
#include "tests/bench/spawn.h"

namespace countersign::bench {
namespace {

constexpr std::size_t rows = 100'000;

void measure_verify(Figures& out) {
  constexpr std::size_t runs = 60;
  Population population(runs);
  const std::string command = test::program("countersign");
  std::vector<double> waits;
  const Medians medians = interleave(
      [&] {
        std::vector<double> times;
        population.advance();
        waits.push_back(
            median(
                run_load(population.socket(), 1, population.verifications(runs), "").microseconds) /
            1e3);
        population.advance();
        for (std::size_t user = 0; user < runs; ++user)
          times.push_back(run_time({command, "--socket", population.socket(), "verify", "--user",
                                    name_of(static_cast<std::int64_t>(user)), "--code",
                                    population.code(user)}));
        return median(times);
      },
      [&] {
        std::vector<double> times;
        for (std::size_t i = 0; i < runs; ++i)
          times.push_back(run_time({test::program("bench-minimal"), ""}));
        return median(times);
      });
  out.push_back(make_figure(
      "P8", medians.figure, "ms", medians.limit, Goal::at_most, 1.5,
      fmt::format("countersign verify --code, accepted; limit: a minimal dynamic C++ process. The "
                  "daemon's durable answer, {:.2f} ms alone, is in it: without it {:.2f}",
                  median(waits), (medians.figure - median(waits)) / medians.limit)));
}

// One tap, through CLI, daemon, reader, libfido2 and a software key that touches itself, and what
// of it is which stage's.
void measure_tap(Figures& out) {
  constexpr int runs = 20;
  const test::TemporaryFolder folder;
  const test::DaemonProcess daemon({.state = folder / "state",
                                    .socket = folder / "socket",
                                    .demo = true,
                                    .more = {"--virtual", "fido2:no-pin"}});
  const auto timed = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {test::program("countersign"), "--socket", daemon.socket()});
    std::vector<double> times;
    for (int i = 0; i < runs; ++i) times.push_back(run_time(words));
    return median(times);
  };
  if (daemon.cli({"user", "add", "alice"}).exit_code != 0 ||
      daemon.cli({"enroll", "fido2", "--user", "alice"}).exit_code != 0)
    throw std::runtime_error("no key was enrolled");
  std::vector<double> status, taps;
  const Medians medians = interleave(
      [&] {
        status.push_back(timed({"status"}));
        taps.push_back(timed({"verify", "--tap", "--user", "alice"}));
        return timed({"device", "info"});
      },
      [&] {
        std::vector<double> times;
        for (int i = 0; i < runs; ++i)
          times.push_back(run_time({test::program("bench-token-floor")}));
        return median(times);
      });
  out.push_back(make_figure(
      "P8", medians.figure, "ms", medians.limit, Goal::at_most, 1.5,
      fmt::format("countersign device info: opens a token and asks what it is; limit: a process "
                  "with libfido2 and OpenSSL initialised. A whole verify --tap is {:.1f} ms: "
                  "command and daemon {:.1f}, the reader's child and opening {:.1f}, pre-flight, "
                  "assertion and verdict {:.1f}",
                  median(taps), median(status), medians.figure - median(status),
                  median(taps) - medians.figure)));
}

Bytes secret_of(std::size_t row) {
  Bytes secret(20, 0x5A);
  for (std::size_t i = 0; i < 8; ++i) secret[i] = static_cast<Byte>(row >> (8 * i));
  return secret;
}

void write_csv(const std::string& path) {
  std::ofstream file(path);
  file << "serial,secret,type,digits,period\n";
  for (std::size_t row = 0; row < rows; ++row) {
    std::string secret;
    formats::append_base32(secret, secret_of(row));
    file << fmt::format("SN{:08},{},totp,6,30\n", row, secret);
  }
}

void write_pskc(const std::string& path) {
  std::ofstream file(path);
  file << R"(<?xml version="1.0" encoding="UTF-8"?>)"
          "\n"
          R"(<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">)"
          "\n";
  for (std::size_t row = 0; row < rows; ++row) {
    const Bytes octets = secret_of(row);
    std::array<unsigned char, 32> secret{};
    EVP_EncodeBlock(secret.data(), octets.data(), static_cast<int>(octets.size()));
    file << fmt::format(
        R"(<KeyPackage><DeviceInfo><Manufacturer>Maker</Manufacturer><SerialNo>SN{0:08}</SerialNo></DeviceInfo><Key Id="{0}" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:totp">)"
        R"(<AlgorithmParameters><ResponseFormat Length="6" Encoding="DECIMAL"/></AlgorithmParameters><Data><Secret><PlainValue>{1}</PlainValue></Secret>)"
        R"(<Time><PlainValue>0</PlainValue></Time><TimeInterval><PlainValue>30</PlainValue></TimeInterval></Data></Key></KeyPackage>)"
        "\n",
        row, reinterpret_cast<const char*>(secret.data()));
  }
  file << "</KeyContainer>\n";
}

void measure_import(const std::string& format, void (*write)(const std::string&), Figures& out) {
  const test::TemporaryFolder folder;
  write(folder / "tokens");
  int round = 0;
  const Medians medians = interleave(
      [&] {
        const std::string name = fmt::format("{}", ++round);
        const test::DaemonProcess daemon({.state = folder / ("state" + name),
                                          .socket = folder / (name + ".sock"),
                                          .demo = true,
                                          .more = {}});
        return rows /
               run_time({test::program("countersign"), "--socket", daemon.socket(), "import",
                         format, "--stock", folder / "tokens"}) *
               1e3;
      },
      [&] { return Plain(folder / fmt::format("plain{}.db", round)).inserts(1024, rows); });
  out.push_back(
      make_figure("P13", medians.figure, "/s", medians.limit, Goal::at_least, 0.3,
                  "countersign import " + format +
                      ", 100,000 rows; limit: SQLite's rate of such rows at batches of 1024"));
}

}  // namespace

void measure_commands(const Wanted& wanted, Figures& out) {
  if (wanted("P8")) {
    measure_verify(out);
    measure_tap(out);
  }
  if (wanted("P13")) {
    measure_import("csv", write_csv, out);
    measure_import("pskc", write_pskc, out);
  }
}

}  // namespace countersign::bench
