// SPDX-License-Identifier: Apache-2.0
#include "daemon/fetch/otp_servers.h"

namespace countersign::fetch {
namespace {

constexpr std::size_t longest_answer = 4096;
constexpr std::size_t threads = 4, most_waiting = 64;

}  // namespace

OtpServers::OtpServers(Fetcher& fetcher, std::vector<std::string> addresses, std::shared_ptr<const otp_validation::Service> service, std::chrono::milliseconds limit)
    : fetcher_(fetcher), addresses_(std::move(addresses)), service_(std::move(service)), limit_(limit) {
  if (service_ == nullptr) return;
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

OtpServers::~OtpServers() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void OtpServers::ask(engine::OtpEvidence evidence, Then then) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < most_waiting) {
      waiting_.push_back({std::move(evidence), std::move(then)});
      wake_.notify_one();
      return;
    }
  }
  then(std::move(evidence));
}

void OtpServers::work() {
  for (;;) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (ending_) return;
    Job job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    fetch(job.evidence);
    job.then(std::move(job.evidence));
  }
}

void OtpServers::fetch(engine::OtpEvidence& evidence) const {
  const std::string query = "?" + otp_validation::query_text(*evidence.service, evidence.question);
  std::vector<Request> requests;
  for (const std::string& address : addresses_) requests.push_back({.address = address + query, .longest = longest_answer});
  const auto answer = fetcher_.first(requests, Deadline::in(limit_), [&evidence](BytesView body) {
    return otp_validation::judge(*evidence.service, evidence.question, as_text(body)).said != otp_validation::Said::nothing;
  });
  if (answer) evidence.answer = as_text(*answer);
}

}  // namespace countersign::fetch
