// SPDX-License-Identifier: Apache-2.0
#include "daemon/tokens/desk.h"

#include <utility>

namespace countersign::tokens {

struct Desk::Place final : Ticket {
  std::shared_ptr<Operation> operation;
  Holder holder;
  std::shared_ptr<void> turn_ends = {};
  bool had_turn = false;  // its time is up, if somebody else wants it
  void cancel() override { operation->cancel(); }
};

std::shared_ptr<Desk::Ticket> Desk::use(Plan plan, Operation::Person person,
                                        std::chrono::milliseconds budget, Finish finish) {
  auto place = std::make_shared<Place>();
  auto tell = person.tell;
  place->holder = person.holder;
  place->operation = std::make_shared<Operation>(
      Operation::Surroundings{loop_, reader_, directory_, interactions_}, std::move(plan),
      std::move(person), Deadline::in(budget),
      [this, weak = std::weak_ptr(place),
       finish = std::move(finish)](std::expected<Outcome, Failed> outcome) mutable {
        if (const auto held = weak.lock()) line_.leave(held.get());
        loop_.post([this] { next(); });
        finish(std::move(outcome));
      });
  if (!line_.join(place)) {
    loop_.post([place] { place->cancel(); });
    return place;
  }
  place->operation->await_turn();
  if (line_.serving() != nullptr) {
    tell({.prompt = api::Prompt::wait, .device = {}});
    loop_.post([this] {
      if (const Place* served = line_.serving(); served != nullptr && served->had_turn)
        yield(served);
    });
  }
  loop_.post([this] { next(); });
  return place;
}

void Desk::yield(const Place* place) {
  if (line_.serves(place) && line_.others_wait()) line_.serving()->operation->give_way();
}

void Desk::next() {
  const auto place = line_.next();
  if (!place) return;
  if (place->holder.share == Share::own)
    place->turn_ends = loop_.after(turn_, [this, weak = std::weak_ptr(place)] {
      const auto held = weak.lock();
      if (!held) return;
      held->had_turn = true;
      yield(held.get());
    });
  place->operation->start();
}

}  // namespace countersign::tokens
