// SPDX-License-Identifier: Apache-2.0
#include "daemon/tokens/desk.h"

#include <algorithm>
#include <utility>

namespace countersign::tokens {
namespace {

constexpr std::size_t longest_line = 16;

}  // namespace

struct Desk::Place final : Ticket {
  std::shared_ptr<Operation> operation;
  bool begun = false;
  void cancel() override { operation->cancel(); }
};

std::shared_ptr<Desk::Ticket> Desk::use(Plan plan, Operation::Person person, std::chrono::milliseconds budget, Finish finish) {
  auto place = std::make_shared<Place>();
  auto tell = person.tell;
  place->operation = std::make_shared<Operation>(Operation::Surroundings{loop_, reader_, directory_, interactions_}, std::move(plan), std::move(person),
                                                 Deadline::in(budget),
                                                 [this, weak = std::weak_ptr(place), finish = std::move(finish)](std::expected<Outcome, Failed> outcome) mutable {
                                                   std::erase_if(line_, [held = weak.lock()](const auto& each) { return each == held; });
                                                   loop_.post([this] { next(); });
                                                   finish(std::move(outcome));
                                                 });
  if (line_.size() >= longest_line) {
    loop_.post([place] { place->cancel(); });
    return place;
  }
  line_.push_back(place);
  place->operation->await_turn();
  if (line_.size() > 1) tell({.step = Step::wait, .device = {}, .interaction = {}, .retries = {}});
  loop_.post([this] { next(); });
  return place;
}

void Desk::next() {
  if (line_.empty() || std::exchange(line_.front()->begun, true)) return;
  const auto place = line_.front();
  place->operation->start();
}

}  // namespace countersign::tokens
