// SPDX-License-Identifier: Apache-2.0
#include "daemon/fetch/otp_servers.h"

namespace countersign::fetch {
namespace {

constexpr std::size_t longest_answer = 4096;

}  // namespace

void OtpServers::ask(engine::OtpEvidence& evidence) const {
  const std::string query = "?" + otp_validation::query_text(*evidence.service, evidence.question);
  std::vector<Request> requests;
  for (const std::string& address : addresses_) requests.push_back({.address = address + query, .longest = longest_answer});
  const auto answer = fetcher_.first(requests, Deadline::in(limit_), [&evidence](BytesView body) {
    return otp_validation::judge(*evidence.service, evidence.question, as_text(body)).said != otp_validation::Said::nothing;
  });
  if (answer) evidence.answer = as_text(*answer);
}

}  // namespace countersign::fetch
