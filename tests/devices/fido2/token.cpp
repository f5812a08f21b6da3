// SPDX-License-Identifier: Apache-2.0
// The driver against countersign-virtual: real libfido2, real CTAP on the wire.
#include "devices/fido2/token.h"

#include <boost/test/unit_test.hpp>
#include <deque>
#include <thread>

#include "tests/devices/support/virtual_key.h"

using namespace countersign;
using namespace countersign::reader;
using devices::Token;

namespace {

// The person of a test: answers PIN prompts from a list, and remembers what was asked.
class Person final : public devices::Interaction {
 public:
  Person(std::initializer_list<const char*> pins = {}) {
    for (const char* pin : pins) pins_.emplace_back(pin);
  }

  void tell(const Prompt& prompt) override {
    prompts.push_back(prompt);
    if (on_prompt) on_prompt(prompt);
  }
  Result<Secret> ask(const Prompt& prompt, const Deadline&) override {
    prompts.push_back(prompt);
    if (pins_.empty()) return fail(Code::cancelled, "no PIN");
    Secret pin(pins_.front());
    pins_.pop_front();
    return pin;
  }
  bool cancelled() override { return stop; }

  std::size_t count(PromptKind kind) const {
    return static_cast<std::size_t>(std::ranges::count(prompts, kind, &Prompt::kind));
  }

  std::vector<Prompt> prompts;
  std::function<void(const Prompt&)> on_prompt;
  std::atomic<bool> stop = false;

 private:
  std::deque<std::string> pins_;
};

constexpr Byte user_present = 0x01;
constexpr Byte user_verified = 0x04;

Byte flags_of(const Bytes& authenticator_data) {
  BOOST_REQUIRE(authenticator_data.size() >= 37U);
  return authenticator_data[32];
}

Bytes credential_of(const Fido2Made& made) {
  const Bytes& data = made.authenticator_data;
  BOOST_REQUIRE(data.size() > 55U);
  const std::size_t size = static_cast<std::size_t>(data[53]) << 8U | data[54];
  BOOST_REQUIRE(data.size() >= 55 + size);
  return {data.begin() + 55, data.begin() + 55 + static_cast<std::ptrdiff_t>(size)};
}

template <class T>
T require(const Reply& reply) {
  if (const auto* failure = std::get_if<Failed>(&reply))
    BOOST_TEST_MESSAGE("failed: " << to_name(failure->failure) << " " << failure->detail);
  BOOST_REQUIRE(std::holds_alternative<T>(reply));
  return std::get<T>(reply);
}

Fido2Make making(std::string_view user = "alice") {
  return {.rp_id = "example.org",
          .rp_name = "Example",
          .client_data_hash = Bytes(32, 1),
          .user_handle = Bytes(user.begin(), user.end()),
          .user_name = std::string(user),
          .user_display_name = std::string(user),
          .algorithms = {-7},
          .uv = UserVerification::discouraged,
          .milliseconds = 5000};
}

Fido2Get getting(std::vector<Bytes> allowed, UserVerification uv = UserVerification::discouraged) {
  return {.rp_id = "example.org",
          .client_data_hash = Bytes(32, 2),
          .allowed = std::move(allowed),
          .uv = uv,
          .milliseconds = 5000};
}

struct Fixture {
  TestFolder folder;

  VirtualKey key(std::vector<std::string> options) {
    return {folder.path(), "key", std::move(options)};
  }
  std::unique_ptr<Token> open(const VirtualKey& virtual_key) {
    auto token = devices::fido2::open_token(virtual_key.device());
    BOOST_REQUIRE(token.has_value());
    return std::move(*token);
  }
  std::unique_ptr<Token> described(const VirtualKey& virtual_key) {
    auto token = open(virtual_key);
    (void)require<Opened>(token->describe());
    return token;
  }
  std::string pin_file(std::string_view pin) {
    const auto path = folder.path() / "pin";
    FILE* file = fopen(path.c_str(), "w");
    fwrite(pin.data(), 1, pin.size(), file);
    fclose(file);
    return path.string();
  }
};

Failed failure_of(const Reply& reply) {
  BOOST_REQUIRE(std::holds_alternative<Failed>(reply));
  return std::get<Failed>(reply);
}

void expect(const Reply& reply, Failure failure) {
  const Failed failed = failure_of(reply);
  BOOST_TEST(to_name(failed.failure) == to_name(failure),
             "failed with " << to_name(failed.failure) << " (" << failed.detail << "), not "
                            << to_name(failure));
}

// Within the time that a person waits without wondering (T31).
template <class Action>
void soon(Action action) {
  const auto begun = std::chrono::steady_clock::now();
  action();
  BOOST_TEST((std::chrono::steady_clock::now() - begun < std::chrono::seconds(5)));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(token, Fixture)

BOOST_AUTO_TEST_CASE(says_what_it_is) {
  const VirtualKey virtual_key = key({"--profile", "full"});
  const auto opened = require<Opened>(open(virtual_key)->describe());
  BOOST_REQUIRE(opened.fido2.has_value());
  BOOST_TEST(std::ranges::count(opened.fido2->versions, "FIDO_2_1") == 1);
  BOOST_TEST(std::ranges::count(opened.fido2->extensions, "credProtect") == 1);
  BOOST_TEST(opened.fido2->aaguid.size() == 16U);
  BOOST_TEST(opened.fido2->resident_keys);
  BOOST_TEST(!opened.fido2->pin_set);
  BOOST_TEST(opened.fido2->can_pin);
  BOOST_TEST((opened.fido2->algorithms == std::vector<std::int64_t>{-7, -8, -257}));
  BOOST_TEST(opened.device.id == "software-key");
}

BOOST_AUTO_TEST_CASE(makes_and_gets_with_one_touch_told_each) {
  const VirtualKey virtual_key = key({"--profile", "no-pin", "--touch-delay", "250"});
  const auto token = described(virtual_key);
  Person person;
  const auto made = require<Fido2Made>(token->run(making(), person));
  BOOST_TEST(person.count(PromptKind::touch) == 1U);
  BOOST_TEST(made.format == "packed");
  BOOST_TEST(!made.statement.empty());
  BOOST_TEST((flags_of(made.authenticator_data) & user_present) != 0);
  const Bytes credential = credential_of(made);

  Person again;
  const auto got = require<Fido2Got>(token->run(getting({Bytes(64, 9), credential}), again));
  BOOST_TEST(again.prompts.size() == 1U);
  BOOST_REQUIRE(got.assertions.size() == 1U);
  BOOST_TEST(got.assertions[0].credential == credential);
  BOOST_TEST(!got.assertions[0].signature.empty());
  BOOST_TEST((flags_of(got.assertions[0].authenticator_data) & user_present) != 0);
}

BOOST_AUTO_TEST_CASE(takes_the_first_algorithm_that_both_know) {
  const VirtualKey virtual_key = key({"--profile", "full"});
  const auto token = described(virtual_key);
  Person person;
  for (const std::int64_t algorithm : {-8, -257, -7}) {
    Fido2Make request = making(std::to_string(algorithm));
    request.algorithms = {-36, algorithm, -7};
    const auto made = require<Fido2Made>(token->run(request, person));
    const Bytes number = algorithm == -8   ? Bytes{0x03, 0x27}
                         : algorithm == -7 ? Bytes{0x03, 0x26}
                                           : Bytes{0x03, 0x39, 0x01, 0x00};
    BOOST_TEST(!std::ranges::search(made.authenticator_data, number).empty(),
               "COSE alg " << algorithm);
  }
  Fido2Make request = making();
  request.algorithms = {-36};
  expect(token->run(request, person), Failure::unsupported);
}

BOOST_AUTO_TEST_CASE(silent_pre_flight_finds_what_it_holds) {
  const VirtualKey virtual_key = key({"--profile", "no-pin", "--touch", "auto"});
  const auto token = described(virtual_key);
  Person person;
  const Bytes first = credential_of(require<Fido2Made>(token->run(making("a"), person)));
  const Bytes second = credential_of(require<Fido2Made>(token->run(making("b"), person)));
  std::vector<Bytes> many(30, Bytes(64, 5));
  for (std::size_t i = 0; i < many.size(); ++i) many[i][0] = static_cast<Byte>(i);
  many[3] = first;
  many[28] = second;
  many.emplace_back(2000, Byte{1});  // longer than any credential id
  many.emplace_back();
  Person quiet;
  const auto held = require<Held>(token->run(Fido2Holds{"example.org", many}, quiet)).credentials;
  BOOST_TEST(quiet.prompts.empty());
  BOOST_TEST(held.size() == 2U);
  BOOST_TEST((std::ranges::count(held, first) == 1 && std::ranges::count(held, second) == 1));
  BOOST_TEST(
      require<Held>(token->run(Fido2Holds{"example.com", {first}}, quiet)).credentials.empty());
  BOOST_TEST(require<Held>(token->run(Fido2Holds{"example.org", {}}, quiet)).credentials.empty());
}

BOOST_AUTO_TEST_CASE(an_enrolled_key_is_excluded) {
  const VirtualKey virtual_key = key({"--profile", "no-pin"});
  const auto token = described(virtual_key);
  Person person;
  Fido2Make request = making();
  request.exclude = {credential_of(require<Fido2Made>(token->run(request, person)))};
  expect(token->run(request, person), Failure::excluded);
  for (int i = 0; i < 40; ++i)
    request.exclude.insert(request.exclude.begin(), Bytes(64, static_cast<Byte>(i)));
  expect(token->run(request, person), Failure::excluded);  // more than one question holds
  request.exclude.pop_back();
  (void)require<Fido2Made>(token->run(request, person));
}

BOOST_AUTO_TEST_CASE(allowed_lists_that_are_too_long_are_sifted) {
  const VirtualKey virtual_key = key({"--profile", "no-pin"});
  const auto token = described(virtual_key);
  Person person;
  const Bytes credential = credential_of(require<Fido2Made>(token->run(making(), person)));
  std::vector<Bytes> allowed;
  for (int i = 0; i < 40; ++i) allowed.emplace_back(64, static_cast<Byte>(i));
  expect(token->run(getting(allowed), person), Failure::no_credential);
  allowed.push_back(credential);
  BOOST_TEST(require<Fido2Got>(token->run(getting(allowed), person)).assertions.at(0).credential ==
             credential);
}

BOOST_AUTO_TEST_CASE(discoverable_credentials_say_who_it_is) {
  const VirtualKey virtual_key = key({"--profile", "full"});
  const auto token = described(virtual_key);
  Person person;
  for (const char* user : {"alice", "bob"}) {
    Fido2Make request = making(user);
    request.discoverable = true;
    (void)require<Fido2Made>(token->run(request, person));
  }
  const auto got = require<Fido2Got>(token->run(getting({}), person));
  BOOST_REQUIRE(got.assertions.size() == 2U);
  std::vector<std::string> users;
  for (const Fido2Assertion& assertion : got.assertions)
    users.emplace_back(assertion.user_handle.begin(), assertion.user_handle.end());
  std::ranges::sort(users);
  BOOST_TEST((users == std::vector<std::string>{"alice", "bob"}));
  Fido2Get elsewhere = getting({});
  elsewhere.rp_id = "example.com";
  expect(token->run(elsewhere, person), Failure::no_credential);
}

BOOST_AUTO_TEST_CASE(a_pin_is_asked_for_with_the_tries_left) {
  const VirtualKey virtual_key =
      key({"--profile", "pin", "--pin-file", pin_file("135790"), "--touch-delay", "250"});
  const auto token = described(virtual_key);
  Person person({"000000", "135790"});
  Fido2Make request = making();
  request.uv = UserVerification::required;
  const auto made = require<Fido2Made>(token->run(request, person));
  BOOST_TEST((flags_of(made.authenticator_data) & user_verified) != 0);
  BOOST_REQUIRE(person.prompts.size() == 3U);
  BOOST_TEST((person.prompts[0].kind == PromptKind::pin && person.prompts[0].retries == 8 &&
              !person.prompts[0].again));
  BOOST_TEST((person.prompts[1].kind == PromptKind::pin && person.prompts[1].retries == 7 &&
              person.prompts[1].again));
  BOOST_TEST((person.prompts[2].kind == PromptKind::touch));

  Person known({"135790"});
  const auto got = require<Fido2Got>(
      token->run(getting({credential_of(made)}, UserVerification::required), known));
  BOOST_TEST((flags_of(got.assertions[0].authenticator_data) & user_verified) != 0);
  BOOST_TEST(known.prompts[0].retries.value() == 8);

  Person without;
  const auto unverified = require<Fido2Got>(token->run(getting({credential_of(made)}), without));
  BOOST_TEST((flags_of(unverified.assertions[0].authenticator_data) & user_verified) == 0);
  BOOST_TEST(without.count(PromptKind::pin) == 0U);
}

BOOST_AUTO_TEST_CASE(T17_what_cannot_be_a_pin_spends_no_try) {
  const VirtualKey virtual_key = key({"--profile", "pin", "--pin-file", pin_file("135790")});
  const auto token = described(virtual_key);
  const std::string long_pin(64, '1');
  for (const char* pin : {"", "123", "\xff\xff\xff\xff", long_pin.c_str()}) {
    Person person({pin});
    expect(token->run(getting({Bytes(16, 1)}, UserVerification::required), person),
           Failure::pin_refused);
  }
  Person last({"135790"});
  (void)token->run(getting({Bytes(16, 1)}, UserVerification::required), last);
  BOOST_TEST(last.prompts[0].retries.value() == 8);
}

BOOST_AUTO_TEST_CASE(three_wrong_pins_pause_and_eight_block) {
  VirtualKey virtual_key = key({"--profile", "pin", "--pin-file", pin_file("135790")});
  const Fido2Get request = getting({Bytes(16, 1)}, UserVerification::required);
  for (const std::int64_t left : {5, 2}) {
    const auto token = described(virtual_key);
    Person person({"111111", "222222", "333333", "444444"});
    const Reply reply = token->run(request, person);
    expect(reply, Failure::pin_paused);
    BOOST_TEST(failure_of(reply).retries.value() == left);
    BOOST_TEST(person.count(PromptKind::pin) == 3U);  // a fourth is not asked for
    virtual_key.control("power-cycle");
  }
  const auto token = described(virtual_key);
  Person person({"111111", "222222", "135790"});
  expect(token->run(request, person), Failure::pin_blocked);
  BOOST_REQUIRE(person.prompts.size() == 2U);
  BOOST_TEST(person.prompts[1].retries.value() == 1);  // the person knows that it is the last
  expect(token->run(request, person), Failure::pin_blocked);
  BOOST_TEST(person.prompts.size() == 2U);  // and is not asked any more
}

BOOST_AUTO_TEST_CASE(verification_that_the_token_cannot_do) {
  {
    const VirtualKey virtual_key = key({"--profile", "pin"});
    const auto token = described(virtual_key);
    Person person;
    expect(token->run(getting({Bytes(16, 1)}, UserVerification::required), person),
           Failure::pin_not_set);
  }
  const VirtualKey virtual_key = key({"--profile", "no-pin"});
  const auto token = described(virtual_key);
  Person person;
  expect(token->run(getting({Bytes(16, 1)}, UserVerification::required), person),
         Failure::unsupported);
  BOOST_TEST(person.prompts.empty());
}

BOOST_AUTO_TEST_CASE(built_in_verification_comes_first) {
  const VirtualKey virtual_key = key({"--profile", "uv"});
  const auto token = described(virtual_key);
  Person person;
  Fido2Make request = making();
  request.uv = UserVerification::required;
  const auto made = require<Fido2Made>(token->run(request, person));
  BOOST_TEST((flags_of(made.authenticator_data) & user_verified) != 0);
  BOOST_TEST(person.count(PromptKind::verify) == 1U);
  BOOST_TEST(person.count(PromptKind::pin) == 0U);
}

BOOST_AUTO_TEST_CASE(a_finger_that_is_not_known_falls_back_to_the_pin) {
  const VirtualKey virtual_key =
      key({"--profile", "uv", "--uv-result", "fail", "--pin-file", pin_file("135790")});
  const auto token = described(virtual_key);
  Person person({"135790"});
  Fido2Make request = making();
  request.uv = UserVerification::required;
  const auto made = require<Fido2Made>(token->run(request, person));
  BOOST_TEST((flags_of(made.authenticator_data) & user_verified) != 0);
  BOOST_TEST(person.count(PromptKind::verify) == 3U);
  BOOST_TEST(person.count(PromptKind::pin) == 1U);
}

BOOST_AUTO_TEST_CASE(u2f_through_the_same_requests) {
  const VirtualKey virtual_key = key({"--profile", "u2f", "--touch-delay", "250"});
  const auto token = open(virtual_key);
  const auto opened = require<Opened>(token->describe());
  BOOST_TEST((opened.fido2->versions == std::vector<std::string>{"U2F_V2"}));
  Person person;
  const auto made = require<Fido2Made>(token->run(making(), person));
  BOOST_TEST(person.count(PromptKind::touch) == 1U);
  BOOST_TEST(made.format == "fido-u2f");
  BOOST_TEST(!made.statement.empty());
  const Bytes credential = credential_of(made);

  Person quiet;
  BOOST_TEST(
      (require<Held>(token->run(Fido2Holds{"example.org", {Bytes(64, 1), credential}}, quiet))
           .credentials == std::vector<Bytes>{credential}));
  BOOST_TEST(quiet.prompts.empty());

  Person again;
  const auto got = require<Fido2Got>(token->run(getting({Bytes(64, 1), credential}), again));
  BOOST_TEST(again.count(PromptKind::touch) == 1U);
  BOOST_TEST(got.assertions.at(0).credential == credential);

  Fido2Make excluding = making();
  excluding.exclude = {credential};
  expect(token->run(excluding, person), Failure::excluded);
  expect(token->run(getting({Bytes(64, 1)}), person), Failure::no_credential);
  expect(token->run(getting({credential}, UserVerification::required), person),
         Failure::unsupported);
  expect(token->run(getting({}), person), Failure::unsupported);
}

BOOST_AUTO_TEST_CASE(a_touch_selects) {
  for (const char* profile : {"full", "u2f"}) {
    const VirtualKey virtual_key = key({"--profile", profile, "--touch-delay", "250"});
    const auto token = described(virtual_key);
    Person person;
    (void)require<Done>(token->run(Select{.milliseconds = 4000}, person));
    BOOST_TEST(person.count(PromptKind::touch) == 1U, profile);
    (void)require<Fido2Made>(token->run(making(), person));  // and it is in order afterwards
  }
}

BOOST_AUTO_TEST_CASE(nobody_touches) {
  for (const char* profile : {"full", "u2f"}) {
    const VirtualKey virtual_key = key({"--profile", profile, "--touch", "never"});
    const auto token = described(virtual_key);
    Person person;
    soon([&] {
      Fido2Make request = making();
      request.milliseconds = 700;
      expect(token->run(request, person), Failure::timed_out);
      expect(token->run(Select{.milliseconds = 700}, person), Failure::timed_out);
    });
    BOOST_TEST(person.count(PromptKind::touch) == 2U);
    (void)require<Held>(token->run(Fido2Holds{"example.org", {Bytes(64, 1)}}, person));  // in order
  }
}

BOOST_AUTO_TEST_CASE(the_tokens_own_patience_ends) {
  const VirtualKey virtual_key =
      key({"--profile", "full", "--touch", "never", "--action-timeout", "300"});
  const auto token = described(virtual_key);
  Person person;
  expect(token->run(making(), person), Failure::timed_out);
}

BOOST_AUTO_TEST_CASE(cancel_ends_it_soon) {
  for (const char* profile : {"full", "u2f"}) {
    const VirtualKey virtual_key = key({"--profile", profile, "--touch", "manual"});
    const auto token = described(virtual_key);
    Person person;
    person.on_prompt = [&](const Prompt&) {  // from another thread, while it blinks
      person.stop = true;
      token->cancel();
    };
    soon([&] { expect(token->run(making(), person), Failure::cancelled); });
    person.stop = false;
    person.on_prompt = [&](const Prompt&) {
      std::thread([&] { virtual_key.control("touch"); }).detach();
    };
    (void)require<Fido2Made>(token->run(making(), person));  // in order
    person.on_prompt = nullptr;
    person.stop = true;
    expect(token->run(making(), person), Failure::cancelled);  // before it began
  }
}

BOOST_AUTO_TEST_CASE(the_person_declines) {
  const VirtualKey virtual_key = key({"--profile", "full", "--touch", "manual"});
  const auto token = described(virtual_key);
  Person person;
  std::thread denier;
  person.on_prompt = [&](const Prompt&) {
    denier = std::thread([&] { virtual_key.control("deny"); });
  };
  expect(token->run(making(), person), Failure::declined);
  denier.join();
}

BOOST_AUTO_TEST_CASE(a_full_token) {
  const VirtualKey virtual_key = key({"--profile", "full", "--fault", "full"});
  const auto token = described(virtual_key);
  Person person;
  Fido2Make request = making();
  request.discoverable = true;
  expect(token->run(request, person), Failure::full);
}

BOOST_AUTO_TEST_CASE(T29_endless_keepalives_end_at_the_deadline) {
  for (const char* command : {"keepalive=1", "keepalive=2"}) {
    const VirtualKey virtual_key = key({"--profile", "full", "--fault", command});
    const auto token = described(virtual_key);
    Person person;
    Fido2Make request = making();
    request.milliseconds = 500;
    Fido2Get asking = getting({Bytes(64, 1)});
    asking.milliseconds = 500;
    soon([&] {
      expect(std::string_view(command).ends_with('1') ? token->run(request, person)
                                                      : token->run(asking, person),
             Failure::timed_out);
    });
    virtual_key.control("fault none");
    soon([&] {
      (void)require<Fido2Made>(token->run(making(), person));
    });  // a new CTAPHID_INIT puts it in step again
  }
  const VirtualKey virtual_key = key({"--profile", "full", "--fault", "keepalive=4"});
  soon([&] { expect(open(virtual_key)->describe(), Failure::timed_out); });
}

BOOST_AUTO_TEST_CASE(T29_garbage_is_malformed) {
  {
    const VirtualKey virtual_key = key({"--profile", "full", "--fault", "bad-cbor=4"});
    soon([&] { expect(open(virtual_key)->describe(), Failure::malformed); });
  }
  for (const char* fault : {"bad-cbor=1", "bad-length=7609", "bad-length=1", "bad-length=0"}) {
    const VirtualKey virtual_key = key({"--profile", "full"});
    const auto token = described(virtual_key);
    virtual_key.control(std::string("fault ") + fault);
    Person person;
    Fido2Make request = making();
    request.milliseconds = 1500;
    Reply reply;
    soon([&] { reply = token->run(request, person); });
    const Failure failure =
        failure_of(reply).failure;  // octets that are promised and never come are only waited for
    BOOST_TEST((failure == Failure::malformed || failure == Failure::timed_out),
               fault << ": " << to_name(failure));
  }
}

BOOST_AUTO_TEST_CASE(T31_pulled_out_at_each_message) {
  int removed = 0;
  for (int message = 1; message <= 14; ++message) {
    const VirtualKey virtual_key = key({"--profile", "pin", "--pin-file", pin_file("135790"),
                                        "--fault", "unplug=" + std::to_string(message)});
    const auto token = open(virtual_key);
    Person person({"135790"});
    Fido2Make request = making();
    request.uv = UserVerification::required;
    Reply reply;
    soon([&] {
      reply = token->describe();
      if (std::holds_alternative<Opened>(reply)) reply = token->run(request, person);
    });
    if (std::holds_alternative<Fido2Made>(reply)) continue;
    expect(reply, Failure::removed);
    ++removed;
    expect(token->run(request, person), Failure::removed);  // for good
  }
  BOOST_TEST(removed >= 10);
}

BOOST_AUTO_TEST_CASE(nodes_that_cannot_be_opened) {
  devices::Device device{.id = "hidraw77", .node = "/dev/hidraw77"};
  BOOST_TEST((devices::fido2::open_token(device).error().failure == Failure::removed));
  device.transport = devices::Transport::software;
  device.node = "/nowhere/key.sock";
  BOOST_TEST((devices::fido2::open_token(device).error().failure == Failure::removed));
}

BOOST_AUTO_TEST_CASE(pin_set_and_changed) {
  const VirtualKey virtual_key = key({"--profile", "full"});
  const auto token = described(virtual_key);
  Person too_short({"12"});
  expect(token->run(Fido2Manage{.task = Fido2Task::set_pin, .milliseconds = 4000}, too_short),
         Failure::pin_refused);
  Person setting({"135790"});
  (void)require<Done>(
      token->run(Fido2Manage{.task = Fido2Task::set_pin, .milliseconds = 4000}, setting));
  BOOST_TEST(
      (setting.prompts.at(0).kind == PromptKind::new_pin && setting.prompts.at(0).min_length == 4));
  BOOST_TEST(require<Opened>(token->describe()).fido2->pin_set);
  expect(token->run(Fido2Manage{.task = Fido2Task::set_pin, .milliseconds = 4000}, setting),
         Failure::unsupported);

  Person changing({"111111", "24680", "135790"});  // wrong, the new one, right
  (void)require<Done>(
      token->run(Fido2Manage{.task = Fido2Task::change_pin, .milliseconds = 4000}, changing));
  BOOST_TEST(changing.count(PromptKind::new_pin) == 1U);
  Person with_it({"24680"});
  (void)require<Fido2Made>(token->run(making(), with_it));
}

BOOST_AUTO_TEST_CASE(credentials_are_listed_and_deleted) {
  const VirtualKey virtual_key = key({"--profile", "full", "--pin-file", pin_file("135790")});
  const auto token = described(virtual_key);
  Person empty({"135790"});
  BOOST_TEST(require<Fido2Listed>(token->run(Fido2List{.milliseconds = 4000}, empty)).rows.empty());
  Fido2Make request = making();
  request.discoverable = true;
  Person person({"135790", "135790", "135790", "135790"});
  const Bytes credential = credential_of(require<Fido2Made>(token->run(request, person)));
  const auto listed = require<Fido2Listed>(token->run(Fido2List{.milliseconds = 4000}, person));
  BOOST_REQUIRE(listed.rows.size() == 1U);
  BOOST_TEST(listed.rows[0].id == credential);
  BOOST_TEST(listed.rows[0].name == "alice");
  BOOST_TEST(listed.rows[0].rp_id == "example.org");
  (void)require<Done>(token->run(
      Fido2Manage{.task = Fido2Task::delete_credential, .id = credential, .milliseconds = 4000},
      person));
  BOOST_TEST(
      require<Fido2Listed>(token->run(Fido2List{.milliseconds = 4000}, person)).rows.empty());
}

BOOST_AUTO_TEST_CASE(reset_forgets_everything) {
  const VirtualKey virtual_key = key({"--profile", "full", "--pin-file", pin_file("135790")});
  const auto token = described(virtual_key);
  Person person;
  (void)require<Done>(
      token->run(Fido2Manage{.task = Fido2Task::reset, .milliseconds = 4000}, person));
  BOOST_TEST(!require<Opened>(token->describe()).fido2->pin_set);
}

BOOST_AUTO_TEST_CASE(requests_out_of_bounds_reach_no_token) {
  const VirtualKey virtual_key = key({"--profile", "full"});
  const auto token = described(virtual_key);
  Person person;
  Fido2Make request = making();
  request.client_data_hash.pop_back();
  expect(token->run(request, person), Failure::internal);
  request = making();
  request.user_handle = Bytes(65);
  expect(token->run(request, person), Failure::internal);
  expect(token->run(Open{"x"}, person), Failure::unsupported);
}

BOOST_AUTO_TEST_SUITE_END()
