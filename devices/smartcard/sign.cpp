// SPDX-License-Identifier: Apache-2.0
// A signature, from looking for the key to the card's answer. Two turns: in the first the key is
// found and the tries are read; then the person is asked; in the second the PIN is verified and the
// card signs. A PIN that was sent is never sent again: whatever went wrong, the person is asked
// again, and told what is left (T30).
#include <algorithm>

#include "devices/smartcard/card.h"

namespace countersign::devices::smartcard {
namespace {

using reader::CardKey;
using reader::CardSign;
using reader::CardSigned;
using reader::Failed;
using reader::Failure;
using reader::Prompt;
using reader::PromptKind;
using reader::Reply;

constexpr int most_questions = 3;  // of one operation; the person may begin another

struct Found {
  CardKey key;
  bool wants_pin = true;
  std::optional<int> tries;
  std::int64_t shortest_pin = 0;
};

struct Request {
  const CardSign& what;
  Interaction& interaction;
  const Deadline& deadline;
};

bool fits(const CardSign& what, const CardKey& key, const Application& application) {
  if (!key.trouble.empty() || (!what.slot.empty() && what.slot != key.slot) ||
      (what.verified && !application.wants_pin(key)))
    return false;
  return what.keys.empty() ||
         std::ranges::find(what.keys, handle_of(key.public_key)) != what.keys.end();
}

std::expected<std::optional<Found>, Loss> find(Card& card, const Request& request) {
  for (const Capability kind :
       request.what.applets.empty()
           ? std::vector<Capability>(both_applets.begin(), both_applets.end())
           : request.what.applets) {
    auto looked =
        TRY(card.with(kind, request.deadline,
                      [&](Application& application,
                          const CardApplet& applet) -> std::expected<std::optional<Found>, Loss> {
                        const auto keys = card.keys(kind, application);
                        if (!keys) return std::unexpected(keys.error());
                        for (const CardKey& each : *keys) {
                          if (!fits(request.what, each, application)) continue;
                          Found found{.key = each,
                                      .wants_pin = application.wants_pin(each),
                                      .tries = {},
                                      .shortest_pin = application.shortest_pin()};
                          if (applet.pin_retries)
                            found.tries = static_cast<int>(*applet.pin_retries);
                          return found;
                        }
                        return std::nullopt;
                      }));
    if (looked && *looked) return std::move(*looked);
  }
  return std::nullopt;
}

// What the second turn came to.
enum class Came { signed_, wrong_pin, tries_changed, lost_after_pin, refused, not_a_pin };
struct Second {
  Came came = Came::refused;
  std::optional<int> tries;
  Bytes signature;
  Status status;
};

std::expected<Second, Loss> finish(Application& application, const Request& request,
                                   const CardKey& key) {
  const auto touch = TRY(application.wants_touch(key));
  if (touch) request.interaction.tell(Prompt{.kind = PromptKind::touch});
  auto answer = TRY(application.sign(key, request.what.message));
  if (!answer.status.ok() || answer.data.empty())
    return Second{.came = Came::refused, .tries = {}, .signature = {}, .status = answer.status};
  return Second{
      .came = Came::signed_, .tries = {}, .signature = std::move(answer.data), .status = {}};
}

std::expected<Second, Loss> verify_and_sign(Card& card, Application& application,
                                            const Request& request, const Found& found,
                                            const Secret& pin) {
  const auto wire = application.on_the_wire(pin);
  if (!wire) return Second{.came = Came::not_a_pin, .tries = {}, .signature = {}, .status = {}};
  const auto tries = TRY(application.tries());
  // Somebody else has used tries up since the person was told of them.
  if (tries && found.tries && *tries < *found.tries)
    return Second{.came = Came::tries_changed, .tries = tries, .signature = {}, .status = {}};
  card.forget_after_turn();
  const auto verified = application.verify(*wire);
  if (!verified) {
    if (verified.error() == Loss::reset)
      return Second{.came = Came::lost_after_pin, .tries = {}, .signature = {}, .status = {}};
    return std::unexpected(verified.error());
  }
  if (!verified->ok()) {
    auto left = verified->tries_left();
    if (!left && verified->needs_verification())
      left = application.tries().value_or(std::nullopt);  // OpenPGP: 6982 is a wrong PIN
    return Second{.came = left ? Came::wrong_pin : Came::refused,
                  .tries = left,
                  .signature = {},
                  .status = *verified};
  }
  auto done = finish(application, request, found.key);
  if (!done && done.error() == Loss::reset)
    return Second{.came = Came::lost_after_pin, .tries = {}, .signature = {}, .status = {}};
  return done;
}

Reply signed_with(const Found& found, Second second) {
  return CardSigned{
      .key = found.key, .signature = std::move(second.signature), .verified = found.wants_pin};
}

Reply without_pin(Card& card, const Request& request, const Found& found) {
  auto done = card.with(found.key.applet, request.deadline,
                        [&](Application& application, const CardApplet&) {
                          return finish(application, request, found.key);
                        });
  if (!done) return failed(done.error());
  if (!*done) return failed(Loss::removed);
  if ((*done)->came != Came::signed_) return failed((*done)->status);
  return signed_with(found, std::move(**done));
}

}  // namespace

Reply sign(Card& card, const CardSign& what, Interaction& interaction, const Deadline& deadline) {
  const Request request{what, interaction, deadline};
  bool again = false;
  for (int question = 0; question < most_questions;) {
    auto looked = find(card, request);
    if (!looked) return failed(looked.error());
    if (!*looked)
      return Failed{.failure = Failure::no_credential,
                    .detail = "none of the keys that are asked for is on this card"};
    const Found& found = **looked;
    if (!found.wants_pin) return without_pin(card, request, found);
    if (found.tries == 0) return Failed{.failure = Failure::card_pin_blocked, .retries = 0};
    ++question;
    auto pin = ask(interaction,
                   {.kind = PromptKind::pin,
                    .retries = found.tries,
                    .again = again,
                    .min_length = found.shortest_pin},
                   deadline);
    if (!pin) return pin.error();
    auto second =
        card.with(found.key.applet, deadline, [&](Application& application, const CardApplet&) {
          return verify_and_sign(card, application, request, found, *pin);
        });
    if (!second) return failed(second.error());
    if (!*second) return failed(Loss::removed);
    switch ((*second)->came) {
      case Came::signed_:
        return signed_with(found, std::move(**second));
      case Came::not_a_pin:
        return Failed{.failure = Failure::pin_refused, .retries = found.tries};
      case Came::refused:
        return failed((*second)->status);
      case Came::wrong_pin:
        if ((*second)->tries == 0)
          return Failed{.failure = Failure::card_pin_blocked, .retries = 0};
        if (question == most_questions)
          return Failed{.failure = Failure::wrong_pin, .retries = (*second)->tries};
        again = true;
        break;
      case Came::tries_changed:
      case Came::lost_after_pin:
        again = false;
        break;
    }
  }
  return Failed{.failure = Failure::busy, .detail = "another program keeps using the card"};
}

}  // namespace countersign::devices::smartcard
