// SPDX-License-Identifier: Apache-2.0
#include "core/engine/enrollment/enrollment.h"
#include "core/engine/recipients.h"

#include "core/crypto/hash.h"
#include "core/encoding/base32.h"
#include "core/encoding/base64url.h"
#include "core/engine/enrollment/temporary_code.h"
#include "core/engine/lookup.h"
#include "daemon/api/authenticators.h"
#include "daemon/api/sign_in.h"
#include "daemon/api/with_fresh.h"
#include "daemon/ceremonies/sending.h"
#include "daemon/ceremonies/typed_code.h"
#include "daemon/routes/enrollment_view.h"
#include "daemon/routes/routes.h"
#include "daemon/services/rest_on.h"
#include "daemon/views/authenticator_view.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;

Result<engine::Enroll> wanted_by(const Caller& caller, api::EnrollRequest request) {
  engine::Enroll wanted{.caller = caller,
                        .user = std::move(request.user),
                        .kind = request.kind,
                        .label = std::move(request.label).value_or(""),
                        .serial = std::move(request.serial).value_or(""),
                        .secret = {}};
  wanted.oath.algorithm = request.algorithm.value_or(wanted.oath.algorithm);
  wanted.oath.digits = request.digits.value_or(wanted.oath.digits);
  wanted.oath.period = request.period.value_or(wanted.oath.period);
  wanted.count = request.codes.value_or(wanted.count);
  wanted.confirm = request.confirm.value_or(true);
  if (request.secret) {
    Secret secret = TRY(formats::base32_decode(request.secret->expose_text()));
    wanted.secret = std::move(secret);
  }
  return wanted;
}

using ThenEnrolled = std::move_only_function<void(Result<api::EnrollResult>)>;

// A code goes to the phone or mailbox; typing it confirms.
void begin_sent(Services& services, engine::EnrollSent wanted, ThenEnrolled then) {
  send_enrollment_code(services, std::move(wanted),
                       [then = std::move(then)](Result<SentTo> sent) mutable {
                         if (!sent) return then(std::unexpected(sent.error()));
                         then(to_wire(std::move(*sent)));
                       });
}

void begin(Services& services, engine::Enroll wanted, ThenEnrolled then) {
  const bool slow = wanted.kind == Kind::backup_codes;
  const Holder holder = wanted.caller.holder();
  auto run = [&services, wanted = std::move(wanted), then = std::move(then)]() mutable {
    std::string user = wanted.user;
    engine::begin_enrollment(services.context, std::move(wanted),
                             [&services, user = std::move(user), then = std::move(then)](
                                 Result<engine::Enrollment> enrollment) mutable {
                               if (!enrollment) return then(std::unexpected(enrollment.error()));
                               then(to_wire(services, std::move(user), std::move(*enrollment)));
                             });
  };
  if (slow)
    services.work(holder, std::move(run));
  else
    run();
}

Error code_missing() {
  return {Code::not_permitted,
          "to enrol for yourself, give a code of an authenticator that you have; the first one is "
          "made by an administrator"};
}

// Whoever enrols themselves shows first that it is really them, with an authenticator they have.
void begin_after_verification(Services& services, engine::Enroll wanted,
                              const std::optional<Secret>& typed, ThenEnrolled then) {
  if (!wanted.confirm || wanted.secret || !wanted.serial.empty())
    return then(fail(Code::not_permitted,
                     "only administrators bind without a first code, with a secret of their own, "
                     "or from stock"));
  if (!typed) return then(std::unexpected(code_missing()));
  Caller caller = wanted.caller;
  std::string user = wanted.user;
  verify_oneself(services, std::move(caller), std::move(user), *typed,
                 [&services, wanted = std::move(wanted),
                  then = std::move(then)](Result<engine::Grounds> grounds) mutable {
                   if (!grounds) return then(std::unexpected(grounds.error()));
                   wanted.grounds = std::move(*grounds);
                   begin(services, std::move(wanted), std::move(then));
                 });
}

engine::EnrollSent sent_enrollment(engine::Enroll wanted, const std::optional<std::string>& to) {
  return {.caller = std::move(wanted.caller),
          .user = std::move(wanted.user),
          .kind = wanted.kind,
          .recipient = to.value_or(""),
          .label = std::move(wanted.label),
          .grounds = std::move(wanted.grounds)};
}

// T48: of somebody with a role, a number or address changes by an authenticator that serves alone.
Result<engine::Grounds> for_new_address(Services& services, const engine::EnrollSent& wanted,
                                        engine::Grounds grounds) {
  const auto record = TRY(engine::user_named(services.context, wanted.user));
  const bool changes = !wanted.recipient.empty() &&
                       wanted.recipient != engine::recipient_of(record->user, wanted.kind);
  if (!changes || record->user.role == Role::user || grounds.basis.serves()) return grounds;
  return fail(Code::not_permitted,
              "the authenticator that you verified with does not count for this: another "
              "administrator confirms it first (countersign authenticator confirm)");
}

// T48: whoever holds somebody's session changes no phone number with it.
void begin_sent_after_verification(Services& services, engine::EnrollSent wanted,
                                   const std::optional<Secret>& typed, ThenEnrolled then) {
  if (!typed) return then(std::unexpected(code_missing()));
  Caller caller = wanted.caller;
  std::string user = wanted.user;
  verify_oneself(services, std::move(caller), std::move(user), *typed,
                 [&services, wanted = std::move(wanted),
                  then = std::move(then)](Result<engine::Grounds> grounds) mutable {
                   if (grounds) grounds = for_new_address(services, wanted, std::move(*grounds));
                   if (!grounds) return then(std::unexpected(grounds.error()));
                   wanted.grounds = std::move(*grounds);
                   begin_sent(services, std::move(wanted), std::move(then));
                 });
}

// What an administrator's word is asked for: everything that decides who will hold it.
ChangeParts parts_of(const api::EnrollRequest& request) {
  ChangeParts parts = {{"serial", request.serial.value_or("")}, {"to", request.to.value_or("")}};
  if (request.secret)
    parts.emplace_back("secret",
                       formats::base64url(crypto::sha256(as_bytes(request.secret->expose_text()))));
  if (request.confirm == false) parts.emplace_back("confirm", "no");
  return parts;
}

void enroll(Services& services, const http::Call& call, api::WithFresh<api::EnrollRequest> request,
            ThenEnrolled then) {
  const std::optional<Secret> code = std::exchange(request.code, std::nullopt);
  const std::optional<std::string> to = request.to;
  BindOrder order{.user = request.user,
                  .kind = request.kind,
                  .parts = parts_of(request),
                  .fresh = std::move(request.fresh),
                  .recovery = request.recovery};
  Result<engine::Enroll> wanted = wanted_by(call.caller, std::move(request));
  if (!wanted) return then(std::unexpected(wanted.error()));
  if (to && !sent(wanted->kind)) return then(fail(Code::invalid, "'to' is for sms and email"));
  const bool oneself = !call.standing.admin || (code && call.standing.user == wanted->user);
  if (oneself && sent(wanted->kind))
    return begin_sent_after_verification(services, sent_enrollment(std::move(*wanted), to), code,
                                         std::move(then));
  if (oneself) return begin_after_verification(services, std::move(*wanted), code, std::move(then));
  Result<engine::Grounds> grounds = grounds_for(services, call, std::move(order));
  if (!grounds) return then(std::unexpected(grounds.error()));
  wanted->grounds = std::move(*grounds);
  if (sent(wanted->kind))
    begin_sent(services, sent_enrollment(std::move(*wanted), to), std::move(then));
  else
    begin(services, std::move(*wanted), std::move(then));
}

}  // namespace

std::vector<http::Route> enrollment_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::WithFresh<api::EnrollRequest>, api::EnrollResult>(
      {.method = Method::post,
       .path = "/v1/enrollments",
       .privilege = Privilege::self,
       .summary = "Begins to bind a TOTP or HOTP authenticator, a YubiKey in stock, a phone or an "
                  "e-mail address; or issues a set of backup codes",
       .failures = {Code::not_found, Code::conflict, Code::exhausted, Code::unavailable,
                    Code::timed_out},
       .subject = [](const api::WithFresh<api::EnrollRequest>& request) { return request.user; },
       .handle = [&services](
                     const http::Call& call, api::WithFresh<api::EnrollRequest> request,
                     auto then) { enroll(services, call, std::move(request), std::move(then)); }}));
  rows.push_back(http::make_route<api::WithFresh<api::ConfirmRequest>, api::AuthenticatorView>(
      {.method = Method::post,
       .path = "/v1/enrollments/{id}/confirm",
       .privilege =
           Privilege::anyone,  // whoever began it: the engine knows its caller; or an administrator
       .summary = "Binds a pending authenticator with its first code, or its first two, which are "
                  "used then",
       .failures = {Code::not_found, Code::conflict, Code::exhausted},
       .handle = [&services](const http::Call& call, api::WithFresh<api::ConfirmRequest> request,
                             auto then) {
         bool administers = false;
         if (const auto user = call.standing.admin ? engine::pending_of_somebody_else(
                                                         services.context, call.caller, request.id)
                                                   : std::nullopt) {
           const Result<Basis> basis = rest_on(services, call,
                                               {.deed = Deed::authenticator_bind,
                                                .subject = *user,
                                                .parts = {{"pending", request.id}},
                                                .concerned = *user,
                                                .fresh = std::move(request.fresh),
                                                .recovery = request.recovery});
           if (!basis) return then(std::unexpected(basis.error()));
           administers = true;
         }
         Result<TypedCode> code = parse_first_code(request.code.expose_text());
         if (!code) return then(std::unexpected(code.error()));
         std::optional<TypedCode> next;
         if (request.next) {
           Result<TypedCode> second = parse_code(request.next->expose_text());
           if (!second) return then(std::unexpected(second.error()));
           next = std::move(*second);
         }
         engine::confirm_enrollment(
             services.context,
             {.caller = call.caller,
              .administers = administers,
              .id = std::move(request.id),
              .code = std::move(*code),
              .next = std::move(next)},
             [&services, then = std::move(then)](Result<AuthenticatorId> bound) mutable {
               if (!bound) return then(std::unexpected(bound.error()));
               then(view_of(services, *bound));
             });
       }}));
  rows.push_back(
      http::make_route<api::WithFresh<api::TemporaryCodeRequest>, api::TemporaryCodeResult>(
          {.method = Method::post,
           .path = "/v1/enrollments/temporary-code",
           .privilege = Privilege::helpdesk,
           .where = http::Where::worker,
           .summary = "Makes a code for somebody who lost a key: limited in time and use, gone as "
                      "soon as something new is enrolled",
           .failures = {Code::not_found, Code::conflict},
           .handle = [&services](const http::Call& call,
                                 api::WithFresh<api::TemporaryCodeRequest> request, auto then) {
             ChangeParts parts;
             if (request.seconds) parts.emplace_back("seconds", std::to_string(*request.seconds));
             if (request.uses) parts.emplace_back("uses", std::to_string(*request.uses));
             Result<Basis> basis = rest_on(services, call,
                                           {.deed = Deed::temporary_code,
                                            .subject = request.user,
                                            .parts = std::move(parts),
                                            .concerned = request.user,
                                            .fresh = std::move(request.fresh),
                                            .recovery = request.recovery});
             if (!basis) return then(std::unexpected(basis.error()));
             engine::MakeTemporaryCode wanted{.caller = call.caller, .user = request.user};
             if (request.seconds) wanted.lasts = std::chrono::seconds(*request.seconds);
             wanted.uses = request.uses.value_or(wanted.uses);
             wanted.basis = std::move(*basis);
             engine::make_temporary_code(
                 services.context, std::move(wanted),
                 [user = request.user,
                  then = std::move(then)](Result<engine::TemporaryCode> made) mutable {
                   if (!made) return then(std::unexpected(made.error()));
                   then(api::TemporaryCodeResult{.id = to_text(made->id),
                                                 .user = std::move(user),
                                                 .code = std::move(made->code),
                                                 .expires = made->expires,
                                                 .uses = made->uses});
                 });
           }}));
  return rows;
}

}  // namespace countersign::routes
