// SPDX-License-Identifier: Apache-2.0
// Yubico's own programs drive the virtual YubiKey: libykpers and libusb on usbfs.
#include "tests/e2e/support/virtual_key.h"

#include <chrono>

using namespace countersign::test;

namespace {

constexpr const char* rfc2202_key = "-a0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b";
constexpr const char* rfc2202_tag =
    "b617318655057264e28bc0b6fb378c8ef146be00\n";  // of "Hi There", RFC 2202 §3

// Each run is the key plugged in for one program.
class Yubikey {
 public:
  [[nodiscard]] Ran run(const std::vector<std::string>& words,
                        const std::vector<std::string>& options = {}) const {
    std::vector<std::string> all{program("countersign-virtual"),
                                 "run",
                                 "--kind",
                                 "yubikey",
                                 "--timeout",
                                 "30",
                                 "--state",
                                 folder_ / "key"};
    all.insert(all.end(), options.begin(), options.end());
    all.emplace_back("--");
    all.insert(all.end(), words.begin(), words.end());
    return countersign::test::run(all);
  }
  [[nodiscard]] std::string hold(const std::vector<std::string>& words,
                                 const std::vector<std::string>& options = {}) const {
    const Ran ran = run(words, options);
    BOOST_TEST_INFO(ran.err);
    BOOST_REQUIRE_EQUAL(ran.exit_code, 0);
    return ran.out;
  }
  void program_hmac(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{"ykpersonalize",        "-2",          "-y",
                                   "-ochal-resp",          "-ochal-hmac", "-ohmac-lt64",
                                   "-oserial-api-visible", rfc2202_key};
    words.insert(words.end(), more.begin(), more.end());
    (void)hold(words);
  }
  // What a touch types, while `sleep` is the program that has it plugged in.
  [[nodiscard]] std::string type() const {
    const std::string socket = folder_ / "control";
    return hold({"sh", "-c",
                 "for i in 1 2 3 4 5 6 7 8 9; do \"$0\" control --control \"$1\" type 1 && exit 0; "
                 "sleep 0.1; done; exit 1",
                 program("countersign-virtual"), socket},
                {"--control", socket});
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(lsusb_and_ykinfo_see_it) {
  const Yubikey key;
  BOOST_TEST(contains(key.hold({"lsusb"}), "ID 1050:0401"));
  const std::string info = key.hold({"ykinfo", "-a"});
  BOOST_TEST(contains(info, "serial: 20"));  // of the virtual range
  BOOST_TEST(contains(info, "version: 5.4.3"));
  BOOST_TEST(contains(info, "programming_sequence: 0"));
  BOOST_TEST(contains(info, "slot1_status: 0"));
  BOOST_TEST(contains(info, "product_id: 401"));
  BOOST_TEST(contains(key.hold({"ykinfo", "-v"}, {"--firmware", "2.4.3"}), "version: 2.4.3"));
}

BOOST_AUTO_TEST_CASE(ykpersonalize_programs_and_ykchalresp_is_answered) {
  const Yubikey key;
  key.program_hmac();
  BOOST_TEST(contains(key.hold({"ykinfo", "-a"}), "slot2_status: 1"));
  BOOST_TEST(key.hold({"ykchalresp", "-2", "Hi There"}) == rfc2202_tag);
  BOOST_TEST(key.run({"ykchalresp", "-1", "Hi There"}).exit_code != 0);
  (void)key.hold({"ykpersonalize", "-y", "-x"});
  BOOST_TEST(key.hold({"ykchalresp", "-1", "Hi There"}) == rfc2202_tag);
}

BOOST_AUTO_TEST_CASE(a_touch_is_waited_for) {
  const Yubikey key;
  key.program_hmac({"-ochal-btn-trig"});
  BOOST_TEST(key.hold({"ykchalresp", "-2", "Hi There"}, {"--touch-delay", "1200"}) == rfc2202_tag);
  const Ran refused = key.run({"ykchalresp", "-N", "-2", "Hi There"}, {"--touch", "never"});
  BOOST_TEST(refused.exit_code != 0);
  BOOST_TEST(contains(refused.err, "would block"));
}

BOOST_AUTO_TEST_CASE(an_access_code_protects_a_slot) {
  const Yubikey key;
  key.program_hmac({"-oaccess=010203040506"});
  BOOST_TEST(contains(key.run({"ykpersonalize", "-2", "-y", "-z"}).err, "write error"));
  BOOST_TEST(
      contains(key.run({"ykpersonalize", "-2", "-y", "-z", "-c060504030201"}).err, "write error"));
  BOOST_TEST(key.hold({"ykchalresp", "-2", "Hi There"}) == rfc2202_tag);
  (void)key.hold({"ykpersonalize", "-2", "-y", "-z", "-c010203040506"});
  BOOST_TEST(contains(key.hold({"ykinfo", "-a"}), "slot2_status: 0"));
}

BOOST_AUTO_TEST_CASE(what_it_types_is_what_ykparse_reads) {
  const Yubikey key;
  const std::string aes = "000102030405060708090a0b0c0d0e0f";
  (void)key.hold(
      {"ykpersonalize", "-1", "-y", "-ofixed=vvccccccccbb", "-ouid=0102030405c6", "-a" + aes});
  for (const std::string uses : {"counter: 1 ", "counter: 2 "}) {  // each plug is a session
    const std::string typed = key.type();
    BOOST_REQUIRE_EQUAL(typed.size(), 45);
    BOOST_TEST(typed.starts_with("vvccccccccbb"));
    const std::string parsed = succeed({"ykparse", aes, typed.substr(12, 32)});
    BOOST_TEST(contains(parsed, "uid: 01 02 03 04 05 c6"));
    BOOST_TEST(contains(parsed, "crc check: ok"));
    BOOST_TEST(contains(parsed, uses));
  }
}

BOOST_AUTO_TEST_CASE(oath_hotp_types_the_codes_of_rfc_4226) {
  const Yubikey key;
  (void)key.hold({"ykpersonalize", "-1", "-y", "-ooath-hotp", "-o-append-cr",
                  "-a3132333435363738393031323334353637383930"});
  BOOST_TEST(key.type() == "755224");
  BOOST_TEST(key.type() == "287082");
}

BOOST_AUTO_TEST_CASE(T31_what_goes_wrong_on_the_wire_ends_soon) {
  const Yubikey key;
  key.program_hmac();
  const auto fails = [&key](const std::string& fault) {
    const auto began = std::chrono::steady_clock::now();
    const Ran ran = key.run({"ykchalresp", "-2", "Hi There"}, {"--fault", fault});
    BOOST_TEST(ran.exit_code != 0);
    BOOST_TEST((std::chrono::steady_clock::now() - began < std::chrono::seconds(5)));
    return ran.err;
  };
  BOOST_TEST(contains(fails("unplug=7"), "No such device"));
  BOOST_TEST(contains(fails("power-cut"), "No such device"));
  BOOST_TEST(contains(fails("bad-crc"), "checksum"));
  BOOST_TEST(contains(fails("stuck"), "timeout"));
}
