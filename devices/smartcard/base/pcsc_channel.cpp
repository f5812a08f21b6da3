// SPDX-License-Identifier: Apache-2.0
// A card in a reader of PC/SC (PCSC-lite). The library keeps one socket to pcscd for the context;
// it is opened here and never again, so that the rest of the child's life needs none.
#include <winscard.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "devices/smartcard/base/channel.h"

namespace countersign::devices::smartcard {
namespace {

constexpr std::size_t longest_response = 65538;

Loss loss_of(LONG error) {
  switch (error) {
    case SCARD_W_RESET_CARD:
      return Loss::reset;
    case SCARD_E_SHARING_VIOLATION:
      return Loss::busy;
    case SCARD_E_TIMEOUT:
      return Loss::timed_out;
    case SCARD_E_CANCELLED:
      return Loss::cancelled;
    case SCARD_E_INSUFFICIENT_BUFFER:
    case SCARD_W_UNRESPONSIVE_CARD:
    case SCARD_E_PROTO_MISMATCH:
      return Loss::malformed;
    default:
      return Loss::removed;  // card, reader or service is gone
  }
}

class PcscChannel final : public Channel {
 public:
  PcscChannel(SCARDCONTEXT context, SCARDHANDLE card, DWORD protocol)
      : context_(context), card_(card), protocol_(protocol) {
    read_answer_to_reset();
  }
  ~PcscChannel() override {
    (void)SCardDisconnect(card_, SCARD_LEAVE_CARD);
    (void)SCardReleaseContext(context_);
  }

  std::expected<bool, Loss> begin(const Deadline& deadline) override {
    bool fresh = std::exchange(first_, false);
    for (int round = 0; round < 8; ++round) {  // whoever resets it all the time, wins
      if (cancelled_) return std::unexpected(Loss::cancelled);
      if (deadline.passed()) return std::unexpected(Loss::timed_out);
      const LONG begun = SCardBeginTransaction(card_);
      if (begun == SCARD_S_SUCCESS) return fresh;
      if (begun != SCARD_W_RESET_CARD) return std::unexpected(loss_of(begun));
      if (const LONG again =
              SCardReconnect(card_, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                             SCARD_LEAVE_CARD, &protocol_);
          again != SCARD_S_SUCCESS)
        return std::unexpected(loss_of(again));
      fresh = true;
    }
    return std::unexpected(Loss::reset);
  }

  void end(bool forget) override {
    (void)SCardEndTransaction(card_, forget ? SCARD_RESET_CARD : SCARD_LEAVE_CARD);
    if (forget)
      first_ = true;  // our own reset is no other's, and the card has forgotten all the same
  }

  std::expected<Bytes, Loss> transmit(BytesView command, const Deadline& deadline) override {
    if (cancelled_) return std::unexpected(Loss::cancelled);
    if (deadline.passed()) return std::unexpected(Loss::timed_out);
    response_.resize(longest_response);
    DWORD size = response_.size();
    const SCARD_IO_REQUEST* request = protocol_ == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0;
    const LONG error = SCardTransmit(card_, request, command.data(), command.size(), nullptr,
                                     response_.data(), &size);
    if (error != SCARD_S_SUCCESS) return std::unexpected(loss_of(error));
    return Bytes(response_.begin(),
                 response_.begin() +
                     static_cast<std::ptrdiff_t>(std::min<std::size_t>(size, response_.size())));
  }

  void cancel() override { cancelled_ = true; }
  void clear_cancel() override { cancelled_ = false; }
  Bytes answer_to_reset() const override { return answer_to_reset_; }

 private:
  void read_answer_to_reset() {
    std::array<Byte, MAX_ATR_SIZE> atr{};
    std::array<char, MAX_READERNAME + 1> name{};
    DWORD name_size = name.size(), state = 0, protocol = 0, size = atr.size();
    if (SCardStatus(card_, name.data(), &name_size, &state, &protocol, atr.data(), &size) !=
        SCARD_S_SUCCESS)
      return;
    answer_to_reset_.assign(
        atr.begin(),
        atr.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(size, atr.size())));
  }

  SCARDCONTEXT context_;
  SCARDHANDLE card_;
  DWORD protocol_;
  Bytes answer_to_reset_;
  Bytes response_;
  bool first_ = true;
  std::atomic<bool> cancelled_ = false;
};

reader::Failed refused(LONG error) {
  const reader::Failure failure =
      error == SCARD_E_SHARING_VIOLATION ? reader::Failure::busy
      : error == SCARD_W_SECURITY_VIOLATION || error == SCARD_E_NO_ACCESS
          ? reader::Failure::permission
      : error == SCARD_W_UNRESPONSIVE_CARD || error == SCARD_W_UNPOWERED_CARD
          ? reader::Failure::malformed
          : reader::Failure::removed;
  return {.failure = failure, .detail = pcsc_stringify_error(error)};
}

}  // namespace

std::expected<std::unique_ptr<Channel>, reader::Failed> open_pcsc(const Device& device) {
  SCARDCONTEXT context = 0;
  if (const LONG error = SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context);
      error != SCARD_S_SUCCESS)
    return std::unexpected(refused(error));
  SCARDHANDLE card = 0;
  DWORD protocol = 0;
  const LONG error = SCardConnect(context, device.node.c_str(), SCARD_SHARE_SHARED,
                                  SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol);
  if (error != SCARD_S_SUCCESS) {
    (void)SCardReleaseContext(context);
    return std::unexpected(refused(error));
  }
  return std::make_unique<PcscChannel>(context, card, protocol);
}

}  // namespace countersign::devices::smartcard
