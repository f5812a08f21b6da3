// SPDX-License-Identifier: Apache-2.0
// X.509 certificates (RFC 5280) and paths to roots that the caller gives. No root is built in,
// nothing is fetched.
#pragma once

#include <compare>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/crypto/public_key.h"

struct x509_st;

namespace countersign::crypto {

inline constexpr std::size_t longest_certificate = 16 * 1024;  // octets of DER

struct Extension {
  bool critical = false;
  Bytes value;  // the content of extnValue
};

// RFC 5280 §4.2.1.3, the bits that are asked for.
struct KeyUsage {
  bool digital_signature = false;
  bool certificate_signing = false;
};

struct NameAttribute {
  std::string oid;   // dotted
  std::string text;  // UTF-8
  bool operator==(const NameAttribute&) const = default;
};

// Whether the text is an object identifier in dotted decimal: settings are checked with it.
[[nodiscard]] bool is_object_identifier(std::string_view text);

// Immutable; copies share it; any thread may read it. Object identifiers are dotted decimal
// everywhere.
class Certificate {
 public:
  // Code::corrupt: not exactly one DER certificate, too long, or an extension twice.
  [[nodiscard]] static Result<Certificate> parse(BytesView der);
  // PEM (RFC 7468), one or more, with or without text around them; or one in DER.
  [[nodiscard]] static Result<std::vector<Certificate>> parse_file(BytesView content);

  [[nodiscard]] const Bytes& der() const;
  [[nodiscard]] int version() const;  // 3 for v3
  [[nodiscard]] Time not_before() const;
  [[nodiscard]] Time not_after() const;
  [[nodiscard]] std::string subject() const;  // RFC 2253 text, for people
  [[nodiscard]] std::vector<NameAttribute> subject_attributes() const;
  // Of the directory names in the subject alternative name, all together.
  [[nodiscard]] std::vector<NameAttribute> alternative_directory_attributes() const;
  [[nodiscard]] std::optional<Extension> extension(std::string_view oid) const;
  [[nodiscard]] std::optional<bool> is_ca() const;  // basic constraints; nothing: no such extension
  [[nodiscard]] std::vector<std::string> extended_key_usages() const;
  [[nodiscard]] std::optional<KeyUsage> key_usage() const;  // nothing: no such extension
  [[nodiscard]] Result<PublicKey> public_key(SignatureAlgorithm algorithm) const;
  // What its key signs with: P-256, P-384, Ed25519, RSA (as RS256). Nothing: another kind of key.
  [[nodiscard]] std::optional<SignatureAlgorithm> key_algorithm() const;
  // Whether it is for this DNS name (RFC 6125).
  [[nodiscard]] bool is_for_host(const std::string& name) const;
  // SHA-1 of the key's bits (RFC 5280 §4.2.1.2 (1)), as FIDO metadata names certificates.
  [[nodiscard]] Bytes key_identifier() const;

  bool operator==(const Certificate& other) const { return der() == other.der(); }

  [[nodiscard]] x509_st* raw() const;  // for this folder

 private:
  struct Parsed;
  explicit Certificate(std::shared_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}

  std::shared_ptr<const Parsed> parsed_;
};

using Certificates = std::vector<Certificate>;

struct PathRules {
  Time at;          // every certificate of the path has to be valid then
  int longest = 6;  // certificates between leaf and anchor, at most
  // Certificate policies (dotted); with any here, the path has to be valid for one of them (RFC
  // 5280 §6.1, explicit policy).
  std::vector<std::string> policies = {};
  // Extended key usages (dotted); with any here, one of them has to be permitted by every
  // certificate of the path that has the extension, the leaf among them. A self-signed anchor may
  // say what it likes: it is there because somebody chose it.
  std::vector<std::string> usages = {};
};

enum class PathFailure {
  expired,  // some certificate of the path
  not_yet_valid,
  unknown_issuer,     // the path leads to no anchor
  weak_key,           // below 112 bits of strength
  weak_digest,        // SHA-1, MD5
  outside_of_names,   // name constraints
  outside_of_usages,  // extended key usages of an issuer
  without_policy,     // none of the policies asked for
  broken,  // anything else: a signature, a CA flag, a path length, an unknown critical extension
};

struct PathRefusal {
  PathFailure why = PathFailure::broken;
  std::string what;  // libcrypto's words, and whose certificate it is about
};

// The path from the leaf to one of the anchors, both included (once, when the leaf itself is an
// anchor). An anchor need not be self-signed. Signatures, validity, CA flags, path lengths, name
// constraints and unknown critical extensions are judged as RFC 5280 §6 says; keys and digests
// below 112 bits of strength are refused. Of extended key usages only those are looked at that the
// rules name; revocation is x509_revocation.h's.
[[nodiscard]] std::expected<Certificates, PathRefusal> find_path(const Certificate& leaf,
                                                                 const Certificates& intermediates,
                                                                 const Certificates& anchors,
                                                                 const PathRules& rules);
// The same; Code::not_permitted: no such path, the message says why.
[[nodiscard]] Result<Certificates> verify_path(const Certificate& leaf,
                                               const Certificates& intermediates,
                                               const Certificates& anchors, const PathRules& rules);

}  // namespace countersign::crypto
