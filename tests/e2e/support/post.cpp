// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/support/post.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <stdexcept>

#include "tests/e2e/support/processes.h"

namespace countersign::test {
namespace {

constexpr const char* python = "/usr/bin/python3";
constexpr int patience_ms = 20'000;

// All open at once, so that they differ.
std::vector<int> free_ports(std::size_t count) {
  std::vector<int> sockets;
  std::vector<int> ports;
  for (std::size_t i = 0; i < count; ++i) {
    sockets.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(sockets.back(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        getsockname(sockets.back(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("no free port");
    ports.push_back(ntohs(address.sin_port));
  }
  for (const int fd : sockets) (void)close(fd);
  return ports;
}

bool listens(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool open = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  (void)close(fd);
  return open;
}

void wait_for(const std::string& what, const std::function<bool()>& condition) {
  if (!becomes_true(condition, patience_ms))
    throw std::runtime_error("not within 20 seconds: " + what);
}

std::string content_if_any(const std::string& path) {
  return std::filesystem::exists(path) ? content_of(path) : std::string();
}

}  // namespace

Certificates::Certificates(const std::string& folder)
    : authority(folder + "/ca.pem"),
      certificate(folder + "/good.pem"),
      key(folder + "/good.key"),
      other_certificate(folder + "/other.pem"),
      other_key(folder + "/other.key") {
  tool({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-days", "2", "-subj", "/CN=Test CA", "-keyout", folder + "/ca.key", "-out", authority});
  const auto issue = [&](const std::string& name, const std::string& names) {
    tool({"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
          "-subj", "/CN=" + name, "-addext", "subjectAltName=" + names, "-keyout",
          folder + "/" + name + ".key", "-out", folder + "/" + name + ".csr"});
    tool({"openssl", "x509", "-req", "-in", folder + "/" + name + ".csr", "-CA", authority,
          "-CAkey", folder + "/ca.key", "-CAcreateserial", "-days", "2", "-copy_extensions", "copy",
          "-out", folder + "/" + name + ".pem"});
  };
  issue("good", "DNS:localhost,IP:127.0.0.1");
  issue("other", "DNS:mail.example.org");
}

struct Service::Program {
  Program(const std::vector<std::string>& words, std::pair<int, int> ends)
      : mine(ends.first), running(words, ends.second) {
    (void)close(ends.second);
  }
  ~Program() {
    (void)shutdown(mine, SHUT_WR);
    (void)running.wait(5);
    (void)close(mine);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  int mine;
  Running running;
};

Service::Service(const std::vector<std::string>& words) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw std::runtime_error("no socket pair");
  program_ = std::make_unique<Program>(words, std::pair{ends[0], ends[1]});
  std::string line;
  for (char c = 0; c != '\n'; line += c)
    if (read(program_->mine, &c, 1) != 1) throw std::runtime_error("did not start: " + words[2]);
  port_ = std::stoi(line);
}

Service::~Service() = default;
void Service::end() { program_.reset(); }

MailServer::MailServer(const std::string& certificate, const std::string& key)
    : service_({python, "-B", COUNTERSIGN_E2E_FOLDER "/mail_server.py", folder_.path(), certificate,
                key, user, password}) {}

int MailServer::count() const {
  int messages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
    messages += entry.path().extension() == ".eml" ? 1 : 0;
  return messages;
}

Json MailServer::message(int number) const {
  const std::string path = folder_ / (std::to_string(number) + ".eml");
  wait_for("e-mail " + std::to_string(number), [&] { return std::filesystem::exists(path); });
  return object_in(tool({python, "-B", COUNTERSIGN_E2E_FOLDER "/mail_parts.py", path}));
}

Kannel::Kannel() {
  const std::vector<int> ports = free_ports(4);
  sendsms_ = ports[3];
  const auto number = [&](std::size_t i) { return std::to_string(ports[i]); };
  write_file(folder_ / "kannel.conf",
             "group = core\nadmin-port = " + number(0) +
                 "\nadmin-interface = 127.0.0.1\nadmin-password = x\nsmsbox-port = " + number(1) +
                 "\nbox-allow-ip = 127.0.0.1\nlog-file = \"" + (folder_ / "bearerbox.log") +
                 "\"\nlog-level = 1\n\n"
                 "group = smsc\nsmsc = fake\nsmsc-id = FAKE\nhost = 127.0.0.1\nport = " +
                 number(2) +
                 "\nconnect-allow-ip = 127.0.0.1\n\n"
                 "group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = " +
                 number(3) + "\nsendsms-interface = 127.0.0.1\nlog-file = \"" +
                 (folder_ / "smsbox.log") +
                 "\"\nlog-level = 1\n\ngroup = sendsms-user\nusername = " + user +
                 "\npassword = \"" + password + "\"\n");
  // They talk on both outputs.
  const auto start = [&](const std::string& output, std::vector<std::string> words) {
    std::vector<std::string> all = {"/bin/sh", "-c", "exec \"$@\" >\"$0\" 2>&1", folder_ / output};
    all.insert(all.end(), words.begin(), words.end());
    running_.push_back(std::make_unique<Running>(all));
  };
  start("bearerbox.out", {"/usr/sbin/bearerbox", folder_ / "kannel.conf"});
  wait_for("bearerbox", [&] { return listens(ports[1]) && listens(ports[2]); });
  start("smsbox.out", {"/usr/sbin/smsbox", folder_ / "kannel.conf"});
  // One message of its own an hour, and none before the test is over.
  start("received", {"/usr/lib/kannel/test/fakesmsc", "-H", "127.0.0.1", "-r", number(2), "-m", "0",
                     "-i", "3600", "1 2 text x"});
  wait_for("smsbox", [&] { return listens(ports[3]); });
  wait_for("the SMSC's link", [&] {
    const std::string log = content_if_any(folder_ / "bearerbox.log");
    return log.contains("ot new client") || log.contains("ccept") || log.contains("onnect");
  });
}

std::string Kannel::url() const {
  return "http://127.0.0.1:" + std::to_string(sendsms_) + "/cgi-bin/sendsms";
}

std::size_t Kannel::count() const {
  const std::string log = content_if_any(folder_ / "received");
  std::size_t found = 0;
  for (std::size_t at = log.find("Got message"); at != std::string::npos;
       at = log.find("Got message", at + 1))
    ++found;
  return found;
}

std::string Kannel::sms(std::size_t wanted) const {
  wait_for("SMS " + std::to_string(wanted), [&] { return count() >= wanted; });
  const std::string log = content_of(folder_ / "received");
  std::size_t at = 0;
  for (std::size_t i = 0; i < wanted; ++i) at = log.find("Got message", at) + 1;
  const std::size_t open = log.find('<', at);
  return log.substr(open + 1, log.find(">\n", open) - open - 1);
}

std::string code_in(const std::string& text, std::size_t digits) {
  std::string found;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    if (end - i == digits) {
      if (!found.empty()) return {};
      found = text.substr(i, digits);
    }
    i = end == i ? i + 1 : end;
  }
  return found;
}

}  // namespace countersign::test
