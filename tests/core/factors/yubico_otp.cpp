// SPDX-License-Identifier: Apache-2.0
#include "core/factors/yubico_otp.h"

#include <boost/test/unit_test.hpp>

#include "core/encoding/hex.h"
#include "core/encoding/modhex.h"
#include "core/factors/typed_code.h"

using namespace countersign;

namespace {

Secret material(std::string_view key, std::string_view private_id) {
  Secret out(yubico_otp::material_size);
  std::ranges::copy(formats::hex_decode(key).value().expose(), out.expose_mutable().begin());
  std::ranges::copy(formats::hex_decode(private_id).value().expose(),
                    out.expose_mutable().begin() + yubico_otp::key_size);
  return out;
}

// The example that the documentation of Yubico's C library prints, with what its ykparse says of
// it.
constexpr std::string_view example = "dteffujehknhfjbrjnlnldnhcujvddbikngjrtgh",
                           example_key = "ecde18dbe76fbd0c33330f1c354871db",
                           example_private = "8792ebfe26cc";

Progress after(const yubico_otp::Moment& moment) {
  return {.counter = moment.usage * 256 + moment.session, .detail = moment.timestamp};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(yubico_otps)

BOOST_AUTO_TEST_CASE(the_printed_example) {
  const auto read = yubico_otp::readings(example);
  BOOST_REQUIRE(!read.empty());
  BOOST_TEST(formats::hex_encode(read[0].public_id) == "2d344e83");
  const Secret own = material(example_key, example_private);
  const auto moment = yubico_otp::open(own, read[0].block);
  BOOST_REQUIRE(moment);
  BOOST_TEST((*moment == yubico_otp::Moment{.usage = 19, .session = 17, .timestamp = 49712}));
}

BOOST_AUTO_TEST_CASE(in_capitals_and_on_other_keyboards) {
  const auto plain = yubico_otp::readings(example);
  std::string capitals(example);
  for (char& c : capitals) c = static_cast<char>(c - 'a' + 'A');
  const auto first_block = [](std::string_view typed) {
    return yubico_otp::readings(typed).at(0).block;
  };
  BOOST_TEST(first_block(capitals) == plain[0].block);
  // The same keys, pressed on Dvorak and on a Russian keyboard.
  BOOST_TEST(first_block("ey.uugh.dtbduhxphbnbnebdjghkeexctbihpyid") == plain[0].block);
  BOOST_TEST(first_block("веуаагоурлтраоикотдтдвтрсгомввишлтпокепр") == plain[0].block);
}

BOOST_AUTO_TEST_CASE(what_is_no_otp) {
  for (const std::string_view typed :
       {"", "cbdefghijklnrtuvcbdefghijklnrtu", "dteffujehknhfjbrjnlnldnhcujvddbikngjrtga", "123456",
        "\xff\xff", "с"})
    BOOST_TEST(yubico_otp::readings(typed).empty(), typed);
  BOOST_TEST(yubico_otp::readings(std::string(64, 'c')).size() >= 1U);
  BOOST_TEST(yubico_otp::readings(std::string(66, 'c')).empty());
}

BOOST_AUTO_TEST_CASE(another_key_private_id_or_bit) {
  const auto block = yubico_otp::readings(example).at(0).block;
  BOOST_TEST(
      !yubico_otp::open(material("ecde18dbe76fbd0c33330f1c354871dc", example_private), block));
  BOOST_TEST(!yubico_otp::open(material(example_key, "8792ebfe26cd"), block));
  BOOST_TEST(!yubico_otp::open(Secret(5), block));
  const Secret own = material(example_key, example_private);
  for (std::size_t bit = 0; bit < 128; ++bit) {
    auto damaged = block;
    damaged[bit / 8] = static_cast<Byte>(damaged[bit / 8] ^ (1U << (bit % 8)));
    BOOST_TEST(!yubico_otp::open(own, damaged));
  }
}

BOOST_AUTO_TEST_CASE(T01_counters_and_timestamp_go_forward) {
  const Secret own = material(example_key, example_private);
  const yubico_otp::Moment last{.usage = 19, .session = 17, .timestamp = 49712};
  const auto match = [&](yubico_otp::Moment next) {
    return yubico_otp::check(own, after(last), yubico_otp::make(own, next, 7)).match;
  };
  BOOST_TEST((match(last) == Match::used));
  BOOST_TEST((match({.usage = 19, .session = 18, .timestamp = 49713}) == Match::yes));
  BOOST_TEST((match({.usage = 19, .session = 18, .timestamp = 49712}) == Match::used));
  BOOST_TEST((match({.usage = 19, .session = 18, .timestamp = 49711}) == Match::used));
  BOOST_TEST((match({.usage = 19, .session = 16, .timestamp = 60000}) == Match::used));
  BOOST_TEST((match({.usage = 18, .session = 255, .timestamp = 60000}) == Match::used));
  BOOST_TEST((match({.usage = 20, .session = 0, .timestamp = 1}) ==
              Match::yes));  // the timestamp starts again at power-up
  const yubico_otp::Moment late{.usage = 19, .session = 17, .timestamp = 0xfffff0};
  BOOST_TEST(
      (yubico_otp::check(own, after(late),
                         yubico_otp::make(own, {.usage = 19, .session = 18, .timestamp = 5}, 7))
           .match == Match::yes));  // it wraps
}

BOOST_AUTO_TEST_CASE(the_tag_of_the_last_one) {
  const Secret own = material(example_key, example_private);
  const yubico_otp::Moment moment{.usage = 3, .session = 1, .timestamp = 0xabcdef};
  const auto check = yubico_otp::check(own, {}, yubico_otp::make(own, moment, 1), 0xfedcba98);
  BOOST_REQUIRE((check.match == Match::yes));
  BOOST_TEST(yubico_otp::tag_of_same(check.progress, moment).value() == 0xfedcba98U);
  BOOST_TEST(
      !yubico_otp::tag_of_same(check.progress, {.usage = 3, .session = 0, .timestamp = 0xabcdef})
           .has_value());
}

BOOST_AUTO_TEST_CASE(among_typed_codes) {
  BOOST_TEST((parse_code(example).value().form == CodeForm::yubico_otp));
  BOOST_TEST((parse_code("123456").value().form == CodeForm::digits));
  BOOST_TEST(!parse_code(std::string(161, 'c')).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(modhex)

BOOST_AUTO_TEST_CASE(there_and_back) {
  const Bytes octets{0x00, 0x12, 0x69, 0xff, 0xab, 0xcd};
  BOOST_TEST(formats::modhex_encode(octets) == "ccbdhkvvlnrt");
  BOOST_TEST(formats::modhex_decode("ccbdhkvvlnrt").value() == octets,
             boost::test_tools::per_element());
  BOOST_TEST(!formats::modhex_decode("ccb").has_value());
  BOOST_TEST(!formats::modhex_decode("a1").has_value());
  BOOST_TEST(formats::modhex_decode("").value().empty());
}

BOOST_AUTO_TEST_SUITE_END()
