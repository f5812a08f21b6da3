// SPDX-License-Identifier: Apache-2.0
// One HTTP exchange and one SMTP delivery, with libcurl. Blocking, for a courier's own threads.
// Nothing is followed, kept or cached: one connection, one answer, closed.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "core/base/deadline.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign::couriers {

struct HttpRequest {
  std::string method = "GET";
  Secret url;                   // may hold codes and passwords
  std::vector<Secret> headers;  // "Name: value"
  Secret body;
  std::string ca_file;                      // instead of the system's
  const std::atomic<bool>* stop = nullptr;  // true: give up within a second
};
struct HttpAnswer {
  int status = 0;
  std::string body;  // the first 64 KiB
};

struct SmtpDelivery {
  std::string url;       // smtp://host:port, smtps://host:port
  std::string from, to;  // addresses of the envelope
  std::string username;
  Secret password;
  std::string ca_file;
  bool tls = true;  // STARTTLS or nothing
  Secret mail;
  const std::atomic<bool>* stop = nullptr;
};

// unavailable: not reached, hung up, refused, or its certificate is not valid for its name;
// timed_out: the deadline passed. The text says which, without anything of what was sent.
[[nodiscard]] Result<HttpAnswer> exchange(const HttpRequest& request, const Deadline& deadline);
[[nodiscard]] Result<void> deliver(const SmtpDelivery& delivery, const Deadline& deadline);

}  // namespace countersign::couriers
