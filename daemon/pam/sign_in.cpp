// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/sign_in.h"
#include "daemon/api/problem.h"

namespace countersign::pam {
namespace {

// Bodies; the id stands in the path.
using CodeBody = api::BodyOf<api::SignInVerify>;
using EnrollBody = api::BodyOf<api::SignInEnroll>;
struct SendBody {
  Kind kind = Kind::sms;
  static api::Fields fields() { return {api::Field{"kind", &SendBody::kind, ""}}; }
};
struct TapBody {
  int seconds = 0;
  std::optional<bool> here;
  static api::Fields fields() {
    return {api::Field{"seconds", &TapBody::seconds, ""}, api::Field{"here", &TapBody::here, ""}};
  }
};

}  // namespace

Step SignIn::begin(const Daemon& daemon, const Subject& subject, const Deadline& deadline) {
  const api::SignInRequest request{
      .user = "login:" + subject.login,
      .service = subject.service,
      .primary = subject.primary,
      .audience = {},
      .nonce = {},
      .session = subject.session.empty() ? std::nullopt : std::optional(subject.session),
      .here = subject.here};
  Step begun = daemon.post<api::SignInResult>("/v1/sign-ins", request, deadline);
  if (begun) id_ = begun->id;
  return begun;
}

Step SignIn::verify(const Daemon& daemon, const Secret& code, const Deadline& deadline,
                    const std::optional<std::string>& sent) const {
  return daemon.post<api::SignInResult>(
      step("/verify"), CodeBody{{.id = {}, .code = code.copy(), .remember = {}, .challenge = sent}},
      deadline);
}

Result<api::SentCode> SignIn::send(const Daemon& daemon, Kind kind,
                                   const Deadline& deadline) const {
  return daemon.post<api::SentCode>(step("/code"), SendBody{kind}, deadline);
}

Step SignIn::tap(const Daemon& daemon, std::optional<bool> here, std::chrono::seconds wait,
                 const Deadline& deadline, const client::Client::OnEvent& on_event) const {
  return daemon.post<api::SignInResult>(
      step("/tap"), TapBody{.seconds = static_cast<int>(wait.count()), .here = here}, deadline,
      on_event);
}

Result<api::SignInEnrollment> SignIn::enroll(const Daemon& daemon, const Deadline& deadline) const {
  return daemon.post<api::SignInEnrollment>(
      step("/enrollment"),
      EnrollBody{{.id = {}, .kind = api::SignInKind::totp, .to = {}, .label = {}, .qr = true}},
      deadline);
}

Result<api::SignInEnrollment> SignIn::enroll_recipient(const Daemon& daemon, api::SignInKind kind,
                                                       std::string to,
                                                       const Deadline& deadline) const {
  return daemon.post<api::SignInEnrollment>(
      step("/enrollment"), EnrollBody{{.id = {}, .kind = kind, .to = std::move(to), .label = {}}},
      deadline);
}

Step SignIn::confirm(const Daemon& daemon, const Secret& code, const Deadline& deadline) const {
  return daemon.post<api::SignInResult>(
      step("/enrollment/confirm"),
      CodeBody{{.id = {}, .code = code.copy(), .remember = {}, .challenge = {}}}, deadline);
}

Step SignIn::skip(const Daemon& daemon, const Deadline& deadline) const {
  return daemon.post<api::SignInResult>(step("/skip"), api::Nothing{}, deadline);
}

}  // namespace countersign::pam
