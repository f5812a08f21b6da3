// SPDX-License-Identifier: Apache-2.0
#include "daemon/couriers/post_office.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/text.h"
#include "daemon/base/safe_file.h"
#include "daemon/couriers/mail_text.h"
#include "daemon/couriers/message_file.h"

namespace countersign::couriers {
namespace {

constexpr std::size_t threads = 4;  // at once under way
constexpr std::size_t most_waiting = 256;
constexpr std::size_t longest_credential = 4096;

// The first line of the file.
Result<Secret> read_credential(const std::string& path) {
  if (path.empty()) return Secret();
  const Secret content = TRY(read_secret_file(path, longest_credential));
  const std::string_view text = content.expose_text();
  const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  if (line.empty()) return fail(Code::invalid, path + " must have the password in its first line");
  return Secret(line);
}

}  // namespace

Result<std::unique_ptr<PostOffice>> PostOffice::open(const Settings& settings, bool demo,
                                                     const Clock& clock, Random& random) {
  std::unique_ptr<PostOffice> office(new PostOffice(settings, clock, random));
  const Email& email = settings.email;
  if (!demo && !email.file.empty())
    return fail(Code::invalid, "email.file is for demo stores: codes would lie in a file");
  if (!email.url.empty() || !email.file.empty()) {
    Mailbox from = TRY(parse_mailbox(email.from));
    office->from_ = std::move(from);
  }
  Secret password = TRY(read_credential(email.credential_file));
  office->email_password_ = std::move(password);
  for (const Gateway& gateway : settings.sms) {
    if (!demo && !gateway.file.empty())
      return fail(Code::invalid, "sms.gateway " + gateway.name +
                                     ": file is for demo stores: codes would lie in a file");
    Secret credential = TRY(read_credential(gateway.credential_file));
    office->gateways_.push_back({gateway, std::move(credential)});
  }
  office->start();
  return office;
}

void PostOffice::start() {
  if (!carries(Kind::sms) && !carries(Kind::email)) return;
  jobs_.emplace(threads, most_waiting,
                [this](Job& job) { job.done(post(job.message, job.deadline)); });
}

void PostOffice::stop() {
  ending_ = true;
  if (!jobs_) return;
  for (Job& job : jobs_->end()) job.done(fail(Code::cancelled, "the daemon is ending"));
}

bool PostOffice::carries(Kind by) const {
  if (by == Kind::sms) return !settings_.sms.empty();
  return by == Kind::email && (!settings_.email.url.empty() || !settings_.email.file.empty());
}

void PostOffice::send(Message message, Deadline deadline, Done done) {
  if (!ending_ && !jobs_)
    return done(fail(Code::not_permitted, "nothing is configured to send with"));
  Job job{std::move(message), deadline, std::move(done)};
  if (!ending_ && jobs_->push(std::move(job))) return;
  job.done(ending_ ? fail(Code::cancelled, "the daemon is ending")
                   : fail(Code::exhausted,
                          "too many messages are waiting to be sent; use another authenticator, or "
                          "try again in a minute"));
}

Result<void> PostOffice::post(const Message& message, const Deadline& deadline) {
  if (!carries(message.by))
    return fail(Code::not_permitted,
                fmt::format("nothing is configured to send by {}", to_name(message.by)));
  if (deadline.passed())
    return fail(Code::timed_out,
                "the message waited too long to be sent; use another authenticator, or try "
                "again later");
  return message.by == Kind::sms ? send_sms(gateways_, message, deadline, &ending_)
                                 : post_email(message, deadline);
}

Result<void> PostOffice::post_email(const Message& message, const Deadline& deadline) {
  TRY(require_mail_address(message.to));
  const Email& email = settings_.email;
  if (!email.file.empty()) return append_to_file(email.file, message);
  SmtpDelivery delivery{.url = email.url,
                        .from = from_.address,
                        .to = message.to,
                        .username = email.username,
                        .password = email_password_.copy(),
                        .ca_file = email.ca_file,
                        .tls = email.tls == Tls::required,
                        .mail = mail_text(message, from_, clock_.wall(), random_),
                        .stop = &ending_};
  const Result<void> delivered = deliver(delivery, deadline);
  if (delivered) return {};
  fmt::print(stderr, "countersignd: mail server {}: {}\n", escape_text(email.url),
             escape_text(delivered.error().what));
  return fail(delivered.error().code,
              fmt::format("the e-mail could not be sent: the mail server: {}. Use another "
                          "authenticator, or try again later",
                          delivered.error().what));
}

}  // namespace countersign::couriers
