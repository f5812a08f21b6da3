// SPDX-License-Identifier: Apache-2.0
// A touch alone, the PIN, reset, the credentials on the token (CTAP 2.1 §6.5, §6.6, §6.8, §6.9).
#include "devices/fido2/failure.h"
#include "devices/fido2/libfido2.h"
#include "devices/fido2/pin_rules.h"
#include "devices/fido2/requests.h"

namespace countersign::devices::fido2 {
namespace {

using namespace reader;

constexpr std::size_t most_rows =
    1000;  // of a list on the socket; tokens have a few hundred places at most

Reply set_pin(Operation& operation) {
  if (!operation.facts().info.can_pin) return unsupported("no PIN");
  if (operation.facts().info.pin_set) return unsupported("a PIN is set already");
  const auto pin = operation.ask_pin({.kind = PromptKind::new_pin});
  if (!pin) return pin.error();
  if (const int error = fido_dev_set_pin(operation.dev(), c_text(*pin), nullptr); error != FIDO_OK)
    return operation.failed_with(error);
  return Done{};
}

Reply change_pin(Operation& operation) {
  if (!operation.facts().info.pin_set)
    return Failed{.failure =
                      operation.facts().info.can_pin ? Failure::pin_not_set : Failure::unsupported};
  Secret fresh;
  for (Prompt prompt{.kind = PromptKind::pin};; prompt.again = true) {
    const auto left = operation.pin_tries();
    if (!left) return left.error();
    prompt.retries = *left;
    const auto old = operation.ask_pin(prompt);
    if (!old) return old.error();
    if (fresh.empty()) {
      auto pin = operation.ask_pin({.kind = PromptKind::new_pin});
      if (!pin) return pin.error();
      fresh = std::move(*pin);
    }
    const int error = fido_dev_set_pin(operation.dev(), c_text(fresh), c_text(*old));
    if (error == FIDO_OK) return Done{};
    if (error != FIDO_ERR_PIN_INVALID) return operation.failed_with(error);
  }
}

Reply reset(Operation& operation) {
  const int error = fido_dev_reset(operation.dev());
  if (error == FIDO_OK) return Done{};
  Failed failure = operation.failed_with(error);
  if (error == FIDO_ERR_NOT_ALLOWED)
    failure.failure = Failure::reset_too_late;  // CTAP 2.1 §6.6: ten seconds after power-up
  return failure;
}

Reply delete_credential(Operation& operation, const Bytes& id) {
  if (!operation.facts().manages_credentials) return unsupported("no credential management");
  if (id.empty()) return Failed{.failure = Failure::no_credential};
  const auto done =
      operation.verified(UserVerification::required, true, [&](const Verification& by) {
        return fido_credman_del_dev_rk(operation.dev(), id.data(), id.size(), by.pin);
      });
  if (!done) return done.error();
  return Done{};
}

int list_of_rp(Operation& operation, const char* rp_id, const char* pin, Fido2Listed& listed) {
  const CredmanRk credentials(fido_credman_rk_new());
  if (credentials == nullptr) return FIDO_ERR_INTERNAL;
  if (const int error = fido_credman_get_dev_rk(operation.dev(), rp_id, credentials.get(), pin);
      error != FIDO_OK)
    return error;
  for (std::size_t i = 0;
       i < fido_credman_rk_count(credentials.get()) && listed.rows.size() < most_rows; ++i) {
    const fido_cred_t* credential = fido_credman_rk(credentials.get(), i);
    if (credential == nullptr) return FIDO_ERR_RX_INVALID_CBOR;
    listed.rows.push_back(
        {.id = copy_octets(fido_cred_id_ptr(credential), fido_cred_id_len(credential)),
         .name = copy_text(fido_cred_user_name(credential)),
         .rp_id = copy_text(rp_id)});
  }
  return FIDO_OK;
}

int list_all(Operation& operation, const char* pin, Fido2Listed& listed) {
  listed.rows.clear();
  const CredmanRp parties(fido_credman_rp_new());
  if (parties == nullptr) return FIDO_ERR_INTERNAL;
  const int error = fido_credman_get_dev_rp(operation.dev(), parties.get(), pin);
  if (error == FIDO_ERR_NO_CREDENTIALS) return FIDO_OK;
  if (error != FIDO_OK) return error;
  for (std::size_t i = 0;
       i < fido_credman_rp_count(parties.get()) && listed.rows.size() < most_rows; ++i) {
    const char* rp_id = fido_credman_rp_id(parties.get(), i);
    if (rp_id == nullptr) return FIDO_ERR_RX_INVALID_CBOR;
    if (const int of_rp = list_of_rp(operation, rp_id, pin, listed); of_rp != FIDO_OK) return of_rp;
  }
  return FIDO_OK;
}

Reply list_credentials(Operation& operation) {
  if (!operation.facts().manages_credentials) return unsupported("no credential management");
  Fido2Listed listed;
  const auto done = operation.verified(
      UserVerification::required, true,
      [&](const Verification& by) { return list_all(operation, by.pin, listed); });
  if (!done) return done.error();
  return listed;
}

}  // namespace

Reply select(Operation& operation) {
  if (const int error = fido_dev_get_touch_begin(operation.dev()); error != FIDO_OK)
    return operation.failed_with(error);
  for (;;) {
    int touched = 0;
    const int error =
        fido_dev_get_touch_status(operation.dev(), &touched, operation.facts().fido2 ? -1 : 200);
    if (touched != 0) return Done{};
    if (error != FIDO_OK) return operation.failed_with(error);
    if (operation.facts().fido2 || operation.link().trouble() != LinkTrouble::none)
      return operation.failed_with(FIDO_ERR_RX);
    if (operation.interaction().cancelled()) return Failed{.failure = Failure::cancelled};
    if (operation.deadline().passed()) return operation.out_of_time();
  }
}

Reply manage(Operation& operation, const Fido2Manage& request) {
  if (!operation.facts().fido2) return unsupported("a U2F token");
  switch (request.task) {
    case Fido2Task::set_pin:
      return set_pin(operation);
    case Fido2Task::change_pin:
      return change_pin(operation);
    case Fido2Task::reset:
      return reset(operation);
    case Fido2Task::delete_credential:
      return delete_credential(operation, request.id);
    case Fido2Task::enroll_fingerprint:
      return enroll_fingerprint(operation, request.name);
    case Fido2Task::rename_fingerprint:
      return rename_fingerprint(operation, request.id, request.name);
    case Fido2Task::delete_fingerprint:
      return delete_fingerprint(operation, request.id);
  }
  std::unreachable();
}

Reply list(Operation& operation, const Fido2List& request) {
  if (!operation.facts().fido2) return unsupported("a U2F token");
  return request.fingerprints ? list_fingerprints(operation) : list_credentials(operation);
}

}  // namespace countersign::devices::fido2
