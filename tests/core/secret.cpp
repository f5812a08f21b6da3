// SPDX-License-Identifier: Apache-2.0
#include "core/base/secret.h"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <numeric>
#include <string>
#include <thread>

using namespace countersign;

BOOST_AUTO_TEST_SUITE(secret)

BOOST_AUTO_TEST_CASE(memory_is_zero_when_it_is_handed_out_again) {
  const Byte* first = nullptr;
  {
    Secret secret(std::string_view("the one and only passphrase"));
    first = secret.expose().data();
  }
  const Secret again(27);
  BOOST_TEST(again.expose().data() ==
             first);  // the slot is used again, so what follows says something
  BOOST_TEST(std::accumulate(again.expose().begin(), again.expose().end(), 0) == 0);
}

// AddressSanitizer takes mlock's place.
#ifdef __SANITIZE_ADDRESS__
constexpr bool mlock_does_nothing = true;
#else
constexpr bool mlock_does_nothing = false;
#endif

BOOST_AUTO_TEST_CASE(T38_the_pages_are_left_out_of_dumps_and_swap) {
  const Secret secret(std::string_view("canary"));
  const auto address = reinterpret_cast<std::uintptr_t>(secret.expose().data());
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  bool found = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t from = 0;
    std::uintptr_t to = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &from, &to) == 2 && line.find('-') < 17)
      inside = from <= address && address < to;
    if (!inside || !line.starts_with("VmFlags:")) continue;
    found = true;
    BOOST_TEST(line.find(" dd") != std::string::npos,
               "VmFlags must have dd (do not dump): " << line);
    BOOST_TEST((line.find(" lo") != std::string::npos || mlock_does_nothing),
               "VmFlags must have lo (locked, never in swap): " << line);
  }
  BOOST_TEST(found);
}

// The slot stays mapped; only its first octets are used meanwhile, for the list of free ones.
BOOST_AUTO_TEST_CASE(T38_what_was_given_back_is_wiped_at_once) {
  constexpr std::size_t size = 96;
  const volatile Byte* left = nullptr;
  {
    Secret secret(size);
    for (Byte& octet : secret.expose_mutable()) octet = 0xC5;
    left = secret.expose().data();
  }
  for (std::size_t at = sizeof(void*); at < size; ++at)
    BOOST_TEST_REQUIRE(static_cast<int>(left[at]) == 0, at);
  {
    Secret secret(size);
    for (Byte& octet : secret.expose_mutable()) octet = 0xC5;
    left = secret.expose().data();
    secret = Secret(std::string_view("another"));  // what it held before goes, too
  }
  for (std::size_t at = sizeof(void*); at < size; ++at)
    BOOST_TEST_REQUIRE(static_cast<int>(left[at]) == 0, at);
}

BOOST_AUTO_TEST_CASE(every_size_and_many_threads) {
  const auto work = [] {
    std::vector<Secret> kept;
    for (std::size_t size = 0; size < 9'000; size += 37) {
      Secret made(size);
      for (Byte& octet : made.expose_mutable()) octet = static_cast<Byte>(size);
      kept.push_back(std::move(made));
      if (kept.size() > 20) kept.erase(kept.begin());
    }
    for (const Secret& each : kept)
      for (const Byte octet : each.expose())
        if (octet != static_cast<Byte>(each.size())) std::abort();
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work);
}

BOOST_AUTO_TEST_CASE(comparison) {
  BOOST_TEST(equal_constant_time(as_bytes("abc"), as_bytes("abc")));
  BOOST_TEST(!equal_constant_time(as_bytes("abc"), as_bytes("abd")));
  BOOST_TEST(!equal_constant_time(as_bytes("abc"), as_bytes("ab")));
}

BOOST_AUTO_TEST_SUITE_END()
