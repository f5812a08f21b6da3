// SPDX-License-Identifier: Apache-2.0
// The virtual key's two transports as programs meet them: the socket of `serve`, and `run`; its
// faults and its control socket.
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <thread>

#include "core/base/bytes.h"
#include "tests/e2e/support/virtual_key.h"

extern char** environ;

using namespace countersign;
using namespace countersign::test;

namespace {

using Report = std::array<Byte, 64>;

// countersign-virtual in the background; ended with this object.
class Background {
 public:
  Background(std::vector<std::string> words, const std::string& ready_file) : log_(ready_file) {
    words.insert(words.begin(), program("countersign-virtual"));
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    if (posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ) != 0)
      throw std::runtime_error("no process");
    posix_spawn_file_actions_destroy(&actions);
  }
  ~Background() {
    if (pid_ <= 0) return;
    (void)::kill(pid_, SIGKILL);
    (void)::waitpid(pid_, nullptr, 0);
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::string output() const {
    std::ifstream in(log_);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void wait_for(const std::string& text) const {
    for (int i = 0; i < 500; ++i) {
      if (contains(output(), text)) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    throw std::runtime_error("it never said " + text + " but: " + output());
  }
  // Its exit code, or 128 + signal; throws when it does not end within ten seconds.
  int ended() {
    for (int i = 0; i < 1000; ++i) {
      int status = 0;
      if (::waitpid(pid_, &status, WNOHANG) == pid_) {
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    throw std::runtime_error("it does not end");
  }
  int stop() {
    (void)::kill(pid_, SIGTERM);
    return ended();
  }

 private:
  std::string log_;
  pid_t pid_ = -1;
};

// One opened key.
class Connection {
 public:
  explicit Connection(const std::string& path)
      : fd_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("no connection to " + path);
  }
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(const Report& report) const {
    (void)::send(fd_, report.data(), report.size(), MSG_NOSIGNAL);
  }
  void send_raw(BytesView packet) const {
    (void)::send(fd_, packet.data(), packet.size(), MSG_NOSIGNAL);
  }
  // Empty when the other end closed; throws when nothing comes.
  [[nodiscard]] Bytes receive() const {
    pollfd wait{fd_, POLLIN, 0};
    if (::poll(&wait, 1, 5000) != 1) throw std::runtime_error("nothing comes");
    Bytes packet(256);
    const ssize_t size = ::recv(fd_, packet.data(), packet.size(), 0);
    packet.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return packet;
  }
  // CTAPHID_INIT; the channel's octets.
  [[nodiscard]] std::array<Byte, 4> init() const {
    send({0xff, 0xff, 0xff, 0xff, 0x86, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8});
    const Bytes answer = receive();
    if (answer.size() != 64 || answer[4] != 0x86) throw std::runtime_error("no answer to INIT");
    return {answer[15], answer[16], answer[17], answer[18]};
  }
  // A CTAP command without parameters.
  void command(const std::array<Byte, 4>& channel, Byte code) const {
    send({channel[0], channel[1], channel[2], channel[3], 0x90, 0, 1, code});
  }

 private:
  int fd_;
};

// A served key.
struct Served {
  explicit Served(std::vector<std::string> more = {})
      : options(std::move(more)), process(words(), folder / "log") {
    process.wait_for("ready: ");
  }
  [[nodiscard]] std::string socket() const { return folder / "key.sock"; }
  [[nodiscard]] Ran control(const std::string& command) const {
    return run(
        {program("countersign-virtual"), "control", "--control", folder / "control", command});
  }
  [[nodiscard]] std::vector<std::string> words() const {
    std::vector<std::string> all{"serve",  "--kind",    "fido2",           "--socket",
                                 socket(), "--control", folder / "control"};
    all.insert(all.end(), options.begin(), options.end());
    return all;
  }

  TemporaryFolder folder;
  std::vector<std::string> options;
  Background process;
};

// `control` until the key waits for what it says.
bool eventually(const std::function<bool()>& held) {
  for (int i = 0; i < 300; ++i) {
    if (held()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(virtual_key_transports)

BOOST_AUTO_TEST_CASE(served_described_and_tidied_up) {
  Served key;
  struct stat status{};
  BOOST_REQUIRE(::stat(key.socket().c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 0777U) == 0600U);
  std::ifstream in(key.socket() + ".json");
  const auto description =
      boost::json::parse(std::string(std::istreambuf_iterator<char>(in), {})).as_object();
  BOOST_TEST(description.at("kind").as_string() == "fido2");
  BOOST_TEST(description.at("product").as_string() == "Countersign virtual key");
  BOOST_TEST(description.at("vendor_id").as_int64() == 0x1209);
  BOOST_TEST(description.at("serial").as_string().size() == 16U);
  BOOST_TEST(description.at("firmware").as_string() == "1.0.0");
  const Connection connection(key.socket());
  connection.command(connection.init(), 0x04);
  const Bytes info = connection.receive();
  BOOST_REQUIRE(info.size() == 64U);
  BOOST_TEST(info[4] == 0x90);
  BOOST_TEST(info[7] == 0);
  BOOST_TEST(key.process.stop() == 0);
  BOOST_TEST(!std::filesystem::exists(key.socket()));
  BOOST_TEST(!std::filesystem::exists(key.socket() + ".json"));
}

BOOST_AUTO_TEST_CASE(one_host_at_a_time_and_the_next_after_it) {
  const Served key;
  for (int i = 0; i < 50; ++i) {
    std::optional<Connection> first(std::in_place, key.socket());
    (void)first->init();
    const Connection second(key.socket());  // waits
    (void)first->init();
    first.reset();
    (void)second.init();
  }
}

BOOST_AUTO_TEST_CASE(a_packet_that_is_no_report_ends_the_connection) {
  const Served key;
  const Connection connection(key.socket());
  (void)connection.init();
  connection.send_raw(Bytes(65));
  BOOST_TEST(connection.receive().empty());
  (void)Connection(key.socket()).init();
}

BOOST_AUTO_TEST_CASE(pulled_out_at_each_message_of_a_connection) {
  // INIT, its answer, getInfo, its answer.
  for (int at = 1; at <= 4; ++at) {
    const Served key({"--fault", "unplug=" + std::to_string(at)});
    const Connection connection(key.socket());
    connection.send({0xff, 0xff, 0xff, 0xff, 0x86, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8});
    const Bytes opened = connection.receive();
    BOOST_TEST(opened.empty() == (at <= 2));
    if (opened.empty()) continue;
    connection.command({opened[15], opened[16], opened[17], opened[18]}, 0x04);
    BOOST_TEST(connection.receive().empty());
    BOOST_TEST(key.control("fault none").exit_code == 0);
    const Connection again(key.socket());
    again.command(again.init(), 0x04);
    BOOST_TEST(again.receive().size() == 64U);
  }
}

BOOST_AUTO_TEST_CASE(a_touch_by_hand_a_no_and_a_power_cycle) {
  const Served key({"--touch", "manual"});
  const Connection connection(key.socket());
  const auto channel = connection.init();
  const Ran early = key.control("touch");
  BOOST_TEST(early.exit_code == 2);
  BOOST_TEST(contains(early.err, "waits for no touch"), early.err);
  for (const auto& [said, status] : {std::pair<const char*, Byte>{"touch", 0x00}, {"deny", 0x27}}) {
    connection.command(channel, 0x0b);  // authenticatorSelection
    BOOST_TEST(eventually([&] { return key.control(said).exit_code == 0; }));
    Bytes answer = connection.receive();
    while (answer.size() == 64 && answer[4] == 0xbb) answer = connection.receive();
    BOOST_REQUIRE(answer.size() == 64U);
    BOOST_TEST(answer[7] == status);
  }
  BOOST_TEST(key.control("power-cycle").exit_code == 0);
  BOOST_TEST(connection.receive().empty());
}

BOOST_AUTO_TEST_CASE(it_goes_with_its_parent) {
  const TemporaryFolder folder;
  const std::string command = program("countersign-virtual") +
                              " serve --die-with-parent --socket " + (folder / "s") + " >" +
                              (folder / "log") + " & echo $!; while [ ! -s " + (folder / "log") +
                              " ]; do sleep 0.01; done";
  const Ran ran = run({"/bin/sh", "-c", command});
  const pid_t pid = std::stoi(ran.out);
  const bool gone = eventually([&] {
    return ::kill(pid, 0) != 0 ||
           contains(succeed({"/bin/sh", "-c",
                             "cut -d' ' -f3 /proc/" + std::to_string(pid) + "/stat || echo Z"}),
                    "Z");
  });
  BOOST_TEST(gone);
  if (!gone) (void)::kill(pid, SIGKILL);
  BOOST_TEST(!std::filesystem::exists(folder / "s"));
}

BOOST_AUTO_TEST_CASE(a_socket_left_behind_is_replaced_one_in_use_is_not) {
  Served key;
  const Ran second = run({program("countersign-virtual"), "serve", "--socket", key.socket()});
  BOOST_TEST(second.exit_code == 7);
  BOOST_TEST(contains(second.err, "another program listens there"), second.err);
  (void)::kill(key.process.pid(), SIGKILL);
  (void)key.process.ended();
  BOOST_TEST(std::filesystem::exists(key.socket()));
  Background next({"serve", "--socket", key.socket()}, key.folder / "log2");
  next.wait_for("ready: ");
  BOOST_TEST(next.stop() == 0);
}

BOOST_AUTO_TEST_CASE(run_hands_on_exit_codes_and_signals_and_ends_in_time) {
  const VirtualKey key("pin");
  BOOST_TEST(key.run({"sh", "-c", "exit 42"}).exit_code == 42);
  BOOST_TEST(key.run({"sh", "-c", "kill -9 $$"}).exit_code == 137);
  BOOST_TEST(key.run({"/no/such/program"}).exit_code == 125);
  BOOST_TEST(run({program("countersign-virtual"), "run", "--timeout", "1", "--", "sleep", "30"})
                 .exit_code == 124);
  const TemporaryFolder folder;
  Background background(
      {"run", "--", "sh", "-c",
       "trap 'echo handed on; exit 3' TERM; echo up; while :; do sleep 0.05; done"},
      folder / "log");
  background.wait_for("up");
  BOOST_TEST(background.stop() == 3);
  BOOST_TEST(contains(background.output(), "handed on"));
}

BOOST_AUTO_TEST_CASE(pulled_out_under_a_program_and_there_again_for_the_next) {
  const VirtualKey key("pin");
  const std::string control = key.file("control");
  const std::string tool = program("countersign-virtual") + " control --control " + control;
  // The first program loses the key before it answers INIT; the second finds it after the fault is
  // cleared.
  const Ran ran = key.run({"sh", "-c",
                           "fido2-token -I /dev/hidraw0 && exit 1; " + tool +
                               " fault none && fido2-token -I /dev/hidraw0"},
                          {}, {"--control", control, "--fault", "unplug=2"});
  BOOST_TEST(ran.exit_code == 0, ran.err);
  BOOST_TEST(contains(ran.out, "aaguid"), ran.out);
}

BOOST_AUTO_TEST_CASE(faults_under_programs_of_others) {
  const VirtualKey key("pin");
  const std::string request =
      "Y291bnRlcnNpZ24gdmlydHVhbCBrZXkgdGVzdCAgISE=\nexample.org\nalice\nYWxpY2U=\n";
  const std::vector<std::string> make_and_judge{"timeout", "5", "sh", "-c",
                                                "fido2-cred -M /dev/hidraw0 | fido2-cred -V"};
  BOOST_TEST(key.run(make_and_judge, request).exit_code == 0);
  for (const std::string fault : {"bad-cbor", "bad-length", "wrong-rp-hash", "up-cleared", "full"})
    BOOST_TEST(key.run(make_and_judge, request, {"--fault", fault}).exit_code == 1, fault);
  // libfido2 takes a key whose getInfo it can't read for a U2F key.
  const Ran fallen_back =
      key.run({"timeout", "5", "fido2-cred", "-M", hidraw}, request, {"--fault", "bad-cbor=4"});
  BOOST_TEST(contains(fallen_back.out, "fido-u2f"), fallen_back.out);
  BOOST_TEST(
      key.run({"timeout", "1", "fido2-cred", "-M", hidraw}, request, {"--fault", "keepalive"})
          .exit_code == 124);
}

BOOST_AUTO_TEST_CASE(usage) {
  const std::string program_path = program("countersign-virtual");
  BOOST_TEST(run({program_path}).exit_code == 2);
  BOOST_TEST(run({program_path, "serve"}).exit_code == 2);
  BOOST_TEST(run({program_path, "serve", "--socket", "/tmp/x", "--profile", "none"}).exit_code ==
             2);
  BOOST_TEST(run({program_path, "run", "--fault", "nothing", "--", "true"}).exit_code == 2);
  BOOST_TEST(run({program_path, "attach", "--profile", "none"}).exit_code == 2);
  BOOST_TEST(run({program_path, "root", "--state", "/no/such/file"}).exit_code == 7);
  BOOST_TEST(run({program_path, "--help"}).exit_code == 0);
}

BOOST_AUTO_TEST_SUITE_END()
