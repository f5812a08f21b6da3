// SPDX-License-Identifier: Apache-2.0
// The virtual YubiKey without a transport: frames, writes and what protects them, answers, counters
// that survive.
#include "devices/virtual/yubikey/interface.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "tests/support/daemon_process.h"

using namespace countersign;
using namespace countersign::virtual_yubikey;
using std::chrono_literals::operator""s;

namespace {

using Payload = std::array<Byte, payload_size>;
constexpr std::array<Byte, 6> no_code{}, code{1, 2, 3, 4, 5, 6};

Configuration hmac_configuration(std::array<Byte, 6> access = no_code,
                                 Byte config_flags = config::challenge_hmac) {
  Configuration made;
  made.key.fill(0x0b);
  std::fill_n(made.uid.begin(), 4, Byte{0x0b});
  made.access_code = access;
  made.ticket = ticket::oath_or_challenge;
  made.config = config_flags;
  return made;
}

Payload write_of(const Configuration& configuration, std::array<Byte, 6> access = no_code) {
  Payload payload{};
  std::ranges::copy(configuration.octets(), payload.begin());
  std::ranges::copy(access, payload.begin() + configuration_size);
  return payload;
}

Payload deletion(std::array<Byte, 6> access) {
  Payload payload{};
  std::ranges::copy(access, payload.begin() + configuration_size);
  return payload;
}

struct Rig {
  explicit Rig(virtual_key::Person person = {})
      : key(std::move(*virtual_token::LockedFile::open({})), new_state()), interface(key, person) {}

  // A frame as hosts write it: parts of zeros in the middle are left out.
  void send(Byte command, const Payload& payload, std::uint16_t spoil = 0) {
    std::array<Byte, frame_size> frame{};
    std::ranges::copy(payload, frame.begin());
    frame[payload_size] = command;
    const auto sum = static_cast<std::uint16_t>(crc(payload) ^ spoil);
    frame[payload_size + 1] = static_cast<Byte>(sum);
    frame[payload_size + 2] = static_cast<Byte>(sum >> 8U);
    for (std::size_t part = 0; part < 10; ++part) {
      Report report{};
      std::copy_n(frame.begin() + static_cast<std::ptrdiff_t>(part * 7), 7, report.begin());
      if (part != 0 && part != 9 &&
          std::ranges::all_of(report, [](Byte octet) { return octet == 0; }))
        continue;
      report.back() = static_cast<Byte>(flag::write | part);
      BOOST_REQUIRE(interface.write(report, now));
    }
  }
  Report read() {
    const auto report = interface.read(now);
    BOOST_REQUIRE(report.has_value());
    return *report;
  }
  // The answer's octets up to the part that says it is the end; empty: none is there.
  Bytes answer() {
    Bytes all;
    for (std::size_t part = 0; part < 12; ++part) {
      const Report report = read();
      if ((report.back() & flag::response) == 0) return {};
      if (part != 0 && (report.back() & flag::sequence) == 0) return all;
      BOOST_TEST((report.back() & flag::sequence) == part);
      all.insert(all.end(), report.begin(), report.begin() + 7);
    }
    return {};
  }
  Byte sequence() { return key.status()[3]; }

  Key key;
  Interface interface;
  Moment now = std::chrono::steady_clock::now();
};

}  // namespace

BOOST_AUTO_TEST_SUITE(virtual_yubikey_model)

BOOST_AUTO_TEST_CASE(crc_is_that_of_iso_13239) {
  BOOST_TEST(static_cast<std::uint16_t>(~crc(as_bytes("123456789"))) ==
             0x906e);  // CRC-16/X-25's check value
}

BOOST_AUTO_TEST_CASE(a_configuration_is_written_and_answers) {
  Rig rig;
  BOOST_TEST(rig.sequence() == 0);
  rig.send(command::configure_2, write_of(hmac_configuration()));
  BOOST_TEST(rig.sequence() == 1);
  BOOST_TEST(rig.key.status()[4] == 0x02);  // slot 2 is there and wants no touch
  Payload challenge{};
  rig.send(command::hmac_2, challenge);
  const Bytes answer = rig.answer();
  BOOST_REQUIRE_EQUAL(answer.size(), 28);
  BOOST_TEST(crc(BytesView(answer).first(22)) == crc_held);
  BOOST_TEST(rig.read().back() == 0);  // and then it is ready again
  rig.send(command::hmac_1, challenge);
  BOOST_TEST(rig.answer().empty());
  rig.send(command::yubico_2, challenge);
  BOOST_TEST(rig.answer().empty());
}

BOOST_AUTO_TEST_CASE(what_has_no_crc_changes_nothing) {
  Rig rig;
  rig.send(command::configure_1, write_of(hmac_configuration()), 0x0100);
  BOOST_TEST(rig.sequence() == 0);
  Payload spoiled = write_of(hmac_configuration());
  spoiled[20] ^= 1U;  // the frame's checksum holds, the configuration's does not
  rig.send(command::configure_1, spoiled);
  BOOST_TEST(rig.sequence() == 0);
}

BOOST_AUTO_TEST_CASE(an_access_code_guards_write_update_swap_and_deletion) {
  Rig rig;
  Configuration guarded = hmac_configuration(code);
  guarded.extended = extended::allow_update;
  rig.send(command::configure_1, write_of(guarded));
  for (const Byte command : {command::configure_1, command::update_1, command::swap})
    rig.send(command, write_of(hmac_configuration()));
  rig.send(command::configure_1, deletion(no_code));
  BOOST_TEST(rig.sequence() == 1);
  rig.send(command::swap, deletion(code));
  BOOST_TEST(rig.sequence() == 2);
  BOOST_TEST(rig.key.status()[4] == 0x02);
  rig.send(command::configure_2, deletion(code));
  BOOST_TEST(rig.sequence() == 0);  // nothing is programmed any more
}

BOOST_AUTO_TEST_CASE(an_update_changes_flags_alone_and_only_where_it_was_allowed) {
  Rig rig;
  Configuration otp;
  otp.fixed_size = 6;
  otp.key.fill(7);
  rig.send(command::configure_1, write_of(otp));
  Configuration update;
  update.key.fill(9);
  update.ticket = ticket::append_cr | ticket::oath_or_challenge;
  update.extended = extended::allow_update;
  rig.send(command::update_1, write_of(update));
  BOOST_TEST(rig.sequence() == 1);
  otp.extended = extended::allow_update;
  rig.send(command::configure_1, write_of(otp));
  rig.send(command::update_1, write_of(update));
  BOOST_TEST(rig.sequence() == 3);
  const Configuration& held = rig.key.state().slots[0]->configuration;
  BOOST_TEST(held.key[0] == 7);
  BOOST_TEST(held.ticket == ticket::append_cr);
}

BOOST_AUTO_TEST_CASE(a_touch_is_waited_for_and_the_wait_ends) {
  Rig rig({.touch = virtual_key::Person::Touch::manual, .patience = std::chrono::seconds(15)});
  rig.send(command::configure_2,
           write_of(hmac_configuration(no_code, config::challenge_hmac | config::touch)));
  rig.send(command::hmac_2, {});
  BOOST_TEST(rig.read().back() == (flag::waiting | 15));
  rig.now += 5s;
  BOOST_TEST(rig.read().back() == (flag::waiting | 10));
  BOOST_TEST(rig.interface.press(true, rig.now));
  BOOST_TEST(!rig.answer().empty());
  rig.send(command::hmac_2, {});
  rig.now += 16s;
  BOOST_TEST(rig.read().back() == 0);
  BOOST_TEST(!rig.interface.press(true, rig.now));
  rig.send(command::hmac_2, {});
  BOOST_REQUIRE(rig.interface.write({0, 0, 0, 0, 0, 0, 0, flag::abort}, rig.now));
  BOOST_TEST(rig.read().back() == 0);
}

BOOST_AUTO_TEST_CASE(the_serial_number_is_shown_where_a_slot_says_so) {
  Rig rig;
  rig.send(command::serial, {});
  BOOST_TEST(!rig.answer().empty());  // as from the factory
  rig.send(command::configure_1, write_of(hmac_configuration()));
  rig.send(command::serial, {});
  BOOST_TEST(rig.answer().empty());
  Configuration visible = hmac_configuration();
  visible.extended = extended::serial_by_api;
  rig.send(command::configure_2, write_of(visible));
  rig.send(command::serial, {});
  BOOST_TEST(!rig.answer().empty());
}

BOOST_AUTO_TEST_CASE(counters_survive_in_the_file) {
  const test::TemporaryFolder folder;
  Configuration otp;
  otp.key.fill(7);
  const auto open = [&] {
    auto file = virtual_token::LockedFile::open(folder / "key");
    State state = *load(*file);
    return Key(std::move(*file), std::move(state));
  };
  {
    Key key = open();
    BOOST_REQUIRE(key.run(command::configure_1, write_of(otp)).kind == Key::Outcome::Kind::written);
    BOOST_TEST(key.type(1).value().size() == 32);
    BOOST_TEST(key.type(1).value().size() == 32);
    BOOST_TEST(key.state().slots[0]->uses == 1);  // one session
  }
  Key again = open();
  BOOST_TEST(again.type(1).value().size() == 32);
  BOOST_TEST(again.state().slots[0]->uses == 2);
  BOOST_TEST(again.state().serial >= first_serial);
}

BOOST_AUTO_TEST_SUITE_END()
