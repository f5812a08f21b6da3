// SPDX-License-Identifier: Apache-2.0
#include "daemon/ceremonies/typed_code.h"

#include <utility>

#include "core/engine/verification/sending.h"
#include "daemon/ceremonies/otp_evidence.h"

namespace countersign::routes {

namespace {

void verify_code(Services& services, Caller caller, std::string user, Result<TypedCode> code,
                 bool sent_too, std::move_only_function<void(Result<Verdict>)> then) {
  if (!code) return then(std::unexpected(code.error()));
  const auto slow = engine::slow(*code) ? std::optional(caller.holder()) : std::nullopt;
  auto question = otp_question(services, user, *code);
  auto run = [&services,
              request = engine::VerifyCode{.caller = std::move(caller),
                                           .user = std::move(user),
                                           .code = std::move(*code),
                                           .sent_too = sent_too},
              then = std::move(then)](std::shared_ptr<const engine::OtpEvidence> evidence) mutable {
    request.evidence = std::move(evidence);
    engine::verify(services.context, std::move(request),
                   [then = std::move(then)](Verdict verdict) mutable { then(std::move(verdict)); });
  };
  with_otp_evidence(services, std::move(question), slow, std::move(run));
}

}  // namespace

Result<TypedCode> parse_typed_code(Services& services, const Caller& caller,
                                   const std::string& user, const std::string& bound_to,
                                   const Secret& typed) {
  Result<TypedCode> code = parse_code(typed.expose_text());
  if (code) return code;
  Result<TypedCode> sent = parse_sent_code(typed.expose_text());
  return sent && engine::code_waits(services.context, caller, user, bound_to) ? std::move(sent)
                                                                              : std::move(code);
}

void verify_typed_code(Services& services, Caller caller, std::string user, const Secret& typed,
                       std::move_only_function<void(Result<Verdict>)> then) {
  verify_code(services, std::move(caller), std::move(user), parse_code(typed.expose_text()), false,
              std::move(then));
}

void verify_any_code(Services& services, Caller caller, std::string user, const Secret& typed,
                     std::move_only_function<void(Result<Verdict>)> then) {
  Result<TypedCode> code = parse_typed_code(services, caller, user, {}, typed);
  verify_code(services, std::move(caller), std::move(user), std::move(code), true, std::move(then));
}

Result<engine::Grounds> grounds_of(Services& services, const std::string& user,
                                   const Verdict& verdict) {
  if (!verdict.verified())
    return fail(Code::not_permitted,
                "you were not verified (" + std::string(verdict.why()) + "); nothing was enrolled");
  return engine::grounds_after(services.context, user, verdict);
}

void verify_oneself(Services& services, Caller caller, std::string user, const Secret& typed,
                    std::move_only_function<void(Result<engine::Grounds>)> then) {
  std::string name = user;
  verify_typed_code(
      services, std::move(caller), std::move(user), typed,
      [&services, name = std::move(name),
       then = std::move(then)](const Result<Verdict>& verdict) mutable {
        if (!verdict)
          then(std::unexpected(verdict.error()));
        else if (!verdict->verified())
          then(fail(Code::not_permitted, "the code was not accepted; nothing was enrolled"));
        // core/DESIGN.md, "Re-admission": within a sign-in, where it binds one authenticator.
        else if (verdict->kind() == Kind::temporary_code)
          then(fail(Code::not_permitted,
                    "a temporary code enrols within a sign-in alone: countersign sign-in begin"));
        else
          then(engine::grounds_after(services.context, name, *verdict));
      });
}

void verify_sent_code(Services& services, Caller caller, std::string user, const Secret& typed,
                      SentAnswer answer, std::move_only_function<void(Result<Verdict>)> then) {
  Result<TypedCode> code = parse_sent_code(typed.expose_text());
  if (!code) return then(std::unexpected(code.error()));
  engine::verify(services.context,
                 {.caller = std::move(caller),
                  .user = std::move(user),
                  .code = std::move(*code),
                  .challenge = std::move(answer.challenge),
                  .bound_to = std::move(answer.bound_to)},
                 [then = std::move(then)](Verdict verdict) mutable { then(std::move(verdict)); });
}

}  // namespace countersign::routes
