// SPDX-License-Identifier: Apache-2.0
#include "daemon/views/card_view.h"

#include "core/base/text.h"
#include "core/certificates/names.h"
#include "core/encoding/hex.h"
#include "daemon/api/codec/time_text.h"

namespace countersign::routes {
namespace {

std::optional<std::string> if_any(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

void describe(api::CardSlotView& slot, BytesView der) {
  const auto certificate = crypto::Certificate::parse(der);
  if (!certificate) {
    slot.trouble = certificate.error().what;
    return;
  }
  slot.subject = certificate->subject();
  slot.not_before = api::to_rfc3339(certificate->not_before());
  slot.not_after = api::to_rfc3339(certificate->not_after());
  const auto names = certificates::names_in(*certificate);
  if (!names) return;
  for (const auto* list : {&names->principals, &names->emails, &names->card_uuids, &names->fasc_ns})
    slot.names.insert(slot.names.end(), list->begin(), list->end());
}

api::CardSlotView slot_view(const reader::CardKey& key) {
  api::CardSlotView slot{
      .slot = key.slot, .algorithm = key.algorithm, .trouble = if_any(key.trouble), .names = {}};
  if (!key.certificate.empty()) describe(slot, key.certificate);
  return slot;
}

}  // namespace

api::CardView card_view(const devices::CardInfo& card, const std::vector<reader::CardKey>& keys) {
  api::CardView view{.answer_to_reset = formats::hex_encode(card.answer_to_reset)};
  for (const devices::CardApplet& each : card.applets) {
    api::CardAppletView applet{.kind = std::string(to_name(each.kind)),
                               .version = if_any(each.version),
                               .serial = if_any(each.serial),
                               .id = formats::hex_encode(each.id),
                               .pin_retries = each.pin_retries,
                               .puk_retries = each.puk_retries,
                               .slots = {}};
    for (const reader::CardKey& key : keys)
      if (key.applet == each.kind) applet.slots.push_back(slot_view(key));
    view.applets.push_back(std::move(applet));
  }
  return view;
}

}  // namespace countersign::routes
