// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/session.h"

#include <algorithm>

#include "core/base/text.h"
#include "daemon/api/problem.h"
#include "daemon/pam/daemon.h"

namespace countersign::pam {
namespace {

struct BeginBody {
  std::string session, sign_in;
  static api::Fields fields() {
    return {api::Field{"session", &BeginBody::session, "", 64},
            api::Field{"sign_in", &BeginBody::sign_in, "", 64}};
  }
};
struct EndBody {
  std::string session;
  static api::Fields fields() { return {api::Field{"session", &EndBody::session, "", 64}}; }
};

template <class Body>
Result<Outcome> tell(const Options& options, const std::string& target, const Body& body) {
  const auto told =
      Daemon(options.socket)
          .post<api::Nothing>(target, body, Deadline::in(std::min(options.timeout, short_wait)));
  if (!told) return std::unexpected(told.error());
  return Outcome::let_through;
}

}  // namespace

Result<Outcome> open_session(const Handle& pam, const Options& options) {
  const std::string session = pam.variable("XDG_SESSION_ID");
  const std::string sign_in = pam.noted_sign_in();
  if (session.empty() || sign_in.empty()) return Outcome::let_through;
  pam.debug("session " + escape_text(session) + " begins");
  return tell(options, "/v1/sessions", BeginBody{session, sign_in});
}

Result<Outcome> close_session(const Handle& pam, const Options& options) {
  const std::string session = pam.variable("XDG_SESSION_ID");
  if (session.empty()) return Outcome::let_through;
  pam.debug("session " + escape_text(session) + " ends");
  return tell(options, "/v1/sessions/end", EndBody{session});
}

}  // namespace countersign::pam
