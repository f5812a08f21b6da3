// SPDX-License-Identifier: Apache-2.0
#include "devices/fido2/failure.h"

#include <fido.h>

#include <array>
#include <cassert>

namespace countersign::devices::fido2 {
namespace {

using reader::Failed;
using reader::Failure;

struct Row {
  int error;
  Failure failure;
};

constexpr auto rows = std::to_array<Row>({
    {FIDO_ERR_INVALID_COMMAND, Failure::unsupported},
    {FIDO_ERR_TIMEOUT, Failure::timed_out},
    {FIDO_ERR_CHANNEL_BUSY, Failure::busy},
    {FIDO_ERR_LOCK_REQUIRED, Failure::busy},
    {FIDO_ERR_LIMIT_EXCEEDED, Failure::full},
    {FIDO_ERR_UNSUPPORTED_EXTENSION, Failure::unsupported},
    {FIDO_ERR_FP_DATABASE_FULL, Failure::full},
    {FIDO_ERR_LARGEBLOB_STORAGE_FULL, Failure::full},
    {FIDO_ERR_CREDENTIAL_EXCLUDED, Failure::excluded},
    {FIDO_ERR_INVALID_CREDENTIAL, Failure::no_credential},
    {FIDO_ERR_OPERATION_PENDING, Failure::busy},
    {FIDO_ERR_UNSUPPORTED_ALGORITHM, Failure::unsupported},
    {FIDO_ERR_OPERATION_DENIED, Failure::declined},
    {FIDO_ERR_KEY_STORE_FULL, Failure::full},
    {FIDO_ERR_UNSUPPORTED_OPTION, Failure::unsupported},
    {FIDO_ERR_INVALID_OPTION, Failure::unsupported},
    {FIDO_ERR_KEEPALIVE_CANCEL, Failure::cancelled},
    {FIDO_ERR_NO_CREDENTIALS, Failure::no_credential},
    {FIDO_ERR_USER_ACTION_TIMEOUT, Failure::timed_out},
    {FIDO_ERR_NOT_ALLOWED, Failure::unsupported},
    {FIDO_ERR_PIN_INVALID, Failure::wrong_pin},
    {FIDO_ERR_PIN_BLOCKED, Failure::pin_blocked},
    {FIDO_ERR_PIN_AUTH_BLOCKED, Failure::pin_paused},
    {FIDO_ERR_PIN_NOT_SET, Failure::pin_not_set},
    {FIDO_ERR_PIN_REQUIRED, Failure::pin_not_set},
    {FIDO_ERR_PIN_POLICY_VIOLATION, Failure::pin_refused},
    {FIDO_ERR_PIN_TOKEN_EXPIRED, Failure::timed_out},
    {FIDO_ERR_REQUEST_TOO_LARGE, Failure::unsupported},
    {FIDO_ERR_ACTION_TIMEOUT, Failure::timed_out},
    {FIDO_ERR_UP_REQUIRED, Failure::declined},
    {FIDO_ERR_UV_BLOCKED, Failure::uv_failed},
    {FIDO_ERR_UV_INVALID, Failure::uv_failed},
    {FIDO_ERR_UNAUTHORIZED_PERM, Failure::unsupported},
    {FIDO_ERR_INVALID_ARGUMENT, Failure::internal},
    {FIDO_ERR_INTERNAL, Failure::internal},
    {FIDO_ERR_NOTFOUND, Failure::no_credential},
});

// Everything that is not listed is an answer that the standard does not have at that place.
Failure of_error(int error) {
  for (const Row& row : rows)
    if (row.error == error) return row.failure;
  return Failure::malformed;
}

Failure of_trouble(LinkTrouble trouble, Failure otherwise) {
  switch (trouble) {
    case LinkTrouble::none:
      return otherwise;
    case LinkTrouble::removed:
      return Failure::removed;
    case LinkTrouble::timed_out:
      return Failure::timed_out;
    case LinkTrouble::cancelled:
      return Failure::cancelled;
    case LinkTrouble::busy:
      return Failure::busy;
  }
  std::unreachable();
}

bool nothing_came(int error) {
  return error == FIDO_ERR_RX || error == FIDO_ERR_TX || error == FIDO_ERR_KEEPALIVE_CANCEL ||
         error == FIDO_ERR_INTERNAL;
}

}  // namespace

Failed failed(int error, LinkTrouble trouble) {
  const Failure failure = of_error(error);
  // Errors that a token may well make of a cancel, or that libfido2 makes of silence.
  const bool explained = nothing_came(error) || trouble == LinkTrouble::removed;
  return {.failure = explained ? of_trouble(trouble, failure) : failure,
          .detail = fido_strerr(error)};
}

}  // namespace countersign::devices::fido2
