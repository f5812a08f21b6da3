// SPDX-License-Identifier: Apache-2.0
// Who takes the database finds nothing in it that opens a door (T10), and can't move what is sealed
// (T11).
#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "tests/e2e/support/story.h"

using namespace countersign;
using namespace countersign::test;
namespace fs = std::filesystem;

namespace {

// Everything that a thief of the disk gets, the root key apart.
std::string bytes_at_rest(const House& house) {
  std::string bytes;
  for (const auto& entry : fs::recursive_directory_iterator(house.folder.path()))
    if (entry.is_regular_file() && entry.path().extension() != ".key")
      bytes += content_of(entry.path());
  return bytes;
}

std::string without_dashes(std::string code) {
  std::erase(code, '-');
  return code;
}

// The number of the data key that each authenticator is sealed under.
std::string data_keys_used(const House& house) {
  return sqlite(house.database(),
                "SELECT DISTINCT hex(substr(material, 1, 4)) FROM authenticator ORDER BY 1;");
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Rotated, and the background is through with it: the record says so.
void wait_for_resealing(const DaemonProcess& daemon, std::size_t times) {
  for (int tries = 0; tries < 3000; ++tries) {
    const std::string record = daemon.cli({"audit", "list", "--last", "200"}).out;
    std::size_t seen = 0;
    for (std::size_t at = record.find("key.resealed"); at != std::string::npos;
         at = record.find("key.resealed", at + 1))
      ++seen;
    if (seen >= times) return;
    usleep(10'000);
  }
  throw std::runtime_error("the re-sealing does not end");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(secrets_at_rest)

BOOST_AUTO_TEST_CASE(T10_T11_no_secret_lies_in_the_files) {
  House house;
  auto& daemon = house.daemon;
  for (const char* name : {"alice", "bob"}) add_user(daemon, name);
  const Phone phone = enroll_totp(daemon, "alice");
  const Phone token = enroll_hotp(daemon, "bob");
  const Json pending = ask(daemon, "POST", "/v1/enrollments", R"({"user":"bob","kind":"totp"})");
  const auto backup = enroll_backup_codes(daemon, "alice");
  const std::string code = fresh_code(daemon, phone);
  BOOST_TEST(verdict(daemon, "alice", code) == "verified");
  BOOST_TEST(verdict(daemon, "alice", backup[0]) == "verified");
  const auto require_clean = [&] {
    const std::string bytes = bytes_at_rest(house);
    BOOST_TEST(bytes.size() > 10'000U);
    BOOST_TEST(says(bytes, "alice"));  // so that the search is known to find what is there
    for (const std::string& secret : {phone.secret, token.secret, text(pending, "secret")}) {
      BOOST_TEST(!says(bytes, secret));
      BOOST_TEST(!says(bytes, secret.substr(0, 16)));
      BOOST_TEST(!says(bytes, base32_decode(secret)));
      BOOST_TEST(!says(bytes, base32_decode(secret).substr(0, 8)));
    }
    for (const std::string& one : backup) {
      BOOST_TEST(!says(bytes, one));
      BOOST_TEST(!says(bytes, without_dashes(one)));
    }
    BOOST_TEST(!says(bytes, "\"" + code + "\""));
  };
  BOOST_TEST(backup.size() == 10U);
  for (const std::string& one : backup)
    BOOST_TEST(without_dashes(one).size() == 16U);  // 5 bits each: 80
  require_clean();                                  // write-ahead log and all, as after a power cut
  BOOST_TEST(daemon.stop() == 0);
  require_clean();
}

BOOST_AUTO_TEST_CASE(T11_swapped_secrets_open_neither_row) {
  House house;
  auto& daemon = house.daemon;
  for (const char* name : {"alice", "mallory"}) add_user(daemon, name);
  const Phone phone = enroll_totp(daemon, "alice");
  const Phone own = enroll_totp(daemon, "mallory");
  const std::string time_code = phone.code_at(now(daemon));
  const std::string own_code = own.code_at(now(daemon));
  BOOST_TEST(daemon.stop() == 0);
  sqlite(house.database(),
         "CREATE TEMP TABLE pair AS SELECT id, material FROM authenticator;"
         "UPDATE authenticator SET material = (SELECT material FROM pair WHERE pair.id <> "
         "authenticator.id);");
  daemon.start();
  for (const std::string& code : {time_code, own_code})
    for (const char* user : {"alice", "mallory"})
      BOOST_TEST(verdict(daemon, user, code) == "unavailable");
  // One flipped bit is noticed as well.
  BOOST_TEST(daemon.stop() == 0);
  sqlite(house.database(),
         "CREATE TEMP TABLE pair AS SELECT id, material FROM authenticator;"
         "UPDATE authenticator SET material = (SELECT material FROM pair WHERE pair.id <> "
         "authenticator.id);");
  daemon.start();
  BOOST_TEST(verdict(daemon, "alice", time_code) == "verified");
  BOOST_TEST(verdict(daemon, "mallory", own_code) == "verified");
  BOOST_TEST(daemon.stop() == 0);
  sqlite(house.database(),
         "UPDATE authenticator SET material = CAST(substr(material, 1, length(material) - 1) || "
         "CASE hex(substr(material, -1)) WHEN '00' THEN x'01' ELSE x'00' END AS BLOB);");
  daemon.start();
  BOOST_TEST(verdict(daemon, "alice", phone.code_at(now(daemon) + 30)) == "unavailable");
}

BOOST_AUTO_TEST_CASE(T11_another_root_key_opens_nothing) {
  House house;
  auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const Phone phone = enroll_totp(daemon, "alice");
  BOOST_TEST(daemon.stop() == 0);
  const std::string key = house.state() + ".key";
  const std::string root = content_of(key);
  BOOST_TEST(root.size() == 32U);
  write_file(key, std::string(32, 'k'));
  const Ran refused = daemon_refuses(house.state(), house.folder / "socket");
  BOOST_TEST(refused.exit_code == 7);
  BOOST_TEST(says(refused.err, key), refused.err);
  write_file(key, root);
  daemon.start();
  BOOST_TEST(verdict(daemon, "alice", phone.code_at(now(daemon))) == "verified");
}

BOOST_AUTO_TEST_CASE(T11_the_root_key_is_changed_by_giving_both) {
  House house;
  auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const auto backup = enroll_backup_codes(daemon, "alice");
  const std::string audit_key = text(ask(daemon, "GET", "/v1/status"), "audit_key");
  BOOST_TEST(daemon.stop() == 0);
  const std::string fresh = house.folder / "fresh-root.key";
  const std::string before = house.state() + ".key";
  write_file(fresh, tool({"head", "-c", "32", "/dev/urandom"}));
  write_file(house.config_file(), "root_key_file = \"" + fresh + "\"\n");
  BOOST_TEST(
      daemon_refuses(house.state(), house.folder / "socket", {"--config", house.config_file()})
          .exit_code == 7);
  write_file(house.config_file(),
             "root_key_file = \"" + fresh + "\"\nprevious_root_key_file = \"" + before + "\"\n");
  daemon.start();
  BOOST_TEST(verdict(daemon, "alice", backup[0]) == "verified");
  BOOST_TEST(says(daemon.cli({"audit", "list"}).out, "key.root"));
  BOOST_TEST(daemon.stop() == 0);
  fs::remove(before);
  write_file(house.config_file(), "root_key_file = \"" + fresh + "\"\n");
  daemon.start();
  BOOST_TEST(verdict(daemon, "alice", backup[1]) == "verified");
  BOOST_TEST(text(ask(daemon, "GET", "/v1/status"), "audit_key") == audit_key);
  BOOST_TEST(told(daemon, {"audit", "verify"}).at("intact").as_bool());
}

// As systemd has it: root's file, for its group's eyes because of an access list with one name on
// it.
BOOST_AUTO_TEST_CASE(T20_the_root_key_as_a_credential_of_systemd) {
  House house;
  BOOST_TEST(house.daemon.stop() == 0);
  const std::string credential = house.folder / "root-key";
  fs::rename(house.state() + ".key", credential);
  const auto started = [&](fs::perms mode, gid_t group) {
    BOOST_REQUIRE(chown(credential.c_str(), 0, group) == 0);
    fs::permissions(credential, mode);
    (void)setenv("CREDENTIALS_DIRECTORY", house.folder.path().c_str(), 1);
    const Ran ran = run({program("countersignd"), "--state", house.state(), "--socket",
                         house.folder / "missing/folder/socket"});
    (void)unsetenv("CREDENTIALS_DIRECTORY");
    return ran.err;
  };
  const auto read_by_root = fs::perms::owner_read | fs::perms::group_read;
  BOOST_TEST(says(started(read_by_root, 0), "can't listen"));  // so the store was opened
  BOOST_TEST(says(started(fs::perms::owner_read, 0), "can't listen"));
  BOOST_TEST(says(started(read_by_root, 4711), "open to others"));
  BOOST_TEST(says(started(read_by_root | fs::perms::others_read, 0), "open to others"));
  BOOST_TEST(!fs::exists(house.state() + ".key"));  // no other key was made in its place
}

BOOST_AUTO_TEST_CASE(a_new_data_key_seals_everything_anew) {
  House house;
  auto& daemon = house.daemon;
  for (const char* name : {"alice", "bob"}) add_user(daemon, name);
  const Phone phone = enroll_totp(daemon, "alice");
  const Phone token = enroll_hotp(daemon, "bob");
  const auto backup = enroll_backup_codes(daemon, "bob");
  BOOST_TEST(data_keys_used(house) == "00000001\n");
  const std::string sealed =
      sqlite(house.database(), "SELECT hex(material) FROM authenticator ORDER BY id;");
  BOOST_TEST(told(daemon, {"key", "rotate"}).at("data_key").as_int64() == 2);
  wait_for_resealing(daemon, 1);
  BOOST_TEST(data_keys_used(house) == "00000002\n");
  BOOST_TEST(sqlite(house.database(), "SELECT hex(material) FROM authenticator ORDER BY id;") !=
             sealed);
  for (int start = 0; start < 2; ++start) {
    BOOST_TEST(verdict(daemon, "alice", phone.code_at(now(daemon) + 30 * (start - 1))) ==
               "verified");
    BOOST_TEST(verdict(daemon, "bob", hotp_code(token, start)) == "verified");
    BOOST_TEST(verdict(daemon, "bob", backup[static_cast<std::size_t>(start)]) == "verified");
    daemon.kill_now();
    daemon.start();
  }
  // The old key is gone: what it sealed can't be put back.
  BOOST_TEST(daemon.stop() == 0);
  sqlite(house.database(), "UPDATE authenticator SET material = x'" +
                               sealed.substr(0, sealed.find('\n')) +
                               "' WHERE id = (SELECT min(id) FROM authenticator);");
  daemon.start();
  BOOST_TEST(verdict(daemon, "alice", phone.code_at(now(daemon) + 30)) == "unavailable");
}

BOOST_AUTO_TEST_CASE(a_kill_while_sealing_anew_loses_nothing) {
  House house;
  auto& daemon = house.daemon;
  for (const char* name : {"alice", "bob"}) add_user(daemon, name);
  const Phone first = enroll_hotp(daemon, "alice");
  import_stock(daemon, 3000);
  const Phone last = enroll_hotp(daemon, "bob");
  for (int round = 0; round < 3; ++round) {
    BOOST_TEST(daemon.cli({"key", "rotate"}).exit_code == 0);
    for (int cut = 0; cut < 3; ++cut) {
      daemon.kill_now();  // the background has hardly begun
      daemon.start();
    }
    BOOST_TEST(verdict(daemon, "alice", hotp_code(first, round)) == "verified");
    BOOST_TEST(verdict(daemon, "bob", hotp_code(last, round)) == "verified");
  }
  wait_for_resealing(daemon, 1);
  // Whatever was cut off in between, in the end there is one key.
  for (int tries = 0; tries < 1000 && data_keys_used(house) != "00000004\n"; ++tries)
    usleep(10'000);
  BOOST_TEST(data_keys_used(house) == "00000004\n");
  BOOST_TEST(verdict(daemon, "alice", hotp_code(first, 3)) == "verified");
  BOOST_TEST(verdict(daemon, "bob", hotp_code(last, 3)) == "verified");
  BOOST_TEST(told(daemon, {"audit", "verify"}).at("intact").as_bool());
}

BOOST_AUTO_TEST_SUITE_END()
