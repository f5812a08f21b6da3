// SPDX-License-Identifier: Apache-2.0
// An application of PAM: pam-host FOLDER SERVICE USER OPERATION ANSWER... Its exit code is PAM's;
// nothing else is said. HOST_RHOST and HOST_AUTH_INFO in the environment become PAM_RHOST and PAM's
// variable SSH_AUTH_INFO_0.
#include <security/pam_appl.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

struct Answers {
  char** next;
  char** end;
};

// An application may run out of answers, and then brings none.
int converse(int count, const pam_message** messages, pam_response** responses, void* data) {
  auto& answers = *static_cast<Answers*>(data);
  auto* out = static_cast<pam_response*>(
      std::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
  for (int i = 0; i < count; ++i) {
    if (messages[i]->msg_style != PAM_PROMPT_ECHO_OFF &&
        messages[i]->msg_style != PAM_PROMPT_ECHO_ON)
      continue;
    if (answers.next == answers.end) {
      std::free(out);
      return PAM_CONV_ERR;
    }
    out[i].resp = strdup(*answers.next++);
  }
  *responses = out;
  return PAM_SUCCESS;
}

void no_delay(int /*result*/, unsigned /*microseconds*/, void* /*data*/) {}

int act(pam_handle_t* pam, std::string_view operation) {
  if (operation == "authenticate") return pam_authenticate(pam, 0);
  if (operation == "account") return pam_acct_mgmt(pam, 0);
  if (operation == "session") return pam_open_session(pam, 0);
  return PAM_ABORT;
}

}  // namespace

int main(int count, char** words) {
  if (count < 5) return PAM_ABORT;
  Answers answers{words + 5, words + count};
  const pam_conv conversation{&converse, &answers};
  pam_handle_t* pam = nullptr;
  if (pam_start_confdir(words[2], words[3], &conversation, words[1], &pam) != PAM_SUCCESS)
    return PAM_ABORT;
  using Delay = void (*)(int, unsigned, void*);
  const Delay delay = &no_delay;
  (void)pam_set_item(pam, PAM_FAIL_DELAY, reinterpret_cast<const void*>(delay));
  (void)pam_set_item(pam, PAM_TTY, "/dev/tty1");
  if (const char* host = std::getenv("HOST_RHOST")) (void)pam_set_item(pam, PAM_RHOST, host);
  if (const char* info = std::getenv("HOST_AUTH_INFO"))
    (void)pam_putenv(pam, (std::string("SSH_AUTH_INFO_0=") + info).c_str());
  const int result = act(pam, words[4]);
  (void)pam_end(pam, result);
  return result;
}
