// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/key/state_file.h"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>

#include "tests/devices/virtual/rig.h"
#include "tests/support/daemon_process.h"

using namespace countersign;
using namespace countersign::test;

namespace {

std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(state_file)

BOOST_AUTO_TEST_CASE(what_was_saved_comes_back) {
  const TemporaryFolder folder;
  const std::string path = folder / "key";
  std::string serial;
  Bytes id;
  {
    auto file = vk::StateFile::open(path);
    BOOST_REQUIRE(file);
    auto state = file->load();
    BOOST_REQUIRE(state);
    serial = state->serial;
    vk::Key key(*vk::profile_named("full"), std::move(*file), std::move(*state), {});
    key.state.pin_hash = Secret(std::string_view("0123456789abcdef"));
    key.state.counter = 4711;
    key.state.min_pin_length_rps = {"example.org"};
    for (const auto algorithm :
         {vk::Algorithm::es256, vk::Algorithm::eddsa, vk::Algorithm::rs256}) {
      vk::Credential credential{.id = Bytes{static_cast<Byte>(key.state.credentials.size() + 1)},
                                .rp_id = "example.org",
                                .key = vk::PrivateKey::generate(algorithm)};
      credential.user = {Bytes{1}, "alice", std::nullopt};
      key.state.credentials.push_back(std::move(credential));
    }
    BOOST_TEST((key.save() == vk::Status::ok));
  }
  struct stat status{};
  BOOST_REQUIRE(::stat(path.c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 0777U) == 0600U);
  const auto again = vk::read_state(path);
  BOOST_REQUIRE(again);
  BOOST_TEST(again->serial == serial);
  BOOST_TEST(again->counter == 4711U);
  BOOST_TEST(again->pin_hash.expose_text() == "0123456789abcdef");
  BOOST_REQUIRE(again->credentials.size() == 3U);
  BOOST_TEST((again->credentials[2].key.algorithm() == vk::Algorithm::rs256));
  BOOST_TEST(again->credentials[0].user.name.value() == "alice");
  BOOST_TEST(!again->credentials[0].user.display_name);
}

BOOST_AUTO_TEST_CASE(one_program_at_a_time) {
  const TemporaryFolder folder;
  const auto first = vk::StateFile::open(folder / "key");
  BOOST_REQUIRE(first);
  const auto second = vk::StateFile::open(folder / "key");
  BOOST_REQUIRE(!second);
  BOOST_TEST(second.error().what.find("another countersign-virtual") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_damaged_file_is_refused_and_left_alone) {
  const TemporaryFolder folder;
  const std::string path = folder / "key";
  {
    const auto file = vk::StateFile::open(path);
    BOOST_REQUIRE(file);
    BOOST_REQUIRE(file->load());
  }
  const std::string whole = content(path);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, whole.size() / 2, whole.size() - 1}) {
    std::ofstream(path, std::ios::binary) << whole.substr(0, size);
    const auto file = vk::StateFile::open(path);
    BOOST_REQUIRE(file);
    BOOST_TEST(!file->load());
    BOOST_TEST(content(path).size() == size);
  }
}

BOOST_AUTO_TEST_CASE(a_state_that_cannot_be_written_fails_the_command) {
  const TemporaryFolder folder;
  const std::string path = folder / "key";
  auto file = vk::StateFile::open(path);
  BOOST_REQUIRE(file);
  auto state = file->load();
  BOOST_REQUIRE(state);
  vk::Key key(*vk::profile_named("no-pin"), std::move(*file), std::move(*state), {});
  BOOST_REQUIRE(::mkdir((path + ".new").c_str(), 0700) ==
                0);  // in the way of the next write, also for root
  BOOST_TEST((key.save() == vk::Status::other));
}

BOOST_AUTO_TEST_SUITE_END()
