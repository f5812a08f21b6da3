// SPDX-License-Identifier: Apache-2.0
// Changing and unblocking PINs, erasing an application. Each question comes before the turn that
// uses its answer, and each answer is sent once.
#include "devices/smartcard/card.h"

namespace countersign::devices::smartcard {
namespace {

using reader::CardManage;
using reader::CardTask;
using reader::Failed;
using reader::Failure;
using reader::Prompt;
using reader::PromptKind;
using reader::Reply;

struct Questions {
  Prompt current, fresh;
};

Questions questions_of(CardTask task, const CardApplet& applet, std::int64_t shortest) {
  const bool puk = task != CardTask::change_pin;
  return {
      .current = {.kind = puk ? PromptKind::puk : PromptKind::pin,
                  .retries = puk ? applet.puk_retries : applet.pin_retries,
                  .min_length = shortest},
      .fresh = {.kind = task == CardTask::change_puk ? PromptKind::new_puk : PromptKind::new_pin,
                .min_length = shortest}};
}

// The status words; nothing: the card has nothing to do it with, or takes no such PIN.
struct Changed {
  std::optional<Status> status;
  bool refused = false;
};

std::expected<Changed, Loss> change(Card& card, Application& application, CardTask task,
                                    const Secret& current, const Secret& fresh) {
  const auto old_pin = application.on_the_wire(current), new_pin = application.on_the_wire(fresh);
  if (!old_pin || !new_pin) return Changed{.status = {}, .refused = true};
  std::expected<std::optional<Status>, Loss> status;
  switch (task) {
    case CardTask::change_pin:
      status = application.change_pin(*old_pin, *new_pin);
      break;
    case CardTask::unblock_pin:
      status = application.unblock_pin(*old_pin, *new_pin);
      break;
    case CardTask::change_puk:
      status = application.change_puk(*old_pin, *new_pin);
      break;
    case CardTask::reset:
      return std::unexpected(Loss::malformed);
  }
  card.forget_after_turn();
  // What was sent may have counted: not again by itself.
  if (!status) return std::unexpected(status.error() == Loss::reset ? Loss::busy : status.error());
  return Changed{.status = *status};
}

Reply erase(Card& card, const CardManage& request, const Deadline& deadline) {
  const auto done =
      card.with(request.applet, deadline,
                [](Application& application, const CardApplet&) { return application.reset(); });
  if (!done) return failed(done.error());
  if (!*done)
    return Failed{.failure = Failure::unsupported, .detail = "the card has no such application"};
  if (!(*done)->ok()) return failed(**done);
  card.forget_all();
  return reader::Done{};
}

}  // namespace

Reply manage(Card& card, const CardManage& request, Interaction& interaction,
             const Deadline& deadline) {
  if (request.task == CardTask::reset) return erase(card, request, deadline);
  struct Before {
    CardApplet applet;
    std::int64_t shortest = 0;
  };
  const auto before =
      card.with(request.applet, deadline, [](Application& application, const CardApplet& applet) {
        return std::expected<Before, Loss>(Before{applet, application.shortest_pin()});
      });
  if (!before) return failed(before.error());
  if (!*before)
    return Failed{.failure = Failure::unsupported, .detail = "the card has no such application"};
  const Questions questions = questions_of(request.task, (*before)->applet, (*before)->shortest);
  const bool puk = request.task != CardTask::change_pin;
  const Failure blocked = puk ? Failure::puk_blocked : Failure::card_pin_blocked;
  if (questions.current.retries == 0) return Failed{.failure = blocked, .retries = 0};
  const auto current = ask(interaction, questions.current, deadline);
  if (!current) return current.error();
  const auto fresh = ask(interaction, questions.fresh, deadline);
  if (!fresh) return fresh.error();
  const auto done =
      card.with(request.applet, deadline, [&](Application& application, const CardApplet&) {
        return change(card, application, request.task, *current, *fresh);
      });
  if (!done) return failed(done.error());
  if (!*done) return failed(Loss::removed);
  if ((*done)->refused)
    return Failed{.failure = Failure::pin_refused, .retries = questions.current.retries};
  if (!(*done)->status)
    return Failed{.failure = Failure::unsupported,
                  .detail = "the card has no PUK that its holder changes"};
  const Status status = *(*done)->status;
  if (status.ok()) return reader::Done{};
  if (status.is_blocked() || status.tries_left() == 0)
    return Failed{.failure = blocked, .retries = 0, .detail = words_of(status)};
  if (status.needs_verification())
    return Failed{.failure = Failure::wrong_pin, .detail = words_of(status)};
  return failed(status);
}

}  // namespace countersign::devices::smartcard
