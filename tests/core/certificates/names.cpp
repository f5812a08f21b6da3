// SPDX-License-Identifier: Apache-2.0
#include "core/certificates/names.h"

#include <boost/test/unit_test.hpp>

#include "tests/core/certificates/openssl_authority.h"

using namespace countersign;
using namespace countersign::certificates;
using test::OpensslAuthority;

namespace {

bool operator_equal(const Names& a, const Names& b) { return a == b; }

}  // namespace

BOOST_AUTO_TEST_SUITE(names)

BOOST_AUTO_TEST_CASE(as_openssl_writes_them) {
  const OpensslAuthority authority;
  const auto found = names_in(
      authority.issue({.extensions = "subjectAltName=@names\n[names]\notherName.1=1.3.6.1.4.1.311."
                                     "20.2.3;UTF8:alice@corp.example\nemail.1=alice@mail.example\n"
                                     "URI.1=urn:uuid:F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6\nURI.2="
                                     "https://elsewhere.example/\nDNS.1=host.example\n"
                                     "otherName.2=2.16.840.1.101.3.6.6;FORMAT:HEX,OCT:"
                                     "D4E739DA739CED39CE739DA1685A1082108CE73984108A3FC7\n"}));
  BOOST_REQUIRE(found);
  BOOST_TEST(operator_equal(*found, {{"alice@corp.example"},
                                     {"alice@mail.example"},
                                     {"f81d4fae-7dec-11d0-a765-00a0c91e6bf6"},
                                     {"d4e739da739ced39ce739da1685a1082108ce73984108a3fc7"}}));
  BOOST_TEST(operator_equal(names_in(authority.issue({})).value(), {}));
}

BOOST_AUTO_TEST_CASE(of_hostile_certificates) {
  const OpensslAuthority authority;
  // A NUL in a principal, a principal that is no UTF8String, an otherName cut off, one value too
  // many.
  for (const char* value :
       {"0:30:16:a0:14:06:0a:2b:06:01:04:01:82:37:14:02:03:a0:06:0c:04:61:00:62:63",
        "30:0c:a0:0a:06:0a:2b:06:01:04:01:82:37:14", "30:03:a0:05:00", "31:02:82:00"})
    BOOST_TEST(
        !names_in(authority.issue({.extensions = std::string("subjectAltName=DER:") +
                                                 (value[1] == ':' ? value + 2 : value) + "\n"}))
             .has_value());
  const auto other = names_in(authority.issue(
      {.extensions = "subjectAltName=otherName:1.3.6.1.4.1.311.20.2.3;IA5STRING:alice\n"}));
  BOOST_REQUIRE(other);
  BOOST_TEST(other->principals.empty());
}

BOOST_AUTO_TEST_CASE(names_that_we_write) {
  const OpensslAuthority authority;
  const Names wanted{{"ålice@corp.example"},
                     {"alice@mail.example"},
                     {"f81d4fae-7dec-11d0-a765-00a0c91e6bf6"},
                     {"d4e739da739ced39ce739da1685a1082108ce73984108a3fc7"}};
  const auto der = subject_alternative_name(wanted);
  BOOST_REQUIRE(der);
  std::string hex;
  for (const Byte octet : *der) {
    constexpr std::string_view digits = "0123456789abcdef";
    hex += {digits[octet >> 4], digits[octet & 15], ':'};
  }
  hex.pop_back();
  BOOST_TEST(operator_equal(
      names_in(authority.issue({.extensions = "subjectAltName=DER:" + hex + "\n"})).value(),
      wanted));
  BOOST_TEST(!subject_alternative_name({.emails = {"ålice@mail.example"}}).has_value());
  BOOST_TEST(!subject_alternative_name({.card_uuids = {"f81d4fae"}}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
