// SPDX-License-Identifier: Apache-2.0
#include "devices/smartcard/piv/objects.h"

#include <zlib.h>
#include <boost/test/unit_test.hpp>

#include "core/encoding/ber_tlv.h"
#include "devices/smartcard/openpgp/application_data.h"

using namespace countersign;
using namespace countersign::devices::smartcard;
namespace tlv = countersign::formats::tlv;

namespace {

Bytes packed(const Bytes& content) {
  z_stream stream{};
  BOOST_REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) ==
                Z_OK);
  Bytes out(content.size() + 1024);
  Bytes in = content;
  stream.next_in = in.data();
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  BOOST_REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Bytes object_with(const Bytes& certificate, bool gzip) {
  Bytes inside = tlv::make(0x70, certificate);
  tlv::append(inside, 0x71, Bytes{static_cast<Byte>(gzip ? 1 : 0)});
  tlv::append(inside, 0xFE, {});
  return tlv::make(0x53, inside);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(card_objects)

BOOST_AUTO_TEST_CASE(certificates_come_plain_and_packed) {
  const Bytes content(3000, 0x30);
  BOOST_TEST((piv::parse_certificate(object_with(content, false)).value() == content));
  BOOST_TEST((piv::parse_certificate(object_with(packed(content), true)).value() == content));
}

BOOST_AUTO_TEST_CASE(T29_a_small_object_that_unpacks_to_much_is_refused) {
  BOOST_TEST(!piv::parse_certificate(object_with(packed(Bytes(10'000'000, 0)), true)).has_value());
  BOOST_TEST(!piv::parse_certificate(object_with(Bytes(100, 0), true)).has_value());
  BOOST_TEST(!piv::parse_certificate(object_with({}, false)).has_value());
  BOOST_TEST((piv::parse_certificate(tlv::make(0x53, {})).error().code == Code::not_found));
}

BOOST_AUTO_TEST_CASE(a_chuid_gives_its_guid_and_fasc_n) {
  Bytes inside = tlv::make(0x30, Bytes(25, 1));
  tlv::append(inside, 0x34, Bytes(16, 2));
  const auto chuid = piv::parse_chuid(tlv::make(0x53, inside));
  BOOST_REQUIRE(chuid.has_value());
  BOOST_TEST((chuid->guid == Bytes(16, 2) && chuid->fasc_n == Bytes(25, 1)));
  BOOST_TEST(!piv::parse_chuid(Bytes{0x54, 0x00}).has_value());
}

BOOST_AUTO_TEST_CASE(historical_bytes_of_an_openpgp_card) {
  // OpenPGP card 3.4 §6: card service data, capabilities with chaining and extended length,
  // operational.
  const auto found =
      openpgp::parse_historical(Bytes{0x00, 0x31, 0xC5, 0x73, 0xC0, 0x01, 0xC0, 0x05, 0x90, 0x00});
  BOOST_TEST((found.command_chaining && found.extended_length && found.life_cycle));
  for (const Bytes& bad : {Bytes{}, Bytes{0x00}, Bytes{0x00, 0x7F, 0x01, 0x90, 0x00},
                           Bytes{0x80, 0x73, 1, 1, 1, 1, 5, 0x90, 0x00}})
    BOOST_TEST(!openpgp::parse_historical(bad).extended_length);
}

BOOST_AUTO_TEST_CASE(public_keys_of_openpgp_cards_become_key_infos) {
  const Bytes modulus(256, 0xC1), exponent = {1, 0, 1};
  Bytes numbers = tlv::make(0x81, modulus);
  tlv::append(numbers, 0x82, exponent);
  const auto rsa = openpgp::parse_public_key(tlv::make(0x7F49, numbers), {.rsa = true});
  BOOST_REQUIRE(rsa.has_value());
  BOOST_TEST((type_of(*rsa) == KeyType::rsa2048));
  const auto edwards = openpgp::parse_public_key(tlv::make(0x7F49, tlv::make(0x86, Bytes(32, 3))),
                                                 {.rsa = false, .curve = KeyType::ed25519});
  BOOST_REQUIRE(edwards.has_value());
  BOOST_TEST((type_of(*edwards) == KeyType::ed25519));
  BOOST_TEST(!openpgp::parse_public_key(tlv::make(0x7F49, {}), {.rsa = true}).has_value());
}

BOOST_AUTO_TEST_CASE(keys_of_other_kinds_are_not_offered) {
  BOOST_TEST(!type_of(rsa_key_info(Bytes(128, 0xC1), Bytes{3})).has_value());  // RSA-1024
  BOOST_TEST(!type_of(Bytes{}).has_value());
  BOOST_TEST(!key_info_of(Bytes(20, 0x30)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
