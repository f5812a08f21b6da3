// SPDX-License-Identifier: Apache-2.0
// @simplewebauthn/server judges the ceremonies of a real browser, as they were and spoilt in one
// place each; and so do we.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>

#include "core/crypto/hash.h"
#include "core/encoding/base64url.h"
#include "tests/e2e/support/browser_shop.h"

using namespace countersign;
using namespace countersign::test;

namespace {

// A registration and a sign-in with its credential, in the form that second_opinion/judge.mjs
// takes.
struct Ceremonies {
  std::string name;
  Json value;
};

// One place in which a ceremony is spoilt, and what we say then. Empty: nothing is.
struct Spoilt {
  std::string how, ceremony, reason;
  std::function<void(Json& all, Json& ceremony)> spoil;
};

Bytes octets_of(const Json& ceremony, std::string_view member) {
  return formats::base64url_decode(text(ceremony.at("response").at("response").as_object(), member))
      .value();
}

// --- what a browser makes ---

// Both numbers of an ECDSA signature (RFC 3279 §2.2.3) fill the 32 octets of their curve.
// @simplewebauthn/server 9.0.3 takes that for granted and refuses the one signature in 128 where it
// isn't so, also where a number of 31 octets has a zero before it. Signatures of other algorithms:
// true.
bool of_full_length(BytesView signature) {
  if (signature.size() < 8 || signature[0] != 0x30 || signature[1] != signature.size() - 2)
    return true;
  const auto fills = [&](std::size_t at) {  // at: where its length stands
    return at + 1 < signature.size() &&
           (signature[at] > 32 || (signature[at] == 32 && signature[at + 1] != 0));
  };
  return fills(3) && fills(5U + signature[3]);
}

// What follows "sig" in the statement (WebAuthn L3 §8.2), where there is one of less than 256
// octets.
bool attested_in_full_length(const Json& registration) {
  const Bytes object = octets_of(registration, "attestationObject");
  const auto at = std::ranges::search(object, as_bytes("csig\x58")).end();
  if (at == object.end()) return true;
  const BytesView rest(at, object.end());
  return of_full_length(rest.subspan(1, rest[0]));
}

Json both(const Shop& shop, const Json& options, const Json& wanted, const Json& change) {
  for (int i = 0; i < 10; ++i) {
    const BrowserKey key(browser(), options);
    const auto bound = shop.bind(wanted, change);
    const auto signed_in = shop.sign_in({{"user", text(wanted, "user")}, {"uv", wanted.at("uv")}});
    BOOST_TEST_REQUIRE(signed_in.outcome() == "verified");
    Json all = {{"rpId", "localhost"},
                {"origin", browser().origin()},
                {"userVerification", wanted.at("uv")},
                {"registration", Json{{"challenge", text(bound.options(), "challenge")},
                                      {"response", bound.credential()}}},
                {"authentication", Json{{"challenge", text(signed_in.options(), "challenge")},
                                        {"response", signed_in.credential()}}}};
    if (attested_in_full_length(all.at("registration").as_object()) &&
        of_full_length(octets_of(all.at("authentication").as_object(), "signature")))
      return all;
    BOOST_TEST_MESSAGE("a short number in a signature, which simplewebauthn can't read: once more");
  }
  throw std::runtime_error("ten ceremonies, each with a short number in a signature");
}

std::vector<Ceremonies> collect() {
  const Shop shop;
  const auto only = [](int algorithm) {
    return Json{
        {"pubKeyCredParams", boost::json::array{Json{{"type", "public-key"}, {"alg", algorithm}}}}};
  };
  const Json without_uv = {{"hasUserVerification", false}, {"isUserVerified", false}};
  const Json u2f = {{"protocol", "ctap1/u2f"},
                    {"hasResidentKey", false},
                    {"hasUserVerification", false},
                    {"isUserVerified", false}};
  const Json copied = {
      {"transport", "internal"}, {"defaultBackupEligibility", true}, {"defaultBackupState", true}};
  const auto alice = [](const char* uv, const char* attestation = "none",
                        bool discoverable = false) {
    return Json{{"user", "alice"},
                {"uv", uv},
                {"attestation", attestation},
                {"discoverable", discoverable}};
  };
  return {{"ES256, none", both(shop, {}, alice("required"), only(-7))},
          {"ES256, packed", both(shop, {}, alice("required", "direct"), only(-7))},
          {"EdDSA, packed", both(shop, {}, alice("required", "direct"), only(-8))},
          {"RS256, packed", both(shop, {}, alice("required", "direct"), only(-257))},
          {"passkey", both(shop, copied, alice("required", "none", true), {})},
          {"no user verification", both(shop, without_uv, alice("discouraged"), {})},
          {"U2F", both(shop, u2f, alice("discouraged", "direct"), {})}};
}

// --- in which places it is spoilt ---

void put(Json& ceremony, std::string_view member, BytesView octets) {
  ceremony.at("response")
      .at("response")
      .as_object()[boost::json::string_view(member.data(), member.size())] =
      formats::base64url(octets);
}

void flip(Json& ceremony, std::string_view member, std::size_t at, Byte bits = 1) {
  Bytes octets = octets_of(ceremony, member);
  octets.at(at) ^= bits;
  put(ceremony, member, octets);
}

std::size_t find_in(BytesView octets, BytesView part) {
  const auto found = std::ranges::search(octets, part);
  BOOST_TEST_REQUIRE(!found.empty());
  return static_cast<std::size_t>(found.begin() - octets.begin());
}

constexpr std::size_t flags_at =
    32;  // of authenticator data (WebAuthn L3 §6.1), after the hash of the RP ID
constexpr Byte up = 0x01, uv = 0x04, backup_eligible = 0x08, backed_up = 0x10;

// In the attestation object the authenticator data begins with the RP ID's hash.
void flip_flags(Json& registration, Byte bits) {
  flip(
      registration, "attestationObject",
      find_in(octets_of(registration, "attestationObject"), crypto::sha256(as_bytes("localhost"))) +
          flags_at,
      bits);
}

void put_client_data(Json& ceremony, std::string_view from, std::string_view to) {
  const Bytes data = octets_of(ceremony, "clientDataJSON");
  std::string changed(data.begin(), data.end());
  const std::size_t at = changed.find(from);
  BOOST_TEST_REQUIRE(at != std::string::npos);
  put(ceremony, "clientDataJSON", as_bytes(changed.replace(at, from.size(), to)));
}

bool attested(const Json& all) {
  return as_text(octets_of(all.at("registration").as_object(), "attestationObject")).find("sig") !=
         std::string::npos;
}
bool verified(const Json& all) { return text(all, "userVerification") == "required"; }
bool copied(const Json& all) {
  return (octets_of(all.at("authentication").as_object(), "authenticatorData").at(flags_at) &
          backup_eligible) != 0;
}

std::vector<Spoilt> spoilers(const Json& all) {
  std::vector<Spoilt> out = {{"as it was", "", "", [](Json&, Json&) {}}};
  const auto in_both = [&](const std::string& how, const std::string& reason,
                           const std::function<void(Json&, Json&)>& spoil) {
    for (const char* ceremony : {"registration", "authentication"})
      out.push_back({how, ceremony, reason, spoil});
  };
  const auto in_one = [&](const char* ceremony, const std::string& how, const std::string& reason,
                          const std::function<void(Json&, Json&)>& spoil) {
    out.push_back({how, ceremony, reason, spoil});
  };
  in_both("another challenge", "wrong-challenge", [](Json&, Json& it) {
    it["challenge"] = "VGhlIGNoYWxsZW5nZSBvZiBzb21lYm9keSBlbHNlLiAg";
  });
  in_both("another origin", "wrong-origin",
          [](Json&, Json& it) { put_client_data(it, "localhost", "localhosf"); });
  in_one("registration", "of another type", "wrong-type",
         [](Json&, Json& it) { put_client_data(it, "webauthn.create", "webauthn.get"); });
  in_one("authentication", "of another type", "wrong-type",
         [](Json&, Json& it) { put_client_data(it, "webauthn.get", "webauthn.create"); });
  in_one("authentication", "a member more in the client data", "bad-signature",
         [](Json&, Json& it) { put_client_data(it, "{", "{\"x\":1,"); });
  for (std::size_t part = 0; part < 4; ++part)
    in_one("authentication", "a bit of the signature, part " + std::to_string(part),
           "bad-signature", [part](Json&, Json& it) {
             flip(it, "signature", (octets_of(it, "signature").size() - 1) * part / 3);
           });
  in_one("authentication", "the hash of another RP ID", "wrong-rp-id",
         [](Json&, Json& it) { flip(it, "authenticatorData", 5); });
  in_one("authentication", "nobody present", "user-not-present",
         [](Json&, Json& it) { flip(it, "authenticatorData", flags_at, up); });
  in_one("authentication", "the counter", "bad-signature",
         [](Json&, Json& it) { flip(it, "authenticatorData", flags_at + 1); });
  in_one("authentication", "an octet short", "authenticator-data-malformed", [](Json&, Json& it) {
    Bytes data = octets_of(it, "authenticatorData");
    data.pop_back();
    put(it, "authenticatorData", data);
  });
  in_one("registration", "nobody present", "user-not-present",
         [](Json&, Json& it) { flip_flags(it, up); });
  if (!copied(all))
    in_one("registration", "backed up, and can't be", "backup-flags-contradict",
           [](Json&, Json& it) { flip_flags(it, backed_up); });
  if (verified(all)) {
    in_one("registration", "no user verified", "user-not-verified",
           [](Json&, Json& it) { flip_flags(it, uv); });
    in_one("authentication", "no user verified", "user-not-verified",
           [](Json&, Json& it) { flip(it, "authenticatorData", flags_at, uv); });
  }
  if (attested(all)) {
    in_one("registration", "a bit of the attestation's signature", "attestation-bad-signature",
           [](Json&, Json& it) {
             flip(it, "attestationObject",
                  find_in(octets_of(it, "attestationObject"), as_bytes("csig")) + 20);
           });
    in_one("registration", "a member more in the client data", "attestation-bad-signature",
           [](Json&, Json& it) { put_client_data(it, "{", "{\"x\":1,"); });
  }
  return out;
}

// --- what is said to it ---

Json recording(const Json& all) {
  const auto of = [&](const char* ceremony, std::initializer_list<const char*> members) {
    const Json& it = all.at(ceremony).as_object();
    Json out = {{"challenge", it.at("challenge")}};
    for (const char* member : members) out[member] = it.at("response").at("response").at(member);
    return out;
  };
  return {{"rpId", all.at("rpId")},
          {"origin", all.at("origin")},
          {"userVerification", all.at("userVerification")},
          {"registration", of("registration", {"clientDataJSON", "attestationObject"})},
          {"authentication",
           of("authentication", {"clientDataJSON", "authenticatorData", "signature"})}};
}

Json ours(const std::string& file, const Json& all) {
  write_file(file, boost::json::serialize(recording(all)));
  const Ran ran = run({program("countersign"), "debug", "webauthn", file, "--json"}, {}, 20);
  BOOST_TEST_REQUIRE((ran.exit_code == 0 || ran.exit_code == 1), ran.err);
  return object_in(ran.out);
}

boost::json::array theirs(const std::string& file, const boost::json::array& all) {
  write_file(file, boost::json::serialize(all));
  return boost::json::parse(
             tool({"/usr/bin/node", COUNTERSIGN_E2E_FOLDER "/second_opinion/judge.mjs",
                   COUNTERSIGN_NODE_FOLDER, file}))
      .as_array();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(second_opinion)

BOOST_AUTO_TEST_CASE(T22_T24_simplewebauthn_accepts_and_refuses_what_we_do) {
  const TemporaryFolder folder;
  boost::json::array cases;
  std::vector<std::pair<std::string, Spoilt>> names;
  for (const Ceremonies& made : collect())
    for (const Spoilt& spoilt : spoilers(made.value)) {
      Json copy = made.value;
      spoilt.spoil(copy, spoilt.ceremony.empty() ? copy : copy.at(spoilt.ceremony).as_object());
      cases.emplace_back(std::move(copy));
      names.emplace_back(made.name + ": " + spoilt.how, spoilt);
    }
  const boost::json::array opinions = theirs(folder / "cases.json", cases);
  BOOST_TEST_REQUIRE(opinions.size() == cases.size());
  std::size_t agreed = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto& [name, spoilt] = names[i];
    const Json us = ours(folder / "case.json", cases[i].as_object());
    const Json them = opinions[i].as_object();
    bool same = true;
    for (const char* ceremony : {"registration", "authentication"}) {
      const bool good = ceremony != spoilt.ceremony;
      const std::string result = text(us.at(ceremony).as_object(), "result");
      // Where they refuse a registration they have no key for its sign-in.
      const bool asked = them.contains(ceremony);
      const std::string opinion = asked ? text(them, ceremony) : "not asked";
      BOOST_TEST(
          asked == (std::string(ceremony) == "registration" || spoilt.ceremony != "registration"),
          name << ": " << opinion);
      if (asked)
        BOOST_TEST((opinion == "accepted") == good,
                   name << ", " << ceremony << ": they say " << opinion);
      if (asked || !good)
        BOOST_TEST(result == (good ? "accepted" : spoilt.reason),
                   name << ", " << ceremony << ": we say " << result);
      same = same && (!asked || (opinion == "accepted") == (result == "accepted"));
    }
    agreed += same ? 1U : 0U;
  }
  BOOST_TEST(agreed == cases.size());
  BOOST_TEST(cases.size() > 100U);  // 7 ceremonies, each as it was and spoilt in 15 places at least
}

BOOST_AUTO_TEST_SUITE_END()
