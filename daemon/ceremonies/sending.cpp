// SPDX-License-Identifier: Apache-2.0
#include "daemon/ceremonies/sending.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "daemon/couriers/letters.h"

namespace countersign::routes {
namespace {

constexpr std::chrono::milliseconds budget{20'000};

Result<void> require_courier(const Services& services, Kind kind) {
  if (services.sending != nullptr && services.sending->courier.carries(kind)) return {};
  return fail(Code::not_permitted,
              fmt::format("codes by {} are not set up here: an administrator configures [{}] in "
                          "countersign.toml. Use another authenticator",
                          to_name(kind), to_name(kind)));
}

// Hands it to the courier; what comes of it is told on the loop's thread.
void hand_over(Services& services, const Caller& caller, engine::CodeToSend made, ThenSent then) {
  engine::Context& context = services.context;
  auto code = std::make_shared<engine::CodeToSend>(std::move(made));
  auto answer = std::make_shared<ThenSent>(std::move(then));
  const auto finish = [&services, caller, code, answer](Result<void> sent) {
    services.post([&services, caller, code, answer, sent = std::move(sent)] {
      if (sent)
        return (*answer)(SentTo{.challenge = code->id,
                                .user = code->user,
                                .kind = code->kind,
                                .masked = code->masked,
                                .expires = code->expires});
      engine::sending_failed(services.context, caller, *code, sent.error());
      (*answer)(std::unexpected(sent.error()));
    });
  };
  Result<Message> letter = couriers::code_letter(*code, services.sending->templates,
                                                 context.rules.issuer, context.clock.read().now);
  if (!letter) return finish(std::unexpected(letter.error()));
  services.sending->courier.send(std::move(*letter), Deadline::in(budget), finish);
}

auto when_made(Services& services, Caller caller, ThenSent then) {
  return [&services, caller = std::move(caller),
          then = std::move(then)](Result<engine::CodeToSend> made) mutable {
    if (!made)
      then(std::unexpected(made.error()));
    else
      hand_over(services, caller, std::move(*made), std::move(then));
  };
}

}  // namespace

api::SentCode sent_code_of(SentTo sent) {
  return {.challenge = std::move(sent.challenge),
          .user = std::move(sent.user),
          .kind = sent.kind,
          .to = std::move(sent.masked),
          .expires = sent.expires};
}

void send_code(Services& services, engine::SendCode request, ThenSent then) {
  if (auto ready = require_courier(services, request.kind); !ready)
    return then(std::unexpected(ready.error()));
  Caller caller = request.caller;
  engine::begin_sent_code(services.context, services.sending->book, std::move(request),
                          when_made(services, std::move(caller), std::move(then)));
}

void send_enrollment_code(Services& services, engine::EnrollSent request, ThenSent then) {
  if (auto ready = require_courier(services, request.kind); !ready)
    return then(std::unexpected(ready.error()));
  Caller caller = request.caller;
  engine::begin_sent_enrollment(services.context, services.sending->book, std::move(request),
                                when_made(services, std::move(caller), std::move(then)));
}

}  // namespace countersign::routes
