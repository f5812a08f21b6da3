// SPDX-License-Identifier: Apache-2.0
#include "devices/fido2/operation.h"

#include "devices/fido2/failure.h"
#include "devices/fido2/libfido2.h"
#include "devices/fido2/pin_rules.h"

namespace countersign::devices::fido2 {
namespace {

using reader::Failed;
using reader::Failure;
using reader::Prompt;
using reader::PromptKind;
using reader::UserVerification;

constexpr int built_in_tries = 3;

bool built_in_gave_up(int error) {
  return error == FIDO_ERR_UV_BLOCKED || error == FIDO_ERR_UV_INVALID ||
         error == FIDO_ERR_PIN_REQUIRED || error == FIDO_ERR_NOT_ALLOWED;
}

Failed of_interaction(const Error& error) {
  const Failure failure = error.code == Code::timed_out   ? Failure::timed_out
                          : error.code == Code::cancelled ? Failure::cancelled
                                                          : Failure::internal;
  return {.failure = failure, .detail = error.what};
}

}  // namespace

Operation::Operation(Link& link, fido_dev* dev, Facts& facts, Interaction& interaction,
                     const Deadline& deadline)
    : link_(link), dev_(dev), facts_(facts), interaction_(interaction), deadline_(deadline) {
  link_.begin(deadline, [this](Byte command) { tell_touch(command); });
}

Operation::~Operation() { link_.end(); }

void Operation::tell_touch(Byte command) {
  if (touch_told_ || (verify_told_ && command == CTAP_CBOR_CLIENT_PIN))
    return;  // the finger was asked for already
  touch_told_ = true;
  interaction_.tell({.kind = PromptKind::touch});
}

Failed Operation::failed_with(int fido_error) const { return failed(fido_error, link_.trouble()); }
Failed Operation::out_of_time() const {
  return {.failure = Failure::timed_out, .detail = "deadline"};
}

std::expected<std::int64_t, Failed> Operation::pin_tries() {
  int left = 0;
  if (const int error = fido_dev_get_retry_count(dev_, &left); error != FIDO_OK)
    return std::unexpected(failed_with(error));
  facts_.info.pin_retries = left;
  if (left <= 0) return std::unexpected(Failed{.failure = Failure::pin_blocked, .retries = 0});
  return left;
}

std::expected<Secret, Failed> Operation::ask_pin(Prompt prompt) {
  prompt.min_length = facts_.info.min_pin_length;
  auto pin = interaction_.ask(prompt, deadline_);
  if (!pin) return std::unexpected(of_interaction(pin.error()));
  if (auto held =
          check_pin(*pin, prompt.kind == PromptKind::new_pin ? facts_.info.min_pin_length : 4);
      !held)
    return std::unexpected(Failed{
        .failure = Failure::pin_refused, .retries = prompt.retries, .detail = held.error().what});
  return terminated(*pin);
}

std::expected<Operation::Method, Failed> Operation::first_method(UserVerification wanted,
                                                                 bool needed) const {
  const Fido2Info& info = facts_.info;
  const bool required = wanted == UserVerification::required || needed || info.always_uv;
  if (!required && wanted == UserVerification::discouraged) return Method::none;
  if (info.built_in_uv) return Method::built_in;
  if (info.pin_set) return Method::pin;
  if (!required || (wanted != UserVerification::required && !info.always_uv)) return Method::none;
  return std::unexpected(
      Failed{.failure = info.can_pin ? Failure::pin_not_set : Failure::unsupported,
             .detail = "no user verification"});
}

std::expected<Operation::Method, Failed> Operation::method_without_built_in(int error) const {
  if (facts_.info.pin_set) return Method::pin;
  return std::unexpected(failed_with(error));
}

Outcome Operation::verified(UserVerification wanted, bool needed,
                            const std::function<int(const Verification&)>& attempt) {
  const auto method = TRY(first_method(wanted, needed));
  if (method == Method::built_in) return by_built_in(attempt);
  if (method == Method::pin) return by_pin(attempt);
  const int error = attempt({});
  if (error == FIDO_OK) return {};
  if (error != FIDO_ERR_PIN_REQUIRED) return std::unexpected(failed_with(error));
  if (facts_.info.built_in_uv) return by_built_in(attempt);  // it wants it all the same
  if (facts_.info.pin_set) return by_pin(attempt);
  return std::unexpected(failed_with(error));
}

Outcome Operation::by_built_in(const std::function<int(const Verification&)>& attempt) {
  Prompt prompt{.kind = PromptKind::verify, .retries = facts_.info.uv_retries};
  int error = FIDO_OK;
  for (int tries = 0; tries < built_in_tries; ++tries) {
    verify_told_ = true;
    interaction_.tell(prompt);
    error = attempt({.built_in = true});
    if (error == FIDO_OK) return {};
    if (!built_in_gave_up(error)) return std::unexpected(failed_with(error));
    if (error != FIDO_ERR_UV_INVALID) break;
    prompt.again = true;
    int left = 0;
    if (fido_dev_get_uv_retry_count(dev_, &left) == FIDO_OK)
      prompt.retries = facts_.info.uv_retries = left;
    if (prompt.retries == 0) break;
  }
  TRY(method_without_built_in(error));
  return by_pin(attempt);
}

Outcome Operation::by_pin(const std::function<int(const Verification&)>& attempt) {
  for (Prompt prompt{.kind = PromptKind::pin};; prompt.again = true) {
    const auto left = TRY(pin_tries());
    prompt.retries = left;
    const auto pin = TRY(ask_pin(prompt));
    const int error = attempt({.pin = c_text(pin)});
    if (error == FIDO_OK) return {};
    if (error == FIDO_ERR_PIN_INVALID)
      continue;  // three in a row, and the token says pin_paused: this ends
    Failed failure = failed_with(error);
    if (failure.failure == Failure::pin_paused)
      if (const auto rest = pin_tries(); rest || rest.error().failure == Failure::pin_blocked)
        failure.retries = rest.value_or(0);
    return std::unexpected(failure);
  }
}

}  // namespace countersign::devices::fido2
