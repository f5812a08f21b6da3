// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/otp_elsewhere.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/encoding/hex.h"
#include "core/encoding/modhex.h"
#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/lookup.h"
#include "core/engine/verification/gate.h"
#include "core/factors/yubico_otp.h"

namespace countersign::engine {
namespace {

OtpEvidence question_of(Context& context, std::shared_ptr<const otp_validation::Service> service,
                        const yubico_otp::Otp& otp) {
  std::array<Byte, 16> nonce{};
  context.random.fill(nonce);
  return {
      .service = std::move(service),
      .question = {.otp = formats::modhex_encode(otp.public_id) + formats::modhex_encode(otp.block),
                   .nonce = formats::hex_encode(nonce)},
      .answer = {}};
}

Result<Prepared<AuthenticatorId>> prepare(Context& context, const EnrollElsewhere& request,
                                          std::int64_t counter) {
  const auto record = TRY(user_named(context, request.user));
  const auto readings = yubico_otp::readings(request.evidence.question.otp);
  if (readings.empty()) return fail(Code::invalid, "this is not what a YubiKey types");
  const auto others = TRY(context.store.authenticators(
      {.kind = Kind::yubico_otp, .handle = readings.front().public_id}));
  if (std::ranges::any_of(others,
                          [](const Authenticator& each) { return each.status != Status::revoked; }))
    return fail(Code::exists,
                "this key is enrolled, or in stock, already: 'countersign authenticator list "
                "--kind yubico-otp' shows for whom");
  const Time now = context.clock.read().now;
  Authenticator row{.id = context.ids.make<AuthenticatorId>(),
                    .user = record->user.id,
                    .kind = Kind::yubico_otp,
                    .label = request.label,
                    .created = now};
  row.handle = readings.front().public_id;
  row.progress = {.counter = counter, .detail = 0, .last_used = now};
  Change change;
  change.require.push_back({record->user.id, record->user.generation});
  audit::Event event = event_of(context, request.caller, "enroll");
  event.user = request.user;
  event.authenticator = to_text(row.id);
  event.details.emplace_back("kind", to_name(row.kind));
  event.details.emplace_back("validated", "elsewhere");
  const AuthenticatorId id = row.id;
  TRY(bind(context, change, request.caller, *record, std::move(row), request.grounds,
           std::move(event)));
  return Prepared<AuthenticatorId>{.change = std::move(change), .answer = id};
}

}  // namespace

bool validated_elsewhere(const Authenticator& authenticator) {
  return authenticator.kind == Kind::yubico_otp && authenticator.material.empty();
}

std::optional<OtpEvidence> question_about(Context& context,
                                          std::shared_ptr<const otp_validation::Service> service,
                                          const std::optional<std::string>& user,
                                          std::string_view typed) {
  for (const yubico_otp::Otp& otp : yubico_otp::readings(typed)) {
    if (otp.public_id.empty()) continue;
    const auto rows = context.store.authenticators(
        {.kind = Kind::yubico_otp, .status = Status::active, .handle = otp.public_id});
    if (!rows) return std::nullopt;
    for (const Authenticator& row : *rows) {
      if (!validated_elsewhere(row)) continue;
      const auto record = context.store.user_by_id(row.user);
      if (record && (!user || (*record)->user.name == *user) && !barred(context, **record, row))
        return question_of(context, std::move(service), otp);
    }
  }
  return std::nullopt;
}

Result<OtpEvidence> first_question_about(Context& context,
                                         std::shared_ptr<const otp_validation::Service> service,
                                         std::string_view typed) {
  for (const yubico_otp::Otp& otp : yubico_otp::readings(typed))
    if (!otp.public_id.empty()) return question_of(context, std::move(service), otp);
  return fail(
      Code::invalid,
      "this is not what a YubiKey types: 34 to 64 letters, beginning with the key's public id");
}

void enroll_elsewhere(Context& context, EnrollElsewhere request, Then<AuthenticatorId> then) {
  if (auto held = validate_label(request.label); !held) return then(std::unexpected(held.error()));
  const OtpEvidence& evidence = request.evidence;
  const auto answer = otp_validation::judge(*evidence.service, evidence.question, evidence.answer);
  switch (answer.said) {
    case otp_validation::Said::nothing:
      return then(fail(Code::unavailable,
                       "no validation server gave a valid answer; nothing was "
                       "enrolled. Look at [yubico_otp] in the configuration, and try again"));
    case otp_validation::Said::replayed:
      return then(fail(
          Code::invalid,
          "this one-time password was used before; nothing was enrolled. Touch the key once more"));
    case otp_validation::Said::refused:
      return then(
          fail(Code::invalid, "the validation servers don't know this key; nothing was enrolled"));
    case otp_validation::Said::accepted:
      break;
  }
  auto shared = std::make_shared<const EnrollElsewhere>(std::move(request));
  apply<AuthenticatorId>(
      context,
      [&context, shared, counter = answer.counter] { return prepare(context, *shared, counter); },
      std::move(then));
}

}  // namespace countersign::engine
