// SPDX-License-Identifier: Apache-2.0
// The same commands as APDUs of the OTP application, over CCID or NFC: 00 01 COMMAND 00, the
// payload as data; 00 03 00 00 reads the status. Each call is a turn of its own, so that whatever
// somebody else selected meanwhile does not matter.
#include <atomic>

#include "devices/smartcard/base/apdu.h"
#include "devices/yubikey/channel.h"

namespace countersign::devices::yubikey {
namespace {

namespace card = smartcard;

constexpr Byte request_instruction = 0x01, status_instruction = 0x03;

Loss loss_of(card::Loss loss) {
  switch (loss) {
    case card::Loss::removed:
    case card::Loss::reset:
      return Loss::removed;
    case card::Loss::busy:
    case card::Loss::timed_out:
      return Loss::timed_out;
    case card::Loss::cancelled:
      return Loss::cancelled;
    case card::Loss::malformed:
      return Loss::malformed;
  }
  std::unreachable();
}

class CardChannel final : public Channel {
 public:
  explicit CardChannel(std::unique_ptr<card::Channel> channel) : channel_(std::move(channel)) {}

  std::expected<Status, Loss> status() override {
    return in_turn(Deadline::in(std::chrono::seconds(2)),
                   [](card::Apdus&, const Status& selected) -> std::expected<Status, Loss> {
                     return selected;
                   });
  }

  std::expected<Bytes, Loss> ask(Command command, BytesView payload, std::size_t answer,
                                 const Deadline& deadline,
                                 const std::function<void()>& wants_touch) override {
    return in_turn(deadline,
                   [&](card::Apdus& apdus, const Status& selected) -> std::expected<Bytes, Loss> {
                     const int slot = command == Command::respond_1   ? 1
                                      : command == Command::respond_2 ? 2
                                                                      : 0;
                     if (slot != 0 && selected.touch(slot))
                       wants_touch();  // the key holds its answer back until then
                     auto response = send(apdus, command, payload);
                     if (!response) return response;
                     if (response->size() != answer)
                       return std::unexpected(response->empty() ? Loss::refused : Loss::malformed);
                     return response;
                   });
  }

  std::expected<Status, Loss> write(Command command, BytesView payload,
                                    const Deadline& deadline) override {
    return in_turn(
        deadline, [&](card::Apdus& apdus, const Status& before) -> std::expected<Status, Loss> {
          TRY(send(apdus, command, payload));
          auto after = apdus.send({.ins = status_instruction});
          if (!after) return std::unexpected(loss_of(after.error()));
          if (!after->status.ok() || after->data.size() < 6)
            return std::unexpected(Loss::malformed);
          const Status now = status_from(after->data);
          const bool emptied = now.sequence == 0 && !now.programmed(1) && !now.programmed(2);
          if (now.sequence == before.sequence && !emptied) return std::unexpected(Loss::refused);
          return now;
        });
  }

  void cancel() override { channel_->cancel(); }
  void clear_cancel() override { channel_->clear_cancel(); }

 private:
  static std::expected<Bytes, Loss> send(card::Apdus& apdus, Command command, BytesView payload) {
    auto response =
        apdus.send({.ins = request_instruction, .p1 = static_cast<Byte>(command), .data = payload});
    if (!response) return std::unexpected(loss_of(response.error()));
    if (!response->status.ok()) return std::unexpected(Loss::refused);
    return std::move(response->data);
  }

  template <class Work>
  auto in_turn(const Deadline& deadline, Work work)
      -> decltype(work(std::declval<card::Apdus&>(), std::declval<const Status&>())) {
    card::Turn turn(*channel_);
    if (auto begun = turn.begin(deadline); !begun) return std::unexpected(loss_of(begun.error()));
    card::Apdus apdus(*channel_, deadline);
    auto selected = apdus.select(applet);
    if (!selected) return std::unexpected(loss_of(selected.error()));
    if (!selected->status.ok()) return std::unexpected(Loss::refused);
    if (selected->data.size() < 6) return std::unexpected(Loss::malformed);
    return work(apdus, status_from(selected->data));
  }

  std::unique_ptr<card::Channel> channel_;
};

}  // namespace

std::expected<std::unique_ptr<Channel>, reader::Failed> open_card(const Device& device) {
  auto channel = TRY(device.transport == Transport::software ? card::open_software(device)
                                                             : card::open_pcsc(device));
  return std::make_unique<CardChannel>(std::move(channel));
}

}  // namespace countersign::devices::yubikey
