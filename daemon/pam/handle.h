// SPDX-License-Identifier: Apache-2.0
// libpam, as one call of the module sees it: who signs in and where, the person at the other end,
// the log.
#pragma once

#include <security/pam_modules.h>

#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign::pam {

// Valid during one call of libpam's into the module; its thread.
class Handle {
 public:
  // service: PAM_SERVICE; phase: "auth", "account" or "session", for the log.
  Handle(pam_handle_t* pam, std::string service, const char* phase, bool silent, bool debug)
      : pam_(pam), service_(std::move(service)), phase_(phase), silent_(silent), debug_(debug) {}

  [[nodiscard]] const std::string& service() const { return service_; }

  // The name as typed; libpam asks for it if the application did not set it. Never empty.
  [[nodiscard]] Result<std::string> user() const;
  // PAM_RHOST, PAM_TTY: empty when not set. internal when libpam can't say.
  [[nodiscard]] Result<std::string> item(int type) const;
  // A variable of the PAM handle (not of the process), empty when not set.
  [[nodiscard]] std::string variable(const char* name) const;

  // The password that a module before asked for; nothing in it when none did.
  [[nodiscard]] Result<Secret> password() const;
  // The same, asked for if there is none.
  [[nodiscard]] Result<Secret> ask_password(const std::string& prompt) const;
  // What modules after this one take for the password.
  [[nodiscard]] Result<void> leave_password(std::string_view password) const;

  // One line from the person, not shown while it is typed. cancelled when the application brings
  // none.
  [[nodiscard]] Result<Secret> ask(const std::string& prompt) const;
  // One line for the person; the application may show it late, or not at all.
  void tell(const std::string& text) const;
  void tell_error(const std::string& text) const;

  // To authpriv, without ever waiting (log.h). priority as of syslog(3). Escape text from outside.
  void log(int priority, const std::string& text) const;
  void debug(const std::string& text) const;

  // From the auth phase to the session phase of the same handle: which sign-in it was. Empty when
  // none was noted.
  [[nodiscard]] Result<void> note_sign_in(const std::string& id) const;
  [[nodiscard]] std::string noted_sign_in() const;

  // Tells the account phase of the same handle which account the auth phase did not deny.
  [[nodiscard]] Result<void> note_passed(const std::string& account) const;
  [[nodiscard]] std::string noted_passed() const;

  // How long a failed call takes at least, on average.
  void delay_failure() const;

 private:
  void show(int style, const std::string& text) const;
  [[nodiscard]] Result<void> note(const char* name, const std::string& text) const;
  [[nodiscard]] std::string noted(const char* name) const;
  pam_handle_t* pam_;
  std::string service_;
  const char* phase_;
  bool silent_;
  bool debug_;
};

}  // namespace countersign::pam
