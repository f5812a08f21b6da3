// SPDX-License-Identifier: Apache-2.0
// countersign-reader as it runs: handed its socket, asked by a daemon's end, its children killed.
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "tests/devices/support/reader_client.h"
#include "tests/devices/support/virtual_key.h"

using namespace countersign;
using namespace countersign::reader;

namespace {

using Steady = std::chrono::steady_clock;

std::vector<pid_t> children_of(pid_t parent) {
  std::ifstream list("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) +
                     "/children");
  std::vector<pid_t> children;
  for (pid_t child; list >> child;) children.push_back(child);
  return children;
}

// The sockets that a process has, as the kernel numbers them.
std::set<std::string> sockets_of(pid_t pid) {
  std::set<std::string> found;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd")) {
    const std::string target = std::filesystem::read_symlink(entry.path()).string();
    if (target.starts_with("socket:")) found.insert(target);
  }
  return found;
}

template <class Condition>
bool soon(Condition condition, std::chrono::milliseconds longest = std::chrono::seconds(3)) {
  for (const auto until = Steady::now() + longest; Steady::now() < until; usleep(5000))
    if (condition()) return true;
  return condition();
}

// A reader with a folder of software tokens, its socket handed over as systemd does it.
struct Fixture {
  TestFolder folder;
  std::filesystem::path socket = folder.path() / "reader";
  ChildProcess reader;

  Fixture() { start({"--virtual", folder.path().string()}); }

  void start(std::vector<std::string> options) {
    reader = start_reader(COUNTERSIGN_READER, socket, std::move(options));
  }

  VirtualKey key(const std::string& name,
                 std::vector<std::string> options = {"--profile", "no-pin"}) {
    return {folder.path(), name, std::move(options)};
  }

  Client opened(const std::string& id) {
    Client client(socket);
    client.send(Open{id});
    (void)client.expect<Opened>();
    return client;
  }

  std::string pin_file() {
    std::ofstream(folder.path() / "pin") << "135790";
    return (folder.path() / "pin").string();
  }
};

Fido2Make making() {
  return {.rp_id = "example.org",
          .rp_name = "Example",
          .client_data_hash = Bytes(32, 1),
          .user_handle = {1},
          .user_name = "alice",
          .user_display_name = "Alice",
          .algorithms = {-7},
          .uv = UserVerification::discouraged,
          .milliseconds = 10'000};
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(process, Fixture)

BOOST_AUTO_TEST_CASE(watch_tells_what_comes_and_goes) {
  Client watching(socket);
  watching.send(Watch{});
  BOOST_TEST(watching.expect<Present>().devices.empty());
  {
    const VirtualKey one = key("one");
    const auto present = watching.expect<Present>().devices;
    BOOST_REQUIRE(present.size() == 1U);
    BOOST_TEST(present[0].id == "software-one");
    BOOST_TEST((present[0].transport == devices::Transport::software));
    BOOST_TEST(present[0].model == "Countersign virtual key");
    BOOST_TEST(!present[0].serial.empty());
    BOOST_TEST((present[0].trouble == devices::Trouble::none));
    const VirtualKey two = key("two");
    BOOST_TEST(watching.expect<Present>().devices.size() == 2U);
  }
  BOOST_TEST(soon([&] { return watching.expect<Present>().devices.empty(); }));
}

BOOST_AUTO_TEST_CASE(T50_without_the_option_software_tokens_do_not_exist) {
  start({});
  const VirtualKey one = key("one");
  Client watching(socket);
  watching.send(Watch{});
  for (const Device& device : watching.expect<Present>().devices)
    BOOST_TEST((device.transport != devices::Transport::software));
  Client opening(socket);
  opening.send(Open{"software-one"});
  BOOST_TEST((opening.expect<Failed>().failure == Failure::removed));
  BOOST_TEST(opening.is_ended());
}

BOOST_AUTO_TEST_CASE(a_credential_is_made_and_used) {
  const VirtualKey one =
      key("one", {"--profile", "pin", "--pin-file", pin_file(), "--touch-delay", "250"});
  Client client = opened("software-one");
  Fido2Make request = making();
  request.uv = UserVerification::required;
  client.send(request);
  const Prompt pin = client.expect<Prompt>();
  BOOST_TEST((pin.kind == PromptKind::pin && pin.retries == 8));
  client.send_secret("135790");
  BOOST_TEST((client.expect<Prompt>().kind == PromptKind::touch));
  const auto made = client.expect<Fido2Made>();
  BOOST_TEST(made.format == "packed");
  client.send(Fido2Holds{"example.org", {Bytes(16, 1)}});
  BOOST_TEST(client.expect<Held>().credentials.empty());
}

BOOST_AUTO_TEST_CASE(one_request_at_a_time) {
  const VirtualKey one = key("one", {"--profile", "no-pin", "--touch", "never"});
  Client client = opened("software-one");
  client.send(making());
  BOOST_TEST((client.expect<Prompt>().kind == PromptKind::touch));
  client.send(making());
  BOOST_TEST(client.is_ended());
  Client after = opened("software-one");  // the token was let go in order
  after.send(Fido2Holds{"example.org", {Bytes(16, 1)}});
  (void)after.expect<Held>();
}

BOOST_AUTO_TEST_CASE(cancel_ends_the_request_and_nothing_else) {
  const VirtualKey one =
      key("one", {"--profile", "pin", "--pin-file", pin_file(), "--touch", "never"});
  Client client = opened("software-one");
  client.send(Cancel{});  // nothing to cancel
  client.send(making());
  (void)client.expect<Prompt>();
  client.send(Cancel{});
  BOOST_TEST((client.expect<Failed>().failure == Failure::cancelled));
  Fido2Make with_pin = making();
  with_pin.uv = UserVerification::required;
  client.send(with_pin);
  BOOST_TEST((client.expect<Prompt>().kind == PromptKind::pin));
  client.send(Cancel{});  // while it waits for the PIN
  BOOST_TEST((client.expect<Failed>().failure == Failure::cancelled));
  client.send_secret("135790");  // too late: wiped
  client.send(Fido2Holds{"example.org", {Bytes(16, 1)}});
  (void)client.expect<Held>();
  client.send(with_pin);
  BOOST_TEST((client.expect<Prompt>().retries == 8));  // and did not count as an answer
}

BOOST_AUTO_TEST_CASE(the_deadline_is_the_requests) {
  const VirtualKey one =
      key("one", {"--profile", "pin", "--pin-file", pin_file(), "--touch", "never"});
  Client client = opened("software-one");
  Fido2Make request = making();
  request.milliseconds = 400;
  client.send(request);
  (void)client.expect<Prompt>();
  BOOST_TEST((client.expect<Failed>().failure == Failure::timed_out));
  request.uv = UserVerification::required;
  client.send(request);
  (void)client.expect<Prompt>();  // nobody types
  BOOST_TEST((client.expect<Failed>().failure == Failure::timed_out));
}

BOOST_AUTO_TEST_CASE(hanging_up_frees_the_token_within_a_second) {
  const VirtualKey one = key("one", {"--profile", "no-pin", "--touch", "never"});
  Client client = opened("software-one");
  client.send(making());
  (void)client.expect<Prompt>();
  client.hang_up();
  BOOST_TEST(
      soon([&] { return children_of(reader.pid()).empty(); }, std::chrono::milliseconds(1500)));
  (void)opened("software-one");
}

BOOST_AUTO_TEST_CASE(T31_unplugged_while_it_blinks) {
  VirtualKey one = key("one", {"--profile", "no-pin", "--touch", "never"});
  Client client = opened("software-one");
  client.send(making());
  (void)client.expect<Prompt>();
  one.process().signal(SIGKILL);
  BOOST_TEST((client.expect<Failed>().failure == Failure::removed));
}

BOOST_AUTO_TEST_CASE(T49_two_tokens_have_two_children) {
  const VirtualKey one =
      key("one", {"--profile", "pin", "--pin-file", pin_file(), "--touch", "never"});
  const VirtualKey two = key("two");
  Client first = opened("software-one");
  Client second = opened("software-two");
  const auto children = children_of(reader.pid());
  BOOST_REQUIRE(children.size() == 2U);
  // Each has its own connection and its own token, and none of the other's, nor the one at which
  // the reader is asked.
  std::set<std::string> all = sockets_of(reader.pid());
  std::size_t count = all.size();
  for (const pid_t child : children) {
    const auto own = sockets_of(child);
    BOOST_TEST(own.size() == 2U);
    count += own.size();
    all.insert(own.begin(), own.end());
  }
  BOOST_TEST(all.size() == count, "a socket is in two processes");
  Fido2Make request = making();
  request.uv = UserVerification::required;
  first.send(request);
  BOOST_TEST((first.expect<Prompt>().kind == PromptKind::pin));
  second.send_secret("135790");  // nobody asked there
  second.send(making());
  (void)second.expect<Fido2Made>();
  kill(children[0], SIGKILL);  // one dies, the other goes on
  const bool first_died = first.is_ended();
  BOOST_TEST(first_died);
  second.send(making());
  (void)second.expect<Fido2Made>();
}

BOOST_AUTO_TEST_CASE(main_survives_what_its_children_do) {
  const VirtualKey one = key("one");
  for (const int signal : {SIGKILL, SIGSEGV, SIGABRT, SIGSTOP}) {
    Client client = opened("software-one");
    const auto children = children_of(reader.pid());
    BOOST_REQUIRE(children.size() == 1U);
    kill(children[0], signal);
    if (signal == SIGSTOP) {
      client.send(making());
      BOOST_TEST(!client.receive(std::chrono::milliseconds(300))
                      .has_value());  // it hangs; the daemon goes
      Client watching(socket);
      watching.send(Watch{});
      (void)watching.expect<Present>();  // main does not
      kill(children[0], SIGKILL);
    }
    BOOST_TEST(client.is_ended());
    BOOST_TEST(soon([&] { return children_of(reader.pid()).empty(); }));
  }
  (void)opened("software-one");
}

BOOST_AUTO_TEST_CASE(what_is_no_first_message_is_hung_up_on) {
  for (const Bytes& octets : {Bytes{0, 0, 0, 0, 0}, Bytes{0xff, 0xff, 0xff, 0xff, 0},
                              Bytes{0, 0, 0, 2, 0, 0xff}, Bytes{0, 0, 0, 3, 1, '1', '2'}}) {
    Client client(socket);
    client.send_raw(octets);
    BOOST_TEST(client.is_ended());
  }
  Client early(socket);
  early.send(making());  // before Open
  BOOST_TEST(early.is_ended());
  Client unknown(socket);
  unknown.send(Open{"hidraw99"});
  BOOST_TEST((unknown.expect<Failed>().failure == Failure::removed));
}

BOOST_AUTO_TEST_CASE(garbage_in_a_session_ends_it) {
  const VirtualKey one = key("one");
  Client client = opened("software-one");
  client.send_raw(Bytes{0, 0, 0, 2, 0, 0xff});
  BOOST_TEST(client.is_ended());
  Client again = opened("software-one");
  again.send(Watch{});
  BOOST_TEST(again.is_ended());
}

BOOST_AUTO_TEST_CASE(children_are_capped) {
  std::vector<Client> clients;
  for (int i = 0; i < 32; ++i) clients.emplace_back(socket).send(Watch{});
  for (Client& client : clients) (void)client.expect<Present>();
  Client one_more(socket);
  BOOST_TEST((one_more.expect<Failed>().failure == Failure::busy));
  BOOST_TEST(one_more.is_ended());
  clients.pop_back();
  BOOST_TEST(soon([&] { return children_of(reader.pid()).size() == 31U; }));
  Client fits(socket);
  fits.send(Watch{});
  (void)fits.expect<Present>();
}

BOOST_AUTO_TEST_CASE(T12_other_uids_are_turned_away) {
  start({"--daemon-uid", std::to_string(geteuid() + 4711), "--virtual", folder.path().string()});
  Client somebody(socket);
  somebody.send(Watch{});
  BOOST_TEST(!somebody.receive().has_value());
  BOOST_TEST(somebody.ended);
}

BOOST_AUTO_TEST_CASE(T12_the_daemon_may_be_given_by_its_name) {
  start(
      {"--daemon-user", "daemon", "--virtual", folder.path().string()});  // a user of Debian, uid 1
  Client client(socket);
  client.send(Watch{});
  BOOST_TEST(!client.receive().has_value());
  BOOST_TEST(client.ended);
  start({"--daemon-user", getpwuid(geteuid())->pw_name, "--kernel-events", "--virtual",
         folder.path().string()});
  Client ours(socket);
  ours.send(Watch{});
  (void)ours.expect<Present>();
}

BOOST_AUTO_TEST_CASE(sigterm_ends_everything) {
  const VirtualKey one = key("one", {"--profile", "no-pin", "--touch", "never"});
  Client client = opened("software-one");
  client.send(making());
  (void)client.expect<Prompt>();
  const auto children = children_of(reader.pid());
  reader.signal(SIGTERM);
  const int status = reader.wait(std::chrono::seconds(4));
  BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  BOOST_TEST(client.is_ended());
  for (const pid_t child : children) BOOST_TEST(kill(child, 0) != 0);
}

BOOST_AUTO_TEST_CASE(children_die_with_main) {
  Client watching(socket);
  watching.send(Watch{});
  (void)watching.expect<Present>();
  reader.signal(SIGKILL);
  BOOST_TEST(watching.is_ended());
}

BOOST_AUTO_TEST_CASE(T21_a_child_has_no_descriptor_too_many) {
  const VirtualKey one = key("one");
  Client client = opened("software-one");
  client.send(making());
  (void)client.expect<Fido2Made>();
  const auto children = children_of(reader.pid());
  BOOST_REQUIRE(children.size() == 1U);
  std::size_t descriptors = 0;  // 0 to 2, connection, stop, token, its eventfd
  std::error_code hidden;       // from anybody but root, because the child is not dumpable
  for (std::filesystem::directory_iterator
           entry("/proc/" + std::to_string(children[0]) + "/fd", hidden),
       end;
       !hidden && entry != end; entry.increment(hidden))
    ++descriptors;
  BOOST_TEST((geteuid() == 0 ? descriptors >= 6 && descriptors <= 7 : static_cast<bool>(hidden)));
  std::ifstream status("/proc/" + std::to_string(children[0]) + "/status");
  const std::string text{std::istreambuf_iterator<char>(status), {}};
  BOOST_TEST(text.contains("NoNewPrivs:\t1"));
  BOOST_TEST(text.contains("Seccomp:\t2"));
}

BOOST_AUTO_TEST_CASE(without_a_socket_it_does_not_run) {
  BOOST_TEST(run_program({COUNTERSIGN_READER}) == 1);
  BOOST_TEST(run_program({COUNTERSIGN_READER, "--frobnicate"}) == 2);
  BOOST_TEST(run_program({COUNTERSIGN_READER, "--daemon-uid", "root"}) == 2);
  BOOST_TEST(run_program({COUNTERSIGN_READER, "--daemon-user", "nobody-of-this-name"}) == 2);
}

BOOST_AUTO_TEST_SUITE_END()
