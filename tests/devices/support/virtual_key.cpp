// SPDX-License-Identifier: Apache-2.0
#include "tests/devices/support/virtual_key.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <sstream>

TestFolder::TestFolder() {
  char name[] = "/tmp/countersign-devices-XXXXXX";
  BOOST_REQUIRE(mkdtemp(name) != nullptr);
  path_ = name;
}

TestFolder::~TestFolder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

VirtualKey::VirtualKey(const std::filesystem::path& folder, const std::string& name,
                       std::vector<std::string> options)
    : socket_(folder / (name + ".sock")),
      control_((folder / (name + ".control")).string()),
      name_(name) {
  std::vector<std::string> command{COUNTERSIGN_VIRTUAL, "serve",          "--kind",    "fido2",
                                   "--socket",          socket_.string(), "--control", control_};
  command.insert(command.end(), options.begin(), options.end());
  int ready[2];
  BOOST_REQUIRE(pipe(ready) == 0);
  process_ = ChildProcess(command, [&] {
    dup2(ready[1], STDOUT_FILENO);
    close(ready[0]);
    close(ready[1]);
  });
  close(ready[1]);
  pollfd line{.fd = ready[0], .events = POLLIN, .revents = 0};
  char first = 0;
  const bool came = poll(&line, 1, 10'000) > 0 && read(ready[0], &first, 1) == 1;
  close(ready[0]);
  BOOST_REQUIRE_MESSAGE(came, "countersign-virtual did not start");
}

countersign::devices::Device VirtualKey::device() const {
  using countersign::devices::Capability;
  return {.id = "software-" + name_,
          .transport = countersign::devices::Transport::software,
          .model = "Countersign virtual key",
          .capabilities = {Capability::fido2, Capability::u2f},
          .node = socket_.string()};
}

void VirtualKey::control(std::string_view command) const {
  std::vector<std::string> words{COUNTERSIGN_VIRTUAL, "control", "--control", control_};
  std::istringstream text{std::string(command)};
  for (std::string word; text >> word;) words.push_back(word);
  BOOST_REQUIRE_MESSAGE(run_program(words) == 0, "control " << command);
}
