// SPDX-License-Identifier: Apache-2.0
// Verifying and enrolling with a token at this machine.
#include <algorithm>

#include "core/engine/enrollment/card_enrollment.h"
#include "core/engine/enrollment/registration.h"
#include "daemon/api/authenticators.h"
#include "daemon/api/problem.h"
#include "daemon/api/tap.h"
#include "daemon/api/verification.h"
#include "daemon/api/with_fresh.h"
#include "daemon/ceremonies/card_evidence.h"
#include "daemon/ceremonies/tap.h"
#include "daemon/ceremonies/typed_code.h"
#include "daemon/routes/routes.h"
#include "daemon/services/login_name.h"
#include "daemon/services/rest_on.h"
#include "daemon/tokens/card_client.h"
#include "daemon/tokens/fido2_client.h"
#include "daemon/views/advisory_view.h"
#include "daemon/views/authenticator_view.h"
#include "daemon/views/verdict_view.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;

Result<void> require_here(const Services& services, const http::Call& call,
                          std::optional<bool> claimed) {
  if (caller_is_here(services, call, claimed)) return {};
  return fail(Code::not_permitted,
              "tokens can be used only at this machine's own seat; this session is not (a kiosk "
              "without a session manager sets seat = \"always-here\")");
}

// Verifying whoever holds the token is for those who may verify others.
Result<std::string> subject_of(const Services& services, const api::TapVerifyRequest& request) {
  return user_named_by(services, request.user.value_or(""));
}

void verify(Services& services, const http::Call& call, api::TapVerifyRequest request,
            std::shared_ptr<http::Stream> stream) {
  if (request.user) request.user = user_named_by(services, std::move(*request.user));
  if (auto here = require_here(services, call, request.here); !here)
    return stream->fail(here.error());
  auto tap = tap_for(services, call, request.user.value_or(""), request.seconds, stream);
  const bool tell = call.standing.verifies_others();
  verify_by_tap(tap, request.user, request.uv.value_or(webauthn::UserVerification::preferred),
                [tap, tell](TapVerified result) {
                  api::VerifyResult wire = to_wire(
                      result.verdict, tap->user.empty() ? result.verdict.user() : tap->user, tell);
                  wire.retries = result.retries;
                  tap->stream->finish(api::encode(wire));
                });
}

struct Enrolling {
  std::shared_ptr<Tap> tap;
  api::TapEnrollRequest request;
  std::vector<std::string> warned;  // advisories that the person was told of
  engine::Grounds grounds;          // on what it is bound
};

// Tells the person what is to be known of the token that they chose; why it is not taken, if so.
// Nothing was asked of it yet.
std::optional<std::string> vet(Enrolling& enrolling, const std::vector<Finding>& findings,
                               const std::string& model) {
  for (const Finding& each : findings) {
    const std::string id(each.id);
    switch (each.verdict) {
      case AdvisoryVerdict::refuse:
        return "this " + model + " is not enrolled: " + id + ": " + words_of(each);
      case AdvisoryVerdict::note:
        break;
      case AdvisoryVerdict::warn: {
        enrolling.warned.push_back(id);
        api::TapEvent event{.event = api::Prompt::advisory};
        event.device = model;
        event.advisory = id;
        event.about = words_of(each);
        enrolling.tap->stream->event(api::encode(event));
      }
    }
  }
  return std::nullopt;
}

void tell_bound(Enrolling& enrolling, Result<AuthenticatorId> bound, const std::string& not_bound,
                const std::string& left_behind) {
  const auto& stream = enrolling.tap->stream;
  if (!bound) {
    Error error = std::move(bound.error());
    error.what = not_bound + error.what + left_behind;
    return stream->fail(error);
  }
  const auto view = view_of(enrolling.tap->services, *bound);
  if (!view) return stream->fail(view.error());
  stream->finish(api::encode(*view));
}

void bind(const std::shared_ptr<Enrolling>& enrolling, engine::FinishRegistration response,
          bool left_on_token) {
  // T31: a discoverable credential stays on the key although nothing here knows it.
  const std::string left = left_on_token ? ". The key keeps what it made; 'countersign device "
                                           "credentials list' shows it, 'delete' removes it"
                                         : "";
  engine::finish_registration(enrolling->tap->services.context, std::move(response),
                              [enrolling, left](Result<AuthenticatorId> bound) {
                                tell_bound(*enrolling, std::move(bound),
                                           "the key was not enrolled: ", left);
                              });
}

void enroll(const std::shared_ptr<Enrolling>& enrolling) {
  engine::Context& context = enrolling->tap->services.context;
  const api::TapEnrollRequest& request = enrolling->request;
  std::string label = request.label.value_or(request.backup.value_or(false) ? "backup key" : "");
  engine::begin_registration(
      context,
      {.caller = enrolling->tap->caller,
       .user = request.user,
       .label = std::move(label),
       .discoverable = request.discoverable.value_or(false),
       .uv = request.uv.value_or(webauthn::UserVerification::preferred),
       .grounds = enrolling->grounds},
      [enrolling, &context](Result<engine::RegistrationOptions> options) {
        const auto& tap = enrolling->tap;
        if (!options) return tap->stream->fail(options.error());
        auto ceremony = std::make_shared<tokens::Fido2Ceremony>(
            tokens::registration_ceremony(context.rules.fido2.rp, context.rules.issuer, *options));
        tokens::Plan plan{.vet = [enrolling](const devices::Device& device,
                                             const std::optional<devices::Fido2Info>& fido2) {
          return vet(*enrolling,
                     against_enrolling(device, fido2, enrolling->tap->services.assurance),
                     device.model);
        }};
        plan.ways.push_back(std::move(ceremony->way));
        use_tokens(tap, std::move(plan),
                   [enrolling, &context, ceremony,
                    id = options->id](std::expected<tokens::Outcome, tokens::Failed> outcome) {
                     const auto conveyance =
                         enrolling->request.attestation.value_or(webauthn::Conveyance::direct);
                     auto response =
                         outcome ? tokens::registration_response(*ceremony, *outcome, conveyance)
                                 : std::nullopt;
                     if (!response) {
                       engine::abandon_registration(context, enrolling->tap->caller, id);
                       return enrolling->tap->stream->fail(
                           error_of(outcome ? tokens::Failed{.failure = reader::Failure::malformed}
                                            : outcome.error()));
                     }
                     response->caller = enrolling->tap->caller;
                     response->id = id;
                     response->advisories = enrolling->warned;
                     response->token = {.vendor = outcome->device.vendor,
                                        .product = outcome->device.product,
                                        .firmware = outcome->device.firmware};
                     bind(enrolling, std::move(*response),
                          enrolling->request.discoverable.value_or(false));
                   });
      });
}

// What a card is asked for: a signature over a challenge, by the key of the slot that is wanted.
void enroll_card(const std::shared_ptr<Enrolling>& enrolling) {
  Services& services = enrolling->tap->services;
  const api::TapEnrollRequest& request = enrolling->request;
  const devices::Capability applet =
      request.kind == Kind::openpgp ? devices::Capability::openpgp : devices::Capability::piv;
  const std::string slot =
      applet == devices::Capability::piv ? request.slot.value_or("9a") : std::string();
  engine::begin_card_enrollment(
      services.context,
      {.caller = enrolling->tap->caller,
       .user = request.user,
       .label = request.label.value_or(""),
       .uv = request.uv.value_or(webauthn::UserVerification::preferred),
       .grounds = enrolling->grounds},
      [enrolling, &services, applet, slot](Result<engine::CardEnrollmentOptions> options) {
        const auto& tap = enrolling->tap;
        if (!options) return tap->stream->fail(options.error());
        tokens::Plan plan;
        plan.ways.push_back(tokens::card_way(
            {.keys = {}, .applets = {applet}, .slot = slot, .message = options->message}));
        plan.vet = [enrolling, applet](const devices::Device& device,
                                       const std::optional<devices::Fido2Info>&) {
          return vet(*enrolling,
                     against_card(device, applet == devices::Capability::piv
                                              ? TokenOperation::piv_enroll
                                              : TokenOperation::openpgp_enroll),
                     device.model);
        };
        use_tokens(tap, std::move(plan),
                   [enrolling, &services,
                    id = options->id](std::expected<tokens::Outcome, tokens::Failed> outcome) {
                     auto proof = outcome ? tokens::card_proof(*outcome) : std::nullopt;
                     if (!proof) {
                       engine::abandon_registration(services.context, enrolling->tap->caller, id);
                       return enrolling->tap->stream->fail(
                           error_of(outcome ? tokens::Failed{.failure = reader::Failure::malformed}
                                            : outcome.error()));
                     }
                     with_evidence(services, enrolling->tap->caller.holder(), std::move(*proof),
                                   [enrolling, &services, id](engine::CardProof complete) {
                                     engine::finish_card_enrollment(
                                         services.context,
                                         {.caller = enrolling->tap->caller,
                                          .id = id,
                                          .proof = std::move(complete),
                                          .advisories = enrolling->warned},
                                         [enrolling](Result<AuthenticatorId> bound) {
                                           tell_bound(*enrolling, std::move(bound),
                                                      "the card was not enrolled: ", {});
                                         });
                                   });
                   });
      });
}

Result<void> valid(const api::TapEnrollRequest& request) {
  const Kind kind = request.kind.value_or(Kind::fido2);
  if (kind != Kind::fido2 && kind != Kind::piv && kind != Kind::openpgp)
    return fail(Code::invalid, "kind must be fido2, piv or openpgp");
  const bool known =
      !request.slot || *request.slot == "9a" || *request.slot == "9c" || *request.slot == "9e";
  if (!known || (request.slot && kind != Kind::piv))
    return fail(Code::invalid, "slot is one of a PIV card: 9a, 9c or 9e");
  return {};
}

void enroll_wanted(const std::shared_ptr<Enrolling>& enrolling) {
  if (enrolling->request.kind.value_or(Kind::fido2) == Kind::fido2)
    enroll(enrolling);
  else
    enroll_card(enrolling);
}

// Whoever enrols themselves shows first that it is really them: by a code, or by a key that they
// have.
void enroll_after_verification(const std::shared_ptr<Enrolling>& enrolling) {
  Services& services = enrolling->tap->services;
  const auto go_on = [enrolling](Result<engine::Grounds> grounds) {
    if (!grounds) return enrolling->tap->stream->fail(grounds.error());
    enrolling->grounds = std::move(*grounds);
    enroll_wanted(enrolling);
  };
  const std::string& user = enrolling->request.user;
  if (!enrolling->request.code)
    return verify_by_tap(enrolling->tap, user, webauthn::UserVerification::preferred,
                         [&services, user, go_on](TapVerified result) {
                           go_on(grounds_of(services, user, result.verdict));
                         });
  verify_oneself(services, enrolling->tap->caller, user, *enrolling->request.code,
                 [&services, go_on](Result<engine::Grounds> grounds) {
                   services.post([go_on, grounds = std::move(grounds)]() mutable {
                     go_on(std::move(grounds));
                   });
                 });
}

void begin_enrolling(Services& services, const http::Call& call,
                     api::WithFresh<api::TapEnrollRequest> request,
                     std::shared_ptr<http::Stream> stream) {
  if (auto here = require_here(services, call, std::nullopt); !here)
    return stream->fail(here.error());
  if (auto held = valid(request); !held) return stream->fail(held.error());
  auto enrolling = std::make_shared<Enrolling>();
  enrolling->tap = tap_for(services, call, request.user, request.seconds, std::move(stream));
  BindOrder order{.user = request.user,
                  .kind = request.kind.value_or(Kind::fido2),
                  .parts = {{"slot", request.slot.value_or("")}},
                  .fresh = std::move(request.fresh),
                  .recovery = request.recovery};
  enrolling->request = std::move(request);
  if (!call.standing.admin ||
      (enrolling->request.code && call.standing.user == enrolling->request.user))
    return enroll_after_verification(enrolling);
  Result<engine::Grounds> grounds = grounds_for(services, call, std::move(order));
  if (!grounds) return enrolling->tap->stream->fail(grounds.error());
  enrolling->grounds = std::move(*grounds);
  enroll_wanted(enrolling);
}

// The body is the secret itself, so that it is never part of a JSON text that is parsed and copied.
http::Route interaction_route(Services& services) {
  http::Route route = http::make_route<api::InteractionId, api::Nothing>(
      {.method = Method::post,
       .path = "/v1/interactions/{id}",
       .privilege = Privilege::anyone,  // the id is a capability, seen on one stream alone
       .summary = "Answers a prompt for a PIN: the body is the PIN, as it is",
       .failures = {Code::not_found},
       .handle = {}});
  route.raw = true;
  route.handle = [&services](const http::RawCall& raw, http::Respond respond) {
    const auto id = std::ranges::find(raw.texts, "id", [](const auto& text) { return text.first; });
    if (id == raw.texts.end()) return respond(http::problem({Code::not_found, "no id"}));
    if (auto taken =
            services.desk->interactions().answer(id->second, raw.peer.uid, Secret(raw.body));
        !taken)
      return respond(http::problem(taken.error()));
    respond({.status = 200, .body = api::encode(api::Nothing{})});
  };
  return route;
}

}  // namespace

std::vector<http::Route> tap_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_stream_route<api::TapVerifyRequest, api::TapEvent, api::VerifyResult>(
      {.path = "/v1/verifications/tap",
       .privilege = Privilege::verify,
       .summary = "Verifies with a security key or a card at this machine: tells what the user "
                  "should do, then the verdict",
       .failures = {},
       .subject =
           [&services](const api::TapVerifyRequest& request) {
             return subject_of(services, request);
           },
       .service = [](const api::TapVerifyRequest& request) { return request.service.value_or(""); },
       .handle =
           [&services](const http::Call& call, api::TapVerifyRequest request,
                       std::shared_ptr<http::Stream> stream) {
             verify(services, call, std::move(request), std::move(stream));
           }}));
  rows.push_back(http::make_stream_route<api::WithFresh<api::TapEnrollRequest>, api::TapEvent,
                                         api::AuthenticatorView>(
      {.path = "/v1/enrollments/tap",
       .privilege = Privilege::self,
       .summary = "Binds a security key or a card at this machine: tells what the user should do, "
                  "then what was bound",
       .failures = {Code::not_found, Code::exists, Code::exhausted, Code::timed_out},
       .subject = [](const api::WithFresh<api::TapEnrollRequest>& request) { return request.user; },
       .handle =
           [&services](const http::Call& call, api::WithFresh<api::TapEnrollRequest> request,
                       std::shared_ptr<http::Stream> stream) {
             begin_enrolling(services, call, std::move(request), std::move(stream));
           }}));
  rows.push_back(interaction_route(services));
  return rows;
}

}  // namespace countersign::routes
