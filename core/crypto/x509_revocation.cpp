// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/x509_revocation.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <ctime>

#include "core/crypto/openssl.h"

namespace countersign::crypto {
namespace {

using RawList = std::unique_ptr<X509_CRL, Release<X509_CRL_free>>;
using Store = std::unique_ptr<X509_STORE, Release<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, Release<X509_STORE_CTX_free>>;
using Response = std::unique_ptr<OCSP_RESPONSE, Release<OCSP_RESPONSE_free>>;
using Basic = std::unique_ptr<OCSP_BASICRESP, Release<OCSP_BASICRESP_free>>;
using OcspRequest = std::unique_ptr<OCSP_REQUEST, Release<OCSP_REQUEST_free>>;
using CertificateId = std::unique_ptr<OCSP_CERTID, Release<OCSP_CERTID_free>>;
using Points = std::unique_ptr<CRL_DIST_POINTS, Release<CRL_DIST_POINTS_free>>;
using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;

struct FreeText {
  void operator()(STACK_OF(OPENSSL_STRING) * texts) const { X509_email_free(texts); }
};
struct FreeLists {
  void operator()(STACK_OF(X509_CRL) * lists) const { sk_X509_CRL_free(lists); }
};
struct FreeCertificates {
  void operator()(STACK_OF(X509) * certificates) const { sk_X509_free(certificates); }
};

constexpr Milliseconds leeway = std::chrono::minutes(5);  // between the responder's clock and ours
constexpr Milliseconds without_an_end = std::chrono::hours(24);

void judge_at(X509_VERIFY_PARAM* parameters, Time at, unsigned long flags) {
  X509_VERIFY_PARAM_set_time(parameters, static_cast<std::time_t>(unix_seconds(at)));
  X509_VERIFY_PARAM_set_auth_level(parameters, security_level);
  must(X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN | flags) == 1);
}

std::optional<Basic> basic_of(BytesView response) {
  if (response.size() > longest_ocsp_response) return std::nullopt;
  const unsigned char* at = response.data();
  const Response parsed(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(response.size())));
  if (parsed == nullptr || at != response.data() + response.size() ||
      OCSP_response_status(parsed.get()) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
    return std::nullopt;
  Basic basic(OCSP_response_get1_basic(parsed.get()));
  if (basic == nullptr) return std::nullopt;
  return basic;
}

struct SingleResponse {
  int status = V_OCSP_CERTSTATUS_UNKNOWN;
  std::optional<Time> from, until;
};

// The responder may name the certificate by any digest of its issuer.
std::optional<SingleResponse> single(OCSP_BASICRESP* basic, const Certificate& certificate,
                                     const Certificate& issuer) {
  for (const EVP_MD* digest : {EVP_sha1(), EVP_sha256()}) {
    const CertificateId id(OCSP_cert_to_id(digest, certificate.raw(), issuer.raw()));
    must(id != nullptr);
    SingleResponse found;
    int reason = 0;
    ASN1_GENERALIZEDTIME *revoked = nullptr, *from = nullptr, *until = nullptr;
    if (OCSP_resp_find_status(basic, id.get(), &found.status, &reason, &revoked, &from, &until) !=
        1)
      continue;
    found.from = time_of(from);
    found.until = time_of(until);
    return found;
  }
  return std::nullopt;
}

Revocation said_by_response(BytesView response, const Certificate& certificate,
                            const Certificate& issuer, Time at) {
  const auto basic = basic_of(response);
  if (!basic) return Revocation::unknown;
  const auto one = single(basic->get(), certificate, issuer);
  if (!one || !one->from || at + leeway < *one->from) return Revocation::unknown;
  if (at > (one->until ? *one->until : *one->from + without_an_end) + leeway)
    return Revocation::unknown;

  const Store store(X509_STORE_new());
  must(store != nullptr && X509_STORE_add_cert(store.get(), issuer.raw()) == 1);
  judge_at(X509_STORE_get0_param(store.get()), at, 0);
  const std::unique_ptr<STACK_OF(X509), FreeCertificates> signers(sk_X509_new_null());
  must(signers != nullptr && sk_X509_push(signers.get(), issuer.raw()) > 0);
  // Signed by the issuer itself, or by a certificate of the issuer's with the usage OCSPSigning
  // (RFC 6960 §4.2.2.2).
  if (OCSP_basic_verify(basic->get(), signers.get(), store.get(), 0) != 1)
    return Revocation::unknown;
  if (one->status == V_OCSP_CERTSTATUS_GOOD) return Revocation::good;
  return one->status == V_OCSP_CERTSTATUS_REVOKED ? Revocation::revoked : Revocation::unknown;
}

}  // namespace

struct RevocationList::Parsed {
  RawList raw;
};

namespace {

// libcrypto judges signature, times, scope and unknown critical parts of the list (RFC 5280 §6.3)
// for a path of two. It is given one list at a time: of several it would choose by name and time,
// and a list that somebody made up under the issuer's name could hide the real one.
Revocation said_by_list(const RevocationList& list, const Certificate& certificate,
                        const Certificate& issuer, Time at) {
  const Store store(X509_STORE_new());
  const StoreContext context(X509_STORE_CTX_new());
  const std::unique_ptr<STACK_OF(X509_CRL), FreeLists> given(sk_X509_CRL_new_null());
  must(store != nullptr && context != nullptr && given != nullptr &&
       sk_X509_CRL_push(given.get(), list.parsed().raw.get()) > 0);
  must(X509_STORE_add_cert(store.get(), issuer.raw()) == 1);
  must(X509_STORE_CTX_init(context.get(), store.get(), certificate.raw(), nullptr) == 1);
  X509_STORE_CTX_set0_crls(context.get(), given.get());
  judge_at(X509_STORE_CTX_get0_param(context.get()), at, X509_V_FLAG_CRL_CHECK);
  if (X509_verify_cert(context.get()) == 1) return Revocation::good;
  return X509_STORE_CTX_get_error(context.get()) == X509_V_ERR_CERT_REVOKED ? Revocation::revoked
                                                                            : Revocation::unknown;
}

bool is_web_address(std::string_view address) {
  return address.starts_with("http://") || address.starts_with("https://");
}

}  // namespace

Result<RevocationList> RevocationList::parse(BytesView content) {
  if (content.size() > longest_revocation_list)
    return fail(Code::corrupt, "the revocation list is longer than 32 MiB");
  RawList raw;
  if (!content.empty() && content[0] == 0x30) {
    const unsigned char* at = content.data();
    raw.reset(d2i_X509_CRL(nullptr, &at, static_cast<long>(content.size())));
    if (at != content.data() + content.size()) raw.reset();
  } else {
    const Bio bio(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
    must(bio != nullptr);
    raw.reset(PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr));
  }
  ERR_clear_error();
  if (raw == nullptr)
    return fail(Code::corrupt,
                "this is no revocation list that can be read (X.509 CRL, PEM or DER)");
  return RevocationList(std::make_shared<Parsed>(std::move(raw)));
}

std::optional<Time> RevocationList::next_update() const {
  return time_of(X509_CRL_get0_nextUpdate(parsed_->raw.get()));
}

std::string RevocationList::issuer() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  must(bio != nullptr);
  if (X509_NAME_print_ex(bio.get(), X509_CRL_get_issuer(parsed_->raw.get()), 0,
                         XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB)) < 0)
    return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

Revocation revocation_of(const Certificate& certificate, const Certificate& issuer,
                         const RevocationEvidence& evidence, Time at) {
  bool good = false, revoked = false;
  const auto note = [&](Revocation said) {
    good = good || said == Revocation::good;
    revoked = revoked || said == Revocation::revoked;
  };
  for (const Bytes& response : evidence.responses)
    note(said_by_response(response, certificate, issuer, at));
  for (const RevocationList& list : evidence.lists)
    note(said_by_list(list, certificate, issuer, at));
  ERR_clear_error();
  if (revoked) return Revocation::revoked;
  return good ? Revocation::good : Revocation::unknown;
}

std::vector<std::string> ocsp_addresses(const Certificate& certificate) {
  std::vector<std::string> out;
  const std::unique_ptr<STACK_OF(OPENSSL_STRING), FreeText> texts(
      X509_get1_ocsp(certificate.raw()));
  for (int i = 0; texts != nullptr && i < sk_OPENSSL_STRING_num(texts.get()); ++i)
    if (const std::string_view address = sk_OPENSSL_STRING_value(texts.get(), i);
        is_web_address(address))
      out.emplace_back(address);
  return out;
}

std::vector<std::string> list_addresses(const Certificate& certificate) {
  std::vector<std::string> out;
  const Points points(static_cast<CRL_DIST_POINTS*>(
      X509_get_ext_d2i(certificate.raw(), NID_crl_distribution_points, nullptr, nullptr)));
  ERR_clear_error();
  for (int i = 0; points != nullptr && i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT* point = sk_DIST_POINT_value(points.get(), i);
    if (point->distpoint == nullptr || point->distpoint->type != 0) continue;
    const GENERAL_NAMES* names = point->distpoint->name.fullname;
    for (int n = 0; n < sk_GENERAL_NAME_num(names); ++n) {
      const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, n);
      if (name->type != GEN_URI) continue;
      const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
      const std::string_view address = as_text(
          {ASN1_STRING_get0_data(text), static_cast<std::size_t>(ASN1_STRING_length(text))});
      if (is_web_address(address)) out.emplace_back(address);
    }
  }
  return out;
}

Bytes ocsp_request(const Certificate& certificate, const Certificate& issuer) {
  const OcspRequest request(OCSP_REQUEST_new());
  OCSP_CERTID* id =
      OCSP_cert_to_id(EVP_sha1(), certificate.raw(),
                      issuer.raw());  // what every responder knows; nothing hangs on it
  must(request != nullptr && id != nullptr && OCSP_request_add0_id(request.get(), id) != nullptr);
  unsigned char* der = nullptr;
  const int size = i2d_OCSP_REQUEST(request.get(), &der);
  must(size > 0);
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

std::optional<Time> ocsp_next_update(BytesView response) {
  const auto basic = basic_of(response);
  ERR_clear_error();
  if (!basic || OCSP_resp_count(basic->get()) < 1) return std::nullopt;
  ASN1_GENERALIZEDTIME* until = nullptr;
  (void)OCSP_single_get0_status(OCSP_resp_get0(basic->get(), 0), nullptr, nullptr, nullptr, &until);
  return time_of(until);
}

}  // namespace countersign::crypto
