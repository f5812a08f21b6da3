// SPDX-License-Identifier: Apache-2.0
#include "devices/fido2/link.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace countersign::devices::fido2 {
namespace {

// CTAP 2.1 §11.2.9: commands of initialization packets, with their top bit.
constexpr Byte ctaphid_msg = 0x83;
constexpr Byte ctaphid_init = 0x86;
constexpr Byte ctaphid_cbor = 0x90;
constexpr Byte ctaphid_cancel = 0x91;
constexpr Byte ctaphid_keepalive = 0xbb;
constexpr Byte ctaphid_error = 0xbf;
constexpr Byte initialization = 0x80;

constexpr Byte status_up_needed = 2;
constexpr Byte error_channel_busy = 6;
constexpr Byte u2f_check_only = 7;  // U2F raw messages v1.2 §5.1, control byte
constexpr Byte u2f_authenticate = 2;

constexpr std::size_t at_command = 4;
constexpr std::size_t at_size = 5;
constexpr std::size_t at_data = 7;

constexpr std::size_t nonce_size = 8;

constexpr std::chrono::milliseconds grace(500);

std::size_t message_size(BytesView report) {
  return static_cast<std::size_t>(report[at_size]) << 8U | report[at_size + 1];
}

}  // namespace

Link::Link(Descriptor descriptor, bool socket)
    : descriptor_(std::move(descriptor)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      socket_(socket) {}

void Link::begin(const Deadline& deadline, std::function<void(Byte)> asks) {
  deadline_ = deadline;
  asks_ = std::move(asks);
  grace_until_.reset();
  if (trouble_ != LinkTrouble::removed) trouble_ = LinkTrouble::none;
}

void Link::end() {
  deadline_.reset();
  asks_ = nullptr;
}

void Link::cancel() {
  cancel_asked_ = true;
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
}

void Link::clear_cancel() {
  cancel_asked_ = false;
  std::uint64_t count = 0;
  (void)!::read(wake_.get(), &count, sizeof count);
}

void Link::stop(LinkTrouble why) {
  trouble_ = why;
  grace_until_ = Steady::now();
  if (!cbor_ || !owes_answer_) return;  // U2F has no cancel: its tokens are asked again and again
  std::array<Byte, report_size + 1> report{};
  std::ranges::copy(channel_, report.begin() + 1);
  report[1 + at_command] = ctaphid_cancel;
  if (send_raw(report)) *grace_until_ += grace;
}

int Link::read(std::span<Byte> report, int milliseconds) {
  if (report.size() < report_size || !deadline_) return -1;
  const auto patience = milliseconds < 0 ? Steady::time_point::max()
                                         : Steady::now() + std::chrono::milliseconds(milliseconds);
  for (;;) {
    const auto now = Steady::now();
    if (trouble_ == LinkTrouble::removed || now >= patience) return -1;
    if (!grace_until_ && cancel_asked_) stop(LinkTrouble::cancelled);
    if (!grace_until_ && now >= deadline_->at()) stop(LinkTrouble::timed_out);
    if (grace_until_ && now >= *grace_until_) return -1;
    const auto until = std::min(patience, grace_until_.value_or(deadline_->at()));
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
    pollfd ready[] = {{.fd = descriptor_.get(), .events = POLLIN, .revents = 0},
                      {.fd = wake_.get(), .events = POLLIN, .revents = 0}};
    const nfds_t watched = grace_until_ ? 1 : 2;
    if (poll(ready, watched, static_cast<int>(std::min<std::int64_t>(wait, 60'000))) <= 0) continue;
    if (ready[0].revents == 0) continue;
    const int octets = receive(report);
    if (octets != 0) return octets;
  }
}

bool Link::resynchronize() {
  std::array<Byte, report_size + 1> question{};
  std::ranges::copy(channel_, question.begin() + 1);
  question[1 + at_command] = ctaphid_init;
  question[1 + at_size + 1] = nonce_size;
  const auto nonce = std::span(question).subspan(1 + at_data, nonce_size);
  auto count = static_cast<std::uint64_t>(
      Steady::now().time_since_epoch().count());  // it only has to differ from the last one
  for (Byte& octet : nonce) octet = static_cast<Byte>(std::exchange(count, count >> 8U));
  if (write(question) < 0) return false;
  std::array<Byte, report_size> answer{};
  const auto until = Steady::now() + grace;
  for (auto now = until - grace; now < until; now = Steady::now()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
    if (read(answer, static_cast<int>(left)) != static_cast<int>(report_size)) return false;
    const bool ours = std::ranges::equal(std::span(answer).first(channel_.size()), channel_) &&
                      answer[at_command] == ctaphid_init;
    if (ours && std::ranges::equal(std::span(answer).subspan(at_data, nonce_size), nonce))
      return true;
  }
  return false;
}

// 0: nothing there after all.
int Link::receive(std::span<Byte> report) {
  const ssize_t octets = ::read(descriptor_.get(), report.data(), report_size);
  if (octets < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (octets <= 0) {  // EIO, ENODEV: unplugged. A socket's end is the same
    trouble_ = LinkTrouble::removed;
    return -1;
  }
  if (static_cast<std::size_t>(octets) == report_size) look_at_received(report.first(report_size));
  return static_cast<int>(octets);
}

int Link::write(BytesView report) {
  if (report.size() != report_size + 1) return -1;
  if (trouble_ != LinkTrouble::none) return -1;
  if (cancel_asked_)
    trouble_ = LinkTrouble::cancelled;
  else if (!deadline_ || deadline_->passed())
    trouble_ = LinkTrouble::timed_out;
  if (trouble_ != LinkTrouble::none) return -1;
  look_at_sent(report.subspan(1));
  return send_raw(report) ? static_cast<int>(report.size()) : -1;
}

bool Link::send_raw(BytesView report) {
  const BytesView octets = socket_ ? report.subspan(1) : report;
  const auto until = Steady::now() + grace;  // a token takes a report within milliseconds
  while (Steady::now() < until) {
    const ssize_t wrote = ::write(descriptor_.get(), octets.data(), octets.size());
    if (wrote == static_cast<ssize_t>(octets.size())) return true;
    if (wrote >= 0 || (errno != EAGAIN && errno != EINTR)) {
      trouble_ = LinkTrouble::removed;
      return false;
    }
    pollfd ready{.fd = descriptor_.get(), .events = POLLOUT, .revents = 0};
    (void)poll(&ready, 1, static_cast<int>(grace.count()));
  }
  if (trouble_ == LinkTrouble::none) trouble_ = LinkTrouble::timed_out;
  return false;
}

void Link::look_at_sent(BytesView report) {
  const Byte command = report[at_command];
  if ((command & initialization) == 0) return;  // a continuation
  std::ranges::copy(report.first(channel_.size()), channel_.begin());
  owes_answer_ = command == ctaphid_cbor || command == ctaphid_msg || command == ctaphid_init;
  cbor_ = command == ctaphid_cbor;
  command_ = cbor_ ? report[at_data] : Byte{0};
  question_ = command == ctaphid_msg && report[at_data + 1] == u2f_authenticate &&
              report[at_data + 2] == u2f_check_only;
}

void Link::look_at_received(BytesView report) {
  if (!std::ranges::equal(report.first(channel_.size()), channel_)) return;
  const Byte command = report[at_command];
  if (command == ctaphid_keepalive) {
    if (report[at_data] == status_up_needed && asks_) asks_(command_);
    return;
  }
  if ((command & initialization) != 0) owes_answer_ = false;
  if (command == ctaphid_error && report[at_data] == error_channel_busy &&
      trouble_ == LinkTrouble::none)
    trouble_ = LinkTrouble::busy;
  const bool unsatisfied = command == ctaphid_msg && message_size(report) == 2 &&
                           report[at_data] == 0x69 && report[at_data + 1] == 0x85;
  if (unsatisfied && !question_ && asks_) asks_(0);
}

}  // namespace countersign::devices::fido2
