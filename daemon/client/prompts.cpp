// SPDX-License-Identifier: Apache-2.0
#include "daemon/client/prompts.h"

#include "daemon/api/token_words.h"

namespace countersign::client {
namespace {

// " to sign in alice to sudo"
std::string purpose(const api::TapEvent& event) {
  std::string words;
  if (event.user) words += " for " + *event.user;
  if (event.service) words += " (" + *event.service + ")";
  return words;
}

std::string the_key(const api::TapEvent& event) {
  return event.device && !event.device->empty() ? "your " + *event.device : "your key";
}

std::string pin_words(const api::TapEvent& event, std::string_view which) {
  std::string words = event.again.value_or(false)
                          ? "That PIN is wrong" + api::retries_words(event.retries) + ". "
                          : "";
  words += std::string(which) + " of " + the_key(event);
  if (event.again.value_or(false) || !event.retries || *event.retries > 3) return words + ":";
  return words + " (" + api::retries_words(event.retries).substr(2) + "):";
}

}  // namespace

std::string prompt_words(const api::TapEvent& event) {
  switch (event.event) {
    case api::Prompt::wait:
      return "Someone else is using a key at this machine. Wait a moment";
    case api::Prompt::insert:
      return "Plug in your security key, or insert your card" + purpose(event);
    case api::Prompt::touch:
      return "Touch " + the_key(event) + purpose(event);
    case api::Prompt::select:
      return "Touch the key that you want to use" + purpose(event);
    case api::Prompt::one_card:
      return "More than one card is inserted. Leave only the one you want to use" + purpose(event);
    case api::Prompt::pin:
      return pin_words(event, "PIN");
    case api::Prompt::new_pin:
      return (event.again.value_or(false) ? "The key does not take that PIN. " : "") +
             std::string("New PIN of ") + the_key(event) + " (at least " +
             std::to_string(event.min_length.value_or(4)) + " characters):";
    case api::Prompt::puk:
      return pin_words(event, "PUK");
    case api::Prompt::new_puk:
      return "New PUK of " + the_key(event) + " (at least " +
             std::to_string(event.min_length.value_or(6)) + " characters):";
    case api::Prompt::verify:
      return "Put your finger on " + the_key(event) + purpose(event) +
             (event.again.value_or(false) ? "; it was not recognized" : "");
    case api::Prompt::sample:
      return "Put the same finger on " + the_key(event) + " again";
    case api::Prompt::wrong_key:
      return "This key is not enrolled for this. Plug in another one" + purpose(event);
    case api::Prompt::no_permission:
      return api::token_words("permission");
    case api::Prompt::advisory:
      return "Warning about " + the_key(event) + ": " + event.advisory.value_or("") + ": " +
             event.about.value_or("");
    case api::Prompt::present:
      return "Now on " + the_key(event) + ": " + event.about.value_or("");
  }
  return {};
}

}  // namespace countersign::client
