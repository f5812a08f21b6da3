// SPDX-License-Identifier: Apache-2.0
#include "daemon/tokens/operation.h"

#include <algorithm>
#include <ranges>
#include <utility>
#include <vector>

namespace countersign::tokens {
namespace {

using api::Prompt;

constexpr std::chrono::milliseconds grace{
    2000};  // for a child to say what became of a token that was pulled out
constexpr std::chrono::milliseconds patience{
    5000};  // for a token to open and to say what it holds: a card may be another program's
            // meanwhile

Prompt prompt_for(reader::PromptKind kind) {
  switch (kind) {
    case reader::PromptKind::touch:
      return Prompt::touch;
    case reader::PromptKind::pin:
      return Prompt::pin;
    case reader::PromptKind::new_pin:
      return Prompt::new_pin;
    case reader::PromptKind::verify:
      return Prompt::verify;
    case reader::PromptKind::sample:
      return Prompt::sample;
    case reader::PromptKind::puk:
      return Prompt::puk;
    case reader::PromptKind::new_puk:
      return Prompt::new_puk;
    case reader::PromptKind::slot_secrets:
      break;  // never a person's
    case reader::PromptKind::management_key:
    case reader::PromptKind::new_management_key:
      return Prompt::wait;  // never told: no person knows it
  }
  std::unreachable();
}

}  // namespace

Operation::Operation(Surroundings surroundings, Plan plan, Person person, Deadline deadline,
                     Finish finish)
    : around_(surroundings),
      plan_(std::move(plan)),
      person_(std::move(person)),
      deadline_(deadline),
      finish_(std::move(finish)) {}

Operation::~Operation() {
  for (auto& [id, candidate] : candidates_)
    if (candidate.channel) candidate.channel->close();
}

void Operation::await_turn() {
  timer_ = around_.loop.after(deadline_.left(), [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    const bool seen = std::ranges::any_of(
        self->candidates_, [](const auto& each) { return each.second.state != State::unusable; });
    self->end(std::unexpected(
        Failed{.failure = seen ? reader::Failure::timed_out : reader::Failure::absent}));
  });
}

void Operation::start() {
  watching_ =
      around_.directory.watch({.changed =
                                   [weak = weak_from_this()] {
                                     if (const auto self = weak.lock()) self->look_around();
                                   },
                               .failed =
                                   [weak = weak_from_this()](const Error& error) {
                                     if (const auto self = weak.lock())
                                       self->end(std::unexpected(Failed{.detail = error.what}));
                                   }});
}

void Operation::cancel() { end(std::unexpected(Failed{.failure = reader::Failure::cancelled})); }

void Operation::give_way() { end(std::unexpected(Failed{.failure = reader::Failure::timed_out})); }

// Whether a YubiKey is opened for its slots: when nothing else that it can is asked for.
bool Operation::by_slots(const devices::Device& device) const {
  const Way* way = way_of(device);
  return way != nullptr &&
         std::ranges::all_of(device.capabilities, [way](devices::Capability each) {
           return each == devices::Capability::otp
                      ? way->needs.empty() || way->needs.contains(each)
                      : !way->needs.empty() && !way->needs.contains(each);
         });
}

const Way* Operation::way_of(const devices::Device& device) const {
  if (!plan_.device.empty() && plan_.device != device.id) return nullptr;
  const auto fits = [&device](const Way& way) {
    return way.needs.empty() ||
           std::ranges::any_of(device.capabilities, [&way](devices::Capability each) {
             return way.needs.contains(each);
           });
  };
  const auto found = std::ranges::find_if(plan_.ways, fits);
  return found != plan_.ways.end() ? &*found : nullptr;
}

// What is plugged in joins, what is gone leaves; a chosen token that is gone gets a moment to say
// how far it came.
void Operation::look_around() {
  if (!finish_) return;
  const auto& present = around_.directory.present();
  const auto is_there = [&](const std::string& id) {
    return std::ranges::find(present, id, &devices::Device::id) != present.end();
  };
  if (!plan_.device.empty() && chosen_.empty() && !is_there(plan_.device))
    return end(std::unexpected(Failed{.failure = reader::Failure::absent}));
  std::erase_if(refused_, [&](const std::string& id) { return !is_there(id); });
  if (!chosen_.empty()) {
    if (!is_there(chosen_) && !grace_)
      grace_ = around_.loop.after(grace, [weak = weak_from_this()] {
        if (const auto self = weak.lock())
          self->end(std::unexpected(Failed{.failure = reader::Failure::removed}));
      });
    return;
  }
  const auto gone = std::erase_if(candidates_, [&](auto& each) {
    if (is_there(each.first)) return false;
    if (each.second.channel) each.second.channel->close();
    return true;
  });
  const std::size_t before = candidates_.size();
  if (!early_) {
    early_.emplace();
    for (const devices::Device& device : present) early_->insert(device.id);
  }
  std::erase_if(*early_, [&](const std::string& id) { return !is_there(id); });
  for (const devices::Device& device : present)
    if (way_of(device) != nullptr && !candidates_.contains(device.id) &&
        !refused_.contains(device.id))
      open(device);
  if (gone != 0 || candidates_.size() != before) told_.reset();
  decide();
}

void Operation::open(const devices::Device& device) {
  Candidate candidate{
      .device = device, .channel = {}, .late = !early_->contains(device.id), .fido2 = {}};
  if (device.trouble == devices::Trouble::none) {
    Result<Descriptor> socket = around_.reader.connect();
    if (socket) {
      candidate.channel =
          Channel::open(around_.loop, socket->release(),
                        {.reply =
                             [weak = weak_from_this(), id = device.id](reader::Reply reply) {
                               if (const auto self = weak.lock())
                                 self->on_reply(id, std::move(reply));
                             },
                         .closed =
                             [weak = weak_from_this(), id = device.id] {
                               if (const auto self = weak.lock()) self->on_closed(id);
                             }});
      candidate.channel->send(reader::Open{.device = device.id, .slots = by_slots(device)});
    }
  }
  if (!candidate.channel)
    candidate.state = State::unusable;
  else
    candidate.patience = around_.loop.after(patience, [weak = weak_from_this(), id = device.id] {
      if (const auto self = weak.lock()) self->lose_patience(id);
    });
  candidates_.emplace(device.id, std::move(candidate));
}

// One that does not open must not keep the others waiting.
void Operation::lose_patience(const std::string& id) {
  const auto found = candidates_.find(id);
  if (!finish_ || found == candidates_.end() ||
      (found->second.state != State::opening && found->second.state != State::asking))
    return;
  if (found->second.channel) found->second.channel->close();
  found->second.channel.reset();
  found->second.state = State::unusable;
  decide();
}

void Operation::on_reply(const std::string& id, reader::Reply reply) {
  const auto found = candidates_.find(id);
  if (!finish_ || found == candidates_.end()) return;
  if (id == chosen_)
    on_chosen(found->second, std::move(reply));
  else
    on_opening(found->second, std::move(reply));
}

void Operation::on_closed(const std::string& id) {
  const auto found = candidates_.find(id);
  if (!finish_ || found == candidates_.end()) return;
  found->second.channel.reset();
  found->second.state = State::unusable;
  if (id == chosen_)
    return end(std::unexpected(Failed{.failure = reader::Failure::removed,
                                      .device = found->second.device.model,
                                      .detail = "the reader's child ended"}));
  decide();
}

void Operation::on_opening(Candidate& candidate, reader::Reply reply) {
  if (auto* opened = std::get_if<reader::Opened>(&reply);
      opened != nullptr && candidate.state == State::opening) {
    candidate.fido2 = std::move(opened->fido2);
    candidate.card = std::move(opened->card);
    candidate.slots = std::move(opened->slots);
    candidate.device = std::move(opened->device);
    const Way* way = way_of(candidate.device);  // by what it turned out to be able to
    candidate.unfit = way == nullptr;
    candidate.state = way == nullptr   ? State::unusable
                      : way->preflight ? State::asking
                                       : State::ready;
    if (candidate.state == State::asking) candidate.channel->send(*way->preflight);
  } else if (auto* held = std::get_if<reader::Held>(&reply);
             held != nullptr && candidate.state == State::asking) {
    const Way* way = way_of(candidate.device);
    if (way != nullptr && way->meant) candidate.meant = way->meant(held->credentials);
    candidate.holds =
        way != nullptr && way->meant ? !candidate.meant.empty() : !held->credentials.empty();
    candidate.state = State::ready;
  } else if (std::holds_alternative<reader::Done>(reply) && candidate.state == State::selecting) {
    return choose(candidate);
  } else if (const auto* failed = std::get_if<reader::Failed>(&reply)) {
    if (candidate.state == State::selecting && failed->failure == reader::Failure::declined)
      return end(std::unexpected(Failed{.failure = failed->failure}));
    if (failed->failure == reader::Failure::permission)
      candidate.device.trouble = devices::Trouble::permission;
    // The one that is meant was pulled out while it was opened: no other is waited for.
    if (failed->failure == reader::Failure::removed && plan_.device == candidate.device.id)
      return end(
          std::unexpected(Failed{.failure = failed->failure, .device = candidate.device.model}));
    candidate.state = State::unusable;
  } else if (std::holds_alternative<reader::Prompt>(reply)) {
    return;  // a select blinks; that was said
  }
  decide();
}

// Chooses when everything that is there has said what it holds.
void Operation::decide() {
  if (!finish_ || !chosen_.empty()) return;
  std::vector<Candidate*> able, from;
  bool forbidden = false, unfit = false;
  for (auto& candidate : candidates_ | std::views::values) {
    if (candidate.state == State::opening || candidate.state == State::asking) return;
    unfit = unfit || candidate.unfit;
    forbidden = forbidden || candidate.device.trouble == devices::Trouble::permission;
    if (candidate.state == State::unusable) continue;
    able.push_back(&candidate);
    const Way* way = way_of(candidate.device);
    if (candidate.holds || (way != nullptr && !way->preflight)) from.push_back(&candidate);
  }
  if (from.empty())  // then those that may hide it
    std::ranges::copy_if(able, std::back_inserter(from), [this](const Candidate* each) {
      const Way* way = way_of(each->device);
      return way != nullptr && way->may_hide;
    });
  // One that is asked for a touch already goes on being asked: its answer chooses it.
  if (from.size() == 1 && from.front()->state == State::selecting) return;
  if (from.size() == 1) return choose(*from.front());
  if (from.size() > 1) return let_person_choose(from);
  if (!able.empty() || unfit || !refused_.empty()) return tell_once(Prompt::wrong_key);
  tell_once(forbidden ? Prompt::no_permission : Prompt::insert);
}

// A security key is chosen by a touch. A card, or a YubiKey of which a slot answers, is chosen by
// putting it in now: neither can be asked for a touch alone. Where only those are there, one has to
// go.
void Operation::let_person_choose(const std::vector<Candidate*>& from) {
  std::vector<Candidate*> keys, late_others;
  for (Candidate* each : from) {
    if (devices::is_security_key(each->device))
      keys.push_back(each);
    else if (each->late)
      late_others.push_back(each);
  }
  if (late_others.size() == 1) return choose(*late_others.front());
  tell_once(keys.empty() ? Prompt::one_card : Prompt::select);
  for (Candidate* each : keys)
    if (std::exchange(each->state, State::selecting) != State::selecting)
      each->channel->send(reader::Select{deadline_.left().count()});
}

reader::Request Operation::request_now(reader::Request request, const Candidate& candidate) const {
  if (auto* sign = std::get_if<reader::CardSign>(&request);
      sign != nullptr && !candidate.meant.empty())
    sign->keys = candidate.meant;
  std::visit(
      [this](auto& asked) {
        if constexpr (requires { asked.milliseconds; })
          asked.milliseconds = deadline_.left().count();
      },
      request);
  return request;
}

void Operation::choose(Candidate& candidate) {
  chosen_ = candidate.device.id;
  told_.reset();
  for (auto& [id, other] : candidates_)
    if (id != chosen_ && other.channel) {
      other.channel->close();  // stops blinking
      other.channel.reset();
      other.state = State::unusable;
    }
  if (plan_.vet)
    if (auto why = plan_.vet(candidate.device, candidate.fido2))
      return end(std::unexpected(Failed{.failure = reader::Failure::advisory,
                                        .device = candidate.device.model,
                                        .detail = std::move(*why)}));
  const Way* way = way_of(candidate.device);
  if (way == nullptr)
    return end(std::unexpected(
        Failed{.failure = reader::Failure::unsupported, .device = candidate.device.model}));
  if (way->request)
    candidate.channel->send(request_now(*way->request, candidate));
  else
    end(Outcome{.reply = reader::Done{},
                .device = candidate.device,
                .fido2 = candidate.fido2,
                .card = candidate.card,
                .slots = candidate.slots});
}

void Operation::on_chosen(Candidate& candidate, reader::Reply reply) {
  if (const auto* prompt = std::get_if<reader::Prompt>(&reply)) return relay(candidate, *prompt);
  if (const auto* failed = std::get_if<reader::Failed>(&reply)) {
    if (failed->failure == reader::Failure::no_credential && plan_.device.empty())
      return give_up_on(candidate);
    return end(std::unexpected(Failed{.failure = failed->failure,
                                      .retries = failed->retries,
                                      .device = candidate.device.model,
                                      .detail = failed->detail}));
  }
  end(Outcome{.reply = std::move(reply),
              .device = candidate.device,
              .fido2 = candidate.fido2,
              .card = candidate.card,
              .slots = candidate.slots});
}

void Operation::give_up_on(Candidate& candidate) {
  refused_.insert(candidate.device.id);
  chosen_.clear();
  if (candidate.channel) candidate.channel->close();
  candidates_.clear();
  look_around();
}

void Operation::relay(Candidate& candidate, const reader::Prompt& prompt) {
  if (prompt.kind == reader::PromptKind::slot_secrets) {
    if (!plan_.slot_secrets)
      return end(std::unexpected(
          Failed{.failure = reader::Failure::malformed, .device = candidate.device.model}));
    return candidate.channel->send(plan_.slot_secrets());
  }
  if (plan_.answer)
    if (const auto known = plan_.answer(prompt)) return candidate.channel->send(*known);
  if (prompt.kind == reader::PromptKind::management_key ||
      prompt.kind == reader::PromptKind::new_management_key)
    return end(std::unexpected(Failed{.failure = reader::Failure::wrong_management_key,
                                      .device = candidate.device.model}));
  Told told{.prompt = prompt_for(prompt.kind),
            .device = candidate.device.model,
            .retries = prompt.retries,
            .again = prompt.again,
            .min_length = prompt.min_length};
  const bool asks =
      prompt.kind == reader::PromptKind::pin || prompt.kind == reader::PromptKind::new_pin ||
      prompt.kind == reader::PromptKind::puk || prompt.kind == reader::PromptKind::new_puk;
  if (asks) {
    around_.interactions.close(interaction_);
    // A PIN goes to the token that asked for it, and to that one alone.
    interaction_ = around_.interactions.open(
        person_.holder.uid, prompt.min_length,
        [channel = candidate.channel](const Secret& secret) { channel->send(secret); });
    told.interaction = interaction_;
  }
  person_.tell(told);
}

void Operation::tell_once(api::Prompt prompt) {
  if (told_ == prompt) return;
  told_ = prompt;
  person_.tell({.prompt = prompt, .device = {}});
}

void Operation::end(std::expected<Outcome, Failed> outcome) {
  Finish finish = std::exchange(finish_, nullptr);
  if (!finish) return;
  const auto self = shared_from_this();
  around_.interactions.close(interaction_);
  watching_.reset();
  timer_.reset();
  grace_.reset();
  for (auto& candidate : candidates_ | std::views::values)
    if (candidate.channel) candidate.channel->close();
  candidates_.clear();
  finish(std::move(outcome));
}

}  // namespace countersign::tokens
