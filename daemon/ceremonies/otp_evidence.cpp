// SPDX-License-Identifier: Apache-2.0
#include "daemon/ceremonies/otp_evidence.h"

#include <utility>

namespace countersign::routes {

void ask_servers(Services& services, engine::OtpEvidence question, JudgeCode then) {
  services.otp_servers->ask(std::move(question), [&services, then = std::move(then)](
                                                     engine::OtpEvidence answered) mutable {
    services.post([evidence = std::make_shared<const engine::OtpEvidence>(std::move(answered)),
                   then = std::move(then)]() mutable { then(std::move(evidence)); });
  });
}

std::optional<engine::OtpEvidence> otp_question(Services& services,
                                                const std::optional<std::string>& user,
                                                const TypedCode& code) {
  if (code.form != CodeForm::yubico_otp || services.otp_servers == nullptr) return std::nullopt;
  return engine::question_about(services.context, services.otp_servers->service(), user,
                                code.text.expose_text());
}

void with_otp_evidence(Services& services, std::optional<engine::OtpEvidence> question,
                       const std::optional<Holder>& slow, JudgeCode judge) {
  if (question)
    ask_servers(services, std::move(*question), std::move(judge));
  else if (slow)
    services.work(*slow, [judge = std::move(judge)]() mutable { judge(nullptr); });
  else
    judge(nullptr);
}

}  // namespace countersign::routes
