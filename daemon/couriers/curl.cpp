// SPDX-License-Identifier: Apache-2.0
#include "daemon/couriers/curl.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "core/base/text.h"
#include "core/crypto/openssl.h"

namespace countersign::couriers {
namespace {

using crypto::must;
using crypto::Release;
using Handle = std::unique_ptr<CURL, Release<curl_easy_cleanup>>;

constexpr std::size_t most_answer = 64 * 1024;
constexpr std::size_t longest_url = 16 * 1024;

// libcurl wants zero-terminated texts; this one is wiped when it goes.
class Text {
 public:
  explicit Text(const Secret& secret) : text_(secret.expose_text()) {}
  ~Text() { wipe(text_); }
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  [[nodiscard]] const char* c_str() const { return text_.c_str(); }

 private:
  std::string text_;
};

struct List {
  List() = default;
  ~List() {
    for (curl_slist* entry = first; entry != nullptr; entry = entry->next)
      wipe(entry->data, std::strlen(entry->data));
    curl_slist_free_all(first);
  }
  List(const List&) = delete;
  List& operator=(const List&) = delete;
  void add(const char* text) {
    curl_slist* const longer = curl_slist_append(first, text);
    must(longer != nullptr);
    first = longer;
  }
  curl_slist* first = nullptr;
};

template <class T>
void set(const Handle& handle, CURLoption option, T value) {
  must(curl_easy_setopt(handle.get(), option, value) == CURLE_OK);
}

// Called by libcurl about once a second.
int look_up(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return *static_cast<const std::atomic<bool>*>(user) ? 1 : 0;
}

Handle begin(const Deadline& deadline, const char* protocols, const std::string& ca_file,
             const std::atomic<bool>* stop) {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  must(ready);
  Handle handle(curl_easy_init());
  must(handle != nullptr);
  set(handle, CURLOPT_PROTOCOLS_STR, protocols);
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_PROXY, "");  // ignore the proxies of the environment
  set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  set(handle, CURLOPT_TIMEOUT_MS,
      static_cast<long>(std::max<std::int64_t>(deadline.left().count(), 1)));
  set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(handle, CURLOPT_FORBID_REUSE, 1L);
  if (stop != nullptr) {
    set(handle, CURLOPT_NOPROGRESS, 0L);
    set(handle, CURLOPT_XFERINFOFUNCTION, &look_up);
    set(handle, CURLOPT_XFERINFODATA, stop);
  }
  if (!ca_file.empty()) {
    set(handle, CURLOPT_CAINFO, ca_file.c_str());
    set(handle, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  return handle;
}

std::unexpected<Error> failed(CURLcode code, long response) {
  const std::string said = response > 0 ? " (" + std::to_string(response) + ")" : std::string();
  // libcurl's codes are many; people need to know whether to look at the network, the certificate,
  // the account or the recipient.
  if (code == CURLE_ABORTED_BY_CALLBACK) return fail(Code::cancelled, "the daemon is ending");
  if (code == CURLE_OPERATION_TIMEDOUT) return fail(Code::timed_out, "it did not answer in time");
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
    return fail(Code::unavailable, "its certificate is not valid");
  if (code == CURLE_USE_SSL_FAILED || code == CURLE_SSL_CONNECT_ERROR)
    return fail(Code::unavailable, "no TLS could be agreed on with it");
  if (code == CURLE_LOGIN_DENIED)
    return fail(Code::unavailable, "it does not accept our account" + said);
  if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT)
    return fail(Code::unavailable, "it can't be reached");
  if (response >= 400) return fail(Code::unavailable, "it refused" + said);
  return fail(Code::unavailable, std::string("the connection failed: ") + curl_easy_strerror(code));
}

struct Upload {
  std::string_view rest;
};

// Called by libcurl.
std::size_t give(char* into, std::size_t size, std::size_t count, void* user) {
  auto& rest = static_cast<Upload*>(user)->rest;
  const std::size_t octets = std::min(size * count, rest.size());
  std::memcpy(into, rest.data(), octets);
  rest.remove_prefix(octets);
  return octets;
}

std::size_t take(char* from, std::size_t size, std::size_t count, void* user) {
  auto& body = *static_cast<std::string*>(user);
  if (body.size() + size * count > most_answer) return 0;  // ends the exchange
  body.append(from, size * count);
  return size * count;
}

}  // namespace

Result<HttpAnswer> exchange(const HttpRequest& request, const Deadline& deadline) {
  if (request.url.size() > longest_url)
    return fail(Code::invalid, "the address for this message is too long");
  const Handle handle = begin(deadline, "http,https", request.ca_file, request.stop);
  const Text url(request.url);
  set(handle, CURLOPT_URL, url.c_str());
  set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  List headers;
  for (const Secret& header : request.headers) headers.add(Text(header).c_str());
  headers.add("Expect:");
  set(handle, CURLOPT_HTTPHEADER, headers.first);
  if (!request.body.empty()) {
    set(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    set(handle, CURLOPT_POSTFIELDS, request.body.expose_text().data());  // not copied
  }
  HttpAnswer answer;
  set(handle, CURLOPT_WRITEFUNCTION, &take);
  set(handle, CURLOPT_WRITEDATA, &answer.body);
  const CURLcode code = curl_easy_perform(handle.get());
  if (code == CURLE_WRITE_ERROR) return fail(Code::unavailable, "its answer is longer than 64 KiB");
  if (code != CURLE_OK) return failed(code, 0);
  long status = 0;
  must(curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status) == CURLE_OK);
  answer.status = static_cast<int>(status);
  return answer;
}

Result<void> deliver(const SmtpDelivery& delivery, const Deadline& deadline) {
  const Handle handle = begin(deadline, "smtp,smtps", delivery.ca_file, delivery.stop);
  set(handle, CURLOPT_URL, delivery.url.c_str());
  set(handle, CURLOPT_USE_SSL, static_cast<long>(delivery.tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  const Text password(delivery.password);
  if (!delivery.username.empty()) {
    set(handle, CURLOPT_USERNAME, delivery.username.c_str());
    set(handle, CURLOPT_PASSWORD, password.c_str());
  }
  const std::string from = "<" + delivery.from + ">";
  const std::string to = "<" + delivery.to + ">";
  set(handle, CURLOPT_MAIL_FROM, from.c_str());
  List recipients;
  recipients.add(to.c_str());
  set(handle, CURLOPT_MAIL_RCPT, recipients.first);
  Upload upload{delivery.mail.expose_text()};
  set(handle, CURLOPT_UPLOAD, 1L);
  set(handle, CURLOPT_READFUNCTION, &give);
  set(handle, CURLOPT_READDATA, &upload);
  const CURLcode code = curl_easy_perform(handle.get());
  if (code == CURLE_OK) return {};
  long response = 0;
  (void)curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &response);
  return failed(code, response);
}

}  // namespace countersign::couriers
