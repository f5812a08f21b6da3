// SPDX-License-Identifier: Apache-2.0
// What is known against firmware: the rules, the files of firmware-notes/, and the table that they
// become.
#include "core/advisories/advisories.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "core/advisories/table/notes_reader.h"
#include "devices/usb/known_tokens.h"

using namespace countersign;

namespace {

const std::string folder = std::string(COUNTERSIGN_SOURCE_DIR) + "/firmware-notes";

TokenFacts usb(std::uint16_t vendor, std::uint16_t product, std::string firmware = {}) {
  return {.vendor = vendor, .product = product, .firmware = std::move(firmware)};
}
TokenFacts yubikey(std::string firmware) { return usb(0x1050, 0x0407, std::move(firmware)); }

std::optional<Finding> find(const std::string& id, const TokenFacts& token,
                            std::optional<TokenOperation> operation = {},
                            std::optional<KeyAlgorithm> algorithm = {},
                            Assurance assurance = Assurance::usual) {
  const auto all = advisories_for(known_advisories(), token, operation, algorithm, assurance);
  const auto found = std::ranges::find(all, id, &Finding::id);
  return found != all.end() ? std::optional(*found) : std::nullopt;
}

// "" where there is none.
std::string verdict(const std::string& id, const TokenFacts& token,
                    std::optional<TokenOperation> operation = {},
                    std::optional<KeyAlgorithm> algorithm = {},
                    Assurance assurance = Assurance::usual) {
  const auto found = find(id, token, operation, algorithm, assurance);
  return found ? std::string(to_name(found->verdict)) + (found->certain ? "" : "?") : "";
}

using enum TokenOperation;
using enum KeyAlgorithm;

}  // namespace

BOOST_AUTO_TEST_SUITE(advisories)

BOOST_AUTO_TEST_CASE(versions_compare_by_number) {
  const auto version = [](const char* text) { return FirmwareVersion::parse(text).value(); };
  BOOST_TEST((version("5.10.0") > version("5.9.9")));
  BOOST_TEST((version("5.7") == version("5.7.0")));
  BOOST_TEST((version("11.8.70") < version("11.11.0")));
  BOOST_TEST(version("4.34.0").text() == "4.34");
  for (const char* bad :
       {"", "5.", ".5", "5..4", "v5.4", "5.4a", "-1", "4294967296", "1.2.3.4.5.6.7", " 5"})
    BOOST_TEST(!FirmwareVersion::parse(bad), bad);
  for (const char* bad : {"", "5.7.0", ">5.7.0", ">=", ">= 5", ">=5.0.0 5.7"})
    BOOST_TEST(!parse_firmware_range(bad), bad);
}

BOOST_AUTO_TEST_CASE(a_range_holds_at_both_its_ends) {
  for (const char* inside : {"5.0.0", "5.4.3", "5.6.9"})
    BOOST_TEST(verdict("YSA-2024-03", yubikey(inside)) == "warn", inside);
  for (const char* outside : {"4.3.7", "5.7.0", "6.0.0"})
    BOOST_TEST(verdict("YSA-2024-03", yubikey(outside)).empty(), outside);
  for (const char* inside : {"5.4.1", "5.7.3"})
    BOOST_TEST(verdict("YSA-2025-02", yubikey(inside)) == "note", inside);
  for (const char* outside : {"5.4.0", "5.7.4"})
    BOOST_TEST(verdict("YSA-2025-02", yubikey(outside)).empty(), outside);
}

BOOST_AUTO_TEST_CASE(operation_and_algorithm_decide) {
  const TokenFacts token = yubikey("5.4.3");
  BOOST_TEST(verdict("YSA-2024-03", token, fido2_enroll, ecdsa) == "warn");
  BOOST_TEST(verdict("YSA-2024-03", token, piv_verify, ecdsa) == "warn");
  BOOST_TEST(verdict("YSA-2024-03", token, fido2_enroll, eddsa).empty());
  BOOST_TEST(verdict("YSA-2024-03", token, piv_enroll, rsa).empty());
  BOOST_TEST(verdict("YSA-2024-03", token, otp).empty());
  BOOST_TEST(verdict("YSA-2019-02", yubikey("4.4.2"), fido2_enroll, ecdsa) == "refuse");
  BOOST_TEST(verdict("YSA-2019-02", yubikey("4.4.4"), fido2_verify, ecdsa) == "warn");
  BOOST_TEST(verdict("YSA-2019-02", yubikey("4.4.5"), fido2_enroll, ecdsa).empty());
  BOOST_TEST(verdict("YSA-2019-02", yubikey("4.4.2"), piv_enroll, rsa).empty());
  BOOST_TEST(verdict("YSA-2019-02", yubikey("4.4.2")) == "refuse");  // the gravest of both
}

BOOST_AUTO_TEST_CASE(high_assurance_takes_less) {
  BOOST_TEST(verdict("YSA-2024-03", yubikey("5.4.3"), fido2_verify, ecdsa, Assurance::high) ==
             "refuse");
  BOOST_TEST(verdict("CVE-2021-3011", usb(0x18d1, 0x5026), fido2_enroll, ecdsa) == "warn");
  BOOST_TEST(verdict("CVE-2021-3011", usb(0x18d1, 0x5026), fido2_enroll, ecdsa, Assurance::high) ==
             "refuse");
  BOOST_TEST(verdict("YSA-2024-02", yubikey("5.4.3"), fido2_enroll, ecdsa, Assurance::high) ==
             "warn");  // says nothing of it
}

BOOST_AUTO_TEST_CASE(a_firmware_that_cant_be_read_means_warn) {
  for (const char* unreadable : {"", "?", "5.x"}) {
    BOOST_TEST(verdict("CVE-2020-12061", usb(0x20a0, 0x4287, unreadable), fido2_enroll) == "warn?",
               unreadable);
    BOOST_TEST(verdict("YSA-2024-03", yubikey(unreadable), fido2_enroll, ecdsa, Assurance::high) ==
                   "warn?",
               unreadable);
    BOOST_TEST(verdict("YSA-2025-02", yubikey(unreadable)) == "warn?", unreadable);
  }
  BOOST_TEST(verdict("CVE-2020-12061", usb(0x20a0, 0x4287, "1.1"), fido2_enroll) == "refuse");
  BOOST_TEST(verdict("CVE-2020-12061", usb(0x20a0, 0x4287, "1.2"), fido2_enroll).empty());
  BOOST_TEST(verdict("CVE-2020-12061", usb(0x20a0, 0x4287, "1.1"), fido2_verify)
                 .empty());  // new enrolments only
  BOOST_TEST(verdict("YSA-2015-1", usb(0x1050, 0x0116, "3.4.9"), openpgp_enroll) ==
             "warn?");  // it is the application's version that counts
  TokenFacts neo = usb(0x1050, 0x0116, "3.4.9");
  neo.components = {{"openpgp-applet", "1.0.8"}};
  BOOST_TEST(verdict("YSA-2015-1", neo, openpgp_enroll) == "refuse");
  neo.components = {{"openpgp-applet", "1.0.10"}};
  BOOST_TEST(verdict("YSA-2015-1", neo, openpgp_enroll).empty());
}

BOOST_AUTO_TEST_CASE(an_aaguid_decides_where_it_is_known) {
  TokenFacts bio = usb(0x1050, 0x0402, "5.7.1");
  BOOST_TEST(verdict("YSA-2024-03", bio)
                 .empty());  // a Security Key has the same USB id, and is not affected
  bio.aaguid = "dd86a2da-86a0-4cbe-b462-4bd31f57bc6f";
  BOOST_TEST(verdict("YSA-2024-03", bio) == "warn");
  bio.firmware = "5.7.2";
  BOOST_TEST(verdict("YSA-2024-03", bio).empty());
  TokenFacts nfc = yubikey("5.2.4");
  nfc.circumstances = {{Circumstance::otp_access_code, true}};
  BOOST_TEST(verdict("YSA-2020-04", nfc, otp) == "warn");
  nfc.aaguid = "ee882879-721c-4913-9775-3dfcce97072a";  // a YubiKey 5 without NFC
  BOOST_TEST(verdict("YSA-2020-04", nfc, otp).empty());
  nfc.aaguid = "2fc0579f-8113-47ea-b116-bb5a8db9202a";
  BOOST_TEST(verdict("YSA-2020-04", nfc, otp) == "warn");
  nfc.circumstances = {{Circumstance::otp_access_code, false}};
  BOOST_TEST(verdict("YSA-2020-04", nfc, otp).empty());
}

BOOST_AUTO_TEST_CASE(T42_a_fingerprinted_modulus_is_refused_whatever_made_it) {
  TokenFacts any = usb(0x1234, 0x5678);
  BOOST_TEST(verdict("YSA-2017-01", any, piv_enroll, rsa).empty());
  any.circumstances = {{Circumstance::fingerprinted_modulus, true}};
  BOOST_TEST(verdict("YSA-2017-01", any, piv_enroll, rsa) == "refuse");
  BOOST_TEST(verdict("YSA-2017-01", any, piv_enroll, ecdsa).empty());
  TokenFacts old = yubikey("4.3.4");
  BOOST_TEST(verdict("YSA-2017-01", old, piv_enroll, rsa) ==
             "warn?");  // nobody has looked at the modulus
  old.circumstances = {{Circumstance::fingerprinted_modulus, false}};
  BOOST_TEST(verdict("YSA-2017-01", old, piv_enroll, rsa).empty());
  BOOST_TEST(verdict("YSA-2017-01", yubikey("4.3.5"), piv_enroll, rsa).empty());
  BOOST_TEST(verdict("YSA-2017-01", old, fido2_enroll, ecdsa).empty());
}

BOOST_AUTO_TEST_CASE(tpms_are_known_by_their_maker) {
  TokenFacts tpm{.firmware = "11.8.60", .tpm_manufacturer = "INTC"};
  BOOST_TEST(verdict("CVE-2019-11090", tpm, tpm_key, ecdsa) == "refuse");
  for (const char* good : {"11.8.70", "11.11.70", "11.22.70", "12.0.45", "13.0.0", "14.0.10"}) {
    tpm.firmware = good;
    BOOST_TEST(verdict("CVE-2019-11090", tpm, tpm_key, ecdsa).empty(), good);
  }
  for (const char* bad : {"11.11.60", "11.22.65", "12.0.40", "14.0.9"}) {
    tpm.firmware = bad;
    BOOST_TEST(verdict("CVE-2019-11090", tpm, tpm_key, ecdsa) == "refuse", bad);
  }
  TokenFacts infineon{.firmware = "6.42",
                      .tpm_manufacturer = "IFX",
                      .circumstances = {{Circumstance::fingerprinted_modulus, true}}};
  BOOST_TEST(verdict("CVE-2017-15361", infineon, tpm_key, rsa) == "refuse");
  infineon.firmware = "6.43";
  BOOST_TEST(verdict("CVE-2017-15361", infineon, tpm_key, rsa).empty());
  TokenFacts st{.firmware = "73.4",
                .tpm_manufacturer = "STM",
                .components = {{"tpm-firmware-date", "2019.9.11"}}};
  BOOST_TEST(verdict("CVE-2019-16863", st, tpm_key, ecdsa) == "refuse");
  st.components = {{"tpm-firmware-date", "2019.9.12"}, {"tpm-library", "1.38"}};
  BOOST_TEST(verdict("CVE-2019-16863", st, tpm_key, ecdsa).empty());
  BOOST_TEST(verdict("CVE-2023-1017", st, tpm_key) == "warn");
  BOOST_TEST(verdict("CVE-2025-2884", st, tpm_key) == "warn");
  BOOST_TEST(verdict("CVE-2025-2884", yubikey("5.4.3")).empty());
}

// Each row: the last affected, the first that is mended, one that is unknown, one that is
// malformed.
BOOST_AUTO_TEST_CASE(every_row_at_its_boundaries) {
  struct Row {
    const char* id;
    TokenFacts token;
    std::vector<const char*> affected, mended;
    std::optional<TokenOperation> operation;
    std::optional<KeyAlgorithm> algorithm;
    std::string component = {};
  };
  TokenFacts otp_nfc = usb(0x1050, 0x0401);
  otp_nfc.circumstances = {{Circumstance::otp_access_code, true}};
  TokenFacts fips = usb(0x1050, 0x0407);
  fips.aaguid = "c1f9a0bc-1dd2-404a-b27f-8e29047a43fd";
  TokenFacts bio = usb(0x1050, 0x0402);
  bio.aaguid = "d8522d9f-575b-4866-88a9-ba99fa02f35b";
  const TokenFacts infineon{.tpm_manufacturer = "IFX",
                            .circumstances = {{Circumstance::fingerprinted_modulus, true}}};
  const TokenFacts intel{.tpm_manufacturer = "INTC"}, st{.tpm_manufacturer = "STM"};
  const std::vector<Row> rows = {
      {"YSA-2024-03", usb(0x1050, 0x0407), {"5.0.0", "5.6.9"}, {"5.7.0"}, fido2_verify, ecdsa},
      {"YSA-2024-03", bio, {"5.7.1"}, {"5.7.2"}, fido2_verify, ecdsa},
      {"YSA-2024-03", usb(0x1050, 0x0030), {"2.3.2"}, {"2.4", "2.4.0"}, {}, ecdsa},
      {"YSA-2024-02",
       usb(0x1050, 0x0407),
       {"5.0.0", "5.6.3"},
       {"5.6.4", "5.7.0"},
       fido2_enroll,
       {}},
      {"YSA-2024-02", fips, {"5.7.1"}, {"5.7.2"}, fido2_enroll, {}},
      {"YSA-2025-02",
       usb(0x1050, 0x0407),
       {"5.4.1", "5.7.3"},
       {"5.4.0", "5.7.4"},
       fido2_enroll,
       {}},
      {"YSA-2019-02",
       usb(0x1050, 0x0407),
       {"4.4.2", "4.4.4"},
       {"4.4.1", "4.4.5"},
       fido2_enroll,
       ecdsa},
      {"YSA-2020-04", otp_nfc, {"5.0.0", "5.2.6", "5.3.0", "5.3.1"}, {"5.2.7", "5.3.2"}, otp, {}},
      {"YSA-2020-05",
       usb(0x1050, 0x0407),
       {"5.2.0", "5.2.6"},
       {"5.1.9", "5.2.7"},
       openpgp_verify,
       {}},
      {"YSA-2015-1",
       usb(0x1050, 0x0116),
       {"1.0.9"},
       {"1.0.10"},
       openpgp_enroll,
       {},
       "openpgp-applet"},
      {"CVE-2020-27208", usb(0x0483, 0xa2ca), {"4.0.0"}, {"3.9.9", "4.0.1"}, fido2_enroll, {}},
      {"CVE-2020-12061", usb(0x20a0, 0x4287), {"1.0", "1.1"}, {"1.2"}, fido2_enroll, {}},
      {"CVE-2017-15361",
       infineon,
       {"4.33", "6.42", "133.32"},
       {"4.34", "6.43", "133.33"},
       tpm_key,
       rsa},
      {"CVE-2019-16863", st, {"2019.9.11"}, {"2019.9.12"}, tpm_key, ecdsa, "tpm-firmware-date"},
      {"CVE-2019-11090",
       intel,
       {"11.8.69", "11.11.69", "11.22.69", "12.0.44", "14.0.9"},
       {"11.8.70", "11.11.70", "11.22.70", "12.0.45", "13.0.0", "14.0.10"},
       tpm_key,
       ecdsa},
      {"CVE-2023-1017",
       st,
       {"1.19", "1.38", "1.59"},
       {"1.18", "1.37", "1.60"},
       tpm_key,
       {},
       "tpm-library"},
      {"CVE-2025-2884", st, {"1.82"}, {"1.83"}, tpm_key, {}, "tpm-library"},
  };
  for (const Row& row : rows) {
    const auto at = [&](const char* version) {
      TokenFacts token = row.token;
      if (row.component.empty())
        token.firmware = version;
      else
        token.components = {{row.component, version}};
      return verdict(row.id, token, row.operation, row.algorithm);
    };
    for (const char* each : row.affected)
      BOOST_TEST((!at(each).empty() && !at(each).ends_with('?')),
                 row.id << " at " << each << ": " << at(each));
    for (const char* each : row.mended)
      BOOST_TEST(at(each).empty(), row.id << " at " << each << ": " << at(each));
    for (const char* each : {"", "5.x", "v1", "1..2"})
      BOOST_TEST(at(each) == "warn?", row.id << " at '" << each << "': " << at(each));
  }
  // Without versions: every one of them.
  for (const char* firmware : {"", "3.4.9", "x"}) {
    BOOST_TEST(verdict("YSA-2018-01", usb(0x1050, 0x0116, firmware), oath) == "warn");
    BOOST_TEST(verdict("CVE-2021-3011", usb(0x18d1, 0x5026, firmware), fido2_enroll, ecdsa) ==
               "warn");
    BOOST_TEST(verdict("CVE-2020-27208", usb(0x20a0, 0x42b1, firmware), fido2_enroll) == "warn");
  }
  TokenFacts titan = usb(0x18d1, 0x5026);
  titan.circumstances = {{Circumstance::over_ble, true}};
  BOOST_TEST(verdict("titan-ble-2019", titan, fido2_verify) == "refuse");
  titan.circumstances = {{Circumstance::over_ble, false}};
  BOOST_TEST(verdict("titan-ble-2019", titan, fido2_verify).empty());
}

BOOST_AUTO_TEST_CASE(nothing_is_said_against_what_nothing_is_known_of) {
  BOOST_TEST(
      advisories_for(known_advisories(), usb(0x1209, 0x0001, "1.0.0"), {}, {}, Assurance::high)
          .empty());  // the virtual key
  BOOST_TEST(advisories_for(known_advisories(), yubikey("5.7.4"), {}, {}, Assurance::high).empty());
  BOOST_TEST(advisories_for(known_advisories(), {}, {}, {}, Assurance::high).empty());
}

BOOST_AUTO_TEST_CASE(the_gravest_comes_first) {
  const auto all =
      advisories_for(known_advisories(), yubikey("5.4.3"), fido2_enroll, ecdsa, Assurance::high);
  BOOST_REQUIRE(all.size() == 3U);
  BOOST_TEST((all[0].id == "YSA-2024-03" && all[0].verdict == AdvisoryVerdict::refuse));
  BOOST_TEST((all[1].id == "YSA-2024-02" && all[1].verdict == AdvisoryVerdict::warn));
  BOOST_TEST((all[2].id == "YSA-2025-02" && all[2].verdict == AdvisoryVerdict::note));
}

BOOST_AUTO_TEST_CASE(cose_numbers_are_algorithms) {
  BOOST_TEST((key_algorithm_of(-7) == ecdsa && key_algorithm_of(-8) == eddsa &&
              key_algorithm_of(-257) == rsa));
  BOOST_TEST(!key_algorithm_of(0));
}

// The names are those of the table of advisories in the threat model.
BOOST_AUTO_TEST_CASE(every_row_of_the_threat_model_has_its_file) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> rows = {
      {"YSA-2024-03", {"CVE-2024-45678"}},
      {"YSA-2017-01", {"CVE-2017-15361"}},
      {"CVE-2017-15361", {}},
      {"YSA-2019-02", {}},
      {"YSA-2025-02", {"CVE-2025-29991"}},
      {"YSA-2024-02", {"CVE-2024-35311"}},
      {"YSA-2020-04", {"CVE-2020-15001"}},
      {"YSA-2020-05", {"CVE-2020-15000"}},
      {"YSA-2018-01", {}},
      {"YSA-2015-1", {"CVE-2015-3298"}},
      {"CVE-2021-3011", {}},
      {"titan-ble-2019", {}},
      {"CVE-2020-27208", {}},
      {"CVE-2020-12061", {}},
      {"CVE-2019-16863", {}},
      {"CVE-2019-11090", {}},
      {"CVE-2023-1017", {}},
      {"CVE-2025-2884", {}}};
  for (const auto& [id, also] : rows) {
    const auto found = std::ranges::find(known_advisories(), id, &Advisory::id);
    BOOST_REQUIRE_MESSAGE(found != known_advisories().end(), id);
    for (const std::string& other : also)
      BOOST_TEST((std::ranges::find(found->also, other) != found->also.end()),
                 id << " is " << other);
  }
  BOOST_TEST(known_advisories().size() == rows.size());
  std::set<std::string> host;
  for (const HostLibrary& each : known_host_libraries()) host.insert(each.id);
  BOOST_TEST((host == std::set<std::string>{"YSA-2019-01", "YSA-2018-03", "YSA-2020-02",
                                            "CVE-2025-23013", "OpenSC 0.24.0", "WAL-reset bug"}));
}

BOOST_AUTO_TEST_CASE(the_table_in_the_program_is_what_the_files_say) {
  const auto read = notes::read_notes(folder);
  BOOST_REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().what));
  const Advisories& built = known_advisories();
  BOOST_REQUIRE(read->advisories.size() == built.size());
  for (std::size_t i = 0; i < built.size(); ++i) {
    const Advisory& file = read->advisories[i];
    BOOST_TEST_CONTEXT(file.id) {
      BOOST_TEST((file.id == built[i].id && file.also == built[i].also &&
                  file.title == built[i].title && file.about == built[i].about &&
                  file.source == built[i].source));
      BOOST_REQUIRE(file.cases.size() == built[i].cases.size());
      for (std::size_t j = 0; j < file.cases.size(); ++j) {
        const AdvisoryCase &a = file.cases[j], &b = built[i].cases[j];
        BOOST_TEST((a.families == b.families && a.component == b.component &&
                    a.ranges == b.ranges && a.operations == b.operations &&
                    a.algorithms == b.algorithms && a.when == b.when && a.verdict == b.verdict &&
                    a.high_assurance == b.high_assurance));
      }
      BOOST_TEST(file.source.starts_with("https://"));
      BOOST_TEST(file.about.size() <= 400U);  // one or two sentences
    }
  }
  BOOST_REQUIRE(read->host_libraries.size() == known_host_libraries().size());
  for (std::size_t i = 0; i < read->host_libraries.size(); ++i) {
    const HostLibrary &a = read->host_libraries[i], &b = known_host_libraries()[i];
    BOOST_TEST(
        (a.packages == b.packages && a.id == b.id && a.also == b.also && a.fixed == b.fixed &&
         a.since == b.since && a.fixed_in == b.fixed_in && a.about == b.about),
        a.id);
  }
}

BOOST_AUTO_TEST_CASE(families_are_tokens_that_we_know) {
  const auto read = notes::read_notes(folder);
  BOOST_REQUIRE(read.has_value());
  std::set<std::string> used;
  for (const Advisory& advisory : read->advisories)
    for (const AdvisoryCase& each : advisory.cases)
      for (const TokenFamily& family : each.families) used.insert(family.name);
  for (const TokenFamily& family : read->families) {
    BOOST_TEST(used.contains(family.name), "no advisory is about " << family.name);
    if (family.name == "yubihsm-2") continue;  // nobody carries one around
    for (const auto& [vendor, product] : family.usb)
      BOOST_TEST((devices::usb::find_known(vendor, product) != nullptr),
                 family.name << " " << std::hex << vendor << ":" << product);
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_file_is_named) {
  const std::vector<TokenFamily> families = {{.name = "solo-1", .usb = {{0x0483, 0xa2ca}}}};
  const std::string head = "id = \"X\"\ntitle = \"t\"\nabout = \"a\"\nsource = \"https://x\"\n";
  const auto judged = [&](const std::string& text) {
    return notes::read_advisory(text, "X.toml", families);
  };
  BOOST_TEST(
      judged(head +
             "[[case]]\nfamilies = [\"solo-1\"]\nversions = [\"<=4.0\"]\nverdict = \"warn\"\n")
          .has_value());
  const std::vector<std::string> wrong = {
      head,
      head + "[[case]]\nverdict = \"warn\"\n",
      head + "[[case]]\nfamilies = [\"nobody\"]\nverdict = \"warn\"\n",
      head + "[[case]]\nfamilies = [\"solo-1\"]\nverdict = \"forbid\"\n",
      head + "[[case]]\nfamilies = [\"solo-1\"]\n",
      head + "[[case]]\nfamilies = [\"solo-1\"]\nversions = [\"before 4\"]\nverdict = \"warn\"\n",
      head + "[[case]]\nfamilies = [\"solo-1\"]\nversion = [\"<4\"]\nverdict = \"warn\"\n",
      head + "[[case]]\nfamilies = [\"solo-1\"]\noperations = [\"fido\"]\nverdict = \"warn\"\n",
      "also = 1\n" + head + "[[case]]\nfamilies = [\"solo-1\"]\nverdict = \"warn\"\n",
      "id = \"X\n",
      head + "# caf\xc3\xa9\n",
  };
  for (const std::string& text : wrong) {
    const auto result = judged(text);
    BOOST_TEST(!result.has_value(), text);
    if (!result) BOOST_TEST(result.error().what.starts_with("X.toml"), result.error().what);
  }
}

BOOST_AUTO_TEST_SUITE_END()
