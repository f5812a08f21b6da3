// SPDX-License-Identifier: Apache-2.0
// A software authenticator and its certificate authority, for tests: makes whole ceremonies of
// which a test then changes one thing.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/crypto/public_key.h"
#include "core/crypto/x509_path.h"
#include "core/encoding/cbor.h"
#include "core/webauthn/attestation.h"
#include "core/webauthn/authentication.h"
#include "core/webauthn/registration.h"

struct evp_pkey_st;

namespace countersign::test {

[[nodiscard]] Bytes bytes_of(BytesView view);
[[nodiscard]] Bytes joined(std::initializer_list<BytesView> parts);

// DER, written.
[[nodiscard]] Bytes der(Byte identifier, std::initializer_list<BytesView> content);
[[nodiscard]] Bytes der_tagged(std::uint32_t context_tag,
                               BytesView content);  // explicit, constructed

class SigningKey {
 public:
  explicit SigningKey(crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::es256);
  [[nodiscard]] static SigningKey rsa(unsigned bits);
  [[nodiscard]] crypto::SignatureAlgorithm algorithm() const { return algorithm_; }
  [[nodiscard]] crypto::PublicKey public_key() const;
  [[nodiscard]] Bytes sign(BytesView message) const;
  [[nodiscard]] Bytes sign_rs1(BytesView message) const;  // RSA with SHA-1
  [[nodiscard]] evp_pkey_st* raw() const { return key_.get(); }

 private:
  SigningKey(crypto::SignatureAlgorithm algorithm, std::shared_ptr<evp_pkey_st> key)
      : algorithm_(algorithm), key_(std::move(key)) {}

  crypto::SignatureAlgorithm algorithm_;
  std::shared_ptr<evp_pkey_st> key_;
};

struct CertificateOptions {
  int version = 3;
  std::vector<std::pair<std::string, std::string>> subject;  // dotted oid, text
  std::optional<bool> ca = false;
  struct Extension {
    std::string oid;
    bool critical = false;
    Bytes value;
  };
  std::vector<Extension> extensions;
  std::string dns_name;               // subject alternative name; empty: none
  std::int64_t from = 1'700'000'000;  // Unix seconds
  std::int64_t until = 4'000'000'000;
};

class Authority {
 public:
  explicit Authority(const std::string& name = "Root",
                     crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::es256);
  [[nodiscard]] crypto::Certificate certificate() const { return certificate_; }
  [[nodiscard]] crypto::Certificate issue(const SigningKey& subject,
                                          const CertificateOptions& options) const;
  // An authority below this one, for these extended key usages (content of their identifiers in
  // DER); none: for all.
  [[nodiscard]] Authority below(const std::string& name, const std::vector<Bytes>& usages) const;

 private:
  Authority(SigningKey key, std::string name, crypto::Certificate certificate)
      : key_(std::move(key)), name_(std::move(name)), certificate_(std::move(certificate)) {}

  SigningKey key_;
  std::string name_;
  crypto::Certificate certificate_;
};

[[nodiscard]] CertificateOptions packed_certificate();  // §8.2.1
[[nodiscard]] CertificateOptions tpm_certificate();     // §8.3.1
[[nodiscard]] Bytes aaguid_extension(const webauthn::Aaguid& aaguid);

inline constexpr std::int64_t ceremony_seconds = 1'760'000'000;

// What a client and an authenticator say, each thing as it should be until a test changes it.
struct Said {
  std::string type;
  Bytes challenge = Bytes(32, 0x07);
  std::string origin = "https://example.org";
  bool cross_origin = false;
  std::optional<std::string> top_origin;
  std::optional<std::string> json;  // in place of all that
  std::string rp_id = "example.org";
  Byte flags = 0;
  std::uint32_t counter = 0;
  std::optional<formats::cbor::Value> extensions;

  [[nodiscard]] Bytes client_data() const;
  [[nodiscard]] Bytes authenticator_data(BytesView attested_credential = {}) const;
};

struct Registration {
  Said said{.type = "webauthn.create", .flags = 0x45};
  webauthn::AttestationFormat format = webauthn::AttestationFormat::none;
  bool self = false;  // packed without certificates
  webauthn::Aaguid aaguid{};
  Bytes id = Bytes(32, 0x1D);
  SigningKey key;
  std::optional<Bytes> cose;  // in place of the key's
  bool credential = true;     // attested credential data comes along
  const Authority* authority = nullptr;
  SigningKey attestation_key;  // of the attestation certificate, where it is not the credential's
  CertificateOptions certificate;
  std::int64_t algorithm_said = -7;
  std::uint16_t name_algorithm = 0x000B;  // of a TPM's key: SHA-256
  // Hooks: over what is signed or hashed, and over what is then put into the statement and the
  // object.
  std::function<void(Bytes& client_data_hash)> edit_hash;
  std::function<void(Bytes& area)> edit_public_area;
  std::function<void(Bytes& info)> edit_certify_info;
  Bytes android_software, android_tee;  // content of the lists, in DER
  std::function<void(formats::cbor::Value::Map& statement)> edit_statement;
  std::function<void(formats::cbor::Value::Map& object)> edit_object;

  // Of that format, with what it needs.
  [[nodiscard]] static Registration of(webauthn::AttestationFormat format,
                                       const Authority& authority);

  struct Made {
    Bytes client_data, object;
    [[nodiscard]] webauthn::RegistrationResponse response() const {
      return {client_data, object, {"usb"}};
    }
  };
  [[nodiscard]] Made make() const;

 private:
  [[nodiscard]] formats::cbor::Value::Map statement(BytesView authenticator_data,
                                                    BytesView hash) const;
};

struct Authentication {
  Said said{.type = "webauthn.get", .flags = 0x05, .counter = 6};
  Bytes id = Bytes(32, 0x1D);
  std::optional<Bytes> user_handle;
  SigningKey key;

  struct Made {
    Bytes id, client_data, authenticator_data, signature;
    std::optional<Bytes> user_handle;
    [[nodiscard]] webauthn::AuthenticationResponse response() const {
      return {id, client_data, authenticator_data, signature,
              user_handle ? std::optional<BytesView>(*user_handle) : std::nullopt};
    }
  };
  [[nodiscard]] Made make() const;
};

}  // namespace countersign::test
