// SPDX-License-Identifier: Apache-2.0
// One sign-in at the daemon, step by step (daemon/routes/sign_ins.cpp has the other end).
#pragma once

#include <optional>
#include <string>

#include "daemon/api/codes.h"
#include "daemon/api/sign_in.h"
#include "daemon/pam/daemon.h"

namespace countersign::pam {

using Step = Result<api::SignInResult>;

struct Subject {
  std::string login, service;
  Primary primary = Primary::none;
  std::optional<bool> here;  // nothing: the daemon finds out
  std::string session;       // login session, where there is one already
};

class SignIn {
 public:
  // unavailable: nobody listens there, and nothing else (daemon.h).
  [[nodiscard]] Step begin(const Daemon& daemon, const Subject& subject, const Deadline& deadline);

  // sent: the challenge of a code that was sent, and only that one is tried.
  [[nodiscard]] Step verify(const Daemon& daemon, const Secret& code, const Deadline& deadline,
                            const std::optional<std::string>& sent = {}) const;
  // By sms or email, where the sign-in offers that.
  [[nodiscard]] Result<api::SentCode> send(const Daemon& daemon, Kind kind,
                                           const Deadline& deadline) const;
  // The daemon waits so long for the person; on_event as the client has it.
  [[nodiscard]] Step tap(const Daemon& daemon, std::optional<bool> here, std::chrono::seconds wait,
                         const Deadline& deadline, const client::Client::OnEvent& on_event) const;
  // A TOTP secret, bound by its first code.
  [[nodiscard]] Result<api::SignInEnrollment> enroll(const Daemon& daemon,
                                                     const Deadline& deadline) const;
  // A phone number or address: a code is sent there, which binds it.
  [[nodiscard]] Result<api::SignInEnrollment> enroll_recipient(const Daemon& daemon,
                                                               api::SignInKind kind, std::string to,
                                                               const Deadline& deadline) const;
  [[nodiscard]] Step confirm(const Daemon& daemon, const Secret& code,
                             const Deadline& deadline) const;
  [[nodiscard]] Step skip(const Daemon& daemon, const Deadline& deadline) const;

 private:
  [[nodiscard]] std::string step(const char* name) const {
    return "/v1/sign-ins/" + client::percent_encode(id_) + name;
  }
  std::string id_;
};

}  // namespace countersign::pam
