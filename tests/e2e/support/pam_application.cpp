// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/support/pam_application.h"

#include <security/pam_appl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "tests/e2e/support/story.h"

namespace countersign::test {
namespace {

struct Conversation {
  const Transaction& transaction;
  std::string said;
};

int converse(int count, const pam_message** messages, pam_response** responses, void* data) {
  auto& conversation = *static_cast<Conversation*>(data);
  auto* out = static_cast<pam_response*>(
      std::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
  for (int i = 0; i < count; ++i) {
    const bool asked = messages[i]->msg_style == PAM_PROMPT_ECHO_OFF ||
                       messages[i]->msg_style == PAM_PROMPT_ECHO_ON;
    const auto& typed = conversation.transaction.typed;
    const auto answer = asked && typed ? typed(messages[i]->msg, conversation.said) : std::nullopt;
    conversation.said += std::string(messages[i]->msg) + "\n";
    if (!asked) continue;
    if (!answer) {
      std::free(out);
      return PAM_CONV_ERR;
    }
    out[i].resp = strdup(answer->c_str());
  }
  *responses = out;
  return PAM_SUCCESS;
}

void no_delay(int /*result*/, unsigned /*microseconds*/, void* /*data*/) {}

int item_of(const std::string& name) {
  if (name == "rhost") return PAM_RHOST;
  if (name == "tty") return PAM_TTY;
  throw std::runtime_error("no item " + name);
}

int take(pam_handle_t* pam, const std::string& step) {
  if (step == "authenticate") return pam_authenticate(pam, 0);
  if (step == "account") return pam_acct_mgmt(pam, 0);
  throw std::runtime_error("no step " + step);
}

// "0 9\n" and what was said.
std::string act(const Transaction& transaction) {
  if (transaction.caller != 0 && setresuid(transaction.caller, 0, 0) != 0)
    throw std::runtime_error("can't be called by another user");
  Conversation conversation{.transaction = transaction, .said = {}};
  const pam_conv talk{&converse, &conversation};
  pam_handle_t* pam = nullptr;
  if (pam_start(transaction.service.c_str(), transaction.user.c_str(), &talk, &pam) != PAM_SUCCESS)
    throw std::runtime_error("pam_start fails");
  using Delay = void (*)(int, unsigned, void*);
  const Delay delay = &no_delay;
  (void)pam_set_item(pam, PAM_FAIL_DELAY, reinterpret_cast<const void*>(delay));
  for (const auto& [name, value] : transaction.items)
    (void)pam_set_item(pam, item_of(name), value.c_str());
  for (const auto& [name, value] : transaction.environment)
    (void)pam_putenv(pam, (name + "=" + value).c_str());
  std::string codes;
  int result = PAM_SUCCESS;
  for (std::size_t at = 0; at < transaction.steps.size() && result == PAM_SUCCESS; ++at) {
    if (at == 1 && transaction.between) transaction.between();
    result = take(pam, transaction.steps[at]);
    codes += std::to_string(result) + " ";
  }
  (void)pam_end(pam, result);
  return codes + "\n" + conversation.said;
}

}  // namespace

Transacted transact(const Transaction& transaction) {
  std::istringstream out(as_uid(transaction.uid, [&] { return act(transaction); }));
  Transacted transacted;
  std::string first;
  std::getline(out, first);
  std::istringstream codes(first);
  for (int code = 0; codes >> code;) transacted.codes.push_back(code);
  std::getline(out, transacted.said, '\0');
  return transacted;
}

std::function<std::optional<std::string>(const std::string&, const std::string&)> lines(
    std::vector<std::string> typed) {
  const auto next = std::make_shared<std::size_t>(0);
  return [next, typed = std::move(typed)](const std::string&,
                                          const std::string&) -> std::optional<std::string> {
    if (*next == typed.size()) return std::nullopt;
    return typed[(*next)++];
  };
}

}  // namespace countersign::test
