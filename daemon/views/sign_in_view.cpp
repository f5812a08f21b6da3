// SPDX-License-Identifier: Apache-2.0
#include "daemon/views/sign_in_view.h"

#include <algorithm>

#include "core/encoding/base64url.h"
#include "daemon/views/verdict_view.h"

namespace countersign::routes {
namespace {

std::string advice_for(const Decided& decided) {
  switch (decided.because) {
    case Because::nothing:
      return "too many tries, or the policy changed meanwhile: begin a new sign-in";
    case Because::user_suspended:
      return "the user is suspended; ask an administrator to resume it";
    case Because::machine_blocked:
      return "this machine is blocked; ask the helpdesk to find out why and to forget it, then "
             "verify again";
    case Because::unknown_user:
      return decided.decision == Decision::allow
                 ? ""
                 : "there is no such user here; ask an administrator to add it";
    case Because::throttled:
      return "too many wrong codes: wait, or have the helpdesk reopen the user";
    case Because::no_factor:
      return decided.skippable ? "enrol an authenticator now, or skip for now"
                               : "enrol an authenticator now";
    case Because::lost_factor:
      return "the user has no authenticator left that works: ask the helpdesk for a temporary code "
             "or a reset";
    case Because::enrolment_closed:
      return "the user has no authenticator, and none is made at a sign-in: an administrator "
             "enrols one, or enters a phone number or address that codes are sent to";
    case Because::not_this_service_account:
      return "a service account gets in from the callers and for the services that are named on it";
    case Because::factor:
      return "verify with one of the factors";
    case Because::policy_off:
    case Because::single_sign_on:
    case Because::service_account:
    case Because::recognized:
    case Because::grace:
    case Because::verified:
    case Because::skipped:
    case Because::enrolled:
      return "";
  }
  std::unreachable();
}

std::optional<api::MachineOfSignIn> machine_of(engine::SignInView& view) {
  if (!view.machine_kind) return std::nullopt;
  api::MachineOfSignIn machine{.id = {},
                               .kind = *view.machine_kind,
                               .state = view.machine_state,
                               .fingerprint = {},
                               .recognized_now = view.machine_recognized_now};
  if (view.machine) machine.id = to_text(view.machine);
  if (!view.machine_says.empty()) machine.fingerprint = std::move(view.machine_says);
  if (!view.cookie.empty()) machine.cookie = Secret(view.cookie);
  return machine;
}

}  // namespace

api::SignInResult to_wire(engine::SignInView view, bool tell) {
  api::SignInResult result{.decision = view.decided.decision,
                           .because = view.decided.because,
                           .id = std::move(view.id),
                           .user = std::move(view.user),
                           .service = std::move(view.service),
                           .primary = view.primary,
                           .skippable = view.decided.skippable,
                           .advice = advice_for(view.decided),
                           .reason = {},
                           .retry_at = view.decided.opens,
                           .machine = {},
                           .challenge = {},
                           .expires = view.expires,
                           .receipt = {},
                           .amr = std::move(view.amr),
                           .aal = view.aal};
  for (const Offer& offer : view.decided.offers)
    if (std::ranges::find(result.factors, offer.kind) == result.factors.end())
      result.factors.push_back(offer.kind);
  if (!view.enrollable.empty()) result.enrollable = view.enrollable.list();
  if (view.verdict) result.reason = to_wire(*view.verdict, result.user, tell).reason;
  if (result.decision != Decision::allow && !view.challenge.empty())
    result.challenge = formats::base64url(view.challenge);
  result.machine = machine_of(view);
  if (!view.receipt.empty()) result.receipt = std::move(view.receipt);
  return result;
}

}  // namespace countersign::routes
