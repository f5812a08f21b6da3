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

Result<Bytes> CurlFetcher::fetch(const Request& request, const Deadline& deadline) {
  const std::unique_ptr<CURL, Closed> handle(curl_easy_init());
  if (handle == nullptr) return fail(Code::internal, "libcurl can't begin");
  Into into{.content = {}, .longest = request.longest};
  std::unique_ptr<curl_slist, Closed> headers;
  const auto set = [&](CURLoption option, auto value) { (void)curl_easy_setopt(handle.get(), option, value); };
  set(CURLOPT_URL, request.address.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, most_redirections);
  set(CURLOPT_FAILONERROR, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(deadline.left().count(), 1)));
  set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.longest));
  set(CURLOPT_WRITEFUNCTION, &take);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&into));
  if (!request.body.empty()) {
    headers.reset(curl_slist_append(nullptr, ("Content-Type: " + request.content_type).c_str()));
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    set(CURLOPT_POSTFIELDS, reinterpret_cast<const char*>(request.body.data()));
  }
  const CURLcode result = curl_easy_perform(handle.get());
  if (result == CURLE_OPERATION_TIMEDOUT) return fail(Code::timed_out, request.address + " did not answer in time");
  if (result != CURLE_OK) return fail(Code::unavailable, request.address + ": " + curl_easy_strerror(result));
  return std::move(into.content);
}

}  // namespace countersign::fetch
