// SPDX-License-Identifier: Apache-2.0
#include "core/engine/enrollment/card_issuing.h"

#include <array>
#include <memory>
#include <utility>

#include "core/certificates/names.h"
#include "core/crypto/es256_key.h"
#include "core/encoding/cbor.h"
#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/lookup.h"
#include "core/engine/verification/card_judgement.h"

namespace countersign::engine {
namespace {

namespace cbor = formats::cbor;
using crypto::Purpose;

constexpr std::size_t management_key_size = 24, puk_size = 8;
constexpr std::size_t most_cards = 100'000;
// Client authentication and Microsoft's smartcard logon.
const std::vector<std::string> usages = {"1.3.6.1.5.5.7.3.2", "1.3.6.1.4.1.311.20.2.2"};

std::unexpected<Error> corrupt(const char* what) {
  return fail(Code::corrupt, std::string(what) +
                                 " can't be read: they are damaged, or sealed by another root key");
}

// What is kept, by serial number; empty before the first card.
Result<cbor::Value> cards_in(Context& context, const Setting& setting) {
  if (setting.value.empty()) return cbor::Value::map({});
  const auto opened =
      TRY(context.vault.open(Purpose::setting, card_secrets_setting, setting.value));
  auto value = cbor::parse(opened.expose(), {.depth = 3, .items = most_cards * 6});
  if (!value || value->map() == nullptr) return corrupt("the cards' secrets");
  return std::move(*value);
}

std::optional<CardSecrets> secrets_in(const cbor::Value& cards, const std::string& serial) {
  const cbor::Value* const card = cards.map_at(std::string_view(serial));
  const Bytes* const key = card != nullptr ? card->bytes_at("management-key") : nullptr;
  const Bytes* const puk = card != nullptr ? card->bytes_at("puk") : nullptr;
  if (key == nullptr || puk == nullptr) return std::nullopt;
  return CardSecrets{.management_key = Secret(BytesView(*key)), .puk = Secret(BytesView(*puk))};
}

CardSecrets make_secrets(Random& random) {
  CardSecrets made{.management_key = Secret(management_key_size), .puk = Secret(puk_size)};
  random.fill(made.management_key.expose_mutable());
  for (Byte& digit :
       made.puk.expose_mutable()) {  // 250 is the largest multiple of ten: no digit is likelier
    std::array<Byte, 1> octet{};
    do random.fill(octet);
    while (octet[0] >= 250);
    digit = static_cast<Byte>('0' + octet[0] % 10);
  }
  return made;
}

audit::Event card_event(Context& context, const Caller& caller, std::string action,
                        const std::string& serial) {
  audit::Event event = event_of(context, caller, std::move(action));
  event.details.emplace_back("card", serial);
  return event;
}

}  // namespace

void keep_card_secrets(Context& context, Caller caller, std::string serial,
                       Then<CardSecrets> then) {
  apply<std::shared_ptr<CardSecrets>>(
      context,
      [&context, caller = std::move(caller),
       serial = std::move(serial)]() -> Result<Prepared<std::shared_ptr<CardSecrets>>> {
        Setting setting = TRY(setting_or_new(context, card_secrets_setting));
        const auto cards = TRY(cards_in(context, setting));
        if (auto known = secrets_in(cards, serial))
          return Prepared<std::shared_ptr<CardSecrets>>{
              .change = {}, .answer = std::make_shared<CardSecrets>(std::move(*known))};
        auto made = std::make_shared<CardSecrets>(make_secrets(context.random));
        cbor::Value::Map all = *cards.map();
        std::erase_if(all,
                      [&](const cbor::Entry& each) { return each.key == cbor::Value(serial); });
        all.push_back({serial, cbor::Value::map({{"management-key", made->management_key.expose()},
                                                 {"puk", made->puk.expose()}})});
        setting.value =
            context.vault.seal(Purpose::setting, card_secrets_setting,
                               Secret(BytesView(cbor::encode(cbor::Value::map(std::move(all))))));
        Change change;
        change.writes.emplace_back(std::move(setting));
        change.events.push_back(card_event(context, caller, "card.secrets-made", serial));
        return Prepared<std::shared_ptr<CardSecrets>>{.change = std::move(change),
                                                      .answer = std::move(made)};
      },
      [then = std::move(then)](Result<std::shared_ptr<CardSecrets>> done) mutable {
        if (!done) return then(std::unexpected(done.error()));
        then(std::move(**done));
      });
}

void reveal_card_secrets(Context& context, Caller caller, std::string serial, std::string rests_on,
                         Then<CardSecrets> then) {
  apply<std::shared_ptr<CardSecrets>>(
      context,
      [&context, caller = std::move(caller), serial = std::move(serial),
       rests_on = std::move(rests_on)]() -> Result<Prepared<std::shared_ptr<CardSecrets>>> {
        const Setting setting = TRY(setting_or_new(context, card_secrets_setting));
        const auto cards = TRY(cards_in(context, setting));
        auto known = secrets_in(cards, serial);
        if (!known)
          return fail(Code::not_found, "nothing is kept of a card with serial number '" +
                                           escape_text(serial) + "': it was not provisioned here");
        Change change;
        change.events.push_back(card_event(context, caller, "card.secrets-revealed", serial));
        change.events.back().details.emplace_back("rests_on", rests_on);
        return Prepared<std::shared_ptr<CardSecrets>>{
            .change = std::move(change),
            .answer = std::make_shared<CardSecrets>(std::move(*known))};
      },
      [then = std::move(then)](Result<std::shared_ptr<CardSecrets>> done) mutable {
        if (!done) return then(std::unexpected(done.error()));
        then(std::move(**done));
      });
}

void create_authority(Context& context, Caller caller, std::string name, std::chrono::days lives,
                      Then<crypto::Certificate> then) {
  apply<crypto::Certificate>(
      context,
      [&context, caller = std::move(caller), name = std::move(name),
       lives]() -> Result<Prepared<crypto::Certificate>> {
        Setting setting = TRY(setting_or_new(context, authority_setting));
        if (!setting.value.empty())
          return fail(
              Code::exists,
              "there is an authority already; 'countersign ca show' prints its certificate");
        const Time now = context.clock.read().now;
        const auto made =
            TRY(crypto::CertificateAuthority::create(name, now, now + lives, context.random));
        const Secret key = made.key();
        setting.value = cbor::encode(cbor::Value::map(
            {{"certificate", made.certificate().der()},
             {"key", context.vault.seal(Purpose::setting, authority_setting, key)}}));
        Change change;
        change.writes.emplace_back(std::move(setting));
        change.events.push_back(event_of(context, caller, "authority.created"));
        change.events.back().details.emplace_back("name", name);
        return Prepared<crypto::Certificate>{.change = std::move(change),
                                             .answer = made.certificate()};
      },
      std::move(then));
}

namespace {

Result<Bytes> names_for(const Context& context, const User& user, const std::string& card_uuid) {
  certificates::Names names;
  if (!context.rules.cards.domain.empty())
    names.principals.push_back(user.name + "@" + context.rules.cards.domain);
  if (!user.email.empty()) names.emails.push_back(user.email);
  if (!card_uuid.empty()) names.card_uuids.push_back(card_uuid);
  return names == certificates::Names{} ? Result<Bytes>(Bytes())
                                        : certificates::subject_alternative_name(names);
}

}  // namespace

void issue_card_certificate(Context& context, CardCertificate request,
                            Then<crypto::Certificate> then) {
  apply<crypto::Certificate>(
      context,
      [&context, request = std::move(request)]() -> Result<Prepared<crypto::Certificate>> {
        const auto authority =
            TRY(request.authority ? Result<crypto::CertificateAuthority>(*request.authority)
                                  : authority_of(context));
        const auto record = TRY(user_named(context, request.user));
        const User& user = record->user;
        const auto alternatives = TRY(names_for(context, user, request.card_uuid));
        const Time now = context.clock.read().now;
        const auto certificate = TRY(authority.issue(request.key,
                                                     {.common_name = user.name,
                                                      .alternative_names = alternatives,
                                                      .extended_key_usages = usages,
                                                      .from = now,
                                                      .until = now + request.lives},
                                                     context.random));
        Change change;
        change.events.push_back(
            card_event(context, request.caller, "card.certificate-issued", request.serial));
        audit::Event& event = change.events.back();
        event.user = user.name;
        event.details.emplace_back("slot", request.slot);
        event.details.emplace_back("authority", authority.certificate().subject());
        event.details.emplace_back("attested", request.attested ? "yes" : "no");
        return Prepared<crypto::Certificate>{.change = std::move(change), .answer = certificate};
      },
      std::move(then));
}

// A certificate for a key that nobody keeps, judged as a card's would be.
Result<void> try_authority(Context& context, const crypto::CertificateAuthority& authority,
                           const crypto::RevocationEvidence& evidence) {
  const crypto::PublicKey key = crypto::Es256Key::generate().public_key();
  const Time now = context.clock.read().now;
  const auto certificate = TRY(authority.issue(key,
                                               {.common_name = "trial",
                                                .extended_key_usages = usages,
                                                .from = now,
                                                .until = now + std::chrono::minutes(1)},
                                               context.random));
  const CardJudgement judged = judge_certificate(context, {.slot = "9a",
                                                           .public_key = key.spki(),
                                                           .certificate = certificate.der(),
                                                           .signature = {},
                                                           .model = {},
                                                           .evidence = evidence});
  if (!judged.refused.empty())
    return fail(Code::invalid, "cards with certificates of this authority are not accepted here: " +
                                   judged.refused + ": " + judged.why);
  return {};
}

Result<std::vector<Setting>> resealed_settings(Context& context) {
  std::vector<Setting> fresh;
  Setting cards = TRY(setting_or_new(context, card_secrets_setting));
  if (!cards.value.empty()) {
    const auto plain = TRY(context.vault.open(Purpose::setting, card_secrets_setting, cards.value));
    cards.value = context.vault.seal(Purpose::setting, card_secrets_setting, plain);
    fresh.push_back(std::move(cards));
  }
  Setting authority = TRY(setting_or_new(context, authority_setting));
  if (!authority.value.empty()) {
    const auto stored = TRY(stored_authority(context));
    const auto& [der, sealed] = stored;
    const auto plain = TRY(context.vault.open(Purpose::setting, authority_setting, sealed));
    authority.value = cbor::encode(cbor::Value::map(
        {{"certificate", der},
         {"key", context.vault.seal(Purpose::setting, authority_setting, plain)}}));
    fresh.push_back(std::move(authority));
  }
  return fresh;
}

}  // namespace countersign::engine
