// SPDX-License-Identifier: Apache-2.0
// A house whose machine has facts of its own (so that it can be recognized, also in a container),
// and sign-ins at its desk.
#pragma once

#include <sys/stat.h>

#include <filesystem>

#include "tests/e2e/support/story.h"

namespace countersign::test {

struct Desk : House {
  explicit Desk(const std::string& config = {})
      : House(config, true, [](const TemporaryFolder& own) {
          furnish(own, "4c4c4544-0042-4a10-8056-b7c04f4e3732", "/7BJVN72/CNCMC0097F02C6/");
          return std::vector<std::string>{"--machine-root", own / "root"};
        }) {
    (void)chmod(folder.path().c_str(), 0755);
  }

  // The files that this machine's facts are read from.
  static void furnish(const TemporaryFolder& folder, const std::string& product_uuid,
                      const std::string& board_serial) {
    const std::filesystem::path root = folder / "root";
    std::filesystem::create_directories(root / "etc");
    std::filesystem::create_directories(root / "sys/class/dmi/id");
    write_file(root / "etc/machine-id", "9f1c5f7b0e6d4a2c8a55d2f0c1b2a3d4\n");
    write_file(root / "sys/class/dmi/id/product_uuid", product_uuid + "\n");
    write_file(root / "sys/class/dmi/id/board_serial", board_serial + "\n");
    write_file(root / "sys/class/dmi/id/sys_vendor", "Dell Inc.\n");
  }

  // countersign policy set AUDIENCE ... --yes
  Json policy(const std::string& audience, std::vector<std::string> options,
              int exit_code = 0) const {
    std::vector<std::string> words = {"policy", "set", audience, "--yes"};
    words.insert(words.end(), options.begin(), options.end());
    return told(daemon, words, exit_code);
  }
  // countersign sign-in begin, after a password
  Json begin(const std::string& user, int exit_code,
             std::vector<std::string> options = {"--service", "web"},
             const std::string& primary = "password") const {
    std::vector<std::string> words = {"sign-in", "begin", "--user", user, "--primary", primary};
    words.insert(words.end(), options.begin(), options.end());
    return told(daemon, words, exit_code);
  }
  Json answer(const Json& sign_in, const std::string& code, int exit_code,
              std::vector<std::string> options = {}) const {
    std::vector<std::string> words = {"sign-in", "verify", text(sign_in, "id"), "--code", code};
    words.insert(words.end(), options.begin(), options.end());
    return told(daemon, words, exit_code);
  }
  // Enrols the phone that a sign-in asked for; the first code lets in.
  Phone enroll_within(const Json& sign_in) const {
    const Json begun = told(daemon, {"sign-in", "enroll", text(sign_in, "id")});
    Phone phone{
        .user = text(begun, "user"), .id = text(begun, "id"), .secret = text(begun, "secret")};
    (void)told(daemon,
               {"sign-in", "confirm", text(sign_in, "id"), "--code", phone.code_at(now(daemon))});
    return phone;
  }
  // An administrator with a phone: the bootstrap is over.
  Phone boss() const {
    (void)told(daemon, {"user", "add", "boss", "--role", "admin", "--audience", "it"});
    return enroll_totp(daemon, "boss");
  }
  [[nodiscard]] std::vector<std::string> as(const Phone& phone) const {
    return {"--as", phone.user, "--code", fresh_code(daemon, phone)};
  }
  [[nodiscard]] std::string as_uid_asks(uid_t uid, const std::string& method,
                                        const std::string& target,
                                        const std::string& body = {}) const {
    return as_uid(uid, [&] {
      const auto answered = daemon.call(method, target, body);
      return std::to_string(answered.status) + " " + answered.body;
    });
  }
};

inline std::vector<std::string> operator+(std::vector<std::string> a,
                                          const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace countersign::test
