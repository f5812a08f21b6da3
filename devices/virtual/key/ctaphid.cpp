// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/key/ctaphid.h"

#include <algorithm>
#include <utility>

namespace countersign::virtual_key::hid {
namespace {

constexpr Byte init_packet = 0x80;
constexpr std::size_t init_header = 7;
constexpr std::size_t more_header = 5;

Channel channel_of(const Report& report) {
  return (Channel{report[0]} << 24U) | (Channel{report[1]} << 16U) | (Channel{report[2]} << 8U) |
         Channel{report[3]};
}

Report on_channel(Channel channel) {
  Report report{};
  for (std::size_t i = 0; i < 4; ++i) report[i] = static_cast<Byte>(channel >> (24 - 8 * i));
  return report;
}

void take(Bytes& payload, std::size_t expected, BytesView part) {
  const std::size_t size = std::min(part.size(), expected - payload.size());
  payload.insert(payload.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(size));
}

}  // namespace

Channel Assembler::open() { return ++last_channel_; }

Assembler::Result Assembler::receive(const Report& report, Moment now) {
  const Channel channel = channel_of(report);
  const bool begins = (report[4] & init_packet) != 0;
  const bool is_init = begins && report[4] == (init_packet | static_cast<Byte>(Command::init));
  if (channel == broadcast ? !is_init : !known(channel)) {
    if (!begins) return {};  // the rest of something refused before
    return ProtocolError{channel, Fault::invalid_channel};
  }
  if (unfinished_ && unfinished_->channel != channel) {
    if (!begins) return {};
    return ProtocolError{channel, Fault::channel_busy};
  }
  return begins ? begin(channel, report, now) : go_on(channel, report, now);
}

Assembler::Result Assembler::begin(Channel channel, const Report& report, Moment now) {
  const Byte command = report[4] & static_cast<Byte>(~init_packet);
  if (std::exchange(unfinished_, std::nullopt) && command != static_cast<Byte>(Command::init))
    return ProtocolError{channel, Fault::invalid_sequence};
  expected_ = std::size_t{report[5]} << 8U | report[6];
  if (expected_ > most_payload) return ProtocolError{channel, Fault::invalid_length};
  next_sequence_ = 0;
  due_ = now + patience;
  unfinished_ = Message{.channel = channel, .command = command, .payload = {}};
  take(unfinished_->payload, expected_, BytesView(report).subspan(init_header));
  return finish_if_whole();
}

Assembler::Result Assembler::go_on(Channel channel, const Report& report, Moment now) {
  if (!unfinished_) return {};  // spurious: §11.2.4 has them ignored
  if (report[4] != next_sequence_) {
    unfinished_.reset();
    return ProtocolError{channel, Fault::invalid_sequence};
  }
  ++next_sequence_;
  due_ = now + patience;
  take(unfinished_->payload, expected_, BytesView(report).subspan(more_header));
  return finish_if_whole();
}

Assembler::Result Assembler::finish_if_whole() {
  if (unfinished_->payload.size() < expected_) return {};
  return *std::exchange(unfinished_, std::nullopt);
}

std::optional<ProtocolError> Assembler::expire(Moment now) {
  if (!unfinished_ || now < due_) return std::nullopt;
  return ProtocolError{std::exchange(unfinished_, std::nullopt)->channel, Fault::message_timeout};
}

std::optional<Moment> Assembler::wake() const {
  return unfinished_ ? std::optional(due_) : std::nullopt;
}

std::vector<Report> to_reports(Channel channel, Command command, BytesView payload,
                               std::optional<std::uint16_t> declared) {
  std::vector<Report> reports;
  const std::size_t claimed = declared ? *declared : payload.size();
  Report report = on_channel(channel);
  report[4] = init_packet | static_cast<Byte>(command);
  report[5] = static_cast<Byte>(claimed >> 8U);
  report[6] = static_cast<Byte>(claimed);
  std::size_t header = init_header;
  Byte sequence = 0;
  for (;;) {
    const std::size_t size = std::min(payload.size(), report_size - header);
    std::ranges::copy(payload.first(size), report.begin() + static_cast<std::ptrdiff_t>(header));
    reports.push_back(report);
    payload = payload.subspan(size);
    if (payload.empty()) return reports;
    header = more_header;
    report = on_channel(channel);
    report[4] = sequence++;
  }
}

std::vector<Report> to_reports(const ProtocolError& error) {
  return to_reports(error.channel, Command::error, Bytes{static_cast<Byte>(error.fault)});
}

}  // namespace countersign::virtual_key::hid
