// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/card.h"

#include <algorithm>
#include <string_view>

#include "devices/virtual/card/management/applet.h"
#include "devices/virtual/card/openpgp/applet.h"
#include "devices/virtual/card/piv/applet.h"
#include "devices/virtual/card/spoil.h"

namespace countersign::virtual_card {
namespace {

constexpr Byte select_instruction = 0xa4, get_response_instruction = 0xc0;
constexpr Byte chained = 0x10, secure_messaging = 0x0c, logical_channel = 0x03;
constexpr std::size_t largest_chain = 4096;
constexpr std::size_t short_answer = 256;
constexpr std::string_view historical = "Countersign";

Bytes status_alone(StatusWord status) { return encode({}, status); }

// 61XX: so many octets more, 00 for 256 and above.
StatusWord more_to_come(std::size_t left) {
  return static_cast<StatusWord>(0x6100U | (left > 0xff ? 0U : static_cast<unsigned>(left)));
}

}  // namespace

Card::Card(const Profile& profile, virtual_token::LockedFile file, State remembered)
    : state_(std::move(remembered)), file_(std::move(file)) {
  if (profile.piv)
    applets_.push_back(std::make_unique<piv::PivApplet>(
        state_.piv, state_.serial,
        piv::Rules{.yubikey = profile.yubikey, .contactless = profile.contactless}));
  if (profile.openpgp)
    applets_.push_back(std::make_unique<openpgp::OpenPgpApplet>(state_.openpgp, state_.serial));
  if (profile.yubikey)
    applets_.push_back(std::make_unique<management::ManagementApplet>(
        state_.serial,
        (profile.piv ? management::piv : 0U) | (profile.openpgp ? management::openpgp : 0U)));
}

Card::~Card() = default;

void Card::power_up() {
  for (const auto& applet : applets_) applet->deselect();
  selected_ = nullptr;
  chain_.reset();
  waiting_.reset();
  rest_.clear();
  commands_ = 0;
}

Bytes Card::atr() const {
  // TS, T0 (TD1 follows), TD1 and TD2: T=1 alone, then the historical octets and a check octet.
  Bytes atr{0x3b, static_cast<Byte>(0x80U | historical.size()), 0x81, 0x01};
  for (const char letter : historical) atr.push_back(static_cast<Byte>(letter));
  Byte check = 0;
  for (std::size_t i = 1; i < atr.size(); ++i) check = static_cast<Byte>(check ^ atr[i]);
  atr.push_back(check);
  return atr;
}

Result<void> Card::set_fault(std::string_view text) {
  commands_ = 0;
  return faults_.set(text);
}

Result<void> Card::change(const std::function<void(State&)>& edit) {
  edit(state_);
  return save(file_, state_);
}

Outcome Card::receive(BytesView apdu, Moment now) {
  ++commands_;
  if (faults_.reset && commands_ == *faults_.reset) {
    faults_.reset.reset();
    power_up();
  }
  if (faults_.remove && commands_ >= *faults_.remove) {
    power_up();
    return {Outcome::Kind::removed, {}};
  }
  waiting_.reset();
  auto command = parse_command(apdu);
  Outcome outcome = command
                        ? accept(std::move(*command), now)
                        : Outcome{Outcome::Kind::answered, status_alone(StatusWord::wrong_length)};
  if (outcome.kind == Outcome::Kind::answered)
    outcome.answer = spoil_answer(faults_, std::move(outcome.answer));
  return outcome;
}

// Classes, chains (ISO/IEC 7816-4 §5.3.3) and answers in parts (§5.3.4).
Outcome Card::accept(Command command, Moment now) {
  const auto answered = [](Bytes answer) {
    return Outcome{Outcome::Kind::answered, std::move(answer)};
  };
  if ((command.cla & 0xe0U) != 0) return answered(status_alone(StatusWord::wrong_class));
  if ((command.cla & secure_messaging) != 0)
    return answered(status_alone(StatusWord::no_secure_messaging));
  if ((command.cla & logical_channel) != 0)
    return answered(status_alone(StatusWord::no_logical_channels));
  if (command.ins == get_response_instruction && !chain_)
    return answered(next_part(command.expected));
  rest_.clear();

  if (chain_ && (chain_->ins != command.ins || chain_->parameters() != command.parameters())) {
    chain_.reset();
    return answered(status_alone(StatusWord::last_of_chain_expected));
  }
  if (chain_) {
    chain_->data.insert(chain_->data.end(), command.data.begin(), command.data.end());
    command.data = std::move(chain_->data);
    chain_.reset();
    if (command.data.size() > largest_chain) return answered(status_alone(StatusWord::no_space));
  }
  if ((command.cla & chained) != 0) {
    chain_ = std::move(command);
    return answered(status_alone(StatusWord::ok));
  }
  if (selected_ != nullptr && command.ins != select_instruction &&
      selected_->wants_touch(command, now)) {
    waiting_ = std::move(command);
    return {Outcome::Kind::wants_touch, {}};
  }
  return answered(finish(command, run(command, now)));
}

Bytes Card::touched(bool given, Moment now) {
  if (!waiting_) return {};
  const Command command = std::move(*waiting_);
  waiting_.reset();
  if (!given) return status_alone(StatusWord::security_status);
  if (selected_ != nullptr) selected_->touched(now);
  return spoil_answer(faults_, finish(command, run(command, now)));
}

// The answer leaves only when what was changed is kept.
Response Card::run(const Command& command, Moment now) {
  if (command.ins == select_instruction && command.p1 == 0x04) return select(command);
  if (selected_ == nullptr) return StatusWord::wrong_instruction;
  Response response = selected_->handle(command, now);
  if (selected_->take_changed() && !save(file_, state_)) return StatusWord::memory_failure;
  return response;
}

// By application identifier, which may be cut off on the right (ISO/IEC 7816-4 §11.3.5). One that
// is not there changes nothing.
Response Card::select(const Command& command) {
  const BytesView wanted(command.data);
  const auto fits = [&](const auto& applet) {
    return wanted.size() >= 5 && applet->aid().size() >= wanted.size() &&
           std::ranges::equal(applet->aid().first(wanted.size()), wanted);
  };
  const auto found = std::ranges::find_if(applets_, fits);
  if (found == applets_.end()) return StatusWord::not_found;
  if (selected_ != nullptr && selected_ != found->get()) selected_->deselect();
  selected_ = found->get();
  return selected_->select();
}

Bytes Card::finish(const Command& command, Response response) {
  if (response.status != StatusWord::ok || response.data.empty())
    return encode(response.data, response.status);
  spoil_content(faults_, response.data);
  rest_ = std::move(response.data);
  return next_part(command.expected);
}

Bytes Card::next_part(std::size_t expected) {
  if (rest_.empty()) return status_alone(StatusWord::conditions);
  const std::size_t size = std::min(rest_.size(), expected == 0 ? short_answer : expected);
  const Bytes part(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(size));
  if (faults_.endless) return encode(part, more_to_come(short_answer - 1));
  rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(size));
  return encode(part, rest_.empty() ? StatusWord::ok : more_to_come(rest_.size()));
}

}  // namespace countersign::virtual_card
