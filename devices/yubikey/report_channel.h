// SPDX-License-Identifier: Apache-2.0
// What USB and the software key's socket have in common: feature reports of eight octets that are
// polled. One deadline and one cancel end whatever goes on; libykpers' own waits (up to 15 s for a
// touch) are not used.
#pragma once

#include <atomic>
#include <optional>

#include "devices/yubikey/channel.h"

namespace countersign::devices::yubikey {

inline constexpr std::size_t part_size =
    7;                                 // of a frame in each report; the eighth octet says which
inline constexpr Byte writing = 0x80;  // in that octet: a part of a frame; read: it is busy

class ReportChannel : public Channel {
 public:
  using Report = std::array<Byte, 8>;

  std::expected<Status, Loss> status() override;
  std::expected<Bytes, Loss> ask(Command command, BytesView payload, std::size_t answer,
                                 const Deadline& deadline,
                                 const std::function<void()>& wants_touch) override;
  std::expected<Status, Loss> write(Command command, BytesView payload,
                                    const Deadline& deadline) override;
  void cancel() override { cancelled_ = true; }
  void clear_cancel() override { cancelled_ = false; }

 protected:
  [[nodiscard]] virtual std::expected<Report, Loss> read() = 0;
  // The 70 octets of a frame, whose payload is this, taken by the key; at most some seconds.
  [[nodiscard]] virtual std::expected<void, Loss> send(
      Command command, const std::array<Byte, payload_size>& payload) = 0;
  virtual void abort() = 0;  // whatever the key waits for, or still has to say

 private:
  [[nodiscard]] std::expected<void, Loss> send_padded(Command command, BytesView payload);
  [[nodiscard]] std::expected<Report, Loss> await_answer(const Deadline& deadline,
                                                         const std::function<void()>& wants_touch);
  [[nodiscard]] std::expected<Bytes, Loss> collect(const Report& first, std::size_t answer);
  [[nodiscard]] std::optional<Loss> over(const Deadline& deadline) const;

  std::atomic<bool> cancelled_ = false;
};

}  // namespace countersign::devices::yubikey
