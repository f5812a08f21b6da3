// SPDX-License-Identifier: Apache-2.0
// Android Key attestation (WebAuthn L3 §8.4;
// source.android.com/docs/security/features/keystore/attestation).
#include <algorithm>

#include "core/encoding/der.h"
#include "core/webauthn/attestation_formats.h"

namespace countersign::webauthn {
namespace {

namespace der = formats::der;

constexpr std::string_view key_description = "1.3.6.1.4.1.11129.2.1.17";
constexpr std::size_t challenge_place = 4, software_place = 6, tee_place = 7;  // in KeyDescription
constexpr std::uint32_t tag_purpose = 1, tag_all_applications = 600, tag_origin = 702;
constexpr std::int64_t purpose_sign = 2, origin_generated = 0;

// The one item that an explicitly tagged field holds.
std::optional<der::Item> inside(const der::Item& field) {
  const auto items = der::read(field.content);
  if (!items || items->size() != 1) return std::nullopt;
  return items->front();
}

bool only_for_signing(const der::Item& field) {
  const auto list = inside(field);
  if (!list || !list->is(der::set)) return false;
  const auto purposes = der::read(list->content);
  return purposes && !purposes->empty() && std::ranges::all_of(*purposes, [](const der::Item& one) {
           return der::small_integer(one) == purpose_sign;
         });
}

bool generated(const der::Item& field) {
  const auto origin = inside(field);
  return origin && der::small_integer(*origin) == origin_generated;
}

// An authorization list; empty, or what is wrong with it. The W3C's own test vector has two empty
// lists: what is not said is not held against a key, what is said has to be right. (Android's
// keystore says both.)
std::string wrong_with_list(const der::Item& list) {
  const auto fields = der::read(list.content);
  if (!list.is(der::sequence) || !fields) return "its authorization lists can't be read";
  for (const der::Item& field : *fields) {
    if (field.is_context(tag_all_applications)) return "the key is for all applications";
    if (field.is_context(tag_origin) && !generated(field))
      return "the key was not made in the device";
    if (field.is_context(tag_purpose) && !only_for_signing(field))
      return "the key is not for signing alone";
  }
  return {};
}

}  // namespace

void judge_android_key(const AttestationInput& input, Attested& attested, Report& report) {
  const auto made = take_signature(input, report);
  if (!made) return;
  const crypto::Certificate* certified = certified_by(input, attested, report);
  if (certified == nullptr) return;
  const crypto::Certificate& leaf = *certified;
  if (!judge_signature(leaf, *made, {input.authenticator_data, input.client_data_hash}, report) ||
      !judge_same_key(leaf, input, report))
    return;
  const auto extension = leaf.extension(key_description);
  const auto fields = extension
                          ? der::read_inside(extension->value)
                          : fail(Code::corrupt, "the certificate has no Android key description");
  const bool whole =
      fields && fields->size() > tee_place && (*fields)[challenge_place].is(der::octet_string);
  if (!report.note(Step::attestation_certificate, whole,
                   "the certificate has no key description of Android that can be read") ||
      !whole)
    return;
  if (!report.note(Step::attestation_binding,
                   std::ranges::equal((*fields)[challenge_place].content, input.client_data_hash),
                   "the certificate's challenge is of another registration"))
    return;
  for (const std::size_t place : {software_place, tee_place})
    if (const std::string wrong = wrong_with_list((*fields)[place]);
        !report.note(Step::attestation_properties, wrong.empty(), wrong))
      return;
}

}  // namespace countersign::webauthn
