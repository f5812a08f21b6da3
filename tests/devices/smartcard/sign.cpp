// SPDX-License-Identifier: Apache-2.0
// What the walk of a signature sends and what it does not (T30); with cards that no rig can make.
#include <boost/test/unit_test.hpp>

#include "core/encoding/ber_tlv.h"
#include "devices/smartcard/base/public_key_info.h"
#include "devices/smartcard/card.h"
#include "devices/smartcard/piv/objects.h"
#include "tests/devices/smartcard/scripted_channel.h"

using namespace countersign;
using namespace countersign::devices;
using namespace countersign::devices::smartcard;
using countersign::test::ScriptedChannel;
namespace tlv = countersign::formats::tlv;

namespace {

// As much of a certificate as is read of one: the place of its key.
Bytes certificate_with(BytesView key_info) {
  Bytes fields;
  tlv::append(fields, 0x02, Bytes{1});
  for (int i = 0; i < 4; ++i) tlv::append(fields, 0x30, {});
  fields.insert(fields.end(), key_info.begin(), key_info.end());
  Bytes parts = tlv::make(0x30, fields);
  tlv::append(parts, 0x30, {});
  tlv::append(parts, 0x03, Bytes{0});
  return tlv::make(0x30, parts);
}

Bytes key_of_card() {
  Bytes point(65, 7);
  point[0] = 4;
  return curve_key_info(KeyType::p256, point);
}

// A PIV card with one P-256 key in 9A, no CHUID, and a PIN with so many tries.
struct Piv {
  int tries = 3;
  std::string pin = "123456";
  bool verified = false;
  std::function<void(const Bytes&)> before =
      {};                         // something happens before this command is answered
  std::optional<Loss> lost = {};  // in place of the next answer, once

  std::vector<Bytes> pins_sent = {};

  ScriptedChannel::Answer answer(BytesView view) {
    const Bytes command(view.begin(), view.end());
    if (before) before(command);
    if (lost) return std::unexpected(*std::exchange(lost, std::nullopt));
    switch (command[1]) {
      case 0xA4:
        return command.size() > 9 && command[9] == 0x08 ? Bytes{0x61, 0x00, 0x90, 0x00}
                                                        : Bytes{0x6A, 0x82};
      case 0xCB:
        return object(command);
      case 0x20:
        return verify(command);
      case 0x87:
        return verified ? signature() : Bytes{0x69, 0x82};
      default:
        return Bytes{0x6D, 0x00};
    }
  }

  static Bytes with_status(Bytes data) {
    data.insert(data.end(), {0x90, 0x00});
    return data;
  }
  static Bytes object(const Bytes& command) {
    if (command.size() < 10 || command[9] != 0x05) return {0x6A, 0x82};
    return with_status(tlv::make(0x53, tlv::make(0x70, certificate_with(key_of_card()))));
  }
  Bytes verify(const Bytes& command) {
    if (command[2] == 0xFF) {
      verified = false;
      return {0x90, 0x00};
    }
    if (command.size() == 4) return {0x63, static_cast<Byte>(0xC0 + tries)};
    pins_sent.push_back(command);
    if (std::string(command.begin() + 5, command.end()) == pin + "\xFF\xFF") {
      verified = true;
      tries = 3;
      return {0x90, 0x00};
    }
    --tries;
    return tries == 0 ? Bytes{0x69, 0x83} : Bytes{0x63, static_cast<Byte>(0xC0 + tries)};
  }
  static Bytes signature() { return with_status(tlv::make(0x7C, tlv::make(0x82, Bytes{1, 2, 3}))); }
};

// Types these, one after the other, and keeps what was asked.
struct Typist final : Interaction {
  explicit Typist(std::vector<std::string> pins) : pins_(std::move(pins)) {}
  void tell(const reader::Prompt& prompt) override { told.push_back(prompt); }
  Result<Secret> ask(const reader::Prompt& prompt, const Deadline&) override {
    asked.push_back(prompt);
    if (asked.size() > pins_.size()) return fail(Code::cancelled, "gone");
    if (when_asked) when_asked();
    return Secret(pins_[asked.size() - 1]);
  }
  bool cancelled() override { return false; }
  std::vector<reader::Prompt> asked, told;
  std::function<void()> when_asked;

 private:
  std::vector<std::string> pins_;
};

reader::Reply run(Piv& piv, Typist& typist) {
  Card card(
      std::make_unique<ScriptedChannel>([&piv](BytesView command) { return piv.answer(command); }));
  const Bytes message = {1, 2, 3};
  return sign(card, {.message = message}, typist, Deadline::in(std::chrono::seconds(5)));
}

reader::Failure failure_of(const reader::Reply& reply) {
  const auto* failed = std::get_if<reader::Failed>(&reply);
  BOOST_REQUIRE(failed != nullptr);
  return failed->failure;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(card_sign)

BOOST_AUTO_TEST_CASE(the_tries_are_told_before_the_pin_is_asked_for_and_nobody_rides_on_it_after) {
  Piv piv;
  piv.tries = 2;
  Typist typist({"123456"});
  const auto reply = run(piv, typist);
  const auto* done = std::get_if<reader::CardSigned>(&reply);
  BOOST_REQUIRE(done != nullptr);
  BOOST_TEST(done->verified);
  BOOST_TEST(done->key.slot == "9a");
  BOOST_TEST((done->key.public_key == key_of_card()));
  BOOST_TEST(typist.asked.front().retries.value() == 2);
  BOOST_TEST(!piv.verified);  // T30
}

BOOST_AUTO_TEST_CASE(T17_a_pin_that_no_card_takes_is_not_sent) {
  for (const std::string& bad :
       {std::string(), std::string("12345"), std::string("123456789"), std::string("12\0 456", 7),
        std::string("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF")}) {
    Piv piv;
    Typist typist({bad});
    BOOST_TEST((failure_of(run(piv, typist)) == reader::Failure::pin_refused));
    BOOST_TEST(piv.pins_sent.empty());
  }
}

BOOST_AUTO_TEST_CASE(T30_after_a_reset_in_the_middle_the_person_is_asked_anew) {
  Piv piv;
  Typist typist({"123456"});
  bool once = true;
  piv.before = [&](const Bytes& command) {
    if (command[1] == 0x87 && std::exchange(once, false))
      piv.lost = Loss::reset;  // PIN taken, signature lost
  };
  BOOST_TEST((failure_of(run(piv, typist)) ==
              reader::Failure::cancelled));  // the second question stays unanswered
  BOOST_TEST(typist.asked.size() == 2U);
  BOOST_TEST(piv.pins_sent.size() == 1U);
}

BOOST_AUTO_TEST_CASE(T30_a_reset_before_the_pin_is_sent_costs_nothing) {
  Piv piv;
  Typist typist({"123456"});
  bool once = true;
  piv.before = [&](const Bytes& command) {
    if (command[1] == 0xCB && std::exchange(once, false)) piv.lost = Loss::reset;
  };
  const auto reply = run(piv, typist);
  BOOST_TEST(std::holds_alternative<reader::CardSigned>(reply));
  BOOST_TEST(typist.asked.size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_last_try_is_never_spent_without_saying_so) {
  Piv piv;
  Typist typist({"999999", "123456"});
  typist.when_asked = [&] {
    piv.tries = 1;
  };  // another program has used two up while the person was typing
  const auto reply = run(piv, typist);
  BOOST_TEST(std::holds_alternative<reader::CardSigned>(reply));
  BOOST_REQUIRE(typist.asked.size() == 2U);
  BOOST_TEST(typist.asked[0].retries.value() == 3);
  BOOST_TEST(typist.asked[1].retries.value() == 1);
  BOOST_TEST(piv.pins_sent.size() == 1U);  // the first was never sent
}

BOOST_AUTO_TEST_CASE(a_blocked_pin_is_not_asked_for) {
  Piv piv;
  piv.tries = 0;
  Typist typist({"123456"});
  BOOST_TEST((failure_of(run(piv, typist)) == reader::Failure::card_pin_blocked));
  BOOST_TEST(typist.asked.empty());
}

BOOST_AUTO_TEST_SUITE_END()
