// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/base32.h"

#include <boost/test/unit_test.hpp>
#include <random>

#include "core/encoding/base64.h"
#include "core/encoding/hex.h"

using namespace countersign;
using namespace countersign::formats;

BOOST_AUTO_TEST_SUITE(base32)

BOOST_AUTO_TEST_CASE(rfc_4648_vectors) {
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"f", "MY======"},    {"fo", "MZXQ===="},    {"foo", "MZXW6==="},
      {"foob", "MZXW6YQ="}, {"fooba", "MZXW6YTB"}, {"foobar", "MZXW6YTBOI======"}};
  for (const auto& [plain, text] : vectors) {
    const auto decoded = base32_decode(text);
    BOOST_REQUIRE(decoded);
    BOOST_TEST(decoded->expose_text() == plain);
    BOOST_TEST(base32_encode(as_bytes(plain)).expose_text() == text.substr(0, text.find('=')));
  }
}

BOOST_AUTO_TEST_CASE(is_read_as_people_write_it) {
  for (const std::string_view text :
       {"mzxw6ytboi", "MZXW 6YTB OI", "mzxw-6ytb-oi==", "MZXW6YTBOI======"}) {
    const auto decoded = base32_decode(text);
    BOOST_REQUIRE(decoded);
    BOOST_TEST(decoded->expose_text() == "foobar");
  }
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named) {
  BOOST_TEST(base32_decode("MZX1").error().what ==
             "letter '1' at position 4 is not base32 (A to Z, 2 to 7)");
  BOOST_TEST(base32_decode("MZ\nX").error().what.contains("letter '\\n' at position 3"));
  BOOST_TEST(base32_decode("MZXW6=YTB").error().what.contains("after its padding"));
  BOOST_TEST(base32_decode("MZX").error().what.contains("cut off"));
  BOOST_TEST(base32_decode("====").error().what.contains("empty"));
  BOOST_TEST(base32_decode(std::string(1U << 20U, 'A')).error().what.contains("longer"));
}

BOOST_AUTO_TEST_CASE(random_octets_come_back) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    Bytes bytes(1 + random() % 100);
    for (Byte& byte : bytes) byte = static_cast<Byte>(random());
    const auto decoded = base32_decode(base32_encode(bytes).expose_text());
    BOOST_REQUIRE(decoded);
    BOOST_TEST(equal_constant_time(decoded->expose(), bytes));
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(hex)

BOOST_AUTO_TEST_CASE(is_read_with_separators) {
  for (const std::string_view text : {"666f6F", "66 6f 6f", "66:6F:6f", "66-6f-6f"}) {
    const auto decoded = hex_decode(text);
    BOOST_REQUIRE(decoded);
    BOOST_TEST(decoded->expose_text() == "foo");
  }
  BOOST_TEST(hex_decode("66g").error().what ==
             "'g' at position 3 is not a hex digit (0 to 9, a to f)");
  BOOST_TEST(hex_decode("666").error().what.contains("cut off"));
  BOOST_TEST(!hex_decode(""));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(base64)

BOOST_AUTO_TEST_CASE(rfc_4648_vectors) {
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"f", "Zg=="},        {"fo", "Zm8="},        {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9v\n  YmFy\t"},
      {"f", "Zg"}};
  for (const auto& [plain, text] : vectors) {
    const auto decoded = base64_decode(text);
    BOOST_REQUIRE(decoded);
    BOOST_TEST(decoded->expose_text() == plain);
  }
  BOOST_TEST(base64_decode("-_-_")->size() == 3u);
}

BOOST_AUTO_TEST_CASE(what_is_malformed_is_refused) {
  for (const std::string_view text :
       {"", "Z", "Zg=", "Zg===", "Zm=8", "Zm9v=", "Zh==", "Zm9vYg==Zg==", "Z*=="})
    BOOST_TEST(!base64_decode(text));
}

BOOST_AUTO_TEST_SUITE_END()
