// SPDX-License-Identifier: Apache-2.0
// A software key (countersign-virtual serve --kind yubikey) on its socket: GET_REPORT and
// SET_REPORT as packets. Demo stores only.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "core/base/descriptor.h"
#include "core/base/secret.h"
#include "core/base/try.h"
#include "core/encoding/crc13239.h"
#include "devices/yubikey/report_channel.h"

namespace countersign::devices::yubikey {
namespace {

constexpr Byte get_report = 0x01, set_report = 0x09;  // HID 1.11 §7.2
constexpr Byte abort_report = 0x8f;
constexpr int patience = 1000;  // ms, for one packet
constexpr std::chrono::milliseconds write_budget{1150};

class SoftwareChannel final : public ReportChannel {
 public:
  explicit SoftwareChannel(Descriptor socket) : socket_(std::move(socket)) {}

 private:
  std::expected<Report, Loss> read() override {
    Report report{};
    if (!put(std::array{get_report})) return std::unexpected(Loss::removed);
    pollfd ready{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, patience) <= 0) return std::unexpected(Loss::timed_out);
    if (recv(socket_.get(), report.data(), report.size(), MSG_TRUNC) !=
        static_cast<ssize_t>(report.size()))
      return std::unexpected(Loss::removed);
    return report;
  }

  // Ten parts; those of zeros in the middle are left out, as libykpers does.
  std::expected<void, Loss> send(Command command,
                                 const std::array<Byte, payload_size>& payload) override {
    std::array<Byte, 70> frame{};
    std::ranges::copy(payload, frame.begin());
    const std::uint16_t sum = formats::crc13239(payload);
    frame[payload_size] = static_cast<Byte>(command);
    frame[payload_size + 1] = static_cast<Byte>(sum);
    frame[payload_size + 2] = static_cast<Byte>(sum >> 8U);
    std::expected<void, Loss> done;
    for (std::size_t part = 0; done && part * part_size < frame.size(); ++part) {
      const BytesView octets = BytesView(frame).subspan(part * part_size, part_size);
      const bool last = (part + 1) * part_size == frame.size();
      if (part != 0 && !last && std::ranges::all_of(octets, [](Byte octet) { return octet == 0; }))
        continue;
      std::array<Byte, 9> packet{set_report};
      std::ranges::copy(octets, packet.begin() + 1);
      packet.back() = static_cast<Byte>(writing | part);
      done = room();
      if (done && !put(packet)) done = std::unexpected(Loss::removed);
      wipe(packet.data(), packet.size());
    }
    wipe(frame.data(), frame.size());
    return done;
  }

  void abort() override {
    (void)put(std::array<Byte, 9>{set_report, 0, 0, 0, 0, 0, 0, 0, abort_report});
  }

  // Until the key has taken the part before.
  std::expected<void, Loss> room() {
    const Deadline own = Deadline::in(write_budget);
    for (;;) {
      const auto report = TRY(read());
      if ((report.back() & writing) == 0) return {};
      if (own.passed()) return std::unexpected(Loss::timed_out);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  [[nodiscard]] bool put(BytesView packet) {
    return ::send(socket_.get(), packet.data(), packet.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(packet.size());
  }

  Descriptor socket_;
};

}  // namespace

std::expected<std::unique_ptr<Channel>, reader::Failed> open_software(const Device& device) {
  sockaddr_un address{.sun_family = AF_UNIX};
  if (device.node.size() >= sizeof address.sun_path)
    return std::unexpected(reader::Failed{.detail = "the socket's name is too long"});
  device.node.copy(address.sun_path, device.node.size());
  Descriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!socket ||
      connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const bool forbidden = errno == EACCES || errno == EPERM;
    return std::unexpected(reader::Failed{
        .failure = forbidden ? reader::Failure::permission : reader::Failure::removed,
        .detail = std::strerror(errno)});
  }
  return std::make_unique<SoftwareChannel>(std::move(socket));
}

}  // namespace countersign::devices::yubikey
