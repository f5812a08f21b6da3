// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/x509_path.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <ranges>

#include "core/crypto/openssl.h"

namespace countersign::crypto {
namespace {

using Raw = std::unique_ptr<X509, Release<X509_free>>;
using Store = std::unique_ptr<X509_STORE, Release<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, Release<X509_STORE_CTX_free>>;
using Usages = std::unique_ptr<EXTENDED_KEY_USAGE, Release<EXTENDED_KEY_USAGE_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES_free>>;
using Constraints = std::unique_ptr<BASIC_CONSTRAINTS, Release<BASIC_CONSTRAINTS_free>>;
using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;

struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using Stack = std::unique_ptr<STACK_OF(X509), FreeStack>;

std::string dotted(const ASN1_OBJECT* object) {
  std::string text(128, '\0');
  const int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  text.resize(size > 0 && static_cast<std::size_t>(size) < text.size()
                  ? static_cast<std::size_t>(size)
                  : 0);
  return text;
}

void append_attributes(std::vector<NameAttribute>& out, const X509_NAME* name) {
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    unsigned char* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
    if (size < 0) continue;
    out.push_back({dotted(X509_NAME_ENTRY_get_object(entry)),
                   std::string(as_text({text, static_cast<std::size_t>(size)}))});
    OPENSSL_free(text);
  }
}

// RFC 5280 §4.2: no extension may come twice.
bool extension_twice(const X509* raw) {
  for (int i = 0; i < X509_get_ext_count(raw); ++i)
    if (X509_get_ext_by_OBJ(raw, X509_EXTENSION_get_object(X509_get_ext(raw, i)), i) >= 0)
      return true;
  return false;
}

Stack stack_of(const Certificates& certificates) {
  Stack stack(sk_X509_new_null());
  must(stack != nullptr);
  for (const Certificate& one : certificates) must(sk_X509_push(stack.get(), one.raw()) > 0);
  return stack;
}

}  // namespace

struct Certificate::Parsed {
  Bytes der;
  Raw raw;
};

bool is_object_identifier(std::string_view text) {
  const std::unique_ptr<ASN1_OBJECT, Release<ASN1_OBJECT_free>> object(
      OBJ_txt2obj(std::string(text).c_str(), 1));
  ERR_clear_error();
  return object != nullptr;
}

Result<Certificate> Certificate::parse(BytesView der) {
  if (der.size() > longest_certificate)
    return fail(Code::corrupt,
                fmt::format("a certificate is longer than {} bytes", longest_certificate));
  const unsigned char* at = der.data();
  Raw raw(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  const bool whole = raw != nullptr && at == der.data() + der.size();
  if (whole)
    (void)X509_check_purpose(raw.get(), -1,
                             0);  // fills what the object caches, before threads share it
  ERR_clear_error();
  if (!whole)
    return fail(Code::corrupt,
                "a certificate can't be read: it is not one X.509 certificate in DER");
  if (extension_twice(raw.get()))
    return fail(Code::corrupt, "a certificate has an extension twice");
  return Certificate(std::make_shared<Parsed>(Bytes(der.begin(), der.end()), std::move(raw)));
}

Result<Certificates> Certificate::parse_file(BytesView content) {
  Certificates out;
  if (!content.empty() && content[0] == 0x30) {
    auto one = TRY(parse(content));
    out.push_back(std::move(one));
    return out;
  }
  const Bio bio(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
  must(bio != nullptr);
  for (;;) {
    char *name = nullptr, *header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    if (PEM_read_bio(bio.get(), &name, &header, &data, &size) != 1) break;
    Result<Certificate> one =
        std::string_view(name) == "CERTIFICATE"
            ? parse({data, static_cast<std::size_t>(size)})
            : fail(Code::invalid, "the file holds something else than certificates");
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
    if (!one) return std::unexpected(one.error());
    out.push_back(std::move(*one));
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end || out.empty())
    return fail(Code::invalid,
                "the file holds no certificate that can be read (PEM, or one in DER)");
  return out;
}

x509_st* Certificate::raw() const { return parsed_->raw.get(); }
const Bytes& Certificate::der() const { return parsed_->der; }
int Certificate::version() const { return static_cast<int>(X509_get_version(raw())) + 1; }
Time Certificate::not_before() const {
  return time_of(X509_get0_notBefore(raw())).value_or(Time{});
}
Time Certificate::not_after() const { return time_of(X509_get0_notAfter(raw())).value_or(Time{}); }

std::string Certificate::subject() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  must(bio != nullptr);
  if (X509_NAME_print_ex(bio.get(), X509_get_subject_name(raw()), 0,
                         XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB)) < 0)
    return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::vector<NameAttribute> Certificate::subject_attributes() const {
  std::vector<NameAttribute> out;
  append_attributes(out, X509_get_subject_name(raw()));
  return out;
}

std::vector<NameAttribute> Certificate::alternative_directory_attributes() const {
  std::vector<NameAttribute> out;
  const Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(raw(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i)
    if (const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i); name->type == GEN_DIRNAME)
      append_attributes(out, name->d.directoryName);
  return out;
}

std::optional<Extension> Certificate::extension(std::string_view oid) const {
  for (int i = 0; i < X509_get_ext_count(raw()); ++i) {
    X509_EXTENSION* one = X509_get_ext(raw(), i);
    if (dotted(X509_EXTENSION_get_object(one)) != oid) continue;
    const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(one);
    const unsigned char* data = ASN1_STRING_get0_data(value);
    return Extension{X509_EXTENSION_get_critical(one) != 0,
                     Bytes(data, data + ASN1_STRING_length(value))};
  }
  return std::nullopt;
}

std::optional<bool> Certificate::is_ca() const {
  const Constraints constraints(static_cast<BASIC_CONSTRAINTS*>(
      X509_get_ext_d2i(raw(), NID_basic_constraints, nullptr, nullptr)));
  if (constraints == nullptr) return std::nullopt;
  return constraints->ca != 0;
}

std::vector<std::string> Certificate::extended_key_usages() const {
  std::vector<std::string> out;
  const Usages usages(static_cast<EXTENDED_KEY_USAGE*>(
      X509_get_ext_d2i(raw(), NID_ext_key_usage, nullptr, nullptr)));
  for (int i = 0; usages != nullptr && i < sk_ASN1_OBJECT_num(usages.get()); ++i)
    out.push_back(dotted(sk_ASN1_OBJECT_value(usages.get(), i)));
  return out;
}

std::optional<KeyUsage> Certificate::key_usage() const {
  const std::uint32_t bits = X509_get_key_usage(raw());
  if (bits == UINT32_MAX) return std::nullopt;
  return KeyUsage{.digital_signature = (bits & KU_DIGITAL_SIGNATURE) != 0,
                  .certificate_signing = (bits & KU_KEY_CERT_SIGN) != 0};
}

std::optional<SignatureAlgorithm> Certificate::key_algorithm() const {
  const EVP_PKEY* key = X509_get0_pubkey(raw());
  ERR_clear_error();
  return key != nullptr ? crypto::key_algorithm(key) : std::nullopt;
}

Result<PublicKey> Certificate::public_key(SignatureAlgorithm algorithm) const {
  EVP_PKEY* key = X509_get0_pubkey(raw());
  ERR_clear_error();
  if (key == nullptr) return fail(Code::invalid, "the certificate's key can't be read");
  return PublicKey::from_evp(algorithm, key);
}

bool Certificate::is_for_host(const std::string& name) const {
  return X509_check_host(raw(), name.data(), name.size(), 0, nullptr) == 1;
}

Bytes Certificate::key_identifier() const {
  Bytes digest(20);
  unsigned size = 0;
  must(X509_pubkey_digest(raw(), EVP_sha1(), digest.data(), &size) == 1 && size == digest.size());
  return digest;
}

namespace {

PathFailure kind_of(int error) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return PathFailure::expired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return PathFailure::not_yet_valid;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
      return PathFailure::unknown_issuer;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
      return PathFailure::weak_key;
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return PathFailure::weak_digest;
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
      return PathFailure::outside_of_names;
    case X509_V_ERR_NO_EXPLICIT_POLICY:
    case X509_V_ERR_INVALID_POLICY_EXTENSION:
      return PathFailure::without_policy;
    default:
      return PathFailure::broken;
  }
}

void ask_for_policies(X509_VERIFY_PARAM* parameters, const std::vector<std::string>& policies) {
  if (policies.empty()) return;
  for (const std::string& policy : policies) {
    ASN1_OBJECT* object = OBJ_txt2obj(policy.c_str(), 1);
    must(object != nullptr && X509_VERIFY_PARAM_add0_policy(parameters, object) == 1);
  }
  must(X509_VERIFY_PARAM_set_flags(parameters,
                                   X509_V_FLAG_POLICY_CHECK | X509_V_FLAG_EXPLICIT_POLICY) == 1);
}

constexpr std::string_view usage_extension = "2.5.29.37", any_usage = "2.5.29.37.0";

bool permits(const Certificate& certificate, const std::string& usage) {
  if (!certificate.extension(usage_extension)) return true;
  return std::ranges::any_of(certificate.extended_key_usages(), [&](const std::string& one) {
    return one == usage || one == any_usage;
  });
}

bool self_issued(const Certificate& certificate) {
  return X509_NAME_cmp(X509_get_subject_name(certificate.raw()),
                       X509_get_issuer_name(certificate.raw())) == 0;
}

// Each CA narrows what those below it may be for, as browsers and Windows read it (RFC 5280
// §4.2.1.12 says so of the leaf alone).
bool permitted_throughout(const Certificates& path, const std::vector<std::string>& usages) {
  const auto judged = std::ranges::subrange(
      path.begin(), path.size() > 1 && self_issued(path.back()) ? path.end() - 1 : path.end());
  const auto by_all = [&](const std::string& usage) {
    return std::ranges::all_of(judged, [&](const Certificate& one) { return permits(one, usage); });
  };
  return usages.empty() || std::ranges::any_of(usages, by_all);
}

}  // namespace

std::expected<Certificates, PathRefusal> find_path(const Certificate& leaf,
                                                   const Certificates& intermediates,
                                                   const Certificates& anchors,
                                                   const PathRules& rules) {
  const Store store(X509_STORE_new());
  const StoreContext context(X509_STORE_CTX_new());
  const Stack between = stack_of(intermediates);
  must(store != nullptr && context != nullptr);
  for (const Certificate& anchor : anchors)
    must(X509_STORE_add_cert(store.get(), anchor.raw()) == 1);
  must(X509_STORE_CTX_init(context.get(), store.get(), leaf.raw(), between.get()) == 1);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, static_cast<std::time_t>(unix_seconds(rules.at)));
  X509_VERIFY_PARAM_set_depth(parameters, rules.longest);
  X509_VERIFY_PARAM_set_auth_level(parameters, security_level);
  must(X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN) == 1);
  ask_for_policies(parameters, rules.policies);
  const bool good = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  if (!good) {
    const int error = X509_STORE_CTX_get_error(context.get());
    const int depth = X509_STORE_CTX_get_error_depth(context.get());
    return std::unexpected(
        PathRefusal{kind_of(error), fmt::format("{}{}", X509_verify_cert_error_string(error),
                                                depth > 0 ? " (of an issuer)" : "")});
  }
  Certificates path;
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(sk_X509_value(chain, i), &der);
    must(size > 0);
    auto one = Certificate::parse({der, static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    if (!one) return std::unexpected(PathRefusal{PathFailure::broken, std::move(one.error().what)});
    path.push_back(std::move(*one));
  }
  if (!permitted_throughout(path, rules.usages))
    return std::unexpected(
        PathRefusal{PathFailure::outside_of_usages,
                    "a certificate of its path is not for this use (extended key usage)"});
  return path;
}

Result<Certificates> verify_path(const Certificate& leaf, const Certificates& intermediates,
                                 const Certificates& anchors, const PathRules& rules) {
  auto path = find_path(leaf, intermediates, anchors, rules);
  if (!path)
    return fail(Code::not_permitted, fmt::format("no path to a given root: {}", path.error().what));
  return std::move(*path);
}

}  // namespace countersign::crypto
