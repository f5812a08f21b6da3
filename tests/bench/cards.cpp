// SPDX-License-Identifier: Apache-2.0
// P15: what a card costs. One APDU through our channel beside SCardTransmit alone; one PIV
// verification beside what the card and its reader need for it, split into card, transport and
// ours.
#include "tests/bench/cards.h"

#include <fmt/format.h>
#include <winscard.h>

#include <array>
#include <stdexcept>

#include "devices/smartcard/base/channel.h"
#include "tests/bench/measure.h"
#include "tests/bench/spawn.h"
#include "tests/e2e/support/own_pcscd.h"

namespace countersign::bench {
namespace {

using test::OwnPcscd;
using test::SoftCard;

constexpr int exchanges = 500, verifications = 20;

Bytes octets(std::initializer_list<int> values) {
  Bytes out;
  for (const int value : values) out.push_back(static_cast<Byte>(value));
  return out;
}

// SP 800-73-4 Part 2: what a signature by 9A (P-256) takes, with PIN 246810; and the shortest
// question that a YubiKey answers.
const Bytes version = octets({0x00, 0xFD, 0x00, 0x00, 0x00});
const Bytes select_piv = octets(
    {0x00, 0xA4, 0x04, 0x00, 0x09, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x00});
const Bytes verify_pin =
    octets({0x00, 0x20, 0x00, 0x80, 0x08, '2', '4', '6', '8', '1', '0', 0xFF, 0xFF});
Bytes sign_digest() {
  Bytes command = octets({0x00, 0x87, 0x11, 0x9A, 0x26, 0x7C, 0x24, 0x82, 0x00, 0x81, 0x20});
  command.insert(command.end(), 32, 0x42);
  command.push_back(0x00);
  return command;
}

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

// The library alone.
class Raw {
 public:
  Raw() {
    must(SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context_) == SCARD_S_SUCCESS,
         "no context of PC/SC");
    must(SCardConnect(context_, OwnPcscd::first_reader, SCARD_SHARE_SHARED,
                      SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card_, &protocol_) == SCARD_S_SUCCESS,
         "no card in the reader");
  }
  ~Raw() {
    (void)SCardDisconnect(card_, SCARD_LEAVE_CARD);
    (void)SCardReleaseContext(context_);
  }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  void begin() const { must(SCardBeginTransaction(card_) == SCARD_S_SUCCESS, "no transaction"); }
  void end() const { (void)SCardEndTransaction(card_, SCARD_LEAVE_CARD); }
  void exchange(BytesView command) {
    DWORD size = response_.size();
    must(SCardTransmit(card_, protocol_ == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0,
                       command.data(), command.size(), nullptr, response_.data(),
                       &size) == SCARD_S_SUCCESS &&
             size >= 2,
         "the card does not answer");
    must(response_[size - 2] == 0x90, "the card refuses");
  }

 private:
  SCARDCONTEXT context_ = 0;
  SCARDHANDLE card_ = 0;
  DWORD protocol_ = 0;
  std::array<Byte, 65538> response_{};
};

// The channel of the reader's child, to a card in a reader or on a socket.
class Ours {
 public:
  explicit Ours(
      std::expected<std::unique_ptr<devices::smartcard::Channel>, reader::Failed> opened) {
    must(opened.has_value(), "the channel does not open");
    channel_ = std::move(*opened);
  }
  void begin() {
    must(channel_->begin(Deadline::in(std::chrono::seconds(5))).has_value(), "no turn");
  }
  void end() { channel_->end(false); }
  void exchange(BytesView command) {
    const auto answer = channel_->transmit(command, Deadline::in(std::chrono::seconds(5)));
    must(answer && answer->size() >= 2 && (*answer)[answer->size() - 2] == 0x90,
         "the card refuses");
  }

 private:
  std::unique_ptr<devices::smartcard::Channel> channel_;
};

// Microseconds of one exchange of the shortest question.
double round_trip(auto& card) {
  card.begin();
  card.exchange(select_piv);
  const double each = time_each(exchanges, [&] { card.exchange(version); });
  card.end();
  return each;
}

// Milliseconds of all that a verification has to have from the card.
double signature(auto& card) {
  const Bytes sign = sign_digest();
  return time_each(verifications,
                   [&] {
                     card.begin();
                     for (const Bytes& each : {select_piv, verify_pin, sign}) card.exchange(each);
                     card.end();
                   }) /
         1e3;
}

struct Desk {
  OwnPcscd pcscd;
  test::KeyHouse house;
  std::unique_ptr<SoftCard> in_reader, on_socket;

  Desk() {
    test::write_file(house.folder / "pin", "246810\n");
    (void)test::told(house.daemon, {"ca", "init", "--name", "Bench"});
    in_reader = issue("ada", SoftCard::Place::first_reader);
    on_socket = issue("bob", SoftCard::Place::socket);
  }
  [[nodiscard]] std::unique_ptr<SoftCard> issue(const std::string& user,
                                                SoftCard::Place place) const {
    (void)test::told(house.daemon, {"user", "add", user});
    {
      const SoftCard alone(SoftCard::Place::socket, house.keys(), user);
      const auto done = house.tap({"device", "provision", "piv", "--user", user, "--device",
                                   only_socket(), "--new-pin-file", house.folder / "pin"});
      must(done.exit_code == 0, "a card was not provisioned");
    }
    return std::make_unique<SoftCard>(place, house.keys(), user);
  }
  // The id of the software card, beside one that may be in the reader.
  [[nodiscard]] std::string only_socket() const {
    for (int i = 0; i < 200; ++i) {
      const auto list = test::told(house.daemon, {"device", "list"});
      for (const auto& each : list.at("devices").as_array())
        if (test::text(each.as_object(), "transport") == "software")
          return test::text(each.as_object(), "id");
    }
    throw std::runtime_error("the software card is not listed");
  }
  [[nodiscard]] double timed(std::vector<std::string> words) const {
    words.insert(words.begin(), {test::program("countersign"), "--socket", house.daemon.socket()});
    std::vector<double> times;
    for (int i = 0; i < verifications; ++i) times.push_back(run_time(words));
    return median(times);
  }
};

}  // namespace

void measure_cards(const Wanted& wanted, Figures& out) {
  if (!wanted("P15")) return;
  const Desk desk;
  Raw raw;
  Ours ours(devices::smartcard::open_pcsc(
      {.id = "bench", .transport = devices::Transport::card, .node = OwnPcscd::first_reader}));
  const Medians trips =
      interleave([&] { return round_trip(ours); }, [&] { return round_trip(raw); });
  out.push_back(make_figure("P15", trips.figure, "us", trips.limit, Goal::at_most, 1.05,
                            "one APDU through our channel, software card in pcscd's virtual "
                            "reader; limit: SCardTransmit alone"));

  std::vector<double> alone, status;
  const Medians whole = interleave(
      [&] {
        {  // The card itself, without pcscd; while nobody else is connected to it.
          Ours direct(devices::smartcard::open_software({.id = "direct",
                                                         .transport = devices::Transport::software,
                                                         .node = desk.on_socket->socket()}));
          alone.push_back(signature(direct));
        }
        status.push_back(desk.timed({"status"}));
        return desk.timed(
            {"verify", "--tap", "--user", "ada", "--pin-file", desk.house.folder / "pin"});
      },
      [&] { return signature(raw); });
  const double card = median(alone), transport = whole.limit - card, command = median(status);
  out.push_back(make_figure(
      "P15", whole.figure, "ms", whole.limit, Goal::at_most, 6,
      fmt::format("countersign verify --tap with a PIV card and its PIN; limit: SELECT, VERIFY and "
                  "GENERAL AUTHENTICATE by SCardTransmit alone. Of it the card {:.2f}, "
                  "the transport {:.2f}, ours {:.2f}: command and daemon {:.2f}, the reader's "
                  "child, its opening and reading of the card, and the judgement {:.2f}",
                  card, transport, whole.figure - whole.limit, command,
                  whole.figure - whole.limit - command)));
}

}  // namespace countersign::bench
