// SPDX-License-Identifier: Apache-2.0
// The record can't be changed unnoticed (T37), and nothing that people type breaks out of where it
// is shown, listed, exported or stored (T33, T34, T35).
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>

#include "tests/e2e/support/story.h"

using namespace countersign;
using namespace countersign::test;
namespace fs = std::filesystem;

namespace {

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string chain_tool(const std::vector<std::string>& words) {
  std::vector<std::string> all = {"python3", COUNTERSIGN_E2E_FOLDER "/chain.py"};
  all.insert(all.end(), words.begin(), words.end());
  return tool(all);
}

// A store with a dozen events, stopped, and edits to copies of it.
class Tampered {
 public:
  Tampered() {
    for (const char* name : {"alice", "bob", "carol"}) add_user(house_.daemon, name);
    const Phone phone = enroll_totp(house_.daemon, "alice");
    const std::int64_t time = now(house_.daemon);
    (void)verdict(house_.daemon, "alice", phone.code_at(time));
    for (int i = 0; i < 7; ++i)
      (void)verdict(house_.daemon, i % 2 == 0 ? "alice" : "bob", "12345" + std::to_string(i));
    const Json status = ask(house_.daemon, "GET", "/v1/status");
    end = status.at("audit_events").as_int64();
    head = std::to_string(end) + ":" + text(status, "audit_head");
    if (house_.daemon.stop() != 0) throw std::runtime_error("it does not stop");
    fs::copy(house_.state(), house_.folder / "clean", fs::copy_options::recursive);
    fs::copy_file(house_.state() + ".epoch", house_.folder / "clean.epoch");
  }

  // What `audit verify` says after this edit, and what the store's state is.
  struct Seen {
    int exit_code;
    std::string problem;
    std::string state;
  };
  Seen after(const std::string& sql, const std::vector<std::string>& verify = {}) {
    return after([&] { sqlite(house_.database(), sql); }, verify);
  }
  Seen after(const std::function<void()>& edit, const std::vector<std::string>& verify = {}) {
    fs::remove_all(house_.state());
    fs::copy(house_.folder / "clean", house_.state(), fs::copy_options::recursive);
    fs::copy_file(house_.folder / "clean.epoch", house_.state() + ".epoch",
                  fs::copy_options::overwrite_existing);
    edit();
    house_.daemon.start();
    std::vector<std::string> words = {"audit", "verify"};
    words.insert(words.end(), verify.begin(), verify.end());
    const Ran ran = house_.daemon.cli(words);
    const Seen seen{ran.exit_code, ran.out + ran.err,
                    text(ask(house_.daemon, "GET", "/v1/status"), "state")};
    if (house_.daemon.stop() != 0) throw std::runtime_error("it does not stop");
    return seen;
  }
  [[nodiscard]] std::string database() const { return house_.database(); }

  std::int64_t end = 0;
  std::string head;

 private:
  House house_;
};

void require_found(const Tampered::Seen& seen, const std::string& place) {
  BOOST_TEST(seen.exit_code == 1);
  BOOST_TEST(says(seen.problem, place), seen.problem);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record)

BOOST_AUTO_TEST_CASE(T37_every_edit_gap_and_missing_end_is_named) {
  Tampered store;
  const std::string last = std::to_string(store.end);
  BOOST_TEST(store.end == 12);
  const auto clean = store.after("SELECT 1;", {"--head", store.head});
  BOOST_TEST(clean.exit_code == 0, clean.problem);
  BOOST_TEST(clean.state == "ready");

  require_found(
      store.after("UPDATE event SET line = replace(line, 'carol', 'mallory') WHERE sequence = 3;"),
      "event 3 was changed");
  require_found(store.after("UPDATE event SET line = line || ' ' WHERE sequence = 1;"),
                "event 1 was changed");
  require_found(
      store.after("UPDATE event SET line = replace(line, 'denied', 'verified') WHERE sequence = " +
                  last + ";"),
      "event " + last + " was changed");
  require_found(store.after("UPDATE event SET hash = x'00' WHERE sequence = 5;"), "");
  require_found(store.after("DELETE FROM event WHERE sequence = 1;"), "event 1 is missing");
  require_found(store.after("DELETE FROM event WHERE sequence = 6;"), "event 6 is missing");
  require_found(store.after("DELETE FROM event WHERE sequence BETWEEN 4 AND 8;"),
                "event 4 is missing");
  require_found(
      store.after("INSERT INTO event SELECT sequence + 1, line, hash FROM event WHERE sequence = " +
                  last + ";"),
      "events after " + last + " were added");
  require_found(store.after("UPDATE event SET sequence = -sequence; UPDATE event SET sequence = "
                            "CASE sequence WHEN -4 THEN 5 WHEN -5 THEN 4 ELSE -sequence END;"),
                "event 4 was changed");
  // Without its last rows, or with none at all, it is also an old copy.
  const auto cut =
      store.after("DELETE FROM event WHERE sequence > " + std::to_string(store.end - 2) + ";");
  require_found(
      cut, "events " + std::to_string(store.end - 1) + " to " + last + " are missing at the end");
  BOOST_TEST(cut.state == "restored");
  const auto empty = store.after("DELETE FROM event;");
  require_found(empty, "missing");
  BOOST_TEST(empty.state == "restored");
}

BOOST_AUTO_TEST_CASE(T37_without_the_signing_key_no_forgery_holds) {
  Tampered store;
  // Every hash made right again, the end's too: its signature is missing.
  require_found(store.after([&] {
    sqlite(store.database(),
           "UPDATE event SET line = replace(line, 'denied', 'verified') WHERE sequence = 7;");
    chain_tool({"forge", store.database(), "7"});
  }),
                "signature of the chain's end");
  // Cut, and the head forged to fit.
  require_found(store.after([&] {
    sqlite(store.database(),
           "DELETE FROM event WHERE sequence > 8; UPDATE anchor SET sequence = 8 WHERE sequence = "
           "12;");
    chain_tool({"forge", store.database(), "8"});
  }),
                "signature of the chain's end");
  // A checkpoint of one's own that hides the first rows.
  require_found(
      store.after("INSERT OR REPLACE INTO anchor SELECT 2, sequence, hash, zeroblob(64) FROM event "
                  "WHERE sequence = 4; DELETE FROM event WHERE sequence <= 4;"),
      "signature of the checkpoint");
}

BOOST_AUTO_TEST_CASE(T37_a_head_noted_elsewhere_finds_a_replaced_chain) {
  Tampered store;
  // The same number of events, signed rightly by a key of its own: only the note tells.
  const House other;
  for (int i = 0; i < 14; ++i) add_user(other.daemon, "user" + std::to_string(i));
  BOOST_TEST(other.daemon.cli({"audit", "verify"}).exit_code == 0);
  const Ran replaced = other.daemon.cli({"audit", "verify", "--head", store.head});
  BOOST_TEST(replaced.exit_code == 1);
  BOOST_TEST(says(replaced.out, "event 12 is not the one that was noted elsewhere"), replaced.out);
  const Ran beyond = other.daemon.cli({"audit", "verify", "--head", "99" + store.head});
  BOOST_TEST(beyond.exit_code == 1);
  BOOST_TEST(says(beyond.out, "not in the chain"), beyond.out);
  BOOST_TEST(other.daemon.cli({"audit", "verify", "--head", "12"}).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(T37_prune_leaves_a_signed_checkpoint) {
  House house;
  auto& daemon = house.daemon;
  for (int i = 0; i < 10; ++i) add_user(daemon, "user" + std::to_string(i));
  BOOST_TEST(daemon.cli({"audit", "prune", "--through", "6"}).exit_code == 2);
  BOOST_TEST(daemon.cli({"audit", "prune", "--through", "60", "--yes"}).exit_code == 2);
  BOOST_TEST(told(daemon, {"audit", "verify"}).at("events").as_int64() == 10);
  const Json checkpoint = told(daemon, {"audit", "prune", "--through", "6", "--yes"});
  BOOST_TEST(checkpoint.at("sequence").as_int64() == 6);
  for (int start = 0; start < 2; ++start) {
    const Json verdict =
        told(daemon, {"audit", "verify", "--head", "6:" + text(checkpoint, "hash")});
    BOOST_TEST(verdict.at("intact").as_bool());
    BOOST_TEST(verdict.at("first").as_int64() == 7);
    BOOST_TEST(verdict.at("events").as_int64() == 5);  // 7 to 10, and the prune itself
    daemon.kill_now();
    daemon.start();
    BOOST_TEST(text(ask(daemon, "GET", "/v1/status"), "state") == "ready");
  }
  const std::string exported = house.folder / "pruned.jsonl";
  BOOST_TEST(daemon.cli({"audit", "export", "--file", exported}).exit_code == 0);
  BOOST_TEST(chain_tool({"check", exported}) == "5\n");
}

BOOST_AUTO_TEST_CASE(T37_an_export_is_verifiable_without_our_programs) {
  const House house;
  const auto& daemon = house.daemon;
  for (int i = 0; i < 1200; ++i) add_user(daemon, "user" + std::to_string(i));  // more than a page
  (void)verdict(daemon, "j\u00fcrgen \u202e\n\x1b", "123456");
  const std::string exported = house.folder / "record.jsonl";
  BOOST_TEST(daemon.cli({"audit", "export", "--file", exported}).exit_code == 0);
  BOOST_TEST(chain_tool({"check", exported}) == "1201\n");
  BOOST_TEST(daemon.cli({"audit", "export", "--file", exported}).exit_code ==
             2);  // nothing is overwritten
  std::string changed = content_of(exported);
  changed.replace(changed.find("user600"), 7, "user601");
  write_file(exported, changed);
  const Ran found = run({"python3", COUNTERSIGN_E2E_FOLDER "/chain.py", "check", exported});
  BOOST_TEST(found.exit_code == 1);
  BOOST_TEST(says(found.err, "event 601 does not hold"), found.err);
}

BOOST_AUTO_TEST_CASE(T33_what_could_break_a_screen_or_a_log_is_refused_or_escaped) {
  const House house("issuer = \"F\\u00fc & Co / 100%\"\n");
  const auto& daemon = house.daemon;
  add_user(daemon, "a+b@example.org");
  const Phone phone = enroll_totp(daemon, "a+b@example.org");
  for (const std::string& hostile :
       {std::string("\x1b[31mred"), std::string("\x1b]8;;http://x\x1b\\link"),
        std::string("two\nlines"), std::string("rtl \u202e txt"), std::string("c1 \u009b31m"),
        std::string("line\u2028sep"), std::string("tab\there"), std::string("del \x7f")}) {
    BOOST_TEST_CONTEXT(hostile) {
      for (const auto& words : std::vector<std::vector<std::string>>{
               {"authenticator", "rename", phone.id, hostile},
               {"enroll", "totp", "--user", "a+b@example.org", "--label", hostile},
               {"user", "add", hostile},
               {"user", "add", "bob", "--name", hostile},
               {"user", "add", "bob", "--location", hostile},
               {"user", "set", "a+b@example.org", "--email", "x@" + hostile}}) {
        const Ran refused = daemon.cli(words);
        BOOST_TEST(refused.exit_code == 2, words[0] << " " << words[1] << ": " << refused.err);
        BOOST_TEST(std::ranges::count(refused.err, '\n') == 1, refused.err);
        BOOST_TEST(refused.err.find('\x1b') == std::string::npos);
        BOOST_TEST(!says(refused.err, "\u202e"));
        BOOST_TEST((says(refused.err, "label") || says(refused.err, "name") ||
                    says(refused.err, "location") || says(refused.err, "email")),
                   refused.err);
      }
      // A user name to verify is anything: shown escaped, recorded on one line.
      const Ran denied = daemon.cli({"verify", "--user", hostile, "--code", "123456"});
      BOOST_TEST(denied.exit_code == 1, denied.err);
      BOOST_TEST(std::ranges::count(denied.out, '\n') == 1, denied.out);
      BOOST_TEST(denied.out.find('\x1b') == std::string::npos);
      BOOST_TEST(!says(denied.out, "\u202e"));
    }
  }
  const Ran not_utf8 =
      daemon.cli({"user", "add", "bob", "--name", "J\xfcrgen"});  // from a Latin-1 terminal
  BOOST_TEST(not_utf8.exit_code == 2);
  BOOST_TEST(says(not_utf8.err, "'J\\xfcrgen' is not valid UTF-8"), not_utf8.err);
  const std::string listed = daemon.cli({"audit", "list"}).out;
  BOOST_TEST(std::ranges::count(listed, '\n') ==
             ask(daemon, "GET", "/v1/status").at("audit_events").as_int64());
  BOOST_TEST(std::ranges::none_of(
      listed, [](char c) { return static_cast<unsigned char>(c) < 32 && c != '\n'; }));
  BOOST_TEST(!says(listed, "\u202e"));
  const std::string log = content_of(daemon.socket() + ".log");
  BOOST_TEST(std::ranges::count(log, '\n') == 1, log);

  // otpauth is percent-encoded, and a phone reads it back.
  const std::string png = house.folder / "qr.png";
  const Json enrolled = told(daemon, {"enroll", "totp", "--user", "a+b@example.org", "--qr", png});
  const std::string uri = text(enrolled, "otpauth");
  BOOST_TEST(uri.find_first_of(" \"<>") == std::string::npos, uri);
  BOOST_TEST(
      uri.starts_with("otpauth://totp/F%C3%BC%20%26%20Co%20%2F%20100%25:a%2Bb%40example.org?"),
      uri);
  BOOST_TEST(tool({"zbarimg", "--quiet", "--raw", png}) == uri + "\n");
}

BOOST_AUTO_TEST_CASE(T34_a_csv_export_holds_no_formula) {
  const House house;
  const auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const std::vector<std::string> labels = {R"(=HYPERLINK("http://evil.example","click"))",
                                           "+1+1",
                                           "-1+1",
                                           "@SUM(A1)",
                                           "plain, with \"quotes\"",
                                           " =1"};
  for (const std::string& label : labels) {
    const Phone phone = enroll_totp(daemon, "alice");
    BOOST_TEST(ask(daemon, "PATCH", "/v1/authenticators/" + phone.id,
                   boost::json::serialize(Json{{"label", label}}))
                   .contains("id"));
  }
  const std::string csv = daemon.cli({"authenticator", "list", "--format", "csv"}).out;
  write_file(house.folder / "export.csv", csv);
  // As a spreadsheet reads it: RFC 4180 by an independent reader.
  const std::string cells = tool(
      {"python3", "-c",
       "import "
       "csv,sys\nrows=list(csv.reader(open(sys.argv[1],newline='',encoding='utf-8'),strict=True))\n"
       "assert len({len(r) for r in rows})==1, rows\n"
       "bad=[c for r in rows for c in r if c[:1] in '=+-@\\t\\r' and c]\nassert not bad, bad\n"
       "print('\\n'.join(r[4] for r in rows[1:]))",
       house.folder / "export.csv"});
  BOOST_TEST(says(csv, "\r\n"));
  for (const std::string& label : labels) BOOST_TEST(says(cells, label), cells);
  BOOST_TEST(!says(csv, "otpauth"));
}

BOOST_AUTO_TEST_CASE(T35_sql_in_any_field_is_text) {
  const House house;
  const auto& daemon = house.daemon;
  const std::string sql = "x'); DROP TABLE user; --";
  BOOST_TEST(daemon.cli({"user", "add", sql}).exit_code == 2);
  BOOST_TEST(daemon.cli({"user", "add", "alice", "--name", sql, "--location", sql}).exit_code == 0);
  const Phone phone = enroll_totp(daemon, "alice");
  BOOST_TEST(daemon.cli({"authenticator", "rename", phone.id, sql}).exit_code == 0);
  BOOST_TEST(verdict(daemon, sql, "123456") == "unknown-user");
  BOOST_TEST(verdict(daemon, "alice' OR '1'='1", phone.code_at(now(daemon))) == "unknown-user");
  BOOST_TEST(text(ask(daemon, "POST", "/v1/verifications",
                      verification("alice", phone.code_at(now(daemon)), "sudo'--")),
                  "verdict") == "verified");
  BOOST_TEST(told(daemon, {"user", "list", "--location", sql}).at("users").as_array().size() == 1U);
  BOOST_TEST(
      told(daemon, {"user", "list", "--location", "' OR 1=1 --"}).at("users").as_array().empty());
  BOOST_TEST(text(told(daemon, {"user", "show", "alice"}), "location") == sql);
  BOOST_TEST(told(daemon, {"authenticator", "list", "--serial", "' OR 1=1 --"})
                 .at("authenticators")
                 .as_array()
                 .empty());
  BOOST_TEST(told(daemon, {"coverage", "--location", "%"}).at("locations").as_array().empty());
  BOOST_TEST(told(daemon, {"audit", "verify"}).at("intact").as_bool());
}

BOOST_AUTO_TEST_SUITE_END()
