// SPDX-License-Identifier: Apache-2.0
// pam_countersign.so: the functions that libpam calls. pam_countersign(8).
#include <security/pam_modules.h>
#include <syslog.h>

#include <memory>
#include <new>
#include <span>

#include "core/base/text.h"
#include "daemon/pam/account.h"
#include "daemon/pam/authentication.h"
#include "daemon/pam/session.h"

namespace countersign::pam {
namespace {

constexpr std::size_t spare = 4096;

int refused(const Handle& pam, const Error& error) {
  pam.log(LOG_ERR, escape_text(error.what));
  switch (error.code) {
    case Code::unavailable:
    case Code::timed_out:
      pam.tell_error(
          "The second factor can't be checked now: ask your administrator to check countersignd");
      return PAM_AUTHINFO_UNAVAIL;
    case Code::cancelled:
      return PAM_CONV_ERR;
    case Code::invalid:
      return PAM_SERVICE_ERR;
    case Code::not_permitted:
    case Code::fresh_needed:
      return PAM_PERM_DENIED;
    case Code::not_found:
    case Code::exists:
    case Code::conflict:
    case Code::exhausted:
    case Code::corrupt:
    case Code::internal:
      return PAM_SYSTEM_ERR;
  }
  return PAM_SYSTEM_ERR;
}

// Starts from failure; only three outcomes give anything else.
int answered(const Handle& pam, const Result<Outcome>& outcome) {
  if (!outcome) return refused(pam, outcome.error());
  switch (*outcome) {
    case Outcome::denied:
      return PAM_AUTH_ERR;
    case Outcome::verified:
    case Outcome::admitted:
      return PAM_SUCCESS;
    case Outcome::let_through:
      return PAM_IGNORE;
  }
  return PAM_AUTH_ERR;
}

using Act = Result<Outcome> (*)(const Handle& pam, const Options& options);

// No exception leaves the module.
int run(pam_handle_t* raw, const char* phase, int flags, int count, const char** words, Act act) {
  try {
    // Without memory even throwing fails: looked at while nothing has begun.
    if (!std::unique_ptr<char[]>(new (std::nothrow) char[spare])) return PAM_BUF_ERR;
    const void* service = nullptr;
    if (pam_get_item(raw, PAM_SERVICE, &service) != PAM_SUCCESS) return PAM_SYSTEM_ERR;
    const bool silent = (static_cast<unsigned>(flags) & PAM_SILENT) != 0;
    const auto options = parse_options({words, static_cast<std::size_t>(count)});
    const Handle pam(raw, service != nullptr ? static_cast<const char*>(service) : "", phase,
                     silent, options && options->debug);
    if (!options) return refused(pam, options.error());
    return answered(pam, act(pam, *options));
  } catch (const std::bad_alloc&) {
    return PAM_BUF_ERR;
  } catch (...) {
    return PAM_SYSTEM_ERR;
  }
}

}  // namespace
}  // namespace countersign::pam

extern "C" {

int pam_sm_authenticate(pam_handle_t* pam, int flags, int count, const char** words) {
  return countersign::pam::run(pam, "auth", flags, count, words, &countersign::pam::authenticate);
}

// A second factor gives no credentials.
int pam_sm_setcred(pam_handle_t* /*pam*/, int /*flags*/, int /*count*/, const char** /*words*/) {
  return PAM_SUCCESS;
}

int pam_sm_acct_mgmt(pam_handle_t* pam, int flags, int count, const char** words) {
  return countersign::pam::run(pam, "account", flags, count, words,
                               &countersign::pam::check_account);
}

int pam_sm_open_session(pam_handle_t* pam, int flags, int count, const char** words) {
  return countersign::pam::run(pam, "session", flags, count, words,
                               &countersign::pam::open_session);
}

int pam_sm_close_session(pam_handle_t* pam, int flags, int count, const char** words) {
  return countersign::pam::run(pam, "session", flags, count, words,
                               &countersign::pam::close_session);
}

}  // extern "C"
