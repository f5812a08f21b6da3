// SPDX-License-Identifier: Apache-2.0
// authenticatorBioEnrollment (CTAP 2.1 §6.7).
#include "devices/fido2/libfido2.h"
#include "devices/fido2/requests.h"

namespace countersign::devices::fido2 {
namespace {

using namespace reader;

constexpr std::uint32_t sample_milliseconds = 10'000;
constexpr int most_samples = 64;  // a token that is never content

Failed unsupported() { return {.failure = Failure::unsupported, .detail = "no fingerprints"}; }

BioTemplate template_of(const Bytes& id) {
  BioTemplate made(fido_bio_template_new());
  if (made != nullptr && !id.empty() &&
      fido_bio_template_set_id(made.get(), id.data(), id.size()) != FIDO_OK)
    made.reset();
  return made;
}

bool fatal(std::uint8_t status) {
  return status == FIDO_BIO_ENROLL_FP_DATABASE_FULL || status == FIDO_BIO_ENROLL_FP_EXISTS;
}

int take_samples(Operation& operation, fido_bio_template_t* finger, fido_bio_enroll_t* enrollment) {
  for (int i = 0; i < most_samples && fido_bio_enroll_remaining_samples(enrollment) > 0; ++i) {
    const std::uint8_t status = fido_bio_enroll_last_status(enrollment);
    if (fatal(status))
      return status == FIDO_BIO_ENROLL_FP_EXISTS ? FIDO_ERR_CREDENTIAL_EXCLUDED
                                                 : FIDO_ERR_FP_DATABASE_FULL;
    operation.interaction().tell({.kind = PromptKind::sample,
                                  .retries = fido_bio_enroll_remaining_samples(enrollment),
                                  .again = status != FIDO_BIO_ENROLL_FP_GOOD});
    if (const int error =
            fido_bio_dev_enroll_continue(operation.dev(), finger, enrollment, sample_milliseconds);
        error != FIDO_OK)
      return error;
  }
  return fido_bio_enroll_remaining_samples(enrollment) == 0 ? FIDO_OK
                                                            : FIDO_ERR_USER_ACTION_TIMEOUT;
}

// Fingerprints are changed with the PIN: a finger that is there must not admit another.
Outcome by_pin(Operation& operation, const std::function<int(const char*)>& attempt) {
  Facts& facts = operation.facts();
  const bool built_in = std::exchange(facts.info.built_in_uv, false);
  auto done = operation.verified(UserVerification::required, true,
                                 [&](const Verification& by) { return attempt(by.pin); });
  facts.info.built_in_uv = built_in;
  return done;
}

}  // namespace

Reply list_fingerprints(Operation& operation) {
  if (!operation.facts().manages_fingerprints) return unsupported();
  const BioTemplates fingers(fido_bio_template_array_new());
  if (fingers == nullptr) return operation.failed_with(FIDO_ERR_INTERNAL);
  bool none = false;
  const auto done = by_pin(operation, [&](const char* pin) {
    const int error = fido_bio_dev_get_template_array(operation.dev(), fingers.get(), pin);
    none =
        error == FIDO_ERR_INVALID_OPTION;  // CTAP 2.1 §6.7.6: how a token says that there are none
    return none ? FIDO_OK : error;
  });
  if (!done) return done.error();
  Fido2Listed listed;
  for (std::size_t i = 0; !none && i < fido_bio_template_array_count(fingers.get()); ++i) {
    const fido_bio_template_t* finger = fido_bio_template(fingers.get(), i);
    listed.rows.push_back(
        {.id = copy_octets(fido_bio_template_id_ptr(finger), fido_bio_template_id_len(finger)),
         .name = copy_text(fido_bio_template_name(finger)),
         .rp_id = {}});
  }
  return listed;
}

Reply enroll_fingerprint(Operation& operation, const std::string& name) {
  if (!operation.facts().manages_fingerprints) return unsupported();
  const BioTemplate finger = template_of({});
  const BioEnroll enrollment(fido_bio_enroll_new());
  if (finger == nullptr || enrollment == nullptr) return operation.failed_with(FIDO_ERR_INTERNAL);
  const auto begun = by_pin(operation, [&](const char* pin) {
    const int error = fido_bio_dev_enroll_begin(operation.dev(), finger.get(), enrollment.get(),
                                                sample_milliseconds, pin);
    if (error != FIDO_OK) return error;
    if (const int sampled = take_samples(operation, finger.get(), enrollment.get());
        sampled != FIDO_OK) {
      if (operation.link().trouble() == LinkTrouble::none)
        (void)fido_bio_dev_enroll_cancel(operation.dev());
      return sampled;
    }
    if (name.empty()) return FIDO_OK;
    if (const int named = fido_bio_template_set_name(finger.get(), name.c_str()); named != FIDO_OK)
      return named;
    return fido_bio_dev_set_template_name(operation.dev(), finger.get(), pin);
  });
  if (!begun) return begun.error();
  return Done{};
}

Reply rename_fingerprint(Operation& operation, const Bytes& id, const std::string& name) {
  if (!operation.facts().manages_fingerprints) return unsupported();
  const BioTemplate finger = template_of(id);
  if (finger == nullptr || fido_bio_template_set_name(finger.get(), name.c_str()) != FIDO_OK)
    return operation.failed_with(FIDO_ERR_INTERNAL);
  const auto done = by_pin(operation, [&](const char* pin) {
    return fido_bio_dev_set_template_name(operation.dev(), finger.get(), pin);
  });
  if (!done) return done.error();
  return Done{};
}

Reply delete_fingerprint(Operation& operation, const Bytes& id) {
  if (!operation.facts().manages_fingerprints) return unsupported();
  const BioTemplate finger = template_of(id);
  if (finger == nullptr) return operation.failed_with(FIDO_ERR_INTERNAL);
  const auto done = by_pin(operation, [&](const char* pin) {
    return fido_bio_dev_enroll_remove(operation.dev(), finger.get(), pin);
  });
  if (!done) return done.error();
  return Done{};
}

}  // namespace countersign::devices::fido2
