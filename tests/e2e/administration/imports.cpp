// SPDX-License-Identifier: Apache-2.0
// Imports through the real CLI (T44): all or nothing, every refused row by its line, a flat memory,
// a daemon that dies.
#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>

#include "core/base/process_limits.h"
#include "tests/e2e/support/story.h"

using namespace countersign;
using namespace countersign::test;

namespace {

constexpr const char* seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string data(const std::string& name) {
  return std::string(COUNTERSIGN_TEST_DATA) + "/" + name;
}

std::size_t tokens(const DaemonProcess& daemon, const std::string& query = {}) {
  return ask(daemon, "GET", "/v1/authenticators" + query).at("authenticators").as_array().size();
}

struct Folder : House {
  [[nodiscard]] std::string file(const std::string& name, const std::string& content) const {
    write_file(folder / name, content);
    return folder / name;
  }
};

// Refused with exit 2, each of these places named, and nothing is there afterwards.
void require_refused(const Folder& house, const std::vector<std::string>& words,
                     const std::vector<std::string>& places) {
  const std::size_t before = tokens(house.daemon);
  const Ran refused = house.daemon.cli(words);
  BOOST_TEST_CONTEXT(words[1] << " " << words[2] << ": " << refused.out << refused.err) {
    BOOST_TEST(refused.exit_code == 2);
    for (const std::string& place : places)
      BOOST_TEST(says(refused.out + refused.err, place), place);
    BOOST_TEST(tokens(house.daemon) == before);
  }
}

void write_rows(const std::string& path, int rows) {
  std::ofstream out(path);
  out << "serial,secret,type,digits\n";
  for (int i = 0; i < rows; ++i)
    out << "T" << i << "," << seed << (i % 2 == 0 ? ",totp,6\n" : ",hotp,8\n");
}

struct Peak {
  int exit_code;
  long kib;
};
Peak peak_of_import(const DaemonProcess& daemon, const std::string& file) {
  const std::string cli = program("countersign");
  const pid_t child = fork();
  if (child == 0) {
    (void)dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
    execl(cli.c_str(), cli.c_str(), "--socket", daemon.socket().c_str(), "import", "csv",
          file.c_str(), nullptr);
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  (void)wait4(child, &status, 0, &usage);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, usage.ru_maxrss};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(imports)

BOOST_AUTO_TEST_CASE(every_format_comes_in_and_its_codes_verify) {
  const Folder house;
  const auto& daemon = house.daemon;
  for (const char* name : {"alice", "bob", "carol", "dave"}) add_user(daemon, name);

  // CSV: as documented, and as a vendor ships it.
  BOOST_TEST(
      daemon
          .cli({"import", "csv",
                house.file(
                    "a.csv",
                    std::string("serial,secret,type,digits,period,algorithm,user,label\nA1,") +
                        seed + ",totp,8,60,SHA256,alice,\"Token, of Alice\"\n")})
          .exit_code == 0);
  Phone alice{
      .user = "alice", .id = {}, .secret = seed, .algorithm = "SHA256", .digits = 8, .period = 60};
  BOOST_TEST(verdict(daemon, "alice", fresh_code(daemon, alice)) == "verified");
  BOOST_TEST(
      daemon
          .cli({"import", "csv",
                house.file(
                    "entra.csv",
                    std::string(
                        "upn,serial number,secret key,time interval,manufacturer,model\nbob,E1,") +
                        seed + ",30,Contoso,HW\n")})
          .exit_code == 0);
  Phone bob{.user = "bob", .id = {}, .secret = seed};
  BOOST_TEST(verdict(daemon, "bob", fresh_code(daemon, bob)) == "verified");

  // otpauth, bound to somebody whatever the file says.
  BOOST_TEST(
      daemon
          .cli({"import", "otpauth",
                house.file("uris",
                           std::string("# a phone\n\notpauth://hotp/Example:someone?secret=") +
                               seed + "&counter=7\n"),
                "--user", "carol"})
          .exit_code == 0);
  Phone carol{.user = "carol", .id = {}, .secret = seed};
  BOOST_TEST(verdict(daemon, "carol", hotp_code(carol, 6)) != "verified");
  BOOST_TEST(verdict(daemon, "carol", hotp_code(carol, 7)) == "verified");

  // Google Authenticator's migration.
  BOOST_TEST(
      daemon
          .cli({"import", "migration", data("../fuzz/corpus/migration/discord"), "--user", "dave"})
          .exit_code == 0);
  BOOST_TEST(tokens(daemon, "?user=dave") == 1U);

  // PSKC in the clear, with a key, with a password; RFC 6030's secret is "12345678901234567890".
  BOOST_TEST(daemon.cli({"import", "pskc", data("pskc/plain-totp.xml"), "--stock"}).exit_code == 0);
  require_refused(house, {"import", "pskc", data("pskc/rfc6030-figure2.xml"), "--stock"},
                  {"figure2.xml:5: ", "32 bits"});
  require_refused(house, {"import", "pskc", data("pskc/rfc6030-figure6.xml"), "--stock"},
                  {});  // there already, or without the key
  BOOST_TEST(daemon.call("POST", "/v1/users/alice/reset").status == 200);
  House other;
  add_user(other.daemon, "erin");
  BOOST_TEST(other.daemon
                 .cli({"import", "pskc", data("pskc/rfc6030-figure6.xml"), "--key-file",
                       house.file("key", "12345678901234567890123456789012\n"), "--user", "erin"})
                 .exit_code == 0);
  Phone erin{.user = "erin", .id = {}, .secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", .digits = 8};
  BOOST_TEST(verdict(other.daemon, "erin", hotp_code(erin, 0)) == "verified");
  House third;
  const Ran by_password = third.daemon.cli(
      {"import", "pskc", data("pskc/rfc6030-figure7.xml"), "--password-file", "-", "--stock"},
      "qwerty\n");
  BOOST_TEST(by_password.exit_code == 0, by_password.err);
  BOOST_TEST(told(third.daemon, {"authenticator", "list"}).at("authenticators").as_array().size() ==
             1U);
}

BOOST_AUTO_TEST_CASE(T44_a_dry_run_changes_nothing) {
  const Folder house;
  add_user(house.daemon, "alice");
  const std::string good = house.file(
      "good.csv", std::string("serial,secret,user\nA1,") + seed + ",alice\nA2," + seed + ",\n");
  const Json looked = told(house.daemon, {"import", "csv", good, "--dry-run"});
  BOOST_TEST((looked.at("dry_run").as_bool() && !looked.at("imported").as_bool()));
  BOOST_TEST(looked.at("accepted").as_int64() == 2);
  BOOST_TEST(tokens(house.daemon) == 0U);
  BOOST_TEST(
      told(house.daemon, {"user", "list", "--without-factor"}).at("users").as_array().size() == 1U);
  const Json bad =
      told(house.daemon,
           {"import", "csv",
            house.file("bad.csv", std::string("serial,secret\nA1,") + seed + "\nA1," + seed + "\n"),
            "--dry-run"},
           2);
  BOOST_TEST(bad.at("refused").as_array().at(0).as_object().at("line").as_int64() == 3);
  // What the dry run looked at can be taken at once.
  const Json taken = told(house.daemon, {"import", "csv", good});
  BOOST_TEST(taken.at("imported").as_bool());
  BOOST_TEST(taken.at("accepted").as_int64() == 2);
  BOOST_TEST(tokens(house.daemon) == 2U);
}

BOOST_AUTO_TEST_CASE(T44_damaged_files_bring_nothing_in) {
  const Folder house;
  add_user(house.daemon, "alice");
  const std::string key =
      house.file("key", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  // Cut anywhere.
  const std::string whole = content_of(data("pskc/rfc6030-figure7.xml"));
  for (const std::size_t size :
       {whole.size() / 4, whole.size() / 2, whole.size() * 3 / 4, whole.size() - 10})
    require_refused(house,
                    {"import", "pskc", house.file("cut.xml", whole.substr(0, size)), "--stock",
                     "--password-file", house.file("pw", "qwerty")},
                    {"line "});
  require_refused(house,
                  {"import", "pskc", data("pskc/rfc6030-figure7.xml"), "--stock", "--password-file",
                   house.file("pw", "wrong")},
                  {});
  require_refused(house, {"import", "pskc", data("pskc/rfc6030-figure7.xml"), "--stock"},
                  {"password"});
  require_refused(
      house, {"import", "pskc", data("pskc/rfc6030-figure6.xml"), "--stock", "--key-file", key},
      {});
  // A bit of the MAC, and of what it protects.
  for (const char* part : {"<pskc:ValueMAC>", "<xenc:CipherValue>"}) {
    std::string tampered = whole;
    auto at = tampered.rfind(part) + std::string_view(part).size();
    while (!isalnum(static_cast<unsigned char>(tampered[at]))) ++at;
    tampered[at] = tampered[at] == 'A' ? 'B' : 'A';
    require_refused(house,
                    {"import", "pskc", house.file("tampered.xml", tampered), "--stock",
                     "--password-file", house.file("pw", "qwerty")},
                    {"MAC"});
  }
  require_refused(
      house,
      {"import", "pskc",
       house.file("doctype.xml", "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" +
                                     content_of(data("pskc/rfc6030-figure2.xml"))),
       "--stock"},
      {});
  require_refused(
      house,
      {"import", "csv", house.file("open.csv", std::string("serial,secret\nA1,\"") + seed + "\n")},
      {"line "});
  require_refused(
      house,
      {"import", "csv", house.file("column.csv", std::string("serial,secrit\nA1,") + seed + "\n")},
      {"secrit"});
  require_refused(house, {"import", "csv", house.file("empty.csv", "")}, {});
  require_refused(house, {"import", "csv", house.folder / "nowhere.csv"}, {"nowhere.csv"});
  require_refused(house, {"import", "csv", house.folder.path()}, {"folder"});
  require_refused(
      house,
      {"import", "migration", house.file("m", "otpauth-migration://offline?data=AAAA%%%\n"),
       "--user", "alice"},
      {});
}

BOOST_AUTO_TEST_CASE(T44_every_refused_row_is_named_with_its_line) {
  const Folder house;
  const auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const std::string rows = std::string("serial,secret,type,digits,user,label\n") +  //
                           "A1," + seed + ",totp,6,alice,\n" +                      // 2: good
                           "A2,NOT-BASE32!,totp,6,,\n" +                            // 3
                           "A3," + seed + ",yubikey,6,,\n" +                        // 4
                           "A4," + seed + ",totp,9,,\n" +                           // 5
                           "A5," + seed + ",totp,6,nobody-there,\n" +               // 6
                           "A1," + seed + ",totp,6,,\n" +                           // 7: twice
                           "," + seed + ",totp,6,,\n" +                  // 8: nobody could find it
                           "A8," + seed + ",totp,6,,\"esc\x1b[0m\"\n" +  // 9
                           "A9,JBSWY3DP,totp,6,,\n" +                    // 10: too short
                           "A10," + seed + ",totp,6,,\n";                // 11: good
  const std::string file = house.file("rows.csv", rows);
  std::vector<std::string> places;
  for (int line = 3; line <= 10; ++line)
    places.push_back("rows.csv:" + std::to_string(line) + ": ");
  places.emplace_back("nothing was imported");
  require_refused(house, {"import", "csv", file}, places);
  const Ran shown = daemon.cli({"import", "csv", file});
  BOOST_TEST(!says(shown.err, file + ":2:"));
  BOOST_TEST(!says(shown.err, file + ":11:"));
  BOOST_TEST(shown.err.find('\x1b') == std::string::npos);
  const Json report = told(daemon, {"import", "csv", file}, 2);
  BOOST_TEST(report.at("refused").as_array().size() == 8U);
  BOOST_TEST(!report.at("imported").as_bool());

  const Json partial = told(daemon, {"import", "csv", file, "--partial"});
  BOOST_TEST(partial.at("imported").as_bool());
  BOOST_TEST(partial.at("accepted").as_int64() == 2);
  BOOST_TEST(partial.at("refused").as_array().size() == 8U);
  BOOST_TEST(tokens(daemon) == 2U);
  // With the store: A1 and A10 are there now.
  require_refused(
      house,
      {"import", "csv",
       house.file("again.csv", std::string("serial,secret\nB1,") + seed + "\nA10," + seed + "\n")},
      {"again.csv:3: ", "A10"});
}

BOOST_AUTO_TEST_CASE(T44_a_serial_that_stands_twice_far_apart) {
  const Folder house;
  const std::string file = house.folder / "many.csv";
  write_rows(file, 3000);
  std::ofstream(file, std::ios::app) << "T5," << seed << ",totp,6\n";
  require_refused(house, {"import", "csv", file}, {"many.csv:3002: ", "T5"});
}

BOOST_AUTO_TEST_CASE(what_spreadsheets_and_vendors_make_comes_in) {
  const Folder house;
  const auto& daemon = house.daemon;
  const std::string s = seed;
  const auto in_utf16 = [](const std::string& ascii) {
    std::string out = "\xFF\xFE";
    for (const char c : ascii) out += c, out += '\0';
    return out;
  };
  const std::string files[] = {"serial,secret,\r\nV1," + s + ",\r\n,,\r\n",
                               "sep=;\r\nserial;secret\r\nV2;" + s + "\r\n",
                               in_utf16("serial\tsecret\r\nV3\t" + s + "\r\n"),
                               "SN,Seed\r\nV4,3132333435363738393031\r\n",
                               "serial,otpkey,otplen\nV5,3132333435363738393031,8\n",
                               "serial,secret\n=\"0012345\"," + s + "\n"};
  for (const std::string& content : files) {
    const Ran ran = daemon.cli({"import", "csv", house.file("vendor.csv", content), "--stock"});
    BOOST_TEST(ran.exit_code == 0, content << ": " << ran.err);
  }
  for (const char* serial : {"V1", "V2", "V3", "V4", "V5", "0012345"})
    BOOST_TEST(tokens(daemon, std::string("?serial=") + serial) == 1U, serial);

  // Unknown columns are named, with and without --json.
  const std::string extra =
      house.file("extra.csv", "serial,secret,batch,expiry date\r\nV6," + s + ",7,2030-01-01\r\n");
  const Ran noted = daemon.cli({"import", "csv", extra, "--stock", "--dry-run"});
  BOOST_TEST(says(noted.out + noted.err, "batch, expiry date"), noted.err);
  const Json report = told(daemon, {"import", "csv", extra, "--stock"});
  BOOST_TEST(report.at("passed_over").as_array().size() == 2U);
  const Ran people =
      daemon.cli({"user", "import", house.file("people.csv", "name,department\nerin,IT\n")});
  BOOST_TEST(people.exit_code == 0);
  BOOST_TEST(says(people.out + people.err, "department"), people.err);

  require_refused(
      house,
      {"import", "csv",
       house.file("sci.csv", "serial,secret\n2.60000E+12," + s + "\nV7," + s + "\n"), "--stock"},
      {"sci.csv:2: ", "spreadsheet rounded"});
}

BOOST_AUTO_TEST_CASE(files_without_a_header_and_uris_without_an_account) {
  const Folder house;
  const auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const std::string bare = house.file(
      "bare.csv",
      "H1, 3132333435363738393031, hotp, 6, 12\r\nH2, 3132333435363738393031, totp, 6, 30\r\n");
  require_refused(house, {"import", "csv", bare, "--stock"}, {"--no-header"});
  BOOST_TEST(
      told(daemon, {"import", "csv", bare, "--stock", "--no-header"}).at("accepted").as_int64() ==
      2);
  const std::string own = house.file("own.csv", std::string("alice;x;") + seed + "\n");
  require_refused(house, {"import", "csv", own, "--columns", "user,colour,secret"}, {"'colour'"});
  BOOST_TEST(told(daemon, {"import", "csv", own, "--columns", "user,-,secret"})
                 .at("accepted")
                 .as_int64() == 1);
  BOOST_TEST(tokens(daemon, "?user=alice") == 1U);

  const std::string uri =
      house.file("uri", std::string("otpauth://totp/?secret=") + seed + "&issuer=Example\n");
  require_refused(house, {"import", "otpauth", uri}, {"uri:1: ", "--user NAME"});
  BOOST_TEST(
      told(daemon, {"import", "otpauth", uri, "--user", "alice"}).at("accepted").as_int64() == 1);
  BOOST_TEST(tokens(daemon, "?user=alice") == 2U);
}

BOOST_AUTO_TEST_CASE(files_that_are_not_read_come_with_advice) {
  const Folder house;
  const std::string aegis =
      R"({"version":1,"header":{"slots":null,"params":null},"db":{"entries":[]}})";
  require_refused(house, {"import", "otpauth", house.file("a.json", aegis), "--stock"},
                  {"Aegis", "import otpauth"});
  require_refused(
      house,
      {"import", "csv", house.file("users.oath", "HOTP/T30/6\talice\t-\t3132333435363738393031\n")},
      {"pam_oath"});
  require_refused(
      house, {"import", "csv", house.file("book.xlsx", std::string("PK\x03\x04") + "x"), "--stock"},
      {"CSV (UTF-8)"});
  const Ran people = house.daemon.cli(
      {"user", "import", house.file("book.xlsx", std::string("PK\x03\x04") + "x")});
  BOOST_TEST(people.exit_code == 2);
  BOOST_TEST(says(people.err, "CSV (UTF-8)"), people.err);
}

BOOST_AUTO_TEST_CASE(stock_is_bound_by_its_serial) {
  const Folder house;
  const auto& daemon = house.daemon;
  for (const char* name : {"alice", "bob"}) add_user(daemon, name);
  BOOST_TEST(
      daemon
          .cli({"import", "csv",
                house.file("stock.csv", std::string("serial,secret,type\nS1,") + seed + ",hotp\n")})
          .exit_code == 0);
  BOOST_TEST(text(told(daemon, {"authenticator", "list", "--serial", "S1"})
                      .at("authenticators")
                      .as_array()
                      .at(0)
                      .as_object(),
                  "status") == "unassigned");
  const Json enrolled = told(daemon, {"enroll", "hotp", "--user", "alice", "--serial", "S1"});
  BOOST_TEST(!enrolled.contains("secret"));  // nobody is shown it
  BOOST_TEST(!enrolled.contains("otpauth"));
  const Phone token{.user = "alice", .id = text(enrolled, "id"), .secret = seed};
  (void)told(daemon, {"enroll", "confirm", token.id, "--code", hotp_code(token, 0)});
  BOOST_TEST(verdict(daemon, "alice", hotp_code(token, 1)) == "verified");
  BOOST_TEST(daemon.cli({"enroll", "hotp", "--user", "bob", "--serial", "S1"}).exit_code == 6);
  BOOST_TEST(daemon.cli({"enroll", "hotp", "--user", "bob", "--serial", "none"}).exit_code == 6);
}

BOOST_AUTO_TEST_CASE(T44_a_hundred_thousand_rows_in_flat_memory,
                     *boost::unit_test::enable_if<!countersign::built_with_sanitizer>()) {
  const House house;
  write_rows(house.folder / "large.csv", 100'000);
  const House other;
  write_rows(other.folder / "small.csv", 1000);
  const Peak small = peak_of_import(other.daemon, other.folder / "small.csv");
  const Peak large = peak_of_import(house.daemon, house.folder / "large.csv");
  BOOST_TEST(small.exit_code == 0);
  BOOST_TEST(large.exit_code == 0);
  BOOST_TEST_MESSAGE("peak of 1,000 rows " << small.kib << " KiB, of 100,000 " << large.kib
                                           << " KiB");
  BOOST_TEST(large.kib < small.kib + 2048);
}

BOOST_AUTO_TEST_CASE(T44_a_daemon_that_dies_in_the_middle_leaves_nothing) {
  Folder house;
  auto& daemon = house.daemon;
  const std::string file = house.folder / "large.csv";
  write_rows(file, 60'000);
  const std::string cli = program("countersign");
  const pid_t child = fork();
  if (child == 0) {
    (void)dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
    execl(cli.c_str(), cli.c_str(), "--socket", daemon.socket().c_str(), "import", "csv",
          file.c_str(), nullptr);
    _exit(127);
  }
  // Some batches are in: the record has an event for each.
  while (ask(daemon, "GET", "/v1/status").at("audit_events").as_int64() < 5) usleep(500);
  daemon.kill_now();
  int status = 0;
  (void)waitpid(child, &status, 0);
  BOOST_TEST(WIFEXITED(status));
  BOOST_TEST(WEXITSTATUS(status) == 3);
  daemon.start();
  BOOST_TEST(tokens(daemon) == 0U);
  BOOST_TEST(daemon.cli({"enroll", "totp", "--user", "nobody", "--serial", "T0"}).exit_code == 6);
  // And again, whole: the serials of the dead import are free, at the latest when it has been swept
  // away.
  write_rows(file, 3000);
  Ran again;
  for (int tries = 0; tries < 600 && again.exit_code != 0; ++tries)
    again = daemon.cli({"import", "csv", file});
  BOOST_TEST(again.exit_code == 0, again.err.substr(0, 300));
  BOOST_TEST(told(daemon, {"authenticator", "list"}).at("authenticators").as_array().size() ==
             3000U);
  BOOST_TEST(told(daemon, {"audit", "verify"}).at("intact").as_bool());
}

BOOST_AUTO_TEST_CASE(users_from_csv_and_from_the_system) {
  const Folder house;
  const auto& daemon = house.daemon;
  const std::string head = "name,display_name,audience,location,phone,email,role,login\n";
  const std::string bad =
      house.file("bad.csv", head +
                                "alice,Alice,staff,berlin,+491701234567,a@example.org,,\nbob,B,"
                                "staff,,12345,,,\nalice,,,,,,,\ncarol,,,,,,king,\n");
  const Ran refused = daemon.cli({"user", "import", bad});
  BOOST_TEST(refused.exit_code == 2);
  for (const char* line : {"bad.csv:3: ", "bad.csv:4: ", "bad.csv:5: "})
    BOOST_TEST(says(refused.err, line), refused.err);
  BOOST_TEST(told(daemon, {"user", "list"}).at("users").as_array().empty());
  const std::string good =
      house.file("good.csv", head +
                                 "alice,Alice,staff,berlin,+491701234567,a@example.org,,\nbob,B,"
                                 "client,rome,,,helpdesk,bob\n");
  BOOST_TEST(told(daemon, {"user", "import", good, "--dry-run"}).at("accepted").as_int64() == 2);
  BOOST_TEST(told(daemon, {"user", "list"}).at("users").as_array().empty());
  BOOST_TEST(told(daemon, {"user", "import", good}).at("accepted").as_int64() == 2);
  BOOST_TEST(text(told(daemon, {"user", "show", "bob"}), "role") == "helpdesk");
  BOOST_TEST(daemon.cli({"user", "import", good}).exit_code == 2);  // they are there
  BOOST_TEST(told(daemon, {"user", "import", bad, "--partial"}, 2).at("accepted").as_int64() == 0);

  // A group of the system: its members, with their login. Again is fine.
  const Json group = told(daemon, {"user", "import", "--nss", "--group", "nogroup"});
  BOOST_TEST(group.at("accepted").as_int64() >= 1);
  BOOST_TEST(text(told(daemon, {"user", "show", "nobody"}), "login") == "nobody");
  const Json again = told(daemon, {"user", "import", "--nss", "--group", "nogroup"});
  BOOST_TEST(again.at("accepted").as_int64() == 0);
  BOOST_TEST(again.at("already_there").as_int64() == group.at("accepted").as_int64());
  BOOST_TEST(daemon.cli({"user", "import", "--nss", "--group", "no-such-group"}).exit_code == 6);
  (void)told(daemon, {"user", "import", "--nss"});
  BOOST_TEST(daemon.cli({"user", "import"}).exit_code == 2);
  BOOST_TEST(daemon.cli({"user", "import", good, "--nss"}).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(D3_E4_who_has_no_factor_and_which_location_nobody) {
  const House house;
  const auto& daemon = house.daemon;
  for (const auto& [name, location] : {std::pair("alice", "berlin"), std::pair("bob", "berlin"),
                                       std::pair("carol", "rome"), std::pair("dave", "rome")})
    BOOST_TEST(daemon.cli({"user", "add", name, "--location", location}).exit_code == 0);
  const Phone phone = enroll_totp(daemon, "alice");
  const Phone lost = enroll_totp(daemon, "carol");
  BOOST_TEST(daemon.cli({"authenticator", "revoke", lost.id}).exit_code == 0);
  (void)told(daemon, {"enroll", "totp", "--user", "bob"});  // pending is none
  const Json without = told(daemon, {"user", "list", "--without-factor"});
  std::string names;
  for (const auto& user : without.at("users").as_array())
    names += text(user.as_object(), "name") + " ";
  BOOST_TEST(names == "bob carol dave ");
  BOOST_TEST(told(daemon, {"user", "list", "--without-factor", "--location", "rome"})
                 .at("users")
                 .as_array()
                 .size() == 2U);
  const auto locked_out = [&](const std::string& location) {
    return told(daemon, {"coverage", "--location", location})
        .at("locations")
        .as_array()
        .at(0)
        .as_object()
        .at("locked_out")
        .as_bool();
  };
  BOOST_TEST(!locked_out("berlin"));
  BOOST_TEST(locked_out("rome"));
  BOOST_TEST(told(daemon, {"coverage"}).at("locations").as_array().size() == 2U);
  BOOST_TEST(daemon.cli({"authenticator", "suspend", phone.id}).exit_code == 0);
  BOOST_TEST(locked_out("berlin"));
}

BOOST_AUTO_TEST_SUITE_END()
