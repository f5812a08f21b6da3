// SPDX-License-Identifier: Apache-2.0
// A machine that people log in to: an own /etc in an own mount namespace, services of PAM in it, a
// daemon with software keys.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/e2e/support/key_house.h"

namespace countersign::test {

// Where the build put the module.
[[nodiscard]] std::string pam_module();

// Once in a process, before anything is started: from then on /etc is a copy that ends with the
// process, with the Unix users alice, bob and carol (61001 to 61003), CORP\dave (61004), ALICE and
// toor (other names of alice and root), each with the password "NAME's password", root too, and
// nothing in /etc/pam.d but "other", which denies (Debian's files are in /etc/pam.d.debian);
// /dev/log is the test's and read all the time, /run is empty. Throws without root.
void own_etc();
// What was written to syslog since the last call: lines like "<85>pamtester:
// pam_countersign(test:auth): ...". 80 to 87: authpriv.
[[nodiscard]] std::string logged();

// While it lives, /dev/log is another one that nobody reads, and its queue is full.
class StuckLog {
 public:
  StuckLog();
  ~StuckLog();
  StuckLog(const StuckLog&) = delete;
  StuckLog& operator=(const StuckLog&) = delete;

 private:
  int socket_;
};

class PamHouse : public KeyHouse {
 public:
  explicit PamHouse(const std::string& config = {});

  // "/…/pam_countersign.so socket=/… OPTIONS", to stand behind a control word.
  [[nodiscard]] std::string module(const std::string& options = {}) const;
  // For programs that run as the user: module and socket can be reached by everybody from now on.
  [[nodiscard]] std::string module_for_everybody(const std::string& options = {}) const;
  // Writes /etc/pam.d/NAME.
  void service(const std::string& name, const std::string& lines) const;
  // The service "test" with one line: auth CONTROL module.
  void stack(const std::string& control, const std::string& options = {}) const {
    service("test", "auth " + control + " " + module(options) + "\n");
  }

  // pamtester: what is typed, and items like {"rhost", "192.0.2.7"}. Exit code 0: PAM_SUCCESS.
  using Items = std::map<std::string, std::string>;
  [[nodiscard]] Ran pam(const std::string& user, const std::string& typed, const Items& items = {},
                        const std::string& operation = "authenticate",
                        const std::string& name = "test") const;
  [[nodiscard]] bool lets_in(const std::string& user, const std::string& typed,
                             const Items& items = {}) const;

  // Sets these fields of staff's policy; the house begins with {"mode":"required"}.
  void policy(Json fields) const;

  // The user of the daemon whose Unix name it is, with a phone. The daemon's name for it is
  // another.
  [[nodiscard]] Phone person(const std::string& login) const;
  [[nodiscard]] static std::string name_of(const std::string& login) { return login + ".person"; }
};

}  // namespace countersign::test
