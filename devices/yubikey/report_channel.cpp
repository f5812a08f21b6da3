// SPDX-License-Identifier: Apache-2.0
#include "devices/yubikey/report_channel.h"

#include <algorithm>
#include <thread>

#include "core/base/secret.h"
#include "core/base/try.h"
#include "core/encoding/crc13239.h"

namespace countersign::devices::yubikey {
namespace {

using Report = ReportChannel::Report;

// The last octet of a report.
constexpr Byte response = 0x40, waiting = 0x20, part_number = 0x1f;
constexpr std::size_t most_parts = 16;

constexpr std::chrono::milliseconds look_again{10};
constexpr std::chrono::milliseconds key_budget{1000};  // for what a key does by itself

}  // namespace

std::optional<Loss> ReportChannel::over(const Deadline& deadline) const {
  if (cancelled_) return Loss::cancelled;
  if (deadline.passed()) return Loss::timed_out;
  return std::nullopt;
}

std::expected<Status, Loss> ReportChannel::status() {
  abort();  // of whoever had the key before
  auto report = TRY(read());
  if ((report.back() & response) != 0) return std::unexpected(Loss::malformed);
  return status_from(BytesView(report).subspan(1));
}

std::expected<void, Loss> ReportChannel::send_padded(Command command, BytesView payload) {
  std::array<Byte, payload_size> padded{};
  std::ranges::copy(payload.first(std::min(payload.size(), padded.size())), padded.begin());
  auto sent = send(command, padded);
  wipe(padded.data(), padded.size());
  return sent;
}

// The first report that has a part of the answer.
std::expected<Report, Loss> ReportChannel::await_answer(const Deadline& deadline,
                                                        const std::function<void()>& wants_touch) {
  const Deadline own = Deadline::in(key_budget);
  bool touch = false;
  for (;;) {
    if (const auto ended = over(deadline)) return std::unexpected(*ended);
    auto report = read();
    if (!report || (report->back() & response) != 0) return report;
    if ((report->back() & waiting) != 0) {
      if (!std::exchange(touch, true)) wants_touch();
    } else if (touch) {
      return std::unexpected(Loss::timed_out);  // the key gave up waiting
    } else if (own.passed()) {
      return std::unexpected((report->back() & writing) != 0 ? Loss::timed_out : Loss::refused);
    }
    std::this_thread::sleep_for(look_again);
  }
}

std::expected<Bytes, Loss> ReportChannel::collect(const Report& first, std::size_t answer) {
  Bytes all(first.begin(), first.begin() + part_size);
  for (std::size_t part = 1; part < most_parts; ++part) {
    auto report = TRY(read());
    if ((report.back() & response) == 0) return std::unexpected(Loss::malformed);
    const std::size_t number = report.back() & part_number;
    if (number == 0) break;
    if (number != part) return std::unexpected(Loss::malformed);
    all.insert(all.end(), report.begin(), report.begin() + part_size);
  }
  if (all.size() < answer + 2 ||
      formats::crc13239(BytesView(all).first(answer + 2)) != formats::crc13239_held)
    return std::unexpected(Loss::malformed);
  all.resize(answer);
  return all;
}

std::expected<Bytes, Loss> ReportChannel::ask(Command command, BytesView payload,
                                              std::size_t answer, const Deadline& deadline,
                                              const std::function<void()>& wants_touch) {
  if (const auto ended = over(deadline)) return std::unexpected(*ended);
  TRY(send_padded(command, payload));
  auto first = await_answer(deadline, wants_touch);
  auto all =
      first ? collect(*first, answer) : std::expected<Bytes, Loss>(std::unexpected(first.error()));
  if (all || all.error() != Loss::removed) abort();
  return all;
}

std::expected<Status, Loss> ReportChannel::write(Command command, BytesView payload,
                                                 const Deadline& deadline) {
  const auto before = status();
  if (!before) return before;
  if (const auto ended = over(deadline)) return std::unexpected(*ended);
  TRY(send_padded(command, payload));
  const Deadline own = Deadline::in(key_budget);
  for (;;) {
    auto report = TRY(read());
    const Status now = status_from(BytesView(report).subspan(1));
    const bool busy = (report.back() & writing) != 0;
    const bool emptied = now.sequence == 0 && !now.programmed(1) && !now.programmed(2);
    if (!busy && (now.sequence != before->sequence || emptied)) return now;
    if (own.passed()) return std::unexpected(busy ? Loss::timed_out : Loss::refused);
    std::this_thread::sleep_for(look_again);
  }
}

}  // namespace countersign::devices::yubikey
