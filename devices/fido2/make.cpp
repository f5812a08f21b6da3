// SPDX-License-Identifier: Apache-2.0
// authenticatorMakeCredential (CTAP 2.1 §6.1), or U2F_REGISTER for tokens that know no more.
#include <algorithm>
#include <array>

#include "devices/fido2/libfido2.h"
#include "devices/fido2/requests.h"

namespace countersign::devices::fido2 {
namespace {

using namespace reader;

constexpr auto known_to_libfido2 =
    std::to_array<std::int64_t>({COSE_ES256, COSE_EDDSA, COSE_ES384, COSE_RS256});

bool has(const auto& list, const auto& item) {
  return std::ranges::find(list, item) != std::ranges::end(list);
}

std::expected<int, Failed> algorithm_for(const std::vector<std::int64_t>& wanted,
                                         const std::vector<std::int64_t>& offered) {
  for (const std::int64_t algorithm : wanted)
    if (has(offered, algorithm) && has(known_to_libfido2, algorithm))
      return static_cast<int>(algorithm);
  return std::unexpected(unsupported("none of the algorithms"));
}

Outcome check(const Fido2Make& request, const Facts& facts) {
  if (request.client_data_hash.size() != 32 || request.user_handle.empty() ||
      request.user_handle.size() > 64 || request.rp_id.empty())
    return std::unexpected(internal("a request out of its bounds"));
  if (request.discoverable && !facts.info.resident_keys)
    return std::unexpected(unsupported("no discoverable credentials"));
  if (request.uv == UserVerification::required && !facts.fido2)
    return std::unexpected(unsupported("no user verification"));
  return {};
}

int fill(fido_cred_t* cred, const Fido2Make& request, int algorithm,
         const std::vector<Bytes>& exclude, const Facts& facts) {
  int error = FIDO_OK;
  const auto set = [&](int result) { error = error == FIDO_OK ? result : error; };
  set(fido_cred_set_type(cred, algorithm));
  set(fido_cred_set_clientdata_hash(cred, request.client_data_hash.data(),
                                    request.client_data_hash.size()));
  set(fido_cred_set_rp(cred, request.rp_id.c_str(), request.rp_name.c_str()));
  set(fido_cred_set_user(cred, request.user_handle.data(), request.user_handle.size(),
                         request.user_name.c_str(), request.user_display_name.c_str(), nullptr));
  set(fido_cred_set_rk(cred, request.discoverable ? FIDO_OPT_TRUE : FIDO_OPT_OMIT));
  if (request.cred_protect != 0 && has(facts.info.extensions, std::string_view("credProtect")))
    set(fido_cred_set_prot(cred, static_cast<int>(request.cred_protect)));
  for (const Bytes& id : exclude) set(fido_cred_exclude(cred, id.data(), id.size()));
  return error;
}

}  // namespace

Reply make(Operation& operation, const Fido2Make& request) {
  Facts& facts = operation.facts();
  if (const auto held = check(request, facts); !held) return held.error();
  const auto algorithm = algorithm_for(request.algorithms, facts.info.algorithms);
  if (!algorithm) return algorithm.error();
  const auto exclude = sendable(operation, request.rp_id, request.exclude);
  if (!exclude) return exclude.error();
  const Cred cred(fido_cred_new());
  if (cred == nullptr) return internal("memory");
  if (const int error = fill(cred.get(), request, *algorithm, *exclude, facts); error != FIDO_OK)
    return operation.failed_with(error);

  // CTAP 2.1 §6.1.2 step 6 to 10: a token that can verify its user wants to, unless
  // makeCredUvNotRqd says otherwise for this kind.
  const bool needed = (facts.info.pin_set || facts.info.built_in_uv) &&
                      (!facts.make_needs_no_uv || request.discoverable);
  const auto done = operation.verified(request.uv, needed, [&](const Verification& by) {
    if (const int error = fido_cred_set_uv(cred.get(), by.built_in ? FIDO_OPT_TRUE : FIDO_OPT_OMIT);
        error != FIDO_OK)
      return error;
    return fido_dev_make_cred(operation.dev(), cred.get(), by.pin);
  });
  if (!done) return done.error();
  const char* format = fido_cred_fmt(cred.get());
  Fido2Made made{.format = copy_text(format),
                 .authenticator_data = copy_octets(fido_cred_authdata_raw_ptr(cred.get()),
                                                   fido_cred_authdata_raw_len(cred.get())),
                 .statement = copy_octets(fido_cred_attstmt_ptr(cred.get()),
                                          fido_cred_attstmt_len(cred.get()))};
  if (made.format == "none" && made.statement.empty()) made.statement = {0xa0};  // an empty map
  return made;
}

}  // namespace countersign::devices::fido2
