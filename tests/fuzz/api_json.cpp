// SPDX-License-Identifier: Apache-2.0
// Request bodies: the first octet chooses which wire type they are read as.
#include "daemon/api/audit.h"
#include "daemon/api/authenticators.h"
#include "daemon/api/codec/decode.h"
#include "daemon/api/codec/encode.h"
#include "daemon/api/imports.h"
#include "daemon/api/users.h"
#include "daemon/api/verification.h"

using namespace countersign;

namespace {

// What is accepted can be said again and is read as the same.
template <class T>
void read_as(std::string_view text) {
  const auto value = api::decode<T>(text);
  if (!value) return;
  const std::string again = api::encode(*value);
  const auto second = api::decode<T>(again);
  if (!second || api::encode(*second) != again) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 8) {
    case 0:
      read_as<api::VerifyRequest>(text);
      break;
    case 1:
      read_as<api::EnrollRequest>(text);
      break;
    case 2:
      read_as<api::ImportRows>(text);
      break;
    case 3:
      read_as<api::UserBatch>(text);
      break;
    case 4:
      read_as<api::ResyncRequest>(text);
      break;
    case 5:
      read_as<api::AuthenticatorView>(text);
      break;
    case 6:
      read_as<api::AuditPage>(text);
      break;
    default:
      read_as<api::UserSet>(text);
      break;
  }
  return 0;
}
