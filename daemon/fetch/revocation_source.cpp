// SPDX-License-Identifier: Apache-2.0
#include "daemon/fetch/revocation_source.h"

#include <algorithm>

namespace countersign::fetch {
namespace {

constexpr Milliseconds longest_kept{24 * 3'600'000};
constexpr Milliseconds without_end{300'000};  // a response that does not say how long it holds
constexpr Milliseconds ask_again{30'000};     // of what could not be fetched
constexpr std::size_t most_kept = 256;

Time at_most(std::optional<Time> end, Time now) {
  return end ? std::clamp(*end, now, now + longest_kept) : now + without_end;
}

Time response_until(BytesView response, Time now) {
  return at_most(crypto::ocsp_next_update(response), now);
}

Time list_until(BytesView content, Time now) {
  const auto list = crypto::RevocationList::parse(content);
  return list ? at_most(list->next_update(), now) : now + ask_again;
}

}  // namespace

std::optional<Bytes> RevocationSource::get(const std::string& key, const Request& request, Time now,
                                           const Deadline& deadline,
                                           Time (*until)(BytesView, Time)) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = kept_.find(key); found != kept_.end() && found->second.until > now)
      return found->second.content.empty() ? std::nullopt : std::optional(found->second.content);
  }
  auto fetched = deadline.passed() ? fail(Code::timed_out, "") : fetcher_.fetch(request, deadline);
  Kept kept{.content = {}, .until = now + ask_again};
  if (fetched) kept = {.content = std::move(*fetched), .until = {}};
  if (!kept.content.empty()) kept.until = until(kept.content, now);
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= most_kept) kept_.clear();
  kept_[key] = kept;
  return kept.content.empty() ? std::nullopt : std::optional(std::move(kept.content));
}

void RevocationSource::add(const std::vector<certificates::Wanted>& wanted, Time now,
                           const Deadline& deadline, crypto::RevocationEvidence& evidence) {
  for (const certificates::Wanted& each : wanted) {
    bool known = false;
    const Bytes question = crypto::ocsp_request(each.certificate, each.issuer);
    for (const std::string& responder : each.responders) {
      if (known) break;
      const Request request{.address = responder,
                            .body = question,
                            .content_type = "application/ocsp-request",
                            .longest = crypto::longest_ocsp_response};
      auto response = get(responder + " " + std::string(as_text(question)), request, now, deadline,
                          &response_until);
      known = response.has_value();
      if (response) evidence.responses.push_back(std::move(*response));
    }
    for (const std::string& address : each.lists) {
      if (known) break;
      const auto content =
          get(address, {.address = address, .longest = crypto::longest_revocation_list}, now,
              deadline, &list_until);
      auto list = content ? crypto::RevocationList::parse(*content) : std::unexpected(Error{});
      known = list.has_value();
      if (list) evidence.lists.push_back(std::move(*list));
    }
  }
}

}  // namespace countersign::fetch
