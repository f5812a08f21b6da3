// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/yubikey/interface.h"

#include <algorithm>
#include <charconv>

namespace countersign::virtual_yubikey {
namespace {

constexpr std::size_t part_size = report_size - 1;
constexpr std::size_t last_part = frame_size / part_size - 1;

}  // namespace

Result<void> Faults::set(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  std::uint32_t number = 1;
  if (equals != std::string_view::npos) {
    const auto [end, error] =
        std::from_chars(text.data() + equals + 1, text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
      return fail(Code::invalid, "a fault's number is a number: " + std::string(text));
  }
  if (name == "none")
    *this = {};
  else if (name == "unplug")
    unplug = number;
  else if (name == "power-cut")
    power_cut = number;
  else if (name == "bad-crc")
    bad_crc = true;
  else if (name == "stuck")
    stuck = true;
  else if (name == "waiting")
    waiting = true;
  else
    return fail(Code::invalid,
                "no such fault; there are: unplug=N, power-cut=N, bad-crc, stuck, waiting, none");
  return {};
}

bool Interface::count_report() {
  if (faults.unplug != 0 && --faults.unplug == 0) power_gone_ = true;
  return !std::exchange(power_gone_, false);
}

void Interface::settle() {
  asked_.reset();
  response_.reset();
  part_ = 0;
  write_pending_ = false;
}

void Interface::replug() {
  settle();
  frame_ = {};
  key_.power_up();
}

Report Interface::status_report(Byte flags) const {
  Report report{};
  std::ranges::copy(key_.status(), report.begin() + 1);
  report.back() = flags;
  return report;
}

std::optional<Report> Interface::read(Moment now) {
  if (!count_report()) return std::nullopt;
  look_for_touch(now);
  if (power_gone_) return std::nullopt;
  if (faults.waiting) return status_report(flag::waiting | 15U);
  if (write_pending_) return status_report(flag::write);
  if (asked_) {
    const auto left =
        std::chrono::ceil<std::chrono::seconds>(*asked_ + person_.patience - now).count();
    return status_report(
        static_cast<Byte>(flag::waiting | std::clamp<std::int64_t>(left, 0, flag::sequence)));
  }
  if (!response_) return status_report(0);
  Report report{};
  const std::size_t at = part_ * part_size;
  if (at >= response_->size()) {  // the end: number 0 once more
    report.back() = flag::response;
    settle();
    return report;
  }
  std::copy_n(response_->begin() + static_cast<std::ptrdiff_t>(at), part_size, report.begin());
  report.back() = static_cast<Byte>(flag::response | (part_++ & flag::sequence));
  return report;
}

bool Interface::write(const Report& report, Moment now) {
  if (!count_report()) return false;
  const Byte control = report.back();
  if (control == flag::abort) return settle(), true;
  if ((control & flag::write) == 0) return true;
  if (faults.stuck) {
    write_pending_ = true;
    return true;
  }
  const std::size_t part = control & flag::sequence;
  if (part > last_part) return true;
  if (part == 0) {
    settle();
    frame_ = {};
  }
  std::copy_n(report.begin(), part_size,
              frame_.begin() + static_cast<std::ptrdiff_t>(part * part_size));
  return part != last_part || accept(now);
}

bool Interface::accept(Moment now) {
  const auto sum = static_cast<std::uint16_t>(
      frame_[payload_size + 1] | static_cast<unsigned>(frame_[payload_size + 2]) << 8U);
  if (crc(BytesView(frame_).first(payload_size)) != sum)
    return true;  // not taken: neither done nor answered
  if (!key_.wants_touch(frame_[payload_size])) return perform();
  asked_ = now;
  return true;
}

// False: the power went after it.
bool Interface::perform() {
  asked_.reset();
  auto outcome = key_.run(frame_[payload_size], BytesView(frame_).first(payload_size));
  if (outcome.kind == Key::Outcome::Kind::answered) {
    auto sum = static_cast<std::uint16_t>(~crc(outcome.data));
    if (faults.bad_crc) sum ^= 0x0101U;
    outcome.data.push_back(static_cast<Byte>(sum));
    outcome.data.push_back(static_cast<Byte>(sum >> 8U));
    outcome.data.resize((outcome.data.size() + part_size - 1) / part_size * part_size);
    response_ = std::move(outcome.data);
    part_ = 0;
  }
  return faults.power_cut == 0 || --faults.power_cut != 0;
}

void Interface::look_for_touch(Moment now) {
  if (!asked_) return;
  if (person_.touch == virtual_key::Person::Touch::automatic && now >= *asked_ + person_.delay)
    power_gone_ = !perform();
  else if (now >= *asked_ + person_.patience)
    settle();
}

bool Interface::press(bool given, Moment) {
  if (!asked_) return false;
  if (given)
    power_gone_ = !perform();
  else
    settle();
  return true;
}

}  // namespace countersign::virtual_yubikey
