// SPDX-License-Identifier: Apache-2.0
// authenticatorGetAssertion (CTAP 2.1 §6.2), or U2F_AUTHENTICATE; with and without the person.
#include <algorithm>
#include <array>

#include "core/encoding/cbor.h"
#include "devices/fido2/failure.h"
#include "devices/fido2/libfido2.h"
#include "devices/fido2/requests.h"

namespace countersign::devices::fido2 {
namespace {

using namespace reader;

constexpr std::size_t most_assertions = 64;

int fill(fido_assert_t* assertion, const std::string& rp_id, BytesView client_data_hash,
         std::span<const Bytes> allowed) {
  int error = FIDO_OK;
  const auto set = [&](int result) { error = error == FIDO_OK ? result : error; };
  set(fido_assert_set_rp(assertion, rp_id.c_str()));
  set(fido_assert_set_clientdata_hash(assertion, client_data_hash.data(), client_data_hash.size()));
  for (const Bytes& id : allowed) set(fido_assert_allow_cred(assertion, id.data(), id.size()));
  return error;
}

// How many of these fit into one question: by the token's count, and by what its messages may weigh
// (an entry has 35 octets beside the id; everything else, a PIN's proof included, has at most 300).
std::size_t batch(const Facts& facts, const std::string& rp_id,
                  std::span<const Bytes> credentials) {
  const std::size_t fixed = 300 + rp_id.size();
  std::size_t room = facts.longest_message > fixed ? facts.longest_message - fixed : 0;
  std::size_t count = 0;
  while (count < credentials.size() && count < facts.longest_list &&
         credentials[count].size() + 35 <= room)
    room -= credentials[count++].size() + 35;
  return count;
}

// Asks for any of them without a touch: FIDO_OK and which one; FIDO_ERR_NO_CREDENTIALS; or another
// error.
int ask_silently(Operation& operation, const std::string& rp_id, std::span<const Bytes> credentials,
                 Bytes& found) {
  const Assert assertion(fido_assert_new());
  if (assertion == nullptr) return FIDO_ERR_INTERNAL;
  constexpr std::array<Byte, 32> no_data{};
  if (const int error = fill(assertion.get(), rp_id, no_data, credentials); error != FIDO_OK)
    return error;
  if (const int error = fido_assert_set_up(assertion.get(), FIDO_OPT_FALSE); error != FIDO_OK)
    return error;
  const int error = fido_dev_get_assert(operation.dev(), assertion.get(), nullptr);
  if (error == FIDO_ERR_USER_PRESENCE_REQUIRED ||
      error == FIDO_ERR_UP_REQUIRED) {  // how libfido2 says it of U2F tokens
    found = credentials.front();
    return FIDO_OK;
  }
  if (error != FIDO_OK) return error;
  found =
      copy_octets(fido_assert_id_ptr(assertion.get(), 0), fido_assert_id_len(assertion.get(), 0));
  if (found.empty() && credentials.size() == 1)
    found = credentials.front();  // CTAP 2.1 §6.2.2: may be left out
  return found.empty() ? FIDO_ERR_RX_INVALID_CBOR : FIDO_OK;
}

// The octets of authenticator data, out of the CBOR byte string that libfido2 keeps.
Bytes authenticator_data(const fido_assert_t* assertion, std::size_t index) {
  const auto value = formats::cbor::parse(
      {fido_assert_authdata_ptr(assertion, index), fido_assert_authdata_len(assertion, index)});
  return value && value->bytes() != nullptr ? *value->bytes() : Bytes();
}

Fido2Assertion assertion_at(const fido_assert_t* from, std::size_t index,
                            const std::vector<Bytes>& allowed) {
  Fido2Assertion assertion{
      .credential = copy_octets(fido_assert_id_ptr(from, index), fido_assert_id_len(from, index)),
      .authenticator_data = authenticator_data(from, index),
      .signature = copy_octets(fido_assert_sig_ptr(from, index), fido_assert_sig_len(from, index)),
      .user_handle =
          copy_octets(fido_assert_user_id_ptr(from, index), fido_assert_user_id_len(from, index)),
      .user_name = copy_text(fido_assert_user_name(from, index))};
  if (assertion.credential.empty() && allowed.size() == 1) assertion.credential = allowed.front();
  return assertion;
}

Reply got(const fido_assert_t* from, const std::vector<Bytes>& allowed) {
  Fido2Got reply;
  for (std::size_t i = 0; i < std::min(fido_assert_count(from), most_assertions); ++i) {
    reply.assertions.push_back(assertion_at(from, i, allowed));
    const Fido2Assertion& last = reply.assertions.back();
    if (last.credential.empty() || last.authenticator_data.empty() || last.signature.empty())
      return Failed{.failure = Failure::malformed,
                    .detail = "an assertion without credential, data or signature"};
  }
  if (reply.assertions.empty())
    return Failed{.failure = Failure::malformed, .detail = "no assertion"};
  return reply;
}

}  // namespace

std::expected<std::vector<Bytes>, Failed> held_of(Operation& operation, const std::string& rp_id,
                                                  std::span<const Bytes> credentials) {
  const Facts& facts = operation.facts();
  std::vector<Bytes> rest;
  std::ranges::copy_if(credentials, std::back_inserter(rest), [&](const Bytes& id) {
    return !id.empty() && id.size() <= facts.longest_id;
  });
  std::vector<Bytes> held;
  while (!rest.empty()) {
    const std::span<const Bytes> question(
        rest.data(), facts.fido2 ? std::max<std::size_t>(batch(facts, rp_id, rest), 1) : 1);
    Bytes found;
    const int error = ask_silently(operation, rp_id, question, found);
    if (error == FIDO_ERR_NO_CREDENTIALS || error == FIDO_ERR_INVALID_CREDENTIAL) {
      rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(question.size()));
    } else if (error != FIDO_OK) {
      return std::unexpected(operation.failed_with(error));
    } else {
      if (std::erase(rest, found) == 0)
        return std::unexpected(
            Failed{.failure = Failure::malformed, .detail = "a credential that was not asked for"});
      held.push_back(std::move(found));
    }
  }
  return held;
}

std::expected<std::vector<Bytes>, Failed> sendable(Operation& operation, const std::string& rp_id,
                                                   const std::vector<Bytes>& credentials) {
  const Facts& facts = operation.facts();
  const bool short_ids = std::ranges::all_of(
      credentials, [&](const Bytes& id) { return !id.empty() && id.size() <= facts.longest_id; });
  if (short_ids && (!facts.fido2 || batch(facts, rp_id, credentials) == credentials.size()))
    return credentials;
  auto held = held_of(operation, rp_id, credentials);
  if (held)
    held->resize(std::min(held->size(), std::max<std::size_t>(batch(facts, rp_id, *held), 1)));
  return held;
}

Reply holds(Operation& operation, const Fido2Holds& request) {
  if (request.rp_id.empty()) return internal("a request out of its bounds");
  auto held = held_of(operation, request.rp_id, request.credentials);
  if (!held) return held.error();
  return Held{std::move(*held)};
}

Reply get(Operation& operation, const Fido2Get& request) {
  Facts& facts = operation.facts();
  if (request.client_data_hash.size() != 32 || request.rp_id.empty())
    return internal("a request out of its bounds");
  if (!facts.fido2 && (request.uv == UserVerification::required || request.allowed.empty()))
    return Failed{.failure = Failure::unsupported, .detail = "a U2F token"};
  const auto allowed = sendable(operation, request.rp_id, request.allowed);
  if (!allowed) return allowed.error();
  if (allowed->empty() && !request.allowed.empty())
    return Failed{.failure = Failure::no_credential, .detail = "pre-flight"};
  const Assert assertion(fido_assert_new());
  if (assertion == nullptr) return internal("memory");
  if (const int error = fill(assertion.get(), request.rp_id, request.client_data_hash, *allowed);
      error != FIDO_OK)
    return operation.failed_with(error);

  const auto done = operation.verified(request.uv, false, [&](const Verification& by) {
    if (const int error =
            fido_assert_set_uv(assertion.get(), by.built_in ? FIDO_OPT_TRUE : FIDO_OPT_OMIT);
        error != FIDO_OK)
      return error;
    return fido_dev_get_assert(operation.dev(), assertion.get(), by.pin);
  });
  if (!done) return done.error();
  return got(assertion.get(), *allowed);
}

}  // namespace countersign::devices::fido2
