// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/cbor.h"

#include <boost/test/unit_test.hpp>

#include "core/encoding/hex.h"

using namespace countersign;
using namespace countersign::formats::cbor;

namespace {

Bytes hex(std::string_view text) {
  const auto decoded = formats::hex_decode(text);
  const auto view = decoded.value().expose();
  return {view.begin(), view.end()};
}

bool refused(std::string_view text, Limits limits = {}) {
  const auto parsed = parse(hex(text), limits);
  return !parsed && parsed.error().code == Code::corrupt;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cbor)

// RFC 8949, Appendix A.
BOOST_AUTO_TEST_CASE(examples_of_the_standard_read_and_write) {
  const std::pair<std::string_view, Value> examples[] = {
      {"00", 0},
      {"17", 23},
      {"1818", 24},
      {"18ff", 255},
      {"190100", 256},
      {"1903e8", 1000},
      {"1a000f4240", 1000000},
      {"1b000000e8d4a51000", 1000000000000},
      {"20", -1},
      {"3863", -100},
      {"3903e7", -1000},
      {"1b7fffffffffffffff", std::numeric_limits<std::int64_t>::max()},
      {"3b7fffffffffffffff", std::numeric_limits<std::int64_t>::min()},
      {"f4", false},
      {"f5", true},
      {"f6", {}},
      {"40", Bytes()},
      {"4401020304", Bytes{1, 2, 3, 4}},
      {"60", ""},
      {"6449455446", "IETF"},
      {"62c3bc", "\u00fc"},
      {"80", Value::array({})},
      {"83010203", Value::array({1, 2, 3})},
      {"8301820203820405", Value::array({1, Value::array({2, 3}), Value::array({4, 5})})},
      {"a0", Value::map({})},
      {"a201020304", Value::map({{1, 2}, {3, 4}})},
      {"a26161016162820203", Value::map({{"a", 1}, {"b", Value::array({2, 3})}})}};
  for (const auto& [text, value] : examples) {
    const auto parsed = parse(hex(text));
    BOOST_TEST_REQUIRE(parsed.has_value(), text);
    BOOST_TEST((*parsed == value), text);
    BOOST_TEST(encode(value) == hex(text), boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(keys_are_written_in_ctap2_order) {
  const Value cose =
      Value::map({{-3, 5}, {-1, 4}, {3, 2}, {1, 1}, {-2, 3}, {"b", 7}, {"aa", 8}, {100, 9}});
  BOOST_TEST(encode(cose) == hex("a8 0101 0302 186409 2004 2103 2205 616207 62616108"),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_map_is_asked_by_key_and_type) {
  const Value map = Value::map({{1, 2},
                                {-1, Bytes{9}},
                                {"fmt", "none"},
                                {"up", true},
                                {"list", Value::array({1})},
                                {"in", Value::map({{1, 1}})}});
  BOOST_TEST(map.integer_at(1).value() == 2);
  BOOST_TEST((*map.bytes_at(-1) == Bytes{9}));
  BOOST_TEST(*map.text_at("fmt") == "none");
  BOOST_TEST(map.boolean_at("up").value() == true);
  BOOST_TEST(map.array_at("list")->size() == 1);
  BOOST_TEST(map.map_at("in")->integer_at(1).value() == 1);
  BOOST_TEST(!map.integer_at("fmt").has_value());
  BOOST_TEST(map.find(2) == nullptr);
  BOOST_TEST(map.find("1") == nullptr);
  BOOST_TEST(Value(5).find(5) == nullptr);
}

BOOST_AUTO_TEST_CASE(T29_what_ctap_does_not_use_is_refused) {
  for (const char* text : {"9f01ff",
                           "bf0102ff",
                           "5f4101ff",
                           "7f6161ff",
                           "ff",  // indefinite lengths, a break alone
                           "c000",
                           "d81800",
                           "f90000",
                           "fa00000000",
                           "fb0000000000000000",  // tags, floats
                           "f7",
                           "f0",
                           "f8ff",
                           "1c",
                           "3f",  // undefined, simple values, reserved
                           "1b8000000000000000",
                           "3b8000000000000000",  // beyond int64
                           "61ff",
                           "63eda080",  // not UTF-8
                           "a201010102",
                           "a20101180102",
                           "a2616101616102",  // a key twice, once in a longer form
                           "a1410101",
                           "a1f401",
                           "a18001",  // keys that are neither integer nor text
                           "01ff",
                           "0000"})  // something after the end
    BOOST_TEST(refused(text), text);
}

BOOST_AUTO_TEST_CASE(T29_cut_anywhere_is_refused) {
  const Bytes whole = hex("a363666d74646e6f6e656761747453746d74a0686175746844617461450102030405");
  BOOST_TEST(parse(whole).has_value());
  for (std::size_t size = 0; size < whole.size(); ++size)
    BOOST_TEST(!parse(BytesView(whole).first(size)).has_value(), size);
}

BOOST_AUTO_TEST_CASE(T29_hostile_lengths_allocate_nothing) {
  for (const char* text : {"9b7fffffffffffffff", "bb7fffffffffffffff", "5b7fffffffffffffff",
                           "7b7fffffffffffffff", "9bffffffffffffffff", "5bffffffffffffffff",
                           "bbffffffffffffffff", "9a00010000", "ba00010000", "bb8000000000000000"})
    BOOST_TEST(refused(text), text);
}

BOOST_AUTO_TEST_CASE(limits_hold) {
  BOOST_TEST(!refused("818180", {.depth = 3}));
  BOOST_TEST(refused("818180", {.depth = 2}));
  BOOST_TEST(refused("a101", {.depth = 0}));
  BOOST_TEST(!refused("83010203", {.items = 4}));
  BOOST_TEST(refused("83010203", {.items = 3}));
  BOOST_TEST(refused("00", {.items = 0}));
}

BOOST_AUTO_TEST_CASE(the_first_item_alone) {
  const auto first = parse_prefix(hex("a10102ff00"));
  BOOST_TEST_REQUIRE(first.has_value());
  BOOST_TEST(first->size == 3U);
  BOOST_TEST((first->value == Value::map({{1, 2}})));
}

BOOST_AUTO_TEST_SUITE_END()
