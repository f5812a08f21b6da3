// SPDX-License-Identifier: Apache-2.0
// The daemon's side of the reader's protocol, for tests.
#pragma once

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/descriptor.h"
#include "devices/protocol/codec.h"
#include "tests/devices/support/child_process.h"

// The daemon's end of one connection to a reader.
class Client {
 public:
  explicit Client(const std::filesystem::path& socket);

  void send(const countersign::reader::Request& request) {
    send_raw(countersign::reader::to_frame(request));
  }
  void send_secret(std::string_view secret) {
    send_raw(countersign::reader::to_frame(countersign::Secret(secret)).expose());
  }
  void send_raw(countersign::BytesView frame);

  // Nothing: the connection ended, or the time passed.
  std::optional<countersign::reader::Reply> receive(
      std::chrono::milliseconds longest = std::chrono::seconds(5));

  template <class T>
  T expect() {
    const auto reply = receive();
    BOOST_REQUIRE_MESSAGE(reply.has_value(), (ended ? "the connection ended" : "nothing came"));
    if (const auto* failed = std::get_if<countersign::reader::Failed>(&*reply))
      BOOST_TEST_MESSAGE("failed: " << countersign::to_name(failed->failure) << " "
                                    << failed->detail);
    BOOST_REQUIRE_MESSAGE(std::holds_alternative<T>(*reply), "another reply: " << reply->index());
    return std::get<T>(*reply);
  }
  bool is_ended();
  void hang_up() { socket_ = countersign::Descriptor(); }

  bool ended = false;

 private:
  countersign::Descriptor socket_;
  countersign::reader::FrameReader frames_;
};

// A reader that listens at this path; its socket is handed over as systemd does it.
[[nodiscard]] ChildProcess start_reader(const std::string& program,
                                        const std::filesystem::path& socket,
                                        std::vector<std::string> options);
