// SPDX-License-Identifier: Apache-2.0
// Codes by SMS and e-mail as people get them: through a real mail server and a real Kannel, typed
// off what arrived (A1, E5, T09, T10, T32, T40, T48), and gateways that are down, slow, unwilling
// or false.
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <barrier>
#include <chrono>
#include <optional>
#include <thread>

#include "tests/e2e/support/post.h"
#include "tests/e2e/support/processes.h"

using namespace countersign::test;

namespace {

// A house whose daemon sends through these.
struct PostHouse {
  TemporaryFolder folder;
  Certificates certificates{folder.path()};
  MailServer mail;
  std::optional<Kannel> kannel;
  std::optional<House> house;

  explicit PostHouse(bool with_kannel = true, const std::string& more = {},
                     const std::string& email_more = {})
      : mail(certificates.certificate, certificates.key) {
    if (with_kannel) kannel.emplace();
    open(email() + email_more + (with_kannel ? sms() : "") + more);
  }
  void open(const std::string& config) { house.emplace("issuer = \"Example\"\n" + config); }

  [[nodiscard]] std::string secret_file(const std::string& name, const std::string& content) const {
    write_file(folder / name, content + "\n");
    return folder / name;
  }
  [[nodiscard]] std::string email() const {
    return "[email]\nurl = \"smtp://localhost:" + std::to_string(mail.port()) +
           "\"\nfrom = \"B\\u00fccherei <noreply@example.org>\"\nusername = \"" + MailServer::user +
           "\"\ncredential_file = \"" + secret_file("smtp", MailServer::password) +
           "\"\nca_file = \"" + certificates.authority + "\"\n";
  }
  [[nodiscard]] std::string sms() const {
    return "[sms]\ncountries = [\"+49\"]\n[[sms.gateway]]\npreset = \"kannel\"\nurl = \"" +
           kannel->url() + "\"\nfrom = \"Example\"\nusername = \"" + Kannel::user +
           "\"\ncredential_file = \"" + secret_file("kannel", Kannel::password) + "\"\n";
  }
  [[nodiscard]] const DaemonProcess& daemon() const { return house->daemon; }

  void add(const std::string& name, const std::string& phone, const std::string& email) const {
    BOOST_TEST_REQUIRE(daemon()
                           .cli({"user", "add", name, "--name", "Alice \"A\" <b>", "--phone", phone,
                                 "--email", email})
                           .exit_code == 0);
  }
  // The challenge of a code that is on its way.
  [[nodiscard]] std::string send(const std::string& user, const std::string& kind) const {
    return text(told(daemon(), {"verify", "--user", user, "--send", kind}), "challenge");
  }
  [[nodiscard]] std::string type(const std::string& user, const std::string& challenge,
                                 const std::string& code) const {
    const Json result = object_in(
        daemon()
            .cli({"verify", "--user", user, "--challenge", challenge, "--code", code, "--json"})
            .out);
    return text(result, "verdict") == "verified" ? "verified" : text(result, "reason");
  }
};

std::string header(const Json& message, std::string_view name) {
  std::string value;
  for (const auto& pair : message.at("headers").as_array())
    if (pair.as_array().at(0).as_string() == name)
      value += std::string(pair.as_array().at(1).as_string());
  return value;
}

std::string part(const Json& message, std::string_view type) {
  return text(message.at("parts").as_object(), type);
}

std::string other_code(std::string code) {
  code[0] = code[0] == '9' ? '0' : static_cast<char>(code[0] + 1);
  return code;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sent_codes)

BOOST_AUTO_TEST_CASE(A1_a_code_to_the_phone_through_kannel) {
  const PostHouse post;
  post.add("alice", "+491701234567", "alice@example.org");
  const Json sent =
      told(post.daemon(), {"verify", "--user", "alice", "--send", "sms", "--service", "shop"});
  BOOST_TEST(text(sent, "event") == "sent");
  BOOST_TEST(text(sent, "kind") == "sms");
  BOOST_TEST(!text(sent, "to").contains("1701234567"));
  const std::string sms = post.kannel->sms(1);
  BOOST_TEST(sms.contains(" +491701234567 text "));
  BOOST_TEST(sms.contains("Example (shop)"));
  const std::string code = code_in(sms);
  BOOST_REQUIRE(!code.empty());
  BOOST_TEST(!boost::json::serialize(sent).contains(code));
  const std::string challenge = text(sent, "challenge");
  const auto typed = [&](const std::string& with) {
    return post.daemon()
        .cli({"verify", "--user", "alice", "--service", "shop", "--challenge", challenge, "--code",
              with})
        .exit_code;
  };
  BOOST_TEST(typed(other_code(code)) == 1);
  BOOST_TEST(typed(code) == 0);
  BOOST_TEST(typed(code) == 1);  // once
}

BOOST_AUTO_TEST_CASE(A1_a_code_to_the_mailbox_by_STARTTLS_and_AUTH) {
  const PostHouse post(false, "", "notices = false\n");
  post.add("alice", "", "alice@example.org");
  const std::string challenge = post.send("alice", "email");
  const Json message = post.mail.message(1);
  BOOST_TEST(text(message, "from") == "noreply@example.org");
  BOOST_TEST(text(message, "to") == "alice@example.org");
  BOOST_TEST(header(message, "From") == "Bücherei <noreply@example.org>");
  BOOST_TEST(header(message, "To") == "alice@example.org");
  BOOST_TEST(header(message, "Subject") == "Example: your code");
  BOOST_TEST(header(message, "Auto-Submitted") == "auto-generated");
  BOOST_TEST(header(message, "Message-ID").ends_with("@example.org>"));
  BOOST_TEST(!header(message, "Date").empty());
  BOOST_TEST(message.at("defects").as_array().empty());
  BOOST_TEST(message.at("longest").as_int64() <= 78);
  BOOST_TEST(message.at("bare").as_int64() == 0);
  const std::string code = code_in(part(message, "plain"));
  BOOST_REQUIRE(!code.empty());
  BOOST_TEST(part(message, "html").contains("<b>" + code + "</b>"));
  const Json result =
      told(post.daemon(), {"verify", "--user", "alice", "--challenge", challenge, "--code", code});
  BOOST_TEST(text(result, "kind") == "email");
  BOOST_TEST(text(result, "authenticator").empty());
  BOOST_TEST(post.type("alice", challenge, code) == "no-challenge");
}

BOOST_AUTO_TEST_CASE(A1_T09_after_the_password_a_code_that_counts_in_its_own_sign_in_alone) {
  const PostHouse post(true, "", "notices = false\n");
  post.add("alice", "+491701234567", "alice@example.org");
  const auto api = [&](const std::string& method, const std::string& target, const Json& body) {
    return ask(post.daemon(), method, target, boost::json::serialize(body));
  };
  // The administrator switches it on for the organisation, after a look at what it would do.
  Json wish = {{"mode", "required"}, {"methods", {"sms", "email"}}, {"dry_run", true}};
  const Json effect = api("PATCH", "/v1/policies/staff", wish);
  wish.erase("dry_run");
  wish["confirm"] = text(effect, "change");
  BOOST_TEST(api("PATCH", "/v1/policies/staff", wish).at("applied").as_bool());

  const auto begin = [&] {
    return api("POST", "/v1/sign-ins",
               {{"user", "alice"}, {"service", "shop"}, {"primary", "password"}});
  };
  const auto send = [&](const Json& sign_in, const char* kind) {
    return text(api("POST", "/v1/sign-ins/" + text(sign_in, "id") + "/code", {{"kind", kind}}),
                "challenge");
  };
  const auto type = [&](const Json& sign_in, const std::string& challenge,
                        const std::string& code) {
    return text(api("POST", "/v1/sign-ins/" + text(sign_in, "id") + "/verify",
                    {{"code", code}, {"challenge", challenge}}),
                "decision");
  };
  const Json first = begin();
  BOOST_TEST(text(first, "decision") == "verify");
  BOOST_TEST(boost::json::serialize(first.at("factors")) == R"(["sms","email"])");
  const Json second = begin();
  const std::string by_sms = send(first, "sms");
  const std::string sms_code = code_in(post.kannel->sms(1));
  const std::string by_mail = send(second, "email");
  const std::string mail_code = code_in(part(post.mail.message(1), "plain"));
  BOOST_TEST(type(second, by_sms, sms_code) == "verify");  // asked on: not this sign-in's
  BOOST_TEST(post.type("alice", by_sms, sms_code) == "no-challenge");  // nor one by itself
  BOOST_TEST(type(first, by_mail, mail_code) == "verify");
  const Json in = api("POST", "/v1/sign-ins/" + text(first, "id") + "/verify",
                      {{"code", sms_code}, {"challenge", by_sms}});
  BOOST_TEST(text(in, "decision") == "allow");
  BOOST_TEST(!text(in, "receipt").empty());
  BOOST_TEST(type(second, by_sms, sms_code) == "verify");  // once
  BOOST_TEST(type(second, by_mail, mail_code) == "allow");
  // What the sign-in does not offer is not sent.
  BOOST_TEST(
      post.daemon()
          .call("POST", "/v1/sign-ins/" + text(begin(), "id") + "/code", R"({"kind":"totp"})")
          .status == 409);
}

BOOST_AUTO_TEST_CASE(E2_a_short_code_to_the_phone_makes_the_computer_recognized_for_the_others) {
  const PostHouse post(true, "", "notices = false\n");
  post.add("ann", "+491701234567", "");
  post.add("ben", "", "");
  const auto api = [&](const std::string& method, const std::string& target, const Json& body) {
    return ask(post.daemon(), method, target, boost::json::serialize(body));
  };
  Json wish = {{"mode", "required"},
               {"ask", "unrecognized"},
               {"methods", {"sms"}},
               {"code_length", 4},
               {"enroll_at_sign_in", false},
               {"recognition_for_everyone", true},
               {"recognition_after", {"sms"}},
               {"recognition_services", {"shop"}},
               {"dry_run", true}};
  const Json effect = api("PATCH", "/v1/policies/staff", wish);
  wish.erase("dry_run");
  wish["confirm"] = text(effect, "change");
  BOOST_TEST(api("PATCH", "/v1/policies/staff", wish).at("applied").as_bool());
  const auto begin = [&](const char* user, const std::string& cookie) {
    return api("POST", "/v1/sign-ins",
               {{"user", user}, {"service", "shop"}, {"primary", "password"}, {"cookie", cookie}});
  };
  // Ben has no phone, and nobody verified there yet.
  BOOST_TEST(text(begin("ben", ""), "decision") == "deny");
  // Ann gets four digits.
  const Json ann = begin("ann", "");
  BOOST_TEST(text(ann, "decision") == "verify");
  const std::string challenge = text(
      api("POST", "/v1/sign-ins/" + text(ann, "id") + "/code", {{"kind", "sms"}}), "challenge");
  const std::string sms = post.kannel->sms(1);
  const std::string code = code_in(sms.substr(sms.find(" text ")), 4);
  BOOST_TEST(code.size() == 4U, sms);
  const Json in = api("POST", "/v1/sign-ins/" + text(ann, "id") + "/verify",
                      {{"code", code}, {"challenge", challenge}});
  BOOST_TEST(text(in, "decision") == "allow");
  BOOST_TEST(in.at("machine").as_object().at("recognized_now").as_bool());
  // The browser's value is what Ben's sign-in brings from now on.
  const Json ben = begin("ben", text(in.at("machine").as_object(), "cookie"));
  BOOST_TEST(text(ben, "decision") == "allow");
  BOOST_TEST(text(ben, "because") == "recognized");
  BOOST_TEST(text(begin("ben", ""), "decision") == "deny");  // elsewhere not
}

BOOST_AUTO_TEST_CASE(a_code_that_was_sent_needs_no_challenge) {
  const PostHouse post(false, "", "notices = false\n");
  post.add("alice", "", "alice@example.org");
  const auto& daemon = post.daemon();
  (void)post.send("alice", "email");
  std::string code = code_in(part(post.mail.message(1), "plain"));
  const auto typed = [&](const std::string& service) {
    return daemon.cli({"verify", "--user", "alice", "--service", service, "--code", code})
        .exit_code;
  };
  BOOST_TEST(typed("bank") == 1);  // it was sent for no service
  BOOST_TEST(verdict(daemon, "alice", code) == "verified");
  BOOST_TEST(verdict(daemon, "alice", code) != "verified");
  // Within a sign-in, and shorter than any authenticator's.
  BOOST_TEST(daemon
                 .cli({"policy", "set", "staff", "--mode", "required", "--methods", "email",
                       "--code-length", "4", "--yes"})
                 .exit_code == 0);
  const std::string id = text(
      told(daemon,
           {"sign-in", "begin", "--user", "alice", "--service", "shop", "--primary", "password"},
           10),
      "id");
  advance(daemon, 30);
  BOOST_TEST(daemon.cli({"sign-in", "verify", id, "--code", "1234"}).exit_code ==
             2);  // none was sent: no code has four digits
  (void)told(daemon, {"sign-in", "verify", id, "--send", "email"}, 10);
  code = code_in(part(post.mail.message(2), "plain"), 4);
  BOOST_TEST_REQUIRE(code.size() == 4U);
  BOOST_TEST(daemon.cli({"verify", "--user", "alice", "--code", code}).exit_code ==
             2);  // another purpose
  BOOST_TEST(text(told(daemon, {"sign-in", "verify", id, "--code", code}), "decision") == "allow");
}

BOOST_AUTO_TEST_CASE(
    C1_a_number_or_address_typed_at_the_first_sign_in_counts_after_its_first_code) {
  const PostHouse post(false, "", "notices = false\n");
  const auto& daemon = post.daemon();
  for (const char* name : {"alice", "bob"}) add_user(daemon, name);
  BOOST_TEST(
      daemon
          .cli({"policy", "set", "staff", "--mode", "required", "--methods", "totp,email", "--yes"})
          .exit_code == 0);
  const auto begin = [&](const std::string& user, int exit_code) {
    return told(daemon,
                {"sign-in", "begin", "--user", user, "--service", "shop", "--primary", "password"},
                exit_code);
  };
  const std::string id = text(begin("alice", 11), "id");
  BOOST_TEST(boost::json::serialize(begin("alice", 11).at("enrollable")) == R"(["totp","email"])");
  BOOST_TEST(daemon
                 .cli({"sign-in", "begin", "--user", "alice", "--service", "shop", "--primary",
                       "password"})
                 .out.contains(" totp, or email --to ADDRESS"));
  BOOST_TEST(daemon.cli({"sign-in", "enroll", id, "sms", "--to", "+491701234567"}).exit_code ==
             5);  // policy does not admit it
  BOOST_TEST(daemon.cli({"sign-in", "enroll", id, "email", "--to", "nowhere"}).exit_code == 2);
  BOOST_TEST(daemon.cli({"sign-in", "enroll", id, "email"}).exit_code == 2);  // none is on file
  BOOST_TEST(daemon.cli({"sign-in", "enroll", id, "totp", "--to", "a@example.org"}).exit_code == 2);
  (void)told(daemon, {"sign-in", "enroll", id, "email", "--to", "alice@example.org"});
  const std::string code = code_in(part(post.mail.message(1), "plain"));
  BOOST_TEST(text(told(daemon, {"user", "show", "alice"}), "email").empty());  // nothing counts yet
  BOOST_TEST(daemon.cli({"sign-in", "confirm", id, "--code", other_code(code)}).exit_code == 2);
  const Json in = told(daemon, {"sign-in", "confirm", id, "--code", code});
  BOOST_TEST(text(in, "decision") == "allow");
  BOOST_TEST(text(in, "because") == "enrolled");
  BOOST_TEST(in.at("aal").as_int64() == 1);  // an e-mail raises nothing
  BOOST_TEST(text(told(daemon, {"user", "show", "alice"}), "email") == "alice@example.org");
  // From now on it is a factor: whoever knows the password can't bind another one.
  const std::string next = text(begin("alice", 10), "id");
  BOOST_TEST(
      daemon.cli({"sign-in", "enroll", next, "email", "--to", "thief@example.org"}).exit_code == 5);
  // T53: an administrator enters an address while a thief's code is on its way: it is too late for
  // the thief.
  const std::string raced = text(begin("bob", 11), "id");
  const std::string pending =
      text(told(daemon, {"sign-in", "enroll", raced, "email", "--to", "thief@example.org"}), "id");
  const std::string stolen = code_in(part(post.mail.message(2), "plain"));
  (void)told(daemon, {"user", "set", "bob", "--email", "bob@example.org"});
  BOOST_TEST(daemon.cli({"sign-in", "confirm", raced, "--code", stolen}).exit_code == 5);
  BOOST_TEST(daemon.cli({"enroll", "confirm", pending, "--code", stolen}).exit_code == 5);
  BOOST_TEST(text(told(daemon, {"user", "show", "bob"}), "email") == "bob@example.org");
}

BOOST_AUTO_TEST_CASE(T09_late_resent_and_of_another) {
  const PostHouse post(false, "", "notices = false\n");
  post.add("alice", "", "alice@example.org");
  post.add("bob", "", "bob@example.org");
  const std::string first = post.send("alice", "email");
  const std::string first_code = code_in(part(post.mail.message(1), "plain"));
  advance(post.daemon(), 30);
  const std::string second = post.send("alice", "email");
  const std::string second_code = code_in(part(post.mail.message(2), "plain"));
  BOOST_TEST(post.type("alice", first, first_code) == "no-challenge");  // a re-send kills the old
  BOOST_TEST(post.type("bob", second, second_code) == "no-challenge");
  BOOST_TEST(verdict(post.daemon(), "bob", second_code) == "no-factor");
  BOOST_TEST(verdict(post.daemon(), "alice", first_code) ==
             "wrong-code");  // nor without its challenge
  BOOST_TEST(post.type("alice", second, second_code) == "verified");
  advance(post.daemon(), 30);
  const std::string third = post.send("alice", "email");
  const std::string third_code = code_in(part(post.mail.message(3), "plain"));
  advance(post.daemon(), 600);
  BOOST_TEST(post.type("alice", third, third_code) == "no-challenge");  // dead after ten minutes
}

BOOST_AUTO_TEST_CASE(T09_a_resend_that_races_a_wrong_try_kills_the_old_code_and_not_the_new_one) {
  const TemporaryFolder folder;
  const std::string mails = folder / "mails";
  const House house(
      "[email]\nfrom = \"x@example.org\"\nfile = \"" + mails +
      "\"\n[codes]\npause_seconds = 0\nemail_per_hour = 1000\nemail_per_day = 1000\n");
  const auto& daemon = house.daemon;
  const auto last_code = [&] {
    const std::string all = content_of(mails);
    return code_in(all.substr(all.rfind('\n', all.size() - 2) + 1));
  };
  for (int round = 0; round < 40; ++round) {
    const std::string user = "user" + std::to_string(round);
    (void)told(daemon, {"user", "add", user, "--email", user + "@example.org"});
    const std::string send = R"({"kind":"email","user":")" + user + "\"}";
    const auto typed = [&](const std::string& code, const std::string& challenge) {
      return object_in(daemon
                           .call("POST", "/v1/verifications",
                                 R"({"user":")" + user + R"(","code":")" + code +
                                     R"(","challenge":")" + challenge + "\"}")
                           .body);
    };
    const std::string old = text(ask(daemon, "POST", "/v1/codes", send), "challenge");
    const std::string old_code = last_code();
    std::string fresh;
    {
      std::barrier together(2);
      const std::jthread guesser([&] {
        together.arrive_and_wait();
        (void)typed(other_code(old_code), old);
      });
      together.arrive_and_wait();
      fresh = text(ask(daemon, "POST", "/v1/codes", send), "challenge");
    }
    const std::string fresh_code = last_code();
    BOOST_TEST(text(typed(old_code, old), "reason") == "no-challenge");
    BOOST_TEST(text(typed(fresh_code, fresh), "verdict") == "verified");
  }
}

BOOST_AUTO_TEST_CASE(T10_no_code_and_no_number_in_record_store_journal_or_answers) {
  PostHouse post(false, "", "notices = false\n");
  post.add("alice", "", "alice@example.org");
  const std::string challenge = post.send("alice", "email");
  const std::string code = code_in(part(post.mail.message(1), "plain"));
  BOOST_TEST(post.type("alice", challenge, other_code(code)) == "wrong-code");
  BOOST_TEST(post.type("alice", challenge, code) == "verified");
  const std::string record = post.daemon().cli({"audit", "list", "--json"}).out;
  BOOST_TEST(!record.contains("\"" + code));
  BOOST_TEST(!record.contains("alice@example.org"));
  BOOST_TEST(!record.contains(challenge + code));
  BOOST_TEST(post.house->daemon.stop() == 0);
  for (const char* file : {"/store.db", "/store.db-wal"}) {
    const std::string path = post.house->state() + file;
    if (becomes_true([&] { return tool({"find", post.house->state(), "-path", path}).empty(); }, 1))
      continue;
    BOOST_TEST(!content_of(path).contains(code));
  }
  BOOST_TEST(!content_of(post.daemon().socket() + ".log").contains(code));
}

BOOST_AUTO_TEST_CASE(T40_a_number_is_not_bombed_and_other_countries_cost_nothing) {
  PostHouse post;
  post.add("alice", "+491701234567", "");
  post.add("bob", "+491701234567", "");  // the same phone
  post.add("carol", "+8821612345678", "");
  (void)post.send("alice", "sms");
  const Ran at_once = post.daemon().cli({"verify", "--user", "alice", "--send", "sms"});
  BOOST_TEST(at_once.exit_code == 7);
  BOOST_TEST(at_once.err.contains("a moment ago"));
  std::size_t sent = 1;
  for (int i = 0; i < 10; ++i) {
    advance(post.daemon(), 30);
    sent += post.daemon()
                        .cli({"verify", "--user", i % 2 == 0 ? "bob" : "alice", "--send", "sms"})
                        .exit_code == 0
                ? 1U
                : 0U;
  }
  BOOST_TEST(sent == 5U);
  (void)post.kannel->sms(5);
  // A restart opens nothing.
  BOOST_TEST(post.house->daemon.stop() == 0);
  post.house->daemon.start();
  catch_up(post.daemon());
  const Ran later = post.daemon().cli({"verify", "--user", "bob", "--send", "sms"});
  BOOST_TEST(later.exit_code == 7);
  BOOST_TEST(later.err.contains("too many codes were sent to this number"));
  const Ran far = post.daemon().cli({"verify", "--user", "carol", "--send", "sms"});
  BOOST_TEST(far.exit_code == 5);
  BOOST_TEST(far.err.contains("country"));
  BOOST_TEST(post.kannel->count() == 5U);
}

BOOST_AUTO_TEST_CASE(
    T48_a_changed_phone_or_address_kills_what_is_on_its_way_and_the_old_address_is_told) {
  const PostHouse post(false);
  post.add("alice", "+491701234567", "old@example.org");
  const std::string challenge = post.send("alice", "email");
  const std::string code = code_in(part(post.mail.message(1), "plain"));
  BOOST_TEST(post.daemon().cli({"user", "set", "alice", "--email", "new@example.org"}).exit_code ==
             0);
  BOOST_TEST(post.type("alice", challenge, code) == "no-challenge");
  const Json notice = post.mail.message(2);
  BOOST_TEST(text(notice, "to") == "old@example.org");
  BOOST_TEST(part(notice, "plain").contains("The e-mail address of your account was changed"));
  BOOST_TEST(post.daemon().cli({"user", "set", "alice", "--phone", "+491709999999"}).exit_code ==
             0);
  BOOST_TEST(text(post.mail.message(3), "to") == "new@example.org");
  BOOST_TEST(!post.daemon().cli({"audit", "list", "--json"}).out.contains("old@example.org"));
}

BOOST_AUTO_TEST_CASE(T48_an_address_that_is_enrolled_is_told_to_the_old_one) {
  const PostHouse post(false);
  post.add("alice", "", "old@example.org");
  const Json enrolled =
      told(post.daemon(), {"enroll", "email", "--user", "alice", "--to", "new@example.org"});
  BOOST_TEST(text(post.mail.message(1), "to") == "new@example.org");
  (void)told(post.daemon(), {"enroll", "confirm", text(enrolled, "id"), "--code",
                             code_in(part(post.mail.message(1), "plain"))});
  BOOST_TEST(text(post.mail.message(2), "to") == "old@example.org");
}

BOOST_AUTO_TEST_CASE(T32_who_is_no_verifier_may_ask_for_nobody_else) {
  const PostHouse post(false, "", "notices = false\n");
  post.add("alice", "", "alice@example.org");
  BOOST_TEST(chmod(post.house->folder.path().c_str(), 0755) == 0);
  const std::string known = as_uid(65534, [&] {
    return post.daemon().call("POST", "/v1/codes", R"({"user":"alice","kind":"email"})").body;
  });
  const std::string unknown = as_uid(65534, [&] {
    return post.daemon().call("POST", "/v1/codes", R"({"user":"nobody","kind":"email"})").body;
  });
  BOOST_TEST(known == unknown);
  BOOST_TEST(known.contains("\"status\":403"), known);
  BOOST_TEST(post.mail.count() == 0);
}

BOOST_AUTO_TEST_CASE(a_phone_is_bound_by_the_code_that_came_to_it) {
  const PostHouse post;
  post.add("alice", "+491701234567", "alice@example.org");
  const Json enrolled = told(post.daemon(), {"enroll", "sms", "--user", "alice", "--to",
                                             "+491702222222", "--label", "new phone"});
  BOOST_TEST(text(enrolled, "status") == "pending");
  const std::string sms = post.kannel->sms(1);
  BOOST_TEST(sms.contains("+491702222222"));
  const std::string id = text(enrolled, "id");
  BOOST_TEST(
      post.daemon().cli({"enroll", "confirm", id, "--code", other_code(code_in(sms))}).exit_code ==
      2);
  BOOST_TEST(text(told(post.daemon(), {"user", "show", "alice"}), "phone") == "+491701234567");
  const Json bound = told(post.daemon(), {"enroll", "confirm", id, "--code", code_in(sms)});
  BOOST_TEST(text(bound, "kind") == "sms");
  BOOST_TEST(text(told(post.daemon(), {"user", "show", "alice"}), "phone") == "+491702222222");
  // E5: the mailbox on file is told.
  BOOST_TEST(part(post.mail.message(1), "plain").contains("A new authenticator (sms) was bound"));
  for (const char* malformed :
       {"0170123", "+49 170 1234567", "+49170123456789012", "=1+1", "alice@example.org"})
    BOOST_TEST(
        post.daemon().cli({"enroll", "sms", "--user", "alice", "--to", malformed}).exit_code == 2,
        malformed);
}

BOOST_AUTO_TEST_CASE(E5_notices_of_what_happens_to_an_account) {
  PostHouse post(false);
  post.add("alice", "", "alice@example.org");
  const Phone phone = enroll_totp(post.daemon(), "alice");
  const Json bound = post.mail.message(1);
  BOOST_TEST(header(bound, "Subject") ==
             "Example: A new authenticator (totp) was bound to your account");
  BOOST_TEST(part(bound, "plain").contains("Hello Alice \"A\" <b>,"));
  BOOST_TEST(part(bound, "html").contains("Alice &quot;A&quot; &lt;b&gt;"));  // a name is no markup
  const std::vector<std::string> codes = enroll_backup_codes(post.daemon(), "alice");
  BOOST_TEST(part(post.mail.message(2), "plain").contains("backup-codes"));
  BOOST_TEST(verdict(post.daemon(), "alice", codes.at(0)) == "verified");
  BOOST_TEST(part(post.mail.message(3), "plain").contains("One of your backup codes was used"));
  for (int i = 0; i < 12; ++i)
    (void)verdict(post.daemon(), "alice", wrong_code(post.daemon(), phone));
  BOOST_TEST(part(post.mail.message(4), "plain").contains("Too many wrong codes"));
  // What happens while the mail server is away, or just before the daemon is killed, is told later,
  // once.
  BOOST_TEST(post.daemon().cli({"user", "reset", "alice"}).exit_code == 0);
  post.house->daemon.kill_now();
  post.house->daemon.start();
  bool told_of_reset = false;
  for (int number = 5; number <= 6 && !told_of_reset; ++number)
    told_of_reset = part(post.mail.message(number), "plain")
                        .contains("All authenticators of your account were revoked");
  BOOST_TEST(told_of_reset);
}

BOOST_AUTO_TEST_CASE(T53_every_administrator_is_told_of_roots_way_out) {
  const PostHouse post(false);
  post.add("alice", "", "");
  post.add("boss", "", "boss@example.org");
  (void)told(post.daemon(), {"user", "set", "boss", "--role", "admin"});
  BOOST_TEST(part(post.mail.message(1), "plain").contains("your role is admin now"));
  (void)enroll_totp(post.daemon(), "boss");
  BOOST_TEST(part(post.mail.message(2), "plain").contains("A new authenticator (totp)"));
  (void)told(post.daemon(), {"user", "reset", "alice", "--recovery"});
  const Json notice = post.mail.message(3);
  BOOST_TEST(text(notice, "to") == "boss@example.org");
  BOOST_TEST(part(notice, "plain")
                 .contains("without a fresh verification (--recovery): user.reset of alice"),
             part(notice, "plain"));
}

BOOST_AUTO_TEST_CASE(E5_T48_what_is_changed_in_one_go_is_told_where_it_was_on_file_before) {
  PostHouse post(true, "[codes]\npause_seconds = 0\n");
  const auto& daemon = post.daemon();
  post.add("alice", "+491701234567", "old@example.org");
  // Reset, and at once another address and number: the notice of the reset is not the newcomer's.
  post.mail.end();
  (void)told(daemon, {"user", "reset", "alice"});
  (void)told(daemon,
             {"user", "set", "alice", "--email", "new@example.org", "--phone", "+491709999999"});
  const std::string record = daemon.cli({"audit", "list", "--json"}).out;
  for (const char* contact :
       {"old@example.org", "new@example.org", "+491701234567", "+491709999999"})
    BOOST_TEST(!record.contains(contact));
  const std::string first = post.kannel->sms(1);
  BOOST_TEST(first.contains(" +491701234567 text "), first);
  BOOST_TEST(first.contains("All authenticators of your account were revoked"), first);
}

BOOST_AUTO_TEST_CASE(E5_T48_the_old_number_and_the_old_address_are_told) {
  const PostHouse post;
  const auto& daemon = post.daemon();
  post.add("alice", "+491701234567", "old@example.org");
  (void)told(daemon, {"user", "reset", "alice"});
  (void)told(daemon,
             {"user", "set", "alice", "--email", "new@example.org", "--phone", "+491709999999"});
  for (const int number : {1, 2}) {
    BOOST_TEST(text(post.mail.message(number), "to") == "old@example.org");
    BOOST_TEST(post.kannel->sms(static_cast<std::size_t>(number)).contains(" +491701234567 text "));
  }
  BOOST_TEST(post.kannel->sms(2).contains(
      "The phone number and the e-mail address of your account were changed"));
}

BOOST_AUTO_TEST_CASE(E5_notices_of_temporary_codes_and_of_forgetting_everybody) {
  const PostHouse post(false);
  const auto& daemon = post.daemon();
  post.add("alice", "", "alice@example.org");
  post.add("bob", "", "bob@example.org");  // had none, and is not told
  (void)told(daemon, {"enroll", "temporary-code", "--user", "alice", "--for", "1h"});
  BOOST_TEST(
      part(post.mail.message(1), "plain").contains("A temporary code was made for your account"));
  (void)enroll_totp(daemon, "alice");
  BOOST_TEST(part(post.mail.message(2), "plain").contains("A new authenticator"));
  (void)told(daemon, {"policy", "set", "staff", "--forget-enrolments", "--yes"});
  const Json notice = post.mail.message(3);
  BOOST_TEST(text(notice, "to") == "alice@example.org");
  BOOST_TEST(part(notice, "plain").contains("as those of everybody under your policy"));
}

BOOST_AUTO_TEST_CASE(E5_a_notice_of_a_new_machine) {
  const PostHouse post(false);
  post.add("alice", "", "alice@example.org");
  const auto api = [&](const std::string& method, const std::string& target, const Json& body) {
    return ask(post.daemon(), method, target, boost::json::serialize(body));
  };
  Json wish = {{"mode", "required"},
               {"ask", "unrecognized"},
               {"methods", {"email"}},
               {"recognition_after", {"email"}},
               {"recognition_services", {"shop"}},
               {"dry_run", true}};
  const Json effect = api("PATCH", "/v1/policies/staff", wish);
  wish.erase("dry_run");
  wish["confirm"] = text(effect, "change");
  (void)api("PATCH", "/v1/policies/staff", wish);
  const Json sign_in =
      api("POST", "/v1/sign-ins",
          {{"user", "alice"}, {"service", "shop"}, {"primary", "password"}, {"cookie", ""}});
  const std::string challenge =
      text(told(post.daemon(), {"sign-in", "verify", text(sign_in, "id"), "--send", "email"}, 10),
           "challenge");
  const std::string code = code_in(part(post.mail.message(1), "plain"));
  BOOST_TEST(text(told(post.daemon(), {"sign-in", "verify", text(sign_in, "id"), "--challenge",
                                       challenge, "--code", code}),
                  "decision") == "allow");
  BOOST_TEST(
      part(post.mail.message(2), "plain").contains("A new machine is recognized for your account"));
}

BOOST_AUTO_TEST_CASE(a_mail_server_that_is_down_false_or_unwilling_denies_and_says_so) {
  PostHouse post(false, "", "notices = false\n");
  post.add("alice", "+491701234567", "alice@example.org");
  post.add("refused", "", "refused@example.org");
  const auto send = [&](const std::string& user) {
    return post.daemon().cli({"verify", "--user", user, "--send", "email"});
  };
  const Ran refused = send("refused");
  BOOST_TEST(refused.exit_code == 7);
  BOOST_TEST(refused.err.contains("refused (550)"));
  BOOST_TEST(refused.err.contains("another authenticator"));
  // Nothing is set up for SMS.
  const Ran none = post.daemon().cli({"verify", "--user", "alice", "--send", "sms"});
  BOOST_TEST(none.exit_code == 5);
  BOOST_TEST(none.err.contains("not set up"));
  post.mail.end();
  const Ran down = send("alice");
  BOOST_TEST(down.exit_code == 7);
  BOOST_TEST(down.err.contains("can't be reached"));
  BOOST_TEST(down.err.contains("another authenticator"));
  BOOST_TEST(post.daemon().cli({"audit", "list", "--json"}).out.contains("not-sent"));
}

BOOST_AUTO_TEST_CASE(a_mail_server_with_a_certificate_of_another_name_or_issuer_gets_nothing) {
  const TemporaryFolder folder;
  const Certificates certificates(folder.path());
  const TemporaryFolder elsewhere;
  const Certificates strangers(elsewhere.path());
  write_file(folder / "smtp", std::string(MailServer::password) + "\n");
  for (const auto& [certificate, key] :
       {std::pair{certificates.other_certificate, certificates.other_key},
        std::pair{strangers.certificate, strangers.key}}) {
    const MailServer mail(certificate, key);
    const House house("[email]\nurl = \"smtp://localhost:" + std::to_string(mail.port()) +
                      "\"\nfrom = \"noreply@example.org\"\nusername = \"" + MailServer::user +
                      "\"\ncredential_file = \"" + (folder / "smtp") + "\"\nca_file = \"" +
                      certificates.authority + "\"\n");
    BOOST_TEST(
        house.daemon.cli({"user", "add", "alice", "--email", "alice@example.org"}).exit_code == 0);
    const Ran sent = house.daemon.cli({"verify", "--user", "alice", "--send", "email"});
    BOOST_TEST(sent.exit_code == 7);
    BOOST_TEST(sent.err.contains("certificate"));
    BOOST_TEST(mail.count() == 0);
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_password_at_the_mail_server_is_named_and_not_told) {
  PostHouse post(false, "", "notices = false\n");
  write_file(post.folder / "smtp", "another password\n");
  BOOST_TEST(post.house->daemon.stop() == 0);
  post.house->daemon.start();
  post.add("alice", "", "alice@example.org");
  const Ran sent = post.daemon().cli({"verify", "--user", "alice", "--send", "email"});
  BOOST_TEST(sent.exit_code == 7);
  BOOST_TEST(sent.err.contains("does not accept our account"));
  BOOST_TEST(!sent.err.contains("another password"));
}

BOOST_AUTO_TEST_CASE(gateways_that_are_down_slow_endless_or_unwilling_and_the_next_one_that_works) {
  const TemporaryFolder folder;
  const Certificates certificates(folder.path());
  const Service plain(
      {"/usr/bin/python3", "-B", COUNTERSIGN_E2E_FOLDER "/sms_gateway.py", folder / "plain"});
  const Service false_name({"/usr/bin/python3", "-B", COUNTERSIGN_E2E_FOLDER "/sms_gateway.py",
                            folder / "tls", certificates.other_certificate,
                            certificates.other_key});
  write_file(folder / "key", "s3cret\"key\n");
  const auto gateway = [&](const std::string& name, const std::string& url) {
    return "[[sms.gateway]]\nname = \"" + name + "\"\nurl = \"" + url +
           "\"\nbody = '{\"to\":\"{to}\",\"text\":\"{text}\",\"key\":\"{password}\"}'\nescape = "
           "\"json\"\nheaders = [\"Authorization: Key {basic}\"]\n"
           "success_text = ['\"status\":\"0\"']\ncredential_file = \"" +
           (folder / "key") + "\"\nca_file = \"" + certificates.authority +
           "\"\ntimeout_seconds = 1\n";
  };
  const std::string at = "http://127.0.0.1:" + std::to_string(plain.port());
  const struct {
    std::string gateways, words;
  } bad[] = {{gateway("away", "http://127.0.0.1:9"), "can't be reached"},
             {gateway("refuses", at + "/refuse"), "refused (500)"},
             {gateway("slow", at + "/slow"), "did not answer in time"},
             {gateway("endless", at + "/endless"), "longer than 64 KiB"},
             {gateway("unwilling", at + "/unwilling"), "did not take the message"},
             {gateway("false", "https://localhost:" + std::to_string(false_name.port()) + "/ok"),
              "certificate"}};
  std::string all = "[sms]\ncountries = [\"49\"]\n";
  for (const auto& row : bad) {
    const House house("[sms]\ncountries = [\"49\"]\n" + row.gateways);
    BOOST_TEST(house.daemon.cli({"user", "add", "alice", "--phone", "+491701234567"}).exit_code ==
               0);
    const Ran sent = house.daemon.cli({"verify", "--user", "alice", "--send", "sms"});
    BOOST_TEST(sent.exit_code != 0);
    BOOST_TEST(sent.err.contains(row.words), sent.err);
    BOOST_TEST(sent.err.contains("another authenticator"));
    all += row.gateways;
  }
  const House house(all + gateway("works", at + "/ok"));
  BOOST_TEST(house.daemon.cli({"user", "add", "alice", "--phone", "+491701234567"}).exit_code == 0);
  const auto before = std::chrono::steady_clock::now();
  // Whoever comes meanwhile is not held up by a slow gateway.
  std::string challenge =
      text(told(house.daemon, {"verify", "--user", "alice", "--send", "sms"}), "challenge");
  BOOST_TEST((std::chrono::steady_clock::now() - before < std::chrono::seconds(20)));
  const std::string log = content_of(folder / "plain");
  const Json last = object_in(log.substr(log.rfind('\n', log.size() - 2) + 1));
  BOOST_TEST(text(last, "path") == "/ok");
  const Json body = object_in(text(last, "body"));  // escaped for JSON
  BOOST_TEST(text(body, "key") == "s3cret\"key");
  BOOST_TEST(text(body, "to") == "+491701234567");
  const std::string code = code_in(text(body, "text"));
  BOOST_TEST(
      house.daemon.cli({"verify", "--user", "alice", "--challenge", challenge, "--code", code})
          .exit_code == 0);
}

BOOST_AUTO_TEST_CASE(no_text_of_a_caller_ends_a_header_or_adds_a_parameter) {
  const PostHouse post;
  post.add("alice", "+491701234567", "alice@example.org");
  const std::string hostile = "x\r\nBcc: thief@example.org\r\n\r\n&to=+490&{code}<b>";
  const auto ask_for = [&](const std::string& kind) {
    return post.daemon()
        .call("POST", "/v1/codes",
              boost::json::serialize(Json{{"user", "alice"}, {"kind", kind}, {"service", hostile}}))
        .status;
  };
  BOOST_TEST(ask_for("email") == 200);
  const Json message = post.mail.message(1);
  BOOST_TEST(text(message, "to") == "alice@example.org");
  BOOST_TEST(header(message, "Bcc").empty());
  BOOST_TEST(!part(message, "html").contains("<b>)"));
  BOOST_TEST(!code_in(part(message, "plain"))
                  .empty());  // {code} in a value is no placeholder: the code stands there once
  BOOST_TEST(ask_for("sms") == 200);
  BOOST_TEST(post.kannel->sms(1).contains(" +491701234567 text "));
  BOOST_TEST(post.kannel->count() == 1U);
  // Nor does an address.
  for (const char* address : {"a,b@example.org", "<a@example.org>", "\"a b\"@example.org",
                              "a@example.org>", "ä@example.org"}) {
    (void)post.daemon().cli({"user", "add", "mallory", "--email", address});
    (void)post.daemon().cli({"user", "set", "mallory", "--email", address});
    BOOST_TEST(post.daemon().cli({"verify", "--user", "mallory", "--send", "email"}).exit_code != 0,
               address);
  }
}

BOOST_AUTO_TEST_CASE(configurations_that_would_harm_are_refused_with_their_line) {
  const TemporaryFolder folder;
  const auto check = [&](const std::string& config) {
    write_file(folder / "c.toml", config);
    return run({program("countersignd"), "--check", "--config", folder / "c.toml"});
  };
  for (const char* bad :
       {"[email]\nfrom = \"a@example.org\"\n",
        "[email]\nurl = \"smtp://mail.example.org\"\nfrom = \"a@example.org\"\ntls = \"none\"\n",
        "[email]\nurl = \"smtp://u:p@mail.example.org\"\nfrom = \"a@example.org\"\n",
        "[email]\nurl = \"http://mail.example.org\"\nfrom = \"a@example.org\"\n",
        "[email]\nurl = \"smtps://mail.example.org\"\nfrom = \"a@example.org, b@example.org\"\n",
        "[[sms.gateway]]\nname = \"x\"\nurl = \"http://sms.example.org/?t={text}&n={to}\"\n",
        "[[sms.gateway]]\nname = \"x\"\nurl = \"https://sms.example.org/?n={to}\"\n",
        "[[sms.gateway]]\npreset = \"pigeon\"\n",
        "[[sms.gateway]]\nname = \"x\"\nurl = "
        "\"https://sms.example.org/?n={to}&t={text}&q={quux}\"\n",
        "[sms]\ncountries = [\"DE\"]\n", "[codes]\ndigits = 3\n", "[codes]\nminutes = 11\n",
        "[templates]\ncode_text = \"{cod}\"\n", "[templates]\nsms_text = \"x\"\nfoo = 1\n"}) {
    const Ran refused = check(bad);
    BOOST_TEST(refused.exit_code == 2, bad);
    BOOST_TEST(refused.err.contains("c.toml:"), bad);
  }
  for (const char* preset : {"kannel", "twilio", "vonage", "messagebird", "clickatell", "sinch"})
    BOOST_TEST(check("[[sms.gateway]]\npreset = \"" + std::string(preset) +
                     "\"\nfrom = \"Us\"\nusername = \"u\"\n")
                       .exit_code == 0,
               preset);
  // Codes in a file are for demo stores, for good.
  write_file(folder / "file.toml",
             "[email]\nfile = \"" + (folder / "codes") + "\"\nfrom = \"a@example.org\"\n");
  const Ran production =
      daemon_refuses(folder / "state", folder / "sock", {"--config", folder / "file.toml"});
  BOOST_TEST(production.exit_code == 2);
  BOOST_TEST(production.err.contains("demo"));
}

BOOST_AUTO_TEST_SUITE_END()
