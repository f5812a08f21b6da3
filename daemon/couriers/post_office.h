// SPDX-License-Identifier: Apache-2.0
// The courier that the daemon uses: threads of its own, so that a slow gateway holds up no request
// and no hashing.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/ports/courier.h"
#include "daemon/base/work_queue.h"
#include "daemon/couriers/curl.h"
#include "daemon/couriers/mail_address.h"
#include "daemon/couriers/settings.h"
#include "daemon/couriers/sms.h"

namespace countersign::couriers {

class PostOffice final : public Courier {
 public:
  // Reads the credential files (T20). demo: messages may go to files. Errors name the file.
  [[nodiscard]] static Result<std::unique_ptr<PostOffice>> open(const Settings& settings, bool demo,
                                                                const Clock& clock, Random& random);
  ~PostOffice() override { stop(); }
  // What waits, or is under way, is answered with cancelled within a second or two, and nothing
  // more is taken. While whoever waits for an answer is still there.
  void stop();

  void send(Message message, Deadline deadline, Done done) override;
  [[nodiscard]] bool carries(Kind by) const override;

 private:
  struct Job {
    Message message;
    Deadline deadline;
    Done done;
  };
  PostOffice(Settings settings, const Clock& clock, Random& random)
      : settings_(std::move(settings)), clock_(clock), random_(random) {}
  void start();
  [[nodiscard]] Result<void> post(const Message& message, const Deadline& deadline);
  [[nodiscard]] Result<void> post_email(const Message& message, const Deadline& deadline);

  const Settings settings_;
  const Clock& clock_;
  Random& random_;
  Mailbox from_;
  Secret email_password_;
  std::vector<ReadyGateway> gateways_;

  std::atomic<bool> ending_ = false;    // cuts short what is under way
  std::optional<WorkQueue<Job>> jobs_;  // where something is configured to send with
};

}  // namespace countersign::couriers
