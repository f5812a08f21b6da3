// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/guesses.h"

#include <cstring>
#include <utility>

#include "core/crypto/hash.h"

namespace countersign::engine {
namespace {

constexpr std::uint64_t unknown_name_buckets = 1024;

ThrottleKey bucket_of(std::string_view name) {
  const auto digest = crypto::sha256(as_bytes(name));
  std::uint64_t number = 0;
  std::memcpy(&number, digest.data(), sizeof number);
  return {-1 - static_cast<std::int64_t>(number % unknown_name_buckets)};
}

}  // namespace

Guesses::Guesses(Context& context, Throttle throttle)
    : context_(&context),
      throttle_(std::move(throttle)),
      suppressed_(context.suppressed.count(throttle_.key)) {}

Result<Guesses> Guesses::of(Context& context, const std::string& name, const UserRecord* record) {
  const ThrottleKey key = record != nullptr ? ThrottleKey{record->user.id.value} : bucket_of(name);
  Result<Throttle> throttle =
      record != nullptr ? Result<Throttle>(record->throttle) : context.store.throttle(key);
  if (!throttle) return std::unexpected(throttle.error());
  throttle->key = key;
  return Guesses(context, std::move(*throttle));
}

std::optional<Time> Guesses::closed_until(Time now) {
  const Time opens = opens_at(throttle_, context_->rules.throttle);
  if (opens <= now) return std::nullopt;
  context_->suppressed.add(throttle_.key);
  return opens;
}

bool Guesses::counts(Reason reason) {
  switch (reason) {
    case Reason::wrong_code:
    case Reason::no_factor:
    case Reason::unknown_user:
    case Reason::user_suspended:
      return true;
    case Reason::none:
    case Reason::denied:
    case Reason::used_code:
    case Reason::wrong_proof:
    case Reason::no_challenge:
    case Reason::unknown_token:
    case Reason::no_token:
    case Reason::timed_out:
    case Reason::cancelled:
    case Reason::token_failed:
    case Reason::throttled:
    case Reason::restored_store:
    case Reason::clock:
    case Reason::unavailable:
      return false;
  }
  std::unreachable();
}

void Guesses::add_accept(Change& change, const Caller& caller) {
  const Generation generation = throttle_.generation;
  if (clear_failures(throttle_, caller_key(caller)))
    change.writes.emplace_back(throttle_);
  else
    change.require.push_back({throttle_.key, generation});
}

bool Guesses::add_failure(Change& change, const Caller& caller, Time now) {
  countersign::add_failure(throttle_, caller_key(caller), now);
  change.writes.emplace_back(throttle_);
  return opens_at(throttle_, context_->rules.throttle) > now;
}

void Guesses::told() {
  if (suppressed_ != 0) context_->suppressed.told(throttle_.key, suppressed_);
}

}  // namespace countersign::engine
