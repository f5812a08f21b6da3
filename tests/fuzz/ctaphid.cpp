// SPDX-License-Identifier: Apache-2.0
// Hostile hosts: reports and messages into a virtual key. It never crashes, and each answer is
// whole reports on a channel.
#include "devices/virtual/key/ctaphid.h"

#include <algorithm>

#include "devices/virtual/transports/hid_device.h"
#include "tests/fuzz/input.h"

using namespace countersign;
using namespace countersign::virtual_key;

namespace {

constexpr const char* profiles[] = {"full", "u2f", "no-pin", "pin"};

// A key with one PIN and one discoverable credential would cost a millisecond each time: it begins
// empty.
std::unique_ptr<Key> make(std::string_view profile, Moment now) {
  return std::make_unique<Key>(*profile_named(profile), *StateFile::open(""), new_state(), now);
}

}  // namespace

// One octet for the profile; then steps: 0..7 a raw report of the next 64 octets, 8..15 time
// passes, others a message of command, 16-bit size, payload on the channel that INIT gave.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  BytesView input(data, size);
  if (input.empty()) return 0;
  Moment now{};
  const auto key = make(profiles[input[0] % 4], now);
  hid::Channel channel = 0;
  const auto sent = [&](const hid::Report& report) {
    if (report[4] == 0x86 && channel == 0)
      channel = hid::Channel{report[15]} << 24U | hid::Channel{report[16]} << 16U |
                hid::Channel{report[17]} << 8U | report[18];
  };
  HidDevice device(*key, {}, {sent, [] {}});
  device.opened();
  for (const hid::Report& report : hid::to_reports(hid::broadcast, hid::Command::init, Bytes(8)))
    device.receive(report, now);
  formats::fuzz::must_hold(channel != 0);
  input = input.subspan(1);
  const auto take = [&](std::size_t wanted) {
    const BytesView part = input.first(std::min(wanted, input.size()));
    input = input.subspan(part.size());
    return part;
  };
  while (!input.empty()) {
    const Byte step = take(1)[0];
    if (step < 8) {
      hid::Report report{};
      std::ranges::copy(take(report.size()), report.begin());
      device.receive(report, now);
    } else if (step < 16) {
      now += std::chrono::milliseconds(1U << (step - 6U));
      device.tick(now);
    } else {
      const BytesView head = take(3);
      if (head.size() < 3) return 0;
      const BytesView payload =
          take(std::min<std::size_t>(std::size_t{head[1]} << 8U | head[2], hid::most_payload));
      for (const hid::Report& report :
           hid::to_reports(channel, static_cast<hid::Command>(head[0] & 0x7fU), payload))
        device.receive(report, now);
    }
  }
  formats::fuzz::must_hold(key->state.credentials.size() <=
                           most_discoverable + most_other_credentials);
  return 0;
}
