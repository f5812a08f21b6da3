// SPDX-License-Identifier: Apache-2.0
#include "daemon/fetch/curl_fetcher.h"

#include <curl/curl.h>

#include <memory>

namespace countersign::fetch {
namespace {

constexpr long most_redirections = 3;

struct Closed {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct Into {
  Bytes content;
  std::size_t longest = 0;
};

std::size_t take(char* data, std::size_t size, std::size_t count, void* into) {
  auto& target = *static_cast<Into*>(into);
  const std::size_t length = size * count;
  if (length > target.longest - target.content.size()) return 0;  // ends the transfer
  const BytesView octets = as_bytes({data, length});
  target.content.insert(target.content.end(), octets.begin(), octets.end());
  return length;
}

}  // namespace

CurlFetcher::CurlFetcher() { curl_global_init(CURL_GLOBAL_DEFAULT); }
CurlFetcher::~CurlFetcher() { curl_global_cleanup(); }

namespace {

// One request and where its answer goes. It stays where it is: libcurl has its address.
class Transfer {
 public:
  Transfer(const Request& request, const Deadline& deadline)
      : handle_(curl_easy_init()), into_{.content = {}, .longest = request.longest} {
    if (handle_ == nullptr) return;
    set(CURLOPT_URL, request.address.c_str());
    set(CURLOPT_PROXY, "");  // ignore the proxies of the environment
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, most_redirections);
    set(CURLOPT_FAILONERROR, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(deadline.left().count(), 1)));
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.longest));
    set(CURLOPT_WRITEFUNCTION, &take);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&into_));
    if (request.body.empty()) return;
    headers_.reset(curl_slist_append(nullptr, ("Content-Type: " + request.content_type).c_str()));
    set(CURLOPT_HTTPHEADER, headers_.get());
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    set(CURLOPT_POSTFIELDS, reinterpret_cast<const char*>(request.body.data()));
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  [[nodiscard]] CURL* handle() const { return handle_.get(); }  // nullptr: libcurl can't begin
  [[nodiscard]] Bytes& content() { return into_.content; }

 private:
  void set(CURLoption option, auto value) { (void)curl_easy_setopt(handle_.get(), option, value); }

  std::unique_ptr<curl_slist, Closed> headers_;
  std::unique_ptr<CURL, Closed> handle_;
  Into into_;
};

struct Together {
  CURLM* multi = curl_multi_init();
  std::vector<std::unique_ptr<Transfer>> transfers;
  ~Together() {
    for (const auto& each : transfers) (void)curl_multi_remove_handle(multi, each->handle());
    (void)curl_multi_cleanup(multi);
  }
  // The content of one that has ended well, and that was not told of before.
  Bytes* next_done() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE || message->data.result != CURLE_OK) continue;
      for (const auto& each : transfers)
        if (each->handle() == message->easy_handle) return &each->content();
    }
    return nullptr;
  }
};

}  // namespace

Result<Bytes> CurlFetcher::fetch(const Request& request, const Deadline& deadline) {
  Transfer transfer(request, deadline);
  if (transfer.handle() == nullptr) return fail(Code::internal, "libcurl can't begin");
  const CURLcode result = curl_easy_perform(transfer.handle());
  if (result == CURLE_OPERATION_TIMEDOUT)
    return fail(Code::timed_out, request.address + " did not answer in time");
  if (result != CURLE_OK)
    return fail(Code::unavailable, request.address + ": " + curl_easy_strerror(result));
  return std::move(transfer.content());
}

std::optional<Bytes> CurlFetcher::first(const std::vector<Request>& requests,
                                        const Deadline& deadline,
                                        const std::function<bool(BytesView)>& good) {
  Together all;
  if (all.multi == nullptr) return std::nullopt;
  for (const Request& each : requests) {
    auto transfer = std::make_unique<Transfer>(each, deadline);
    if (transfer->handle() == nullptr ||
        curl_multi_add_handle(all.multi, transfer->handle()) != CURLM_OK)
      continue;
    all.transfers.push_back(std::move(transfer));
  }
  for (int running = 1; running > 0 && !deadline.passed();) {
    if (curl_multi_perform(all.multi, &running) != CURLM_OK) return std::nullopt;
    while (Bytes* content = all.next_done())
      if (good(*content)) return std::move(*content);
    if (running > 0 && curl_multi_poll(all.multi, nullptr, 0,
                                       static_cast<int>(std::clamp<std::int64_t>(
                                           deadline.left().count(), 1, 1000)),
                                       nullptr) != CURLM_OK)
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace countersign::fetch
