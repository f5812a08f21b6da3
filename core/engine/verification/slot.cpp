// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/slot.h"

#include <algorithm>
#include <utility>

#include "core/crypto/hmac.h"
#include "core/engine/verification/gate.h"
#include "core/engine/verification/second_step.h"

namespace countersign::engine {
namespace {

constexpr std::size_t serial_size = 8, handle_size = serial_size + 1;

class SlotJudge final : public Judge {
 public:
  SlotJudge(Context& context, FinishSlotAssertion request, Challenge challenge)
      : context_(context), request_(std::move(request)), challenge_(std::move(challenge)) {}

  Result<std::vector<Candidate>> candidates(const std::shared_ptr<const UserRecord>& record,
                                            Time) override {
    std::vector<Candidate> all;
    const Bytes handle = handle_of(request_.name);
    const bool offered = std::ranges::find(challenge_.slots, handle) != challenge_.slots.end();
    if (!record || !offered) return all;
    for (const Authenticator& each : record->authenticators)
      if (each.kind == Kind::hmac && each.status == Status::active && each.handle == handle)
        all.push_back({record, each});
    return all;
  }

  Result<Judgement> judge(const Candidate& candidate, Time) override {
    if (request_.software && !context_.rules.fido2.virtual_tokens)  // T50
      return refused(Verdict(Reason::wrong_proof, "virtual"));
    const Authenticator& row = candidate.authenticator;
    const auto material =
        context_.vault.open(crypto::Purpose::authenticator, to_text(row.id), row.material);
    if (!material) return std::unexpected(material.error());
    if (!answers(*material, slot_message(challenge_.value), request_.response))
      return refused(Verdict(Reason::wrong_proof, "wrong-response"));
    // Single-factor cryptographic (SP 800-63B-4 §3.1.6); "user" when it waited for a touch.
    Worth worth{.amr = {"hwk"}, .aal = 1};
    if (request_.touched) worth.amr.emplace_back("user");
    return accepted(row.progress, std::move(worth));
  }

 private:
  Context& context_;
  FinishSlotAssertion request_;
  Challenge challenge_;
};

}  // namespace

std::string serial_of(const SlotName& name) {
  return std::to_string(name.serial) + "-" + std::to_string(name.slot);
}

Bytes handle_of(const SlotName& name) {
  Bytes handle;
  const auto serial = static_cast<std::uint64_t>(name.serial);
  for (unsigned shift = 8 * serial_size; shift > 0; shift -= 8)
    handle.push_back(static_cast<Byte>(serial >> (shift - 8)));
  handle.push_back(static_cast<Byte>(name.slot));
  return handle;
}

std::optional<SlotName> slot_of_handle(BytesView handle) {
  if (handle.size() != handle_size) return std::nullopt;
  SlotName name{.serial = 0, .slot = handle.back()};
  for (const Byte octet : handle.first(serial_size)) name.serial = name.serial << 8 | octet;
  return name;
}

Bytes slot_message(BytesView challenge) {
  Bytes message(challenge.begin(), challenge.end());
  message.push_back(1);
  return message;
}

bool answers(const Secret& material, BytesView message, BytesView response) {
  const auto tag = crypto::Hmac(HashAlgorithm::sha1, material.expose()).of(message);
  return equal_constant_time(tag.view(), response);
}

std::vector<SlotName> hmac_slots(const Context& context, const UserRecord& record) {
  std::vector<SlotName> slots;
  for (const Authenticator& each : record.authenticators)
    if (each.kind == Kind::hmac && !barred(context, record, each))
      if (const auto name = slot_of_handle(each.handle)) slots.push_back(*name);
  return slots;
}

void finish_slot_assertion(Context& context, FinishSlotAssertion request, ThenVerdict then) {
  auto challenge = answered_challenge(context, request.caller, request.id, Kind::hmac, then);
  if (!challenge) return;
  auto judge = std::make_unique<SlotJudge>(context, request, *challenge);
  verify(context, attempt_at(*challenge, std::move(request.caller), Kind::hmac, std::move(judge)),
         std::move(then));
}

}  // namespace countersign::engine
