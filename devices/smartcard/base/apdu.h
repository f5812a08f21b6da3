// SPDX-License-Identifier: Apache-2.0
// Command APDUs and their responses (ISO 7816-4 §5): command chaining, GET RESPONSE, status words.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "core/base/bytes.h"
#include "core/base/secret.h"
#include "core/base/try.h"
#include "devices/smartcard/base/channel.h"

namespace countersign::devices::smartcard {

// SW1 SW2 (ISO 7816-4 §5.6; SP 800-73-4 Part 2 §2.4.2).
struct Status {
  std::uint16_t words = 0;

  [[nodiscard]] bool ok() const { return words == 0x9000; }
  // 63CX: a comparison failed, X tries are left. 6983 is none left.
  [[nodiscard]] std::optional<int> tries_left() const;
  [[nodiscard]] bool is_not_found() const { return words == 0x6A82 || words == 0x6A88; }
  [[nodiscard]] bool is_blocked() const { return words == 0x6983; }
  [[nodiscard]] bool needs_verification() const { return words == 0x6982; }
  [[nodiscard]] bool is_unknown_instruction() const {
    return words == 0x6D00 || words == 0x6E00 || words == 0x6A81;
  }
};
// "6982 security status not satisfied", for the record.
[[nodiscard]] std::string words_of(Status status);

struct Command {
  Byte cla = 0;
  Byte ins = 0;
  Byte p1 = 0;
  Byte p2 = 0;
  BytesView data = {};
  bool answers = true;  // data is expected back (Le)
};

struct Response {
  Status status;
  Bytes data;
};

// Sends the command, in pieces of 255 octets where it is longer (chaining), and fetches the whole
// answer. Bounded: at most longest_answer octets and most_pieces pieces; a card that has always
// more to give is malformed.
class Apdus {
 public:
  static constexpr std::size_t longest_answer = 65536;
  static constexpr int most_pieces = 512;

  Apdus(Channel& channel, Deadline deadline) : channel_(channel), deadline_(deadline) {}

  [[nodiscard]] std::expected<Response, Loss> send(const Command& command);
  // The same with a secret as data; its copies on the way are wiped. At most 255 octets.
  [[nodiscard]] std::expected<Status, Loss> send_secret(const Command& head, const Secret& data);
  // SELECT by name (ISO 7816-4 §11.2.2); what the application says of itself, or the status.
  [[nodiscard]] std::expected<Response, Loss> select(BytesView application);

  [[nodiscard]] const Deadline& deadline() const { return deadline_; }

 private:
  [[nodiscard]] std::expected<Response, Loss> exchange(BytesView octets);
  [[nodiscard]] std::expected<Response, Loss> fetch_rest(Byte cla, Response first);

  Channel& channel_;
  Deadline deadline_;
};

}  // namespace countersign::devices::smartcard
