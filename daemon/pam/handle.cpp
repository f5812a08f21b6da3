// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/handle.h"

#include <security/pam_ext.h>
#include <syslog.h>

#include <cstdlib>
#include <cstring>
#include <memory>

#include "core/base/text.h"
#include "daemon/pam/log.h"

namespace countersign::pam {
namespace {

constexpr unsigned failure_delay = 2'000'000;  // microseconds, as pam_unix asks for
constexpr std::size_t longest_answer = PAM_MAX_RESP_SIZE;

// What a conversation answers is malloc's, and may be a secret.
struct WipeAndFree {
  void operator()(char* text) const {
    wipe(text, std::strlen(text));
    std::free(text);
  }
};
using Answer = std::unique_ptr<char, WipeAndFree>;

struct Free {
  void operator()(char* text) const { std::free(text); }
};

constexpr const char* sign_in_note = "countersign.sign-in";
constexpr const char* passed_note = "countersign.passed";
void forget(pam_handle_t* /*pam*/, void* data, int /*status*/) { std::free(data); }

std::unexpected<Error> no_answer(int result) {
  if (result == PAM_BUF_ERR) return fail(Code::internal, "out of memory");
  return fail(Code::cancelled, "the application has no way to ask the user");
}

Secret taken(const char* text) {
  return text != nullptr ? Secret(std::string_view(text, strnlen(text, longest_answer))) : Secret();
}

}  // namespace

Result<std::string> Handle::user() const {
  const char* name = nullptr;
  const int result = pam_get_user(pam_, &name, nullptr);
  if (result != PAM_SUCCESS) return no_answer(result);
  if (name == nullptr || *name == '\0')
    return fail(Code::cancelled, "the application names no user");
  return std::string(name);
}

Result<std::string> Handle::item(int type) const {
  const void* value = nullptr;
  if (pam_get_item(pam_, type, &value) != PAM_SUCCESS)
    return fail(Code::internal, "libpam does not say what this sign-in is");
  return value != nullptr ? std::string(static_cast<const char*>(value)) : std::string();
}

std::string Handle::variable(const char* name) const {
  const char* value = pam_getenv(pam_, name);
  return value != nullptr ? std::string(value) : std::string();
}

Result<Secret> Handle::password() const {
  const void* value = nullptr;
  if (pam_get_item(pam_, PAM_AUTHTOK, &value) != PAM_SUCCESS)
    return fail(Code::internal, "libpam does not give the password");
  return taken(static_cast<const char*>(value));
}

Result<Secret> Handle::ask_password(const std::string& prompt) const {
  const char* value = nullptr;
  const int result = pam_get_authtok(pam_, PAM_AUTHTOK, &value, prompt.c_str());
  if (result != PAM_SUCCESS || value == nullptr) return no_answer(result);
  return taken(value);
}

Result<void> Handle::leave_password(std::string_view password) const {
  Secret text(password.size() + 1);  // with a NUL
  if (!password.empty())
    std::memcpy(text.expose_mutable().data(), password.data(), password.size());
  if (pam_set_item(pam_, PAM_AUTHTOK, text.expose().data()) != PAM_SUCCESS)
    return fail(Code::internal, "libpam does not take the password");
  return {};
}

Result<Secret> Handle::ask(const std::string& prompt) const {
  char* raw = nullptr;
  const int result = pam_prompt(pam_, PAM_PROMPT_ECHO_OFF, &raw, "%s", prompt.c_str());
  const Answer answer(raw);
  if (result != PAM_SUCCESS || answer == nullptr) return no_answer(result);
  const std::string_view text(answer.get());
  if (text.size() > longest_answer) return fail(Code::invalid, "the answer is too long");
  return Secret(text);
}

void Handle::show(int style, const std::string& text) const {
  if (silent_) return;
  char* raw = nullptr;
  (void)pam_prompt(pam_, style, &raw, "%s", text.c_str());
  const Answer dropped(raw);
}

void Handle::tell(const std::string& text) const { show(PAM_TEXT_INFO, text); }
void Handle::tell_error(const std::string& text) const { show(PAM_ERROR_MSG, text); }

// With the prefix that pam_syslog uses.
void Handle::log(int priority, const std::string& text) const {
  log_line(priority, "pam_countersign(" + escape_text(service_) + ":" + phase_ + "): " + text);
}

void Handle::debug(const std::string& text) const {
  if (debug_) log(LOG_DEBUG, text);
}

Result<void> Handle::note(const char* name, const std::string& text) const {
  std::unique_ptr<char, Free> copy(strdup(text.c_str()));
  if (!copy) return fail(Code::internal, "out of memory");
  if (pam_set_data(pam_, name, copy.get(), &forget) != PAM_SUCCESS)
    return fail(Code::internal, "libpam does not keep what the auth phase found");
  (void)copy.release();  // libpam's from now on
  return {};
}

std::string Handle::noted(const char* name) const {
  const void* value = nullptr;
  if (pam_get_data(pam_, name, &value) != PAM_SUCCESS || value == nullptr) return {};
  return static_cast<const char*>(value);
}

Result<void> Handle::note_sign_in(const std::string& id) const { return note(sign_in_note, id); }
std::string Handle::noted_sign_in() const { return noted(sign_in_note); }
Result<void> Handle::note_passed(const std::string& account) const {
  return note(passed_note, account);
}
std::string Handle::noted_passed() const { return noted(passed_note); }

void Handle::delay_failure() const { (void)pam_fail_delay(pam_, failure_delay); }

}  // namespace countersign::pam
