// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/attestation.h"
#include "core/crypto/hash.h"
#include "core/encoding/base64url.h"
#include "daemon/api/with_fresh.h"
#include "daemon/views/advisory_view.h"

#include "core/base/text.h"
#include "core/engine/enrollment/attestation_trust.h"
#include "daemon/api/problem.h"
#include "daemon/routes/routes.h"
#include "daemon/services/rest_on.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;
using http::Where;

api::AttestationRule wire_of(webauthn::AttestationRule rule) {
  switch (rule) {
    case webauthn::AttestationRule::any:
      return api::AttestationRule::any;
    case webauthn::AttestationRule::trusted_if_certified:
      return api::AttestationRule::trusted_if_certified;
    case webauthn::AttestationRule::trusted:
      return api::AttestationRule::trusted;
  }
  std::unreachable();
}

webauthn::AttestationRule value_of(api::AttestationRule rule) {
  switch (rule) {
    case api::AttestationRule::any:
      return webauthn::AttestationRule::any;
    case api::AttestationRule::trusted_if_certified:
      return webauthn::AttestationRule::trusted_if_certified;
    case api::AttestationRule::trusted:
      return webauthn::AttestationRule::trusted;
  }
  std::unreachable();
}

std::string subject_of(const Bytes& der) {
  const auto certificate = crypto::Certificate::parse(der);
  return certificate ? certificate->subject() : "?";
}

api::AttestationView view(Services& services) {
  const auto state = services.context.attestation.now();
  api::AttestationView out{
      .rule = wire_of(state->rules.rule), .roots = {}, .allowed = {}, .denied = {}};
  for (const Bytes& root : state->rules.roots) out.roots.push_back(subject_of(root));
  for (const Bytes& root : state->rules.metadata_roots)
    out.metadata_roots.push_back(subject_of(root));
  for (const auto& model : state->rules.allowed) out.allowed.push_back(engine::to_text(model));
  for (const auto& model : state->rules.denied) out.denied.push_back(engine::to_text(model));
  if (!state->metadata) return out;
  out.metadata_entries = static_cast<std::int64_t>(state->metadata->entries().size());
  out.metadata_number = state->metadata->number();
  out.metadata_next_update = state->metadata->next_update();
  out.metadata_overdue = state->metadata->overdue(services.context.clock.read().now);
  return out;
}

Result<std::vector<Bytes>> certificates_in(const std::string& pem) {
  const auto certificates = TRY(crypto::Certificate::parse_file(as_bytes(pem)));
  std::vector<Bytes> ders;
  for (const auto& each : certificates) ders.push_back(each.der());
  return ders;
}

Result<void> take_models(const std::optional<std::vector<std::string>>& texts,
                         std::vector<webauthn::Aaguid>& into) {
  if (!texts) return {};
  into.clear();
  for (const std::string& text : *texts) {
    const auto model = TRY(engine::aaguid_from_text(text));
    into.push_back(model);
  }
  return {};
}

Result<engine::AttestationRules> changed(Services& services, const api::AttestationSet& request) {
  engine::AttestationRules rules = services.context.attestation.now()->rules;
  if (request.rule) rules.rule = value_of(*request.rule);
  if (request.clear_roots.value_or(false)) rules.roots.clear();
  if (request.add_root) {
    std::vector<Bytes> ders = TRY(certificates_in(*request.add_root));
    for (Bytes& der : ders) rules.roots.push_back(std::move(der));
  }
  TRY(take_models(request.allowed, rules.allowed));
  TRY(take_models(request.denied, rules.denied));
  return rules;
}

Result<api::AtRiskPage> at_risk(Services& services) {
  auto keys = TRY(engine::keys_at_risk(services.context));
  auto advised = TRY(enrolled_at_risk(services.context, services.assurance));
  std::ranges::move(advised, std::back_inserter(keys));
  api::AtRiskPage page;
  for (const auto& key : keys) {
    const auto record = TRY(services.context.store.user_by_id(key.authenticator.user));
    page.authenticators.push_back({.id = to_text(key.authenticator.id),
                                   .user = record->user.name,
                                   .label = key.authenticator.label,
                                   .reason = key.reason});
  }
  return page;
}

void import_metadata(Services& services, const Caller& caller, api::MetadataImport request,
                     std::move_only_function<void(Result<api::MetadataImported>)> then) {
  Bytes root;
  if (request.root) {
    Result<std::vector<Bytes>> ders = certificates_in(*request.root);
    if (!ders) return then(std::unexpected(ders.error()));
    if (ders->size() != 1)
      return then(fail(Code::invalid, "the file with the root must hold one certificate"));
    root = std::move(ders->front());
  }
  engine::import_metadata(
      services.context, caller, std::move(request.blob), std::move(root),
      [&services, holder = caller.holder(),
       then = std::move(then)](Result<engine::ImportedMetadata> imported) mutable {
        if (!imported) return then(std::unexpected(imported.error()));
        // Every key is judged again by what is known now.
        services.work(holder, [&services, imported = *imported, then = std::move(then)]() mutable {
          const auto keys = engine::keys_at_risk(services.context);
          if (!keys) return then(std::unexpected(keys.error()));
          then(api::MetadataImported{.entries = static_cast<std::int64_t>(imported.entries),
                                     .number = imported.number,
                                     .at_risk = static_cast<std::int64_t>(keys->size()),
                                     .next_update = imported.next_update,
                                     .overdue = imported.overdue});
        });
      });
}

}  // namespace

std::vector<http::Route> attestation_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::Nothing, api::AttestationView>(
      {.method = Method::get,
       .path = "/v1/attestation",
       .privilege = Privilege::admin,
       .summary = "Trusted attestation roots and allowed models of security keys",
       .failures = {},
       .handle = [&services](const http::Call&, api::Nothing, auto then) {
         then(view(services));
       }}));
  rows.push_back(http::make_route<api::WithFresh<api::AttestationSet>, api::AttestationView>(
      {.method = Method::patch,
       .path = "/v1/attestation",
       .privilege = Privilege::admin,
       .summary =
           "Changes that; enrolled keys stay, 'at risk' lists those that would be refused now",
       .failures = {Code::conflict},
       .handle = [&services](const http::Call& call, api::WithFresh<api::AttestationSet> request,
                             auto then) {
         const api::AttestationSet& wanted = request;
         Result<Basis> basis = rest_on(
             services, call,
             {.deed = Deed::attestation_set,
              .parts = {{"change",
                         formats::base64url(crypto::sha256(as_bytes(api::encode(wanted))))}},
              .fresh = std::move(request.fresh),
              .recovery = request.recovery});
         if (!basis) return then(std::unexpected(basis.error()));
         Result<engine::AttestationRules> rules = changed(services, request);
         if (!rules) return then(std::unexpected(rules.error()));
         engine::set_attestation(
             services.context, call.caller, std::move(*rules), std::move(*basis),
             [&services, then = std::move(then)](Result<std::monostate> done) mutable {
               if (!done) return then(std::unexpected(done.error()));
               then(view(services));
             });
       }}));
  rows.push_back(http::make_route<api::WithFresh<api::MetadataImport>, api::MetadataImported>(
      {.method = Method::post,
       .path = "/v1/attestation/metadata",
       .privilege = Privilege::admin,
       .where = Where::worker,
       .summary = "Imports a FIDO Metadata BLOB",
       .failures = {Code::conflict},
       .handle = [&services](const http::Call& call, api::WithFresh<api::MetadataImport> request,
                             auto then) {
         if (request.root) {  // whoever signs metadata from then on
           const std::string digest = formats::base64url(crypto::sha256(as_bytes(*request.root)));
           const Result<Basis> basis = rest_on(services, call,
                                               {.deed = Deed::attestation_set,
                                                .parts = {{"metadata_root", digest}},
                                                .fresh = std::move(request.fresh),
                                                .recovery = request.recovery});
           if (!basis) return then(std::unexpected(basis.error()));
         }
         import_metadata(services, call.caller, std::move(request), std::move(then));
       }}));
  rows.push_back(http::make_route<api::Nothing, api::AtRiskPage>(
      {.method = Method::get,
       .path = "/v1/attestation/at-risk",
       .privilege = Privilege::audit,
       .where = Where::worker,
       .summary = "Enrolled security keys that today's rules would refuse",
       .failures = {},
       .handle = [&services](const http::Call&, api::Nothing, auto then) {
         then(at_risk(services));
       }}));
  return rows;
}

}  // namespace countersign::routes
