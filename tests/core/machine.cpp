// SPDX-License-Identifier: Apache-2.0
#include "core/machine/machine.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "core/machine/fingerprint.h"
#include "core/machine/match.h"
#include "core/machine/proof.h"

using namespace countersign;
using namespace countersign::machine;

namespace {

Secret salt(Byte fill = 7) {
  Secret key(salt_size);
  std::ranges::fill(key.expose_mutable(), fill);
  return key;
}

Facts laptop() {
  return {.facts = {{Component::machine_id, "9f1c5f7b0e6d4a2c8a55d2f0c1b2a3d4"},
                    {Component::product_uuid, "4c4c4544-0042-4a10-8056-b7c04f4e3732"},
                    {Component::board_serial, "/7BJVN72/CNCMC0097F02C6/"},
                    {Component::cpu_model, "Intel(R) Core(TM) i5-8350U CPU @ 1.70GHz"},
                    {Component::root_disk, "S3X9NF0K904523"},
                    {Component::mac, "d4:81:d7:aa:01:02"},
                    {Component::mac, "94:b8:6d:11:22:33"},
                    {Component::hostname, "front-desk"}},
          .unreadable = {}};
}

Facts virtual_machine() {
  return {.facts = {{Component::machine_id, "5d0c2a3b44f14d8fb7f1c50c0a99e001"},
                    {Component::product_uuid, "a3f0c9d2-7c1e-4a1b-9a51-0e60c07f1a55"},
                    {Component::cpu_model, "Intel Xeon Processor (Icelake)"},
                    {Component::mac, "52:54:00:6b:3c:58"}},
          .unreadable = {},
          .virtual_machine = true};
}

Facts with(Facts facts, Component component, const std::vector<std::string>& values) {
  std::erase_if(facts.facts, [&](const Fact& fact) { return fact.component == component; });
  for (const std::string& value : values) facts.facts.push_back({component, value});
  return facts;
}

Match compared(const Facts& before, const Facts& now) {
  return compare(fingerprint(before, salt()), fingerprint(now, salt()));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(machine_match)

BOOST_AUTO_TEST_CASE(the_same_machine_is_the_same) {
  const Match match = compared(laptop(), laptop());
  BOOST_TEST(match.recognized);
  BOOST_TEST((match.outcome == Outcome::same));
  BOOST_TEST(match.percent == 100);
}

BOOST_AUTO_TEST_CASE(what_changes_at_one_machine_is_named_and_stays_recognized) {
  const struct {
    Component component;
    std::vector<std::string> values;
    Outcome outcome;
  } cases[] = {
      {Component::hostname, {"back-office"}, Outcome::changed_hostname},
      {Component::mac, {"00:1b:21:00:00:07"}, Outcome::replaced_nic},
      {Component::mac, {"d4:81:d7:aa:01:02"}, Outcome::replaced_nic},
      {Component::root_disk, {"ANOTHER-DISK-01"}, Outcome::replaced_disk},
      {Component::machine_id, {"00112233445566778899aabbccddeef0"}, Outcome::reinstalled_os},
      {Component::cpu_model, {"Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz"}, Outcome::drifted},
      {Component::board_serial, {}, Outcome::drifted}};
  for (const auto& row : cases) {
    const Match match = compared(laptop(), with(laptop(), row.component, row.values));
    BOOST_TEST_CONTEXT(describe(match)) {
      BOOST_TEST(match.recognized);
      BOOST_TEST((match.outcome == row.outcome));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_new_disk_with_a_new_system_is_drift) {
  const Match match = compared(
      laptop(), with(with(laptop(), Component::machine_id, {"00112233445566778899aabbccddeef0"}),
                     Component::root_disk, {"ANOTHER-DISK-01"}));
  BOOST_TEST(match.recognized);
  BOOST_TEST((match.outcome == Outcome::drifted));
  BOOST_TEST(describe(match) ==
             "recognized: drifted (65 of 100; machine-id changed, root-disk changed)");
}

BOOST_AUTO_TEST_CASE(T36_a_copied_disk_image_is_unrecognized) {
  Facts twin = laptop();  // the same model, from the next box
  twin = with(twin, Component::product_uuid, {"4c4c4544-0042-4a10-8056-b7c04f4e3733"});
  twin = with(twin, Component::board_serial, {"/7BJVN73/CNCMC0097F02C7/"});
  twin = with(twin, Component::root_disk, {"S3X9NF0K904524"});
  twin = with(twin, Component::mac, {"d4:81:d7:aa:01:03"});
  const Match match = compared(laptop(), twin);
  BOOST_TEST(!match.recognized);
  BOOST_TEST((match.outcome == Outcome::copied_disk_image));
  twin = with(twin, Component::root_disk, {"S3X9NF0K904523"});
  BOOST_TEST((compared(laptop(), twin).outcome == Outcome::moved_disk));
  BOOST_TEST(!compared(laptop(), twin).recognized);
}

BOOST_AUTO_TEST_CASE(T36_a_cloned_virtual_machine_is_unrecognized) {
  BOOST_TEST(compared(virtual_machine(), virtual_machine()).recognized);
  const Facts clone = with(
      with(virtual_machine(), Component::product_uuid, {"b1f0c9d2-7c1e-4a1b-9a51-0e60c07f1a56"}),
      Component::mac, {"52:54:00:6b:3c:59"});
  BOOST_TEST((compared(virtual_machine(), clone).outcome == Outcome::cloned_vm));
  BOOST_TEST(!compared(virtual_machine(), clone).recognized);
  // A clone that kept everything else, a disk's serial too, which would be above the threshold.
  Facts original = virtual_machine();
  original.facts.push_back({Component::root_disk, "QM00001-7731"});
  const Match close = compared(
      original, with(original, Component::product_uuid, {"b1f0c9d2-7c1e-4a1b-9a51-0e60c07f1a56"}));
  BOOST_TEST(close.percent >= threshold);
  BOOST_TEST(!close.recognized);
  BOOST_TEST((close.outcome == Outcome::cloned_vm));
  // Leaving the UUID out is no way around.
  BOOST_TEST(!compared(original, with(original, Component::product_uuid, {})).recognized);
}

BOOST_AUTO_TEST_CASE(T36_a_copied_key_file_is_unrecognized) {
  Facts other = laptop();
  for (Fact& fact : other.facts)
    if (fact.component != Component::cpu_model && fact.component != Component::mac)
      fact.value += "0001";
  other = with(other, Component::mac, {"00:1b:21:00:00:07"});
  const Match match = compared(laptop(), other);
  BOOST_TEST(!match.recognized);
  BOOST_TEST((match.outcome == Outcome::copied_key));
  BOOST_TEST((compared(laptop(), Facts{}).outcome == Outcome::copied_key));
}

BOOST_AUTO_TEST_CASE(a_physical_machine_does_not_become_a_virtual_one) {
  Facts moved = laptop();
  moved.virtual_machine = true;
  BOOST_TEST(!compared(laptop(), moved).recognized);
}

BOOST_AUTO_TEST_CASE(a_baseline_that_knows_too_little_recognizes_nobody) {
  const Facts little{.facts = {{Component::machine_id, "9f1c5f7b0e6d4a2c8a55d2f0c1b2a3d4"},
                               {Component::cpu_model, "AMD EPYC"},
                               {Component::hostname, "web-1"}},
                     .unreadable = {}};
  BOOST_TEST(!compared(little, little).recognized);
  BOOST_TEST((compared(little, little).outcome == Outcome::too_little));
  BOOST_TEST(!compared(Facts{}, Facts{}).recognized);
}

BOOST_AUTO_TEST_CASE(many_more_marks_help_nobody) {
  // Every address there is does not make another machine this one.
  Facts greedy{.facts = {}, .unreadable = {}};
  for (int i = 0; i < 60; ++i)
    greedy.facts.push_back(
        {Component::mac, "d4:81:d7:aa:01:" + std::string(1, static_cast<char>('0' + i / 10)) +
                             std::string(1, static_cast<char>('0' + i % 10))});
  BOOST_TEST(!compared(laptop(), greedy).recognized);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(machine_facts_that_weigh_nothing)

BOOST_AUTO_TEST_CASE(fillers_and_zeros_have_no_mark) {
  for (const char* value :
       {"", " ", "0", "00000000", "00000000-0000-0000-0000-000000000000",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "To Be Filled By O.E.M.", "To be filled by O.E.M. ",
        "Default string", "Not Specified", "None", "123456789", "System Serial Number", "N/A",
        ".......", "-", "abc", "03000200-0400-0500-0006-000700080009"})
    for (const Component component : {Component::product_uuid, Component::board_serial,
                                      Component::root_disk, Component::machine_id}) {
      const Fact fact{component, value};
      if (std::string_view(value).starts_with("0300") && component != Component::product_uuid)
        continue;
      BOOST_TEST(!worthless(fact, false).empty(), value);
      BOOST_TEST(fingerprint({.facts = {fact}, .unreadable = {}}, salt()).marks.empty(), value);
    }
  for (const char* value : {"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01",
                            "00:11:22:33:44:55", "02:42:ac:11:00:02", "nonsense"})
    BOOST_TEST(!worthless({Component::mac, value}, false).empty(), value);
  BOOST_TEST(worthless({Component::mac, "52:54:00:6b:3c:58"}, true)
                 .empty());  // hypervisors make up all of theirs
  BOOST_TEST(!worthless({Component::mac, "52:54:00:6b:3c:58"}, false).empty());
  BOOST_TEST(
      worthless({Component::product_uuid, "4c4c4544-0042-4a10-8056-b7c04f4e3732"}, false).empty());
}

BOOST_AUTO_TEST_CASE(two_boards_with_fillers_are_not_alike) {
  const Facts one{.facts = {{Component::product_uuid, "03000200-0400-0500-0006-000700080009"},
                            {Component::board_serial, "Default string"},
                            {Component::machine_id, "9f1c5f7b0e6d4a2c8a55d2f0c1b2a3d4"}},
                  .unreadable = {}};
  BOOST_TEST(!compared(one, one).recognized);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(machine_fingerprint)

BOOST_AUTO_TEST_CASE(digests_are_of_one_site_and_hold_no_serial) {
  const Fingerprint here = fingerprint(laptop(), salt());
  BOOST_TEST((here == fingerprint(laptop(), salt())));
  for (const Mark& mark : fingerprint(laptop(), salt(8)).marks)
    BOOST_TEST((std::ranges::find(here.marks, mark.digest, &Mark::digest) == here.marks.end()));
  // The same text as another component is another digest.
  BOOST_TEST(
      (fingerprint({.facts = {{Component::board_serial, "ABCD1234"}}, .unreadable = {}}, salt())
           .marks[0]
           .digest !=
       fingerprint({.facts = {{Component::root_disk, "ABCD1234"}}, .unreadable = {}}, salt())
           .marks[0]
           .digest));
  const std::string octets(as_text(encode(here)));
  BOOST_TEST(!octets.contains("S3X9NF0K904523"));
  BOOST_TEST(!octets.contains("front-desk"));
}

BOOST_AUTO_TEST_CASE(case_and_spaces_do_not_matter) {
  BOOST_TEST(
      (fingerprint({.facts = {{Component::root_disk, " S3X9NF0K904523\n"}}, .unreadable = {}},
                   salt()) ==
       fingerprint({.facts = {{Component::root_disk, "s3x9nf0k904523"}}, .unreadable = {}},
                   salt())));
}

BOOST_AUTO_TEST_CASE(octets_come_back_and_malformed_ones_are_refused) {
  const Fingerprint here = fingerprint(laptop(), salt());
  const Bytes octets = encode(here);
  BOOST_REQUIRE(decode_fingerprint(octets).has_value());
  BOOST_TEST((*decode_fingerprint(octets) == here));
  for (std::size_t size = 0; size < octets.size(); ++size)
    BOOST_TEST(!decode_fingerprint(BytesView(octets).first(size)).has_value());
  for (const std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{3}}) {
    Bytes spoilt = octets;
    spoilt[at] ^= 0x40;
    BOOST_TEST(!decode_fingerprint(spoilt).has_value());
  }
  Bytes twice(octets.begin(), octets.begin() + 20);
  twice[2] = 2;
  twice.insert(twice.end(), octets.begin() + 3, octets.begin() + 20);
  BOOST_TEST(!decode_fingerprint(twice).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(machine_proof)

BOOST_AUTO_TEST_CASE(T36_a_proof_holds_for_what_was_signed_and_nothing_else) {
  const crypto::Es256Key key = crypto::Es256Key::generate();
  const Statement said{.challenge = Bytes(32, 5),
                       .sign_in = "38g07q6acprjb",
                       .service = "kiosk",
                       .fingerprint = fingerprint(laptop(), salt())};
  const Bytes signature = sign(said, key);
  BOOST_TEST(holds(said, key.public_key(), signature));
  BOOST_TEST(!holds(said, crypto::Es256Key::generate().public_key(), signature));
  std::vector<Statement> others(5, said);
  others[0].challenge[31] ^= 1;
  others[1].sign_in = "38g07q6acprjc";
  others[2].service = "sudo";
  others[3].fingerprint.marks[0].digest[0] ^= 1;
  others[4].fingerprint.virtual_machine = true;
  for (const Statement& other : others) BOOST_TEST(!holds(other, key.public_key(), signature));
  // Letters that move from one field to the next make another statement.
  Statement shifted = said;
  shifted.sign_in = "38g07q6acprjbk";
  shifted.service = "iosk";
  BOOST_TEST(!holds(shifted, key.public_key(), signature));
  BOOST_TEST(!holds(said, key.public_key(), {}));
}

BOOST_AUTO_TEST_CASE(a_key_survives_its_file) {
  const crypto::Es256Key key = crypto::Es256Key::generate();
  const auto again = crypto::Es256Key::from_pkcs8(key.pkcs8());
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST((again->spki() == key.spki()));
  BOOST_TEST(!crypto::Es256Key::from_pkcs8(Secret("not a key")).has_value());
  BOOST_TEST(
      crypto::PublicKey::from_spki(crypto::SignatureAlgorithm::es256, key.spki()).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
