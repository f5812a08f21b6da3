// SPDX-License-Identifier: Apache-2.0
#include "core/engine/administration/authenticators.h"

#include "core/engine/grounds/bootstrap.h"
#include "core/engine/lookup.h"
#include "core/engine/verification/card_credentials.h"
#include "core/factors/backup_codes.h"
#include "daemon/api/authenticators.h"
#include "daemon/api/with_fresh.h"
#include "daemon/routes/routes.h"
#include "daemon/services/rest_on.h"
#include "daemon/views/authenticator_view.h"
#include "daemon/views/paging.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;
using http::Where;

Result<std::string> owner_of(Services& services, const std::string& id) {
  const auto authenticator = TRY(engine::authenticator_with_id(services.context, id));
  const auto record = TRY(services.context.store.user_by_id(authenticator.user));
  return record->user.name;
}

template <class Request>
auto subject_is_owner(Services& services) {
  return [&services](const Request& request) { return owner_of(services, request.id); };
}

auto answer_with_view(Services& services, auto then) {
  return [&services, then = std::move(then)](Result<Authenticator> authenticator) mutable {
    if (authenticator)
      then(view_of(services, *authenticator));
    else
      then(std::unexpected(authenticator.error()));
  };
}

// Which rows of the rights table a change of an authenticator is: the one that asks for most
// decides.
std::vector<Deed> deeds_of(const Services& services, const api::AuthenticatorSet& request) {
  std::vector<Deed> deeds;
  if (request.confirm.value_or(false)) deeds.push_back(Deed::authenticator_confirm);
  if (request.status) {
    const auto now = engine::authenticator_with_id(services.context, request.id);
    const bool stays = now && now->status == *request.status;
    if (*request.status == Status::suspended)
      deeds.push_back(Deed::authenticator_suspend);
    else if (*request.status == Status::revoked)
      deeds.push_back(Deed::authenticator_revoke);
    else if (!stays)
      deeds.push_back(Deed::authenticator_resume);
  }
  if (request.label || deeds.empty()) deeds.push_back(Deed::authenticator_label);
  return deeds;
}

// A change that asks for two verifications at once is not one that anybody needs.
Result<void> one_at_a_time(const std::vector<Deed>& deeds) {
  const auto grave =
      std::ranges::count_if(deeds, [](Deed deed) { return right(deed).admin == Needs::fresh; });
  return grave <= 1 ? Result<void>()
                    : fail(Code::invalid,
                           "confirm an authenticator, and change its state, in two requests");
}

void change(Services& services, const http::Call& call,
            const api::WithFresh<api::AuthenticatorSet>& request,
            std::move_only_function<void(Result<api::AuthenticatorView>)> then) {
  const auto owner = owner_of(services, request.id);
  if (!owner && owner.error().code != Code::not_found) return then(std::unexpected(owner.error()));
  const std::vector<Deed> deeds = deeds_of(services, request);
  if (auto held = one_at_a_time(deeds); !held) return then(std::unexpected(held.error()));
  engine::AuthenticatorChange wanted{
      .label = request.label, .status = request.status, .confirm = request.confirm.value_or(false)};
  for (const Deed deed : deeds) {
    Result<Basis> basis = rest_on(services, call,
                                  {.deed = deed,
                                   .subject = request.id,
                                   .concerned = owner.value_or(""),
                                   .fresh = request.fresh,
                                   .recovery = request.recovery});
    if (!basis) return then(std::unexpected(basis.error()));
    if (!basis->text().empty()) wanted.basis = std::move(*basis);
  }
  engine::change_authenticator(services.context, call.caller, request.id, std::move(wanted),
                               answer_with_view(services, std::move(then)));
}

// Reads all that have a certificate until the page is full.
Result<api::AuthenticatorPage> expiring(Services& services, AuthenticatorFilter filter, int days) {
  if (days < 0 || days > 3650) return fail(Code::invalid, "expiring is 0 to 3650 days");
  if (filter.kind.value_or(Kind::piv) != Kind::piv ||
      filter.status.value_or(Status::active) != Status::active)
    return api::AuthenticatorPage{};
  const std::size_t wanted = filter.limit;
  const Time until = services.context.clock.read().now + std::chrono::days(days);
  filter.kind = Kind::piv;
  filter.status = Status::active;
  filter.limit = 1000;
  api::AuthenticatorPage page;
  while (true) {
    const auto found = TRY(services.context.store.authenticators(filter));
    for (const Authenticator& authenticator : found) {
      auto view = TRY(view_of(services, authenticator));
      if (!view.not_after || *view.not_after > until) continue;
      page.authenticators.push_back(std::move(view));
      if (page.authenticators.size() < wanted) continue;
      page.next = page.authenticators.back().id;
      return page;
    }
    if (found.size() < filter.limit) return page;
    filter.after = found.back().id;
  }
}

Result<api::AuthenticatorPage> list(Services& services, const api::AuthenticatorQuery& query) {
  const std::size_t limit = TRY(page_limit(query.limit));
  AuthenticatorFilter filter{.limit = limit,
                             .user = {},
                             .kind = query.kind,
                             .status = query.status,
                             .serial = query.serial};
  if (query.user) {
    const auto record = TRY(engine::user_named(services.context, *query.user));
    filter.user = record->user.id;
  }
  const auto after = TRY(page_after<AuthenticatorId>(query.after));
  filter.after = after;
  if (query.expiring) return expiring(services, std::move(filter), *query.expiring);
  const auto found = TRY(services.context.store.authenticators(filter));
  api::AuthenticatorPage page;
  for (const Authenticator& authenticator : found) {
    auto view = TRY(view_of(services, authenticator));
    page.authenticators.push_back(std::move(view));
  }
  if (page.authenticators.size() == limit) page.next = page.authenticators.back().id;
  return page;
}

}  // namespace

Result<api::AuthenticatorView> view_of(Services& services, const Authenticator& authenticator) {
  api::AuthenticatorView view{.id = to_text(authenticator.id),
                              .user = {},
                              .kind = authenticator.kind,
                              .status = authenticator.status,
                              .label = authenticator.label,
                              .serial = authenticator.serial,
                              .algorithm = {},
                              .digits = {},
                              .period = {},
                              .created = authenticator.created,
                              .ended = {}};
  const auto basis = TRY(engine::basis_of(services.context, authenticator));
  view.basis = basis.text();
  if (authenticator.user) {
    const auto record = TRY(services.context.store.user_by_id(authenticator.user));
    view.user = record->user.name;
  }
  if (authenticator.kind == Kind::totp || authenticator.kind == Kind::hotp) {
    view.algorithm = authenticator.oath.algorithm;
    view.digits = authenticator.oath.digits;
    if (authenticator.kind == Kind::totp) view.period = authenticator.oath.period;
  }
  if (authenticator.kind == Kind::backup_codes) {
    const Secret material = TRY(services.context.vault.open(crypto::Purpose::authenticator, view.id,
                                                            authenticator.material));
    view.codes_left = backup_codes::left(material, authenticator.progress);
  }
  if (authenticator.kind == Kind::piv) {
    const auto credential = TRY(engine::open_card(services.context, authenticator));
    if (const auto certificate = crypto::Certificate::parse(credential.certificate))
      view.not_after = certificate->not_after();
  }
  if (authenticator.progress.last_used != Time{}) view.last_used = authenticator.progress.last_used;
  if (authenticator.ended != Time{}) view.ended = authenticator.ended;
  return view;
}

Result<api::AuthenticatorView> view_of(Services& services, AuthenticatorId id) {
  const Authenticator authenticator = TRY(services.context.store.authenticator(id));
  return view_of(services, authenticator);
}

std::vector<http::Route> authenticator_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::AuthenticatorQuery, api::AuthenticatorPage>(
      {.method = Method::get,
       .path = "/v1/authenticators",
       .privilege = Privilege::self_or_helpdesk,
       .where = Where::worker,
       .summary =
           "Lists authenticators, a page at a time; users see their own when they name themselves",
       .failures = {Code::not_found},
       .subject = [](const api::AuthenticatorQuery& query) { return query.user.value_or(""); },
       .handle = [&services](const http::Call&, const api::AuthenticatorQuery& query,
                             auto then) { then(list(services, query)); }}));
  rows.push_back(http::make_route<api::AuthenticatorId, api::AuthenticatorView>(
      {.method = Method::get,
       .path = "/v1/authenticators/{id}",
       .privilege = Privilege::self_or_helpdesk,
       .summary = "Shows one authenticator",
       .failures = {Code::not_found},
       .subject = subject_is_owner<api::AuthenticatorId>(services),
       .handle = [&services](const http::Call&, const api::AuthenticatorId& request, auto then) {
         const auto authenticator = engine::authenticator_with_id(services.context, request.id);
         if (authenticator)
           then(view_of(services, *authenticator));
         else
           then(std::unexpected(authenticator.error()));
       }}));
  rows.push_back(http::make_route<api::WithFresh<api::AuthenticatorSet>, api::AuthenticatorView>(
      {.method = Method::patch,
       .path = "/v1/authenticators/{id}",
       .privilege = Privilege::self_or_helpdesk,
       .where = Where::worker,
       .summary = "Renames, suspends, resumes, confirms or (for good) revokes an authenticator",
       .failures = {Code::not_found, Code::conflict},
       .subject = subject_is_owner<api::WithFresh<api::AuthenticatorSet>>(services),
       .handle = [&services](const http::Call& call,
                             const api::WithFresh<api::AuthenticatorSet>& request,
                             auto then) { change(services, call, request, std::move(then)); }}));
  rows.push_back(http::make_route<api::ResyncRequest, api::AuthenticatorView>(
      {.method = Method::post,
       .path = "/v1/authenticators/{id}/resync",
       .privilege = Privilege::self_or_helpdesk,
       .summary = "Finds the counter of a HOTP token or the clock of a TOTP token again by two "
                  "consecutive codes",
       .failures = {Code::not_found, Code::conflict, Code::exhausted},
       .subject = subject_is_owner<api::ResyncRequest>(services),
       .handle = [&services](const http::Call& call, api::ResyncRequest request, auto then) {
         if (request.codes.size() != 2)
           return then(fail(Code::invalid, "two consecutive codes are needed"));
         Result<TypedCode> first = parse_code(request.codes[0].expose_text());
         Result<TypedCode> second = parse_code(request.codes[1].expose_text());
         if (!first) return then(std::unexpected(first.error()));
         if (!second) return then(std::unexpected(second.error()));
         engine::resync(services.context,
                        {.caller = call.caller,
                         .id = std::move(request.id),
                         .first = std::move(*first),
                         .second = std::move(*second)},
                        answer_with_view(services, std::move(then)));
       }}));
  return rows;
}

}  // namespace countersign::routes
