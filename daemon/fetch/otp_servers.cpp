// SPDX-License-Identifier: Apache-2.0
#include "daemon/fetch/otp_servers.h"

namespace countersign::fetch {
namespace {

constexpr std::size_t longest_answer = 4096;
constexpr std::size_t threads = 4, most_waiting = 64;

}  // namespace

OtpServers::OtpServers(Fetcher& fetcher, std::vector<std::string> addresses,
                       std::shared_ptr<const otp_validation::Service> service,
                       std::chrono::milliseconds limit)
    : fetcher_(fetcher),
      addresses_(std::move(addresses)),
      service_(std::move(service)),
      limit_(limit) {
  if (service_ == nullptr) return;
  jobs_.emplace(threads, most_waiting, [this](Job& job) {
    fetch(job.evidence);
    job.then(std::move(job.evidence));
  });
}

void OtpServers::ask(engine::OtpEvidence evidence, Then then) {
  Job job{std::move(evidence), std::move(then)};
  if (!jobs_->push(std::move(job))) job.then(std::move(job.evidence));
}

void OtpServers::fetch(engine::OtpEvidence& evidence) const {
  const std::string query = "?" + otp_validation::query_text(*evidence.service, evidence.question);
  std::vector<Request> requests;
  for (const std::string& address : addresses_)
    requests.push_back({.address = address + query, .longest = longest_answer});
  const auto answer = fetcher_.first(requests, Deadline::in(limit_), [&evidence](BytesView body) {
    return otp_validation::judge(*evidence.service, evidence.question, as_text(body)).said !=
           otp_validation::Said::nothing;
  });
  if (answer) evidence.answer = as_text(*answer);
}

}  // namespace countersign::fetch
