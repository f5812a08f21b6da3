// SPDX-License-Identifier: Apache-2.0
#include "tests/devices/yubikey/contract.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <thread>

#include "core/crypto/hmac.h"

namespace countersign::test {
namespace {

using namespace devices::yubikey;
using devices::SlotsInfo;
using namespace std::chrono_literals;

const Bytes rfc2202_key(20, 0x0b);
const Bytes hi_there{'H', 'i', ' ', 'T', 'h', 'e', 'r', 'e'};

Secret secrets(BytesView key, std::array<Byte, 6> fresh_code = {},
               std::array<Byte, 6> code_now = {}) {
  Secret all(secret_size);
  const auto out = all.expose_mutable();
  std::ranges::copy(key.first(16), out.begin() + 22);
  std::ranges::copy(key.subspan(16), out.begin() + 16);
  std::ranges::copy(fresh_code, out.begin() + 38);
  std::ranges::copy(code_now, out.begin() + 44);
  return all;
}

Bytes expected(BytesView message) {
  const auto tag = crypto::Hmac(HashAlgorithm::sha1, rfc2202_key).of(message);
  return {tag.bytes.begin(), tag.bytes.begin() + 20};
}

Deadline soon() { return Deadline::in(3s); }
const auto no_touch = [] { BOOST_ERROR("it wanted a touch"); };

template <class T>
T held(std::expected<T, Loss> result, const char* what) {
  BOOST_REQUIRE_MESSAGE(result.has_value(),
                        what << ": loss " << (result ? -1 : static_cast<int>(result.error())));
  return std::move(*result);
}

void programs_and_answers(const SlotRig& rig) {
  Slots slots(rig.open());
  const SlotsInfo empty = held(slots.describe(), "describe");
  BOOST_REQUIRE(empty.serial.has_value());
  BOOST_TEST(!empty.slots[0].programmed);
  BOOST_TEST(!empty.slots[1].programmed);
  BOOST_TEST(empty.sequence == 0);
  BOOST_TEST((slots.respond(2, hi_there, soon(), no_touch).error() == Loss::refused));

  const SlotsInfo one =
      held(slots.write(2, {.kind = SlotKind::hmac}, secrets(rfc2202_key), soon()), "write");
  BOOST_TEST(one.slots[1].programmed);
  BOOST_TEST(!one.slots[1].touch);
  BOOST_TEST(!one.slots[0].programmed);
  BOOST_TEST((one.serial == empty.serial));
  BOOST_TEST(held(slots.respond(2, hi_there, soon(), no_touch), "respond") == expected(hi_there));
  Bytes longest(63, 0xab);
  BOOST_TEST(held(slots.respond(2, longest, soon(), no_touch), "respond") == expected(longest));
  Bytes with_zero{1, 2, 0};
  BOOST_TEST((slots.respond(2, with_zero, soon(), no_touch).error() == Loss::malformed));
  BOOST_TEST((slots.respond(1, hi_there, soon(), no_touch).error() == Loss::refused));

  const SlotsInfo swapped = held(slots.swap(Secret(6), soon()), "swap");
  BOOST_TEST(swapped.slots[0].programmed);
  BOOST_TEST(!swapped.slots[1].programmed);
  const SlotsInfo erased = held(slots.erase(1, Secret(6), soon()), "erase");
  BOOST_TEST(!erased.slots[0].programmed);
  BOOST_TEST(erased.sequence == 0);
}

void an_access_code_protects(const SlotRig& rig) {
  Slots slots(rig.open());
  constexpr std::array<Byte, 6> code{1, 2, 3, 4, 5, 6}, other{6, 5, 4, 3, 2, 1};
  (void)held(slots.write(1, {.kind = SlotKind::hmac}, secrets(rfc2202_key, code), soon()), "write");
  BOOST_TEST(
      (slots.write(1, {.kind = SlotKind::hmac}, secrets(rfc2202_key, {}, other), soon()).error() ==
       Loss::refused));
  BOOST_TEST((slots.erase(1, Secret(6), soon()).error() == Loss::refused));
  BOOST_TEST((slots.swap(Secret(BytesView(other)), soon()).error() == Loss::refused));
  BOOST_TEST(held(slots.respond(1, hi_there, soon(), no_touch), "respond") == expected(hi_there));
  (void)held(slots.erase(1, Secret(BytesView(code)), soon()), "erase");
}

void a_touch_is_told_and_ends(const SlotRig& rig) {
  Slots slots(rig.open());
  const SlotsInfo info =
      held(slots.write(2, {.kind = SlotKind::hmac, .touch = true}, secrets(rfc2202_key), soon()),
           "write");
  BOOST_TEST(info.slots[1].touch);
  int told = 0;
  std::thread person;
  const auto touched = [&] {
    ++told;
    person = std::thread([&] {
      std::this_thread::sleep_for(150ms);
      rig.control("touch");
    });
  };
  BOOST_TEST(held(slots.respond(2, hi_there, Deadline::in(5s), touched), "respond with a touch") ==
             expected(hi_there));
  BOOST_TEST(told == 1);
  person.join();

  const auto began = std::chrono::steady_clock::now();
  BOOST_TEST((slots.respond(2, hi_there, Deadline::in(400ms), [] {}).error() == Loss::timed_out));
  BOOST_TEST((std::chrono::steady_clock::now() - began < 2s));
}

void a_cancel_ends_the_wait(const SlotRig& rig) {
  Slots slots(rig.open());
  std::thread canceller;
  const auto cancel = [&] {
    canceller = std::thread([&] {
      std::this_thread::sleep_for(100ms);
      slots.channel().cancel();
    });
  };
  const auto began = std::chrono::steady_clock::now();
  BOOST_TEST((slots.respond(2, hi_there, Deadline::in(10s), cancel).error() == Loss::cancelled));
  BOOST_TEST((std::chrono::steady_clock::now() - began < 3s));
  canceller.join();
  slots.channel().clear_cancel();
}

// T31: unplugging, a power cut, a key that hangs, a bad checksum: each ends within five seconds,
// and the key is usable after.
void T31_trouble_ends_soon(const SlotRig& rig) {
  const auto fails_with = [&](const std::string& fault, Loss loss) {
    Slots slots(rig.open());
    (void)held(slots.describe(), "describe");
    rig.control("fault " + fault);
    const auto began = std::chrono::steady_clock::now();
    const auto response = slots.respond(2, hi_there, Deadline::in(5s), no_touch);
    BOOST_TEST((std::chrono::steady_clock::now() - began < 5s));
    BOOST_REQUIRE_MESSAGE(!response, fault << " was survived");
    BOOST_TEST((response.error() == loss),
               fault << ": loss " << static_cast<int>(response.error()));
    rig.control("fault none");
  };
  {
    Slots slots(rig.open());
    (void)held(slots.write(2, {.kind = SlotKind::hmac}, secrets(rfc2202_key), soon()), "write");
  }
  fails_with("unplug=5", Loss::removed);
  fails_with("power-cut", Loss::removed);
  fails_with("bad-crc", Loss::malformed);
  fails_with("stuck", Loss::timed_out);
  Slots slots(rig.open());
  BOOST_TEST(held(slots.respond(2, hi_there, soon(), no_touch), "respond after all") ==
             expected(hi_there));
}

}  // namespace

void hold_slot_contract(const SlotRig& rig) {
  programs_and_answers(rig);
  an_access_code_protects(rig);
  a_touch_is_told_and_ends(rig);
  if (rig.reports) {
    a_cancel_ends_the_wait(rig);
    T31_trouble_ends_soon(rig);
  }
}

}  // namespace countersign::test
