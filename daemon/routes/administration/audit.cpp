// SPDX-License-Identifier: Apache-2.0
#include "core/audit.h"

#include "core/encoding/hex.h"
#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "daemon/api/audit.h"
#include "daemon/routes/routes.h"
#include "daemon/views/paging.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;
using http::Where;

constexpr std::size_t rows_at_once = 1000;

api::AuditHead wire_of(const audit::Head& head) {
  return {.sequence = head.sequence,
          .hash = formats::hex_encode(head.hash),
          .signature = formats::hex_encode(head.signature)};
}

Result<api::AuditPage> list(Services& services, const api::AuditQuery& query) {
  const std::size_t limit = TRY(page_limit(query.limit));
  const auto events = services.context.store.events(query.after.value_or(0), limit);
  const auto head = services.context.store.head();
  const auto checkpoint = services.context.store.checkpoint();
  if (!events) return std::unexpected(events.error());
  if (!head) return std::unexpected(head.error());
  if (!checkpoint) return std::unexpected(checkpoint.error());
  api::AuditPage page{.events = {},
                      .head = wire_of(*head),
                      .checkpoint = wire_of(*checkpoint),
                      .audit_key = formats::hex_encode(services.signer.public_key())};
  for (const audit::Record& record : *events)
    page.events.push_back({.sequence = record.sequence,
                           .event = record.line,
                           .hash = formats::hex_encode(record.hash)});
  return page;
}

bool signed_by(const crypto::Signer& signer, const audit::Head& head) {
  return crypto::verify_ed25519(signer.public_key(), audit::head_message(head.sequence, head.hash),
                                head.signature);
}

struct Anchor {
  std::int64_t sequence;
  std::string hash;
};

// The first thing that is wrong, or nothing. The head is read first: what is written meanwhile lies
// behind it.
Result<void> walk(Services& services, const std::optional<Anchor>& anchor,
                  api::AuditVerdict& verdict) {
  Store& store = services.context.store;
  const auto head = TRY(store.head());
  const auto checkpoint = TRY(store.checkpoint());
  if (head.sequence != 0 && !signed_by(services.signer, head))
    return fail(Code::corrupt, "the signature of the chain's end is not the daemon's");
  if (checkpoint.sequence != 0 && !signed_by(services.signer, checkpoint))
    return fail(Code::corrupt,
                "the signature of the checkpoint where the chain begins is not the daemon's");
  audit::Verifier verifier(checkpoint);
  verdict.first = checkpoint.sequence + 1;
  bool anchor_met = !anchor;
  const auto meet = [&](std::int64_t sequence, const audit::Digest& hash) -> Result<void> {
    if (!anchor || anchor->sequence != sequence) return {};
    anchor_met = true;
    if (formats::hex_encode(hash) == anchor->hash) return {};
    return fail(
        Code::corrupt,
        fmt::format("event {} is not the one that was noted elsewhere: the chain was replaced",
                    sequence));
  };
  TRY(meet(checkpoint.sequence, checkpoint.hash));
  while (verifier.sequence() < head.sequence) {
    const auto rows = TRY(store.events(
        verifier.sequence(),
        std::min<std::size_t>(rows_at_once,
                              static_cast<std::size_t>(head.sequence - verifier.sequence()))));
    if (rows.empty()) break;
    for (const audit::Record& record : rows) {
      TRY(verifier.next(record));
      TRY(meet(record.sequence, record.hash));
      ++verdict.events;
    }
    verdict.last = verifier.sequence();
  }
  TRY(verifier.finish(head));
  // Rows behind the head that was read: each must at least follow on.
  const auto later = store.events(head.sequence, rows_at_once);
  const auto newer_head = store.head();
  if (!later) return std::unexpected(later.error());
  if (!newer_head) return std::unexpected(newer_head.error());
  if (!later->empty() && newer_head->sequence == head.sequence)
    return fail(
        Code::corrupt,
        fmt::format("events after {} were added without the daemon's signature", head.sequence));
  if (!anchor_met)
    return fail(
        Code::corrupt,
        fmt::format("event {}, which was noted elsewhere, is not in the chain", anchor->sequence));
  return {};
}

Result<api::AuditVerdict> verify(Services& services, const api::AuditVerify& query) {
  if (query.sequence.has_value() != query.hash.has_value())
    return fail(Code::invalid, "a noted head is a sequence number and a hash: give both");
  std::optional<Anchor> anchor;
  if (query.sequence) anchor = Anchor{*query.sequence, *query.hash};
  api::AuditVerdict verdict;
  const Result<void> walked = walk(services, anchor, verdict);
  if (!walked && walked.error().code != Code::corrupt) return std::unexpected(walked.error());
  verdict.intact = walked.has_value();
  if (!walked) verdict.problem = walked.error().what;
  return verdict;
}

}  // namespace

std::vector<http::Route> audit_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::AuditQuery, api::AuditPage>(
      {.method = Method::get,
       .path = "/v1/audit/events",
       .privilege = Privilege::audit,
       .where = Where::worker,
       .summary = "Lists the record, a page at a time, with the signed end of the chain",
       .failures = {},
       .handle = [&services](const http::Call&, const api::AuditQuery& query, auto then) {
         then(list(services, query));
       }}));
  rows.push_back(http::make_route<api::AuditVerify, api::AuditVerdict>(
      {.method = Method::get,
       .path = "/v1/audit/verification",
       .privilege = Privilege::audit,
       .where = Where::worker,
       .summary = "Walks the chain: any edit, gap or missing end is named; with a head noted "
                  "elsewhere also a replaced chain",
       .failures = {},
       .handle = [&services](const http::Call&, const api::AuditVerify& query, auto then) {
         then(verify(services, query));
       }}));
  rows.push_back(http::make_route<api::AuditPrune, api::AuditHead>(
      {.method = Method::post,
       .path = "/v1/audit/prune",
       .privilege = Privilege::admin,
       .where = Where::worker,
       .summary = "Drops the oldest events and leaves a signed checkpoint in their place",
       .failures = {},
       .handle = [&services](const http::Call& call, const api::AuditPrune& request, auto then) {
         const Result<void> pruned = services.context.store.prune(request.through);
         if (!pruned) return then(std::unexpected(pruned.error()));
         Change change;
         change.events.push_back(engine::event_of(services.context, call.caller, "audit.prune"));
         change.events.back().details.emplace_back("through", std::to_string(request.through));
         services.context.store.commit(
             std::move(change),
             [&services, then = std::move(then)](const Result<Applied>& applied) mutable {
               if (!applied) return then(std::unexpected(applied.error()));
               const auto checkpoint = services.context.store.checkpoint();
               if (checkpoint)
                 then(wire_of(*checkpoint));
               else
                 then(std::unexpected(checkpoint.error()));
             });
       }}));
  return rows;
}

}  // namespace countersign::routes
