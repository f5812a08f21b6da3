// SPDX-License-Identifier: Apache-2.0
// A software security key that a test starts.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "devices/protocol/device.h"
#include "tests/devices/support/child_process.h"

// A folder of a test, gone with this object.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// countersign-virtual, serving FOLDER/NAME.sock with its control socket beside it
// (FOLDER/NAME.control). Ready when constructed.
class VirtualKey {
 public:
  VirtualKey(const std::filesystem::path& folder, const std::string& name,
             std::vector<std::string> options);

  [[nodiscard]] countersign::devices::Device device()
      const;                                     // as the directory of tokens tells it, roughly
  void control(std::string_view command) const;  // "touch", "fault unplug=3"
  ChildProcess& process() { return process_; }

 private:
  std::filesystem::path socket_;
  std::string control_;
  std::string name_;
  ChildProcess process_;
};
