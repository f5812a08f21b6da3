// SPDX-License-Identifier: Apache-2.0
#include "core/formats/foreign.h"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace countersign::formats;

BOOST_AUTO_TEST_SUITE(foreign)

BOOST_AUTO_TEST_CASE(files_that_no_importer_reads_come_with_advice) {
  const std::pair<std::string, std::string_view> files[] = {
      {R"({"version":1,"header":{"slots":null,"params":null},"db":{"entries":[]}})", "Aegis"},
      {"{\n    \"version\": 1,\n    \"header\": {\n        \"slots\": [", "Aegis"},
      {R"({"services":[{"name":"X","secret":"GEZDGNBVGY3TQOJQ"}],"schemaVersion":4})", "2FAS"},
      {R"([{"secret":"GEZDGNBVGY3TQOJQ","type":"TOTP"}])", "JSON"},
      {"# people\n\nHOTP/T30/6\talice\t-\t3132333435363738393031\n", "pam_oath"},
      {"HOTP bob - 3132333435363738393031", "pam_oath"},
      {"GEZDGNBVGY3TQOJQ\n\" RATE_LIMIT 3 30\n\" TOTP_AUTH\n12345678\n",
       "pam_google_authenticator"},
      {"<?xml version=\"1.0\"?>\n<Tokens><Token serial=\"1\"><Applications>", "SafeNet"},
      {std::string("PK\x03\x04\x14\x00", 6), "workbook"},
      {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "Excel"},
      {"\x89PNG\r\n\x1a\n", "zbarimg"},
      {"\n-----BEGIN PGP MESSAGE-----\n", "gpg --decrypt"}};
  for (const auto& [text, word] : files)
    for (const char* importer : {"tokens-csv", "pskc", "otpauth", "users-csv"}) {
      BOOST_TEST(advice_on(text, importer).contains(word),
                 text << ": " << advice_on(text, importer));
      BOOST_TEST(advice_on("\xEF\xBB\xBF" + text, importer).contains(word), text);
    }
}

BOOST_AUTO_TEST_CASE(files_of_another_importer_are_sent_there) {
  const std::string pskc = "<?xml version=\"1.0\"?>\n<KeyContainer Version=\"1.0\">";
  BOOST_TEST(advice_on(pskc, "tokens-csv").contains("import pskc"));
  BOOST_TEST(advice_on(pskc, "pskc").empty());
  BOOST_TEST(advice_on("otpauth://totp/a?secret=x", "tokens-csv").contains("import otpauth"));
  BOOST_TEST(advice_on("otpauth://totp/a?secret=x", "otpauth").empty());
  BOOST_TEST(advice_on("otpauth-migration://offline?data=x", "pskc").contains("import migration"));
  BOOST_TEST(advice_on("otpauth-migration://offline?data=x", "migration").empty());
  BOOST_TEST(
      advice_on("otpauth-migration://offline?data=x", "otpauth").empty());  // refused by its line
}

BOOST_AUTO_TEST_CASE(what_importers_read_is_left_alone) {
  for (const char* text :
       {"", "serial,secret\r\nA1,GEZDGNBVGY3TQOJQ\r\n", "HOTP,type,serial\n", "name\nalice\n",
        "# ykksm 1\n1,cccc,00,00,,\n", "Yubico OTP,1,1,cc\n", "\"{\",b\n", "TOTPX a\n"})
    BOOST_TEST(advice_on(text, "tokens-csv").empty(), text);
}

BOOST_AUTO_TEST_SUITE_END()
