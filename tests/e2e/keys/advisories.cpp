// SPDX-License-Identifier: Apache-2.0
// What is known against a firmware, where people meet it: lists, and enrolling at the terminal. A
// software key claims to be another (--usb, --firmware), in the description alone.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <tuple>

#include "tests/e2e/support/key_house.h"
#include "tests/e2e/support/processes.h"

using namespace countersign;
using namespace countersign::test;

namespace {

struct OnePerson : KeyHouse {
  explicit OnePerson(const std::string& config = {}) : KeyHouse(config) {
    add_user(daemon, "alice");
  }
  [[nodiscard]] SoftKey plug_as(const std::string& usb, const std::string& firmware) const {
    return plug("a",
                {"--profile", "no-pin", "--touch", "auto", "--usb", usb, "--firmware", firmware});
  }
  [[nodiscard]] std::int64_t events() const {
    return ask(daemon, "GET", "/v1/status").at("audit_events").as_int64();
  }
  [[nodiscard]] Json newest_event() const {
    const Json page = ask(daemon, "GET", "/v1/audit/events?after=" + std::to_string(events() - 1));
    return object_in(text(page.at("events").as_array().at(0).as_object(), "event"));
  }
};

// "YSA-2024-03 warn", ...
std::vector<std::string> listed(const Json& device) {
  std::vector<std::string> all;
  for (const auto& each : device.at("advisories").as_array())
    all.push_back(text(each.as_object(), "id") + " " + text(each.as_object(), "verdict"));
  return all;
}

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::ranges::find(all, one) != all.end();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(advisories)

BOOST_AUTO_TEST_CASE(lists_and_info_show_what_is_known) {
  const OnePerson house;
  const SoftKey key = house.plug_as("1050:0407", "5.4.3");
  const Json list = told(house.daemon, {"device", "list"});
  const Json device = list.at("devices").as_array().at(0).as_object();
  BOOST_TEST(text(device, "usb") == "1050:0407");
  BOOST_TEST(text(device, "firmware") == "5.4.3");
  BOOST_TEST(has(listed(device), "YSA-2024-03 warn"));
  BOOST_TEST(has(listed(device), "YSA-2025-02 note"));
  const Ran shown = house.daemon.cli({"device", "list"});
  BOOST_TEST(shown.out.find("YSA-2024-03 (warn)") != std::string::npos, shown.out);
  const Json info = told(house.daemon, {"device", "info"});
  BOOST_TEST(has(listed(info.at("device").as_object()), "YSA-2024-03 warn"));
  const SoftKey own = house.plug("b", {"--profile", "no-pin"});
  Json both;
  BOOST_REQUIRE(becomes_true([&] {
    both = told(house.daemon, {"device", "list"});
    return both.at("devices").as_array().size() == 2U;
  }));
  BOOST_TEST(both.at("devices").as_array().at(1).as_object().at("advisories").as_array().empty());
}

BOOST_AUTO_TEST_CASE(an_open_token_says_which_model_it_is) {
  const OnePerson house;
  const SoftKey key = house.plug_as("1050:0407", "5.2.4");
  const Json list = told(house.daemon, {"device", "list"});
  BOOST_TEST(has(listed(list.at("devices").as_array().at(0).as_object()),
                 "YSA-2020-04 warn"));  // it may be a 5 NFC
  const Json info = told(house.daemon, {"device", "info"});
  BOOST_TEST(
      !has(listed(info.at("device").as_object()), "YSA-2020-04 warn"));  // by its AAGUID it is none
  BOOST_TEST(has(listed(info.at("device").as_object()), "YSA-2024-03 warn"));
}

BOOST_AUTO_TEST_CASE(a_refused_key_is_not_asked_for_anything_and_nothing_is_recorded) {
  for (const auto& [usb, firmware, id] : {std::tuple("1050:0407", "4.4.2", "YSA-2019-02"),
                                          std::tuple("20a0:4287", "1.1", "CVE-2020-12061")}) {
    const OnePerson house;
    const SoftKey key = house.plug_as(usb, firmware);
    const std::int64_t before = house.events();
    const auto done = house.tap({"enroll", "fido2", "--user", "alice", "--timeout", "10"});
    BOOST_TEST(done.exit_code == 5, id);
    BOOST_TEST(text(done.object, "error").find(id) != std::string::npos,
               text(done.object, "error"));
    BOOST_TEST(!told(done, "touch"), id);
    BOOST_TEST(house.events() == before, id);
    BOOST_TEST(told(house.daemon, {"authenticator", "list", "--user", "alice"})
                   .at("authenticators")
                   .as_array()
                   .empty());
  }
}

BOOST_AUTO_TEST_CASE(a_warning_is_told_and_recorded) {
  const OnePerson house;
  const SoftKey key = house.plug_as("1050:0407", "5.4.3");
  const auto done = house.tap({"enroll", "fido2", "--user", "alice", "--timeout", "10"});
  BOOST_TEST(done.exit_code == 0);
  std::vector<std::string> warned;
  for (const Json& event : done.events)
    if (text(event, "event") == "advisory") {
      warned.push_back(text(event, "advisory"));
      BOOST_TEST(text(event, "about").size() > 20U);
    }
  BOOST_TEST((warned ==
              std::vector<std::string>{"YSA-2024-02", "YSA-2024-03"}));  // notes are in lists alone
  BOOST_TEST(text(house.newest_event(), "advisories") == "YSA-2024-02 YSA-2024-03");
  BOOST_TEST(house.verdict("alice") == "verified");
  BOOST_TEST(text(house.newest_event(), "outcome") == "verified");
}

BOOST_AUTO_TEST_CASE(a_good_firmware_is_no_news) {
  const OnePerson house;
  const SoftKey key = house.plug_as("1050:0407", "5.7.4");
  const auto done = house.tap({"enroll", "fido2", "--user", "alice", "--timeout", "10"});
  BOOST_TEST(done.exit_code == 0);
  BOOST_TEST(!told(done, "advisory"));
  BOOST_TEST((house.newest_event().if_contains("advisories") == nullptr));
}

BOOST_AUTO_TEST_CASE(people_read_it_too) {
  const OnePerson house;
  const SoftKey key = house.plug_as("1050:0407", "5.4.3");
  const Ran enrolled = house.daemon.cli({"enroll", "fido2", "--user", "alice", "--timeout", "10"});
  BOOST_TEST(enrolled.exit_code == 0);
  BOOST_TEST((enrolled.out + enrolled.err).find("YSA-2024-03") != std::string::npos,
             enrolled.out << enrolled.err);
}

// An organisation that asks for more than the usual: what is a warning elsewhere is a refusal here,
// for keys that are enrolled too.
BOOST_AUTO_TEST_CASE(under_high_assurance_a_warning_is_a_refusal) {
  const OnePerson house("[fido2]\nassurance = \"high\"\n");
  {
    const SoftKey before = house.plug_as("1050:0407", "5.7.4");
    BOOST_TEST(house.tap({"enroll", "fido2", "--user", "alice", "--timeout", "10"}).exit_code == 0);
    BOOST_TEST(house.verdict("alice") == "verified");
  }
  const SoftKey key = house.plug_as(
      "1050:0407",
      "5.6.3");  // the same key as far as credentials go; what it claims to be is another
  const auto verified = house.tap({"verify", "--user", "alice", "--tap", "--timeout", "10"});
  BOOST_TEST(verified.exit_code == 1);
  BOOST_TEST(!told(verified, "touch"));
  BOOST_REQUIRE(told(verified, "advisory"));
  for (const Json& event : verified.events)
    if (text(event, "event") == "advisory") BOOST_TEST(text(event, "advisory") == "YSA-2024-03");
  BOOST_TEST(text(house.newest_event(), "outcome") == "denied");
  const auto enrolled = house.tap({"enroll", "fido2", "--user", "alice", "--timeout", "10"});
  BOOST_TEST(enrolled.exit_code == 5);
  BOOST_TEST(text(enrolled.object, "error").find("YSA-2024-03") != std::string::npos);
}

// By the firmware that a key had when it was enrolled, whether it is plugged in or not.
BOOST_AUTO_TEST_CASE(who_has_a_key_that_something_is_known_against) {
  const OnePerson house;
  add_user(house.daemon, "bob");
  {
    const SoftKey old = house.plug_as("1050:0407", "5.4.3");
    BOOST_TEST(
        house.tap({"enroll", "fido2", "--user", "alice", "--label", "blue", "--timeout", "10"})
            .exit_code == 0);
  }
  {
    const SoftKey good = house.plug("b", {"--profile", "no-pin", "--touch", "auto", "--usb",
                                          "1050:0407", "--firmware", "5.7.4"});
    BOOST_TEST(house.tap({"enroll", "fido2", "--user", "bob", "--timeout", "10"}).exit_code == 0);
  }
  const Json page = told(house.daemon, {"authenticator", "list", "--at-risk"});
  std::vector<std::string> found;
  for (const auto& each : page.at("authenticators").as_array()) {
    const Json& key = each.as_object();
    BOOST_TEST(text(key, "user") == "alice");
    BOOST_TEST(text(key, "label") == "blue");
    found.push_back(text(key, "reason").substr(0, text(key, "reason").find(':')));
  }
  BOOST_TEST(has(found, "YSA-2024-03"));
  BOOST_TEST(has(found, "YSA-2024-02"));
  BOOST_TEST(!has(found, "YSA-2025-02"));  // a note
}

BOOST_AUTO_TEST_CASE(a_claim_that_is_none_is_refused) {
  for (const auto& wrong : {std::pair("--usb", "1050"), std::pair("--usb", "1050:04 7"),
                            std::pair("--firmware", "5.4\"}")}) {
    const TemporaryFolder folder;
    const Ran refused = run({program("countersign-virtual"), "serve", "--socket", folder / "a.sock",
                             wrong.first, wrong.second},
                            {}, 5);
    BOOST_TEST(refused.exit_code == 2, wrong.second);
    BOOST_TEST(refused.err.find(wrong.first) != std::string::npos, refused.err);
  }
}

BOOST_AUTO_TEST_SUITE_END()
