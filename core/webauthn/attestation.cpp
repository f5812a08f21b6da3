// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/attestation.h"

#include <algorithm>
#include <utility>

#include "core/encoding/der.h"
#include "core/webauthn/attestation_formats.h"

namespace countersign::webauthn {
namespace {

constexpr std::size_t most_certificates = 8;
constexpr std::string_view aaguid_extension = "1.3.6.1.4.1.45724.1.1.4";

using Judge = void (*)(const AttestationInput&, Attested&, Report&);

Judge judge_of(AttestationFormat format) {
  switch (format) {
    case AttestationFormat::none:
      return judge_none;
    case AttestationFormat::packed:
      return judge_packed;
    case AttestationFormat::tpm:
      return judge_tpm;
    case AttestationFormat::android_key:
      return judge_android_key;
    case AttestationFormat::fido_u2f:
      return judge_fido_u2f;
    case AttestationFormat::apple:
      return judge_apple;
  }
  std::unreachable();
}

constexpr std::array attestation_steps = {
    Step::attestation_format,    Step::attestation_statement,   Step::attestation_algorithm,
    Step::attestation_signature, Step::attestation_certificate, Step::attestation_aaguid,
    Step::attestation_key,       Step::attestation_binding,     Step::attestation_properties};

}  // namespace

Result<AttestationObject> parse_attestation_object(BytesView data) {
  if (data.size() > longest_attestation_object)
    return fail(Code::corrupt, "the attestation object is too long");
  auto object = TRY(formats::cbor::parse(data, {.depth = 8, .items = 512}));
  const std::string* format = object.text_at("fmt");
  const formats::cbor::Value* statement = object.map_at("attStmt");
  const Bytes* authenticator_data = object.bytes_at("authData");
  if (format == nullptr || statement == nullptr || authenticator_data == nullptr)
    return fail(Code::corrupt, "the attestation object lacks fmt, attStmt or authData");
  return AttestationObject{*format, *statement, *authenticator_data};
}

std::optional<Attested> judge_attestation(std::string_view name, const AttestationInput& input,
                                          Report& report) {
  const auto format = from_name<AttestationFormat>(name);
  if (!format) {
    report.stop(Step::attestation_format,
                "the format is not one of none, packed, tpm, android-key, fido-u2f and apple");
    return std::nullopt;
  }
  (void)report.note(Step::attestation_format, true);
  Attested attested{.format = *format};
  judge_of (*format)(input, attested, report);
  const bool failed = std::ranges::any_of(
      attestation_steps, [&](Step step) { return report.outcome(step) == Outcome::failed; });
  if (failed || report.outcome(Step::attestation_statement) != Outcome::passed) return std::nullopt;
  return attested;
}

void judge_none(const AttestationInput& input, Attested& attested, Report& report) {
  attested.type = AttestationType::none;
  (void)report.note(Step::attestation_statement, input.statement.map()->empty(),
                    "the statement of format \"none\" must be empty");
}

std::optional<crypto::Certificates> take_certificates(const AttestationInput& input,
                                                      Report& report) {
  const auto* list = input.statement.array_at("x5c");
  if (list == nullptr || list->empty() || list->size() > most_certificates) {
    report.stop(Step::attestation_statement, "x5c is not a list of one to eight certificates");
    return std::nullopt;
  }
  crypto::Certificates certificates;
  for (const auto& item : *list) {
    const auto one = item.bytes() != nullptr
                         ? crypto::Certificate::parse(*item.bytes())
                         : fail(Code::corrupt, "x5c holds something else than octets");
    if (!one) {
      report.stop(Step::attestation_statement, one.error().what);
      return std::nullopt;
    }
    certificates.push_back(*one);
  }
  return certificates;
}

const crypto::Certificate* certified_by(const AttestationInput& input, Attested& attested,
                                        Report& report) {
  auto certificates = take_certificates(input, report);
  if (!certificates || !report.note(Step::attestation_statement, true)) return nullptr;
  attested.type = AttestationType::certified;
  attested.certificates = std::move(*certificates);
  return &attested.certificates.front();
}

std::optional<Signed> take_signature(const AttestationInput& input, Report& report) {
  const auto algorithm = input.statement.integer_at("alg");
  const Bytes* signature = input.statement.bytes_at("sig");
  if (algorithm && signature != nullptr) return Signed{*algorithm, *signature};
  report.stop(Step::attestation_statement, "alg or sig is missing, or of another type");
  return std::nullopt;
}

bool judge_signature(const crypto::Certificate& certificate, const Signed& made,
                     std::initializer_list<BytesView> message, Report& report) {
  const auto algorithm = crypto::signature_algorithm(made.algorithm);
  if (!algorithm) {
    report.stop(Step::attestation_algorithm,
                "the attestation's algorithm is not one that is taken");
    return report.extent() == Extent::all;
  }
  const auto key = certificate.public_key(*algorithm);
  if (!key) {
    report.stop(Step::attestation_algorithm, key.error().what);
    return report.extent() == Extent::all;
  }
  return report.note(Step::attestation_algorithm, true) &&
         report.note(Step::attestation_signature, key->verify(message, made.signature));
}

bool judge_same_key(const crypto::Certificate& certificate, const AttestationInput& input,
                    Report& report) {
  const auto key = certificate.public_key(input.credential_key.algorithm());
  return report.note(Step::attestation_key, key.has_value() && key->same_key(input.credential_key),
                     "the certificate is for another key than the credential's");
}

std::string wrong_with_leaf(const crypto::Certificate& certificate) {
  if (certificate.version() != 3) return "the attestation certificate is not of version 3";
  if (certificate.is_ca().value_or(true))
    return "the attestation certificate has no basic constraints that say it is no CA";
  return {};
}

bool judge_aaguid_extension(const crypto::Certificate& certificate, const AttestationInput& input,
                            Report& report) {
  const auto extension = certificate.extension(aaguid_extension);
  if (!extension) return report.note(Step::attestation_aaguid, true);
  const auto items = formats::der::read(extension->value);
  const bool octets = items && items->size() == 1 && items->front().is(formats::der::octet_string);
  if (!octets || extension->critical)
    return report.note(Step::attestation_certificate, false,
                       "the certificate's AAGUID extension is critical, or holds no octets");
  return report.note(Step::attestation_aaguid,
                     std::ranges::equal(items->front().content, input.parsed.credential->aaguid),
                     "the certificate is for another AAGUID");
}

}  // namespace countersign::webauthn
