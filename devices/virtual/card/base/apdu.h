// SPDX-License-Identifier: Apache-2.0
// Commands and responses (ISO/IEC 7816-4 §5.1).
#pragma once

#include <cstddef>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "devices/virtual/card/base/status_word.h"

namespace countersign::virtual_card {

struct Command {
  Byte cla = 0, ins = 0, p1 = 0, p2 = 0;
  Bytes data;
  std::size_t expected = 0;  // Ne, in octets; 0: none was named

  [[nodiscard]] unsigned parameters() const { return static_cast<unsigned>(p1) << 8U | p2; }
};

// corrupt: the lengths do not fit what came.
[[nodiscard]] Result<Command> parse_command(BytesView apdu);

struct Response {
  Bytes data;
  StatusWord status = StatusWord::no_diagnosis;

  Response(StatusWord word)
      : status(word) {}  // implicit, so that a command ends with `return StatusWord::...`
  Response(Bytes content) : data(std::move(content)), status(StatusWord::ok) {}
};

// Data, SW1, SW2.
[[nodiscard]] Bytes encode(BytesView data, StatusWord status);

}  // namespace countersign::virtual_card
