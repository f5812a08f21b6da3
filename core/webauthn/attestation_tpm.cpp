// SPDX-License-Identifier: Apache-2.0
// TPM attestation (WebAuthn L3 §8.3; TPM 2.0 Library Part 2: §10.12.8 TPMS_ATTEST, §12.2.4
// TPMT_PUBLIC).
#include <algorithm>

#include "core/crypto/hash.h"
#include "core/webauthn/attestation_formats.h"

namespace countersign::webauthn {
namespace {

constexpr std::uint32_t generated_value = 0xFF544347;  // TPM_GENERATED_VALUE
constexpr std::uint32_t attest_certify = 0x8017;       // TPM_ST_ATTEST_CERTIFY
constexpr std::uint32_t algorithm_null = 0x0010, algorithm_rsa = 0x0001, algorithm_ecc = 0x0023;
constexpr std::string_view tpm_manufacturer = "2.23.133.2.1", tpm_model = "2.23.133.2.2",
                           tpm_version = "2.23.133.2.3";

// Big-endian fields, one after the other. Once a read fails, all do.
class Reader {
 public:
  explicit Reader(BytesView data) : rest_(data) {}
  std::uint32_t number(std::size_t octets) {
    std::uint32_t value = 0;
    for (const Byte byte : take(octets)) value = value << 8U | byte;
    return value;
  }
  BytesView sized() { return take(number(2)); }  // TPM2B
  BytesView take(std::size_t octets) {
    if (octets > rest_.size()) {
      good_ = false;
      rest_ = {};
      return {};
    }
    const BytesView taken = rest_.first(octets);
    rest_ = rest_.subspan(octets);
    return taken;
  }
  [[nodiscard]] bool at_end() const { return good_ && rest_.empty(); }

 private:
  BytesView rest_;
  bool good_ = true;
};

struct Public {
  std::uint32_t type = 0, name_algorithm = 0, curve = 0, exponent = 0;
  Bytes first, second;  // modulus; or x and y
};

// A symmetric or signature scheme: its algorithm, and what belongs to it.
void skip_scheme(Reader& reader, std::size_t more) {
  if (reader.number(2) != algorithm_null) (void)reader.take(more);
}

std::optional<Public> parse_public(BytesView data) {
  Reader reader(data);
  Public out;
  const auto copy = [](BytesView bytes) { return Bytes(bytes.begin(), bytes.end()); };
  out.type = reader.number(2);
  out.name_algorithm = reader.number(2);
  (void)reader.number(4);  // objectAttributes
  (void)reader.sized();    // authPolicy
  skip_scheme(reader, 4);  // symmetric: keyBits, mode
  skip_scheme(reader, 2);  // signing scheme: hash
  if (out.type == algorithm_rsa) {
    (void)reader.number(2);  // keyBits
    out.exponent = reader.number(4);
    if (out.exponent == 0) out.exponent = 65537;
    out.first = copy(reader.sized());
  } else if (out.type == algorithm_ecc) {
    out.curve = reader.number(2);
    skip_scheme(reader, 2);  // kdf
    out.first = copy(reader.sized());
    out.second = copy(reader.sized());
  } else {
    return std::nullopt;
  }
  if (!reader.at_end()) return std::nullopt;
  return out;
}

struct Certify {
  std::uint32_t magic = 0, type = 0;
  BytesView extra_data, name;
};

std::optional<Certify> parse_certify(BytesView data) {
  Reader reader(data);
  Certify out;
  out.magic = reader.number(4);
  out.type = reader.number(2);
  (void)reader.sized();  // qualifiedSigner
  out.extra_data = reader.sized();
  (void)reader.take(17);  // clockInfo: clock, resetCount, restartCount, safe
  (void)reader.take(8);   // firmwareVersion
  out.name = reader.sized();
  (void)reader.sized();  // qualifiedName
  if (!reader.at_end()) return std::nullopt;
  return out;
}

Bytes padded(const Bytes& number, std::size_t size) {
  Bytes out(number.size() < size ? size - number.size() : 0, 0);
  out.insert(out.end(), number.begin(), number.end());
  return out;
}

std::uint32_t curve_of(crypto::SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case crypto::SignatureAlgorithm::es256:
      return 0x0003;
    case crypto::SignatureAlgorithm::es384:
      return 0x0004;
    case crypto::SignatureAlgorithm::es512:
      return 0x0005;
    case crypto::SignatureAlgorithm::eddsa:
    case crypto::SignatureAlgorithm::ed448:
    case crypto::SignatureAlgorithm::rs256:
      return 0;
  }
  std::unreachable();
}

bool is_key(const Public& area, const crypto::PublicKey& key) {
  if (const auto point = key.point())
    return area.type == algorithm_ecc && area.curve == curve_of(key.algorithm()) &&
           padded(area.first, point->x.size()) == point->x &&
           padded(area.second, point->y.size()) == point->y;
  if (const auto rsa = key.rsa()) {
    std::uint32_t exponent = 0;
    for (const Byte byte : rsa->e) exponent = exponent << 8U | byte;
    return area.type == algorithm_rsa && area.first == rsa->n && area.exponent == exponent;
  }
  return false;
}

using Parts = std::initializer_list<BytesView>;

// By TPM_ALG_ID. Windows Hello's TPMs still use SHA-1.
std::optional<Bytes> tpm_digest(std::uint32_t algorithm, Parts parts) {
  switch (algorithm) {
    case 0x0004:
      return crypto::sha1(parts);
    case 0x000B:
      return crypto::sha2(crypto::Sha2::sha256, parts);
    case 0x000C:
      return crypto::sha2(crypto::Sha2::sha384, parts);
    case 0x000D:
      return crypto::sha2(crypto::Sha2::sha512, parts);
    default:
      return std::nullopt;
  }
}

// By the digest of the statement's alg.
std::optional<Bytes> signature_digest(std::int64_t cose, Parts parts) {
  if (cose == crypto::rs1) return crypto::sha1(parts);
  const auto algorithm = crypto::signature_algorithm(cose);
  if (!algorithm) return std::nullopt;
  switch (*algorithm) {
    case crypto::SignatureAlgorithm::es256:
    case crypto::SignatureAlgorithm::rs256:
      return crypto::sha2(crypto::Sha2::sha256, parts);
    case crypto::SignatureAlgorithm::es384:
      return crypto::sha2(crypto::Sha2::sha384, parts);
    case crypto::SignatureAlgorithm::es512:
      return crypto::sha2(crypto::Sha2::sha512, parts);
    case crypto::SignatureAlgorithm::eddsa:
    case crypto::SignatureAlgorithm::ed448:
      return std::nullopt;
  }
  std::unreachable();
}

// judge_signature(), and RS1 beside the algorithms that are taken everywhere.
bool judge_tpm_signature(const crypto::Certificate& leaf, const Signed& made, BytesView info,
                         Report& report) {
  if (made.algorithm != crypto::rs1) return judge_signature(leaf, made, {info}, report);
  const auto key = leaf.public_key(crypto::SignatureAlgorithm::rs256);
  if (!key) {
    report.stop(Step::attestation_algorithm,
                "the attestation is signed with RS1, but its certificate has no RSA key");
    return report.extent() == Extent::all;
  }
  return report.note(Step::attestation_algorithm, true) &&
         report.note(Step::attestation_signature, key->verify_rs1({info}, made.signature));
}

// Part 1 §16: the name is its algorithm and the digest of the public area.
bool names(BytesView name, std::uint32_t algorithm, BytesView public_area) {
  const auto digest = tpm_digest(algorithm, {public_area});
  if (!digest || name.size() < 2 ||
      (static_cast<std::uint32_t>(name[0]) << 8U | name[1]) != algorithm)
    return false;
  return std::ranges::equal(name.subspan(2), *digest);
}

// §8.3.1; the names are TCG EK Credential Profile §3.2.9's.
std::string wrong_with_certificate(const crypto::Certificate& certificate) {
  if (auto wrong = wrong_with_leaf(certificate); !wrong.empty()) return wrong;
  if (!certificate.subject_attributes().empty()) return "the TPM's certificate has a subject";
  const auto attributes = certificate.alternative_directory_attributes();
  for (const std::string_view oid : {tpm_manufacturer, tpm_model, tpm_version})
    if (std::ranges::none_of(attributes, [&](const auto& attribute) {
          return attribute.oid == oid && !attribute.text.empty();
        }))
      return "the TPM's certificate does not name manufacturer, model and version";
  const auto usages = certificate.extended_key_usages();
  if (std::ranges::find(usages, attestation_key_usage) == usages.end())
    return "the TPM's certificate is not one for attestation keys";
  return {};
}

}  // namespace

void judge_tpm(const AttestationInput& input, Attested& attested, Report& report) {
  const std::string* version = input.statement.text_at("ver");
  const Bytes *info = input.statement.bytes_at("certInfo"),
              *area = input.statement.bytes_at("pubArea");
  const auto public_area = area != nullptr ? parse_public(*area) : std::nullopt;
  const auto certify = info != nullptr ? parse_certify(*info) : std::nullopt;
  if (version == nullptr || *version != "2.0" || !public_area || !certify)
    return report.stop(Step::attestation_statement,
                       "ver is not 2.0, or certInfo or pubArea can't be read");
  const auto made = take_signature(input, report);
  if (!made) return;
  const crypto::Certificate* certified = certified_by(input, attested, report);
  if (certified == nullptr) return;
  const crypto::Certificate& leaf = *certified;
  if (!report.note(Step::attestation_key, is_key(*public_area, input.credential_key),
                   "the TPM attests another key than the credential's"))
    return;
  if (!report.note(Step::attestation_statement,
                   certify->magic == generated_value && certify->type == attest_certify,
                   "certInfo is not what a TPM certifies"))
    return;
  const auto expected =
      signature_digest(made->algorithm, {input.authenticator_data, input.client_data_hash});
  if (!expected)
    return report.stop(Step::attestation_algorithm,
                       "the attestation's algorithm is not one that is taken");
  if (!report.note(Step::attestation_binding, std::ranges::equal(certify->extra_data, *expected),
                   "certInfo is of another registration"))
    return;
  if (!report.note(Step::attestation_binding,
                   names(certify->name, public_area->name_algorithm, *area),
                   "certInfo names another key than pubArea's"))
    return;
  const std::string wrong = wrong_with_certificate(leaf);
  (void)(judge_tpm_signature(leaf, *made, *info, report) &&
         report.note(Step::attestation_certificate, wrong.empty(), wrong) &&
         judge_aaguid_extension(leaf, input, report));
}

}  // namespace countersign::webauthn
