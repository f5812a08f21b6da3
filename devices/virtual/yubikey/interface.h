// SPDX-License-Identifier: Apache-2.0
// The key's HID interface: feature reports of 8 octets, which the host writes and polls. A frame of
// 70 octets comes in ten of them, an answer goes out in as many as it takes, seven octets each (the
// last octet has flags and the number of the part).
#pragma once

#include <optional>
#include <string_view>

#include "devices/virtual/shared/person.h"
#include "devices/virtual/yubikey/key.h"

namespace countersign::virtual_yubikey {

// What it does wrong.
struct Faults {
  std::uint32_t unplug = 0;  // pulled out at the n-th report from now, either way; 0: never
  std::uint32_t power_cut =
      0;                 // the n-th command from now is done, and then there is no power to say so
  bool bad_crc = false;  // answers whose checksum is wrong
  bool stuck = false;    // a written report is never taken
  bool waiting = false;  // says that it waits for a touch, and goes on saying so

  // "unplug=3", "power-cut=1", "bad-crc", "stuck", "waiting", "none".
  [[nodiscard]] Result<void> set(std::string_view text);
};

// One thread; never blocks: the host polls, and time passes between its reports.
class Interface {
 public:
  Interface(Key& key, virtual_key::Person person) : key_(key), person_(person) {}

  // GET_REPORT and SET_REPORT. Nothing, or false: the key was pulled out at this one.
  [[nodiscard]] std::optional<Report> read(Moment now);
  [[nodiscard]] bool write(const Report& report, Moment now);
  // Somebody else opened it: a read or a wait that went on is over.
  void opened() { settle(); }

  // A touch while it waits for one. False: it does not wait.
  bool press(bool given, Moment now);
  void replug();

  Faults faults;

 private:
  [[nodiscard]] bool count_report();
  [[nodiscard]] bool accept(Moment now);
  [[nodiscard]] bool perform();
  void settle();
  void look_for_touch(Moment now);
  [[nodiscard]] Report status_report(Byte flags) const;

  Key& key_;
  virtual_key::Person person_;
  std::array<Byte, frame_size> frame_{};
  bool write_pending_ = false;     // of the fault
  std::optional<Moment> asked_;    // for a touch, since when
  std::optional<Bytes> response_;  // with its checksum, in whole parts
  std::size_t part_ = 0;
  bool power_gone_ = false;
};

}  // namespace countersign::virtual_yubikey
