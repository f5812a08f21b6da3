// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/yubikey/applet.h"

#include <algorithm>

namespace countersign::virtual_yubikey {
namespace {

using virtual_card::Response;
using virtual_card::StatusWord;

constexpr std::array<Byte, 7> application{0xa0, 0x00, 0x00, 0x05, 0x27, 0x20, 0x01};
constexpr Byte request = 0x01, read_status = 0x03;

Bytes status_of(const Key& key) {
  const auto status = key.status();
  return {status.begin(), status.end()};
}

}  // namespace

BytesView OtpApplet::aid() const { return application; }

Response OtpApplet::select() { return status_of(key_); }

bool OtpApplet::wants_touch(const virtual_card::Command& command, virtual_card::Moment) const {
  return command.ins == request && key_.wants_touch(command.p1);
}

Response OtpApplet::handle(const virtual_card::Command& command, virtual_card::Moment) {
  if (command.ins == read_status) return status_of(key_);
  if (command.ins != request) return StatusWord::wrong_instruction;
  if (command.data.size() > payload_size) return StatusWord::wrong_length;
  Bytes payload = command.data;
  payload.resize(payload_size);
  Key::Outcome outcome = key_.run(command.p1, payload);
  switch (outcome.kind) {
    case Key::Outcome::Kind::answered:
      return std::move(outcome.data);
    case Key::Outcome::Kind::written:
      return status_of(key_);
    case Key::Outcome::Kind::refused:
      return Key::answers(command.p1) ? Response(StatusWord::conditions)
                                      : Response(status_of(key_));
  }
  std::unreachable();
}

}  // namespace countersign::virtual_yubikey
