// SPDX-License-Identifier: Apache-2.0
// P6: the whole judgement of an ES256 assertion beside what `openssl speed` says one verification
// costs, in the same round.
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "core/crypto/hash.h"
#include "core/webauthn/authentication.h"
#include "core/webauthn/client.h"
#include "core/webauthn/client_data.h"
#include "tests/bench/figure.h"
#include "tests/bench/measure.h"

namespace countersign::bench {
namespace {

using namespace webauthn;

// Verifications a second on one core, as `openssl speed` counts them (by processor time).
double openssl_speed() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> output(
      popen("openssl speed -seconds 1 -mr ecdsap256 2>/dev/null", "r"), &pclose);
  if (output == nullptr) throw std::runtime_error("can't run openssl");
  std::array<char, 256> line{};
  double each = 0;
  int curve = 0, bits = 0;
  double sign = 0, verify = 0;
  while (std::fgets(line.data(), line.size(), output.get()) != nullptr)
    if (std::sscanf(line.data(), "+F4:%d:%d:%lf:%lf", &curve, &bits, &sign, &verify) == 4 &&
        bits == 256)
      each = verify;
  if (each <= 0) throw std::runtime_error("openssl speed printed no figure of ecdsap256");
  return each;
}

// One recorded assertion and what is expected of it.
struct Assertion {
  RelyingParty rp{.id = "example.org", .origins = {"https://example.org"}};
  Bytes challenge = Bytes(32, 0x42);
  Credential credential{.id = Bytes(64, 1), .counter = 5};
  std::optional<crypto::PublicKey> key;
  Bytes client_data, data, signature;

  Assertion() {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair(EVP_EC_gen("P-256"),
                                                                   &EVP_PKEY_free);
    key.emplace(crypto::PublicKey::from_evp(crypto::SignatureAlgorithm::es256, pair.get()).value());
    const std::string json =
        build_client_data({.type = type_get, .challenge = challenge, .origin = rp.origins[0]});
    client_data.assign(json.begin(), json.end());
    const auto rp_hash = crypto::sha256(as_bytes(rp.id)), hash = crypto::sha256(client_data);
    data.assign(rp_hash.begin(), rp_hash.end());
    data.insert(data.end(), {0x05, 0, 0, 0, 6});
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    Bytes message = data;
    message.insert(message.end(), hash.begin(), hash.end());
    std::size_t size = 80;
    signature.resize(size);
    if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, pair.get()) != 1 ||
        EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1)
      throw std::runtime_error("OpenSSL fails");
    signature.resize(size);
  }

  void check() const {
    const auto judged =
        judge_authentication({credential.id, client_data, data, signature, std::nullopt},
                             {.rp = rp,
                              .challenge = challenge,
                              .credential = credential,
                              .key = *key,
                              .user_verification = UserVerification::required});
    if (!judged.accepted) throw std::runtime_error("a good assertion was refused");
  }
};

// Judgements a second of processor time on this thread, as `openssl speed` counts.
double rate_of_core(const Assertion& assertion) {
  constexpr int checks = 15'000;
  const auto used = [] {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
  };
  const double begin = used();
  for (int n = 0; n < checks; ++n) assertion.check();
  return checks / (used() - begin);
}

// Judgements a second on as many threads as asked, all on the same key.
double rate(const Assertion& assertion, int threads) {
  constexpr int checks = 10'000;
  std::vector<std::jthread> others;
  const double begin = seconds();
  for (int i = 0; i < threads; ++i)
    others.emplace_back([&] {
      for (int n = 0; n < checks; ++n) assertion.check();
    });
  others.clear();
  return threads * checks / (seconds() - begin);
}

}  // namespace

void measure_assertions(const Wanted& wanted, Figures& out) {
  if (!wanted("P6")) return;
  const Assertion assertion;
  Medians medians = interleave([&] { return rate_of_core(assertion); }, openssl_speed);
  out.push_back(make_figure(
      "P6", medians.figure, "/s", medians.limit, Goal::at_least, 0.92,
      "WebAuthn ES256 assertion, all steps; limit: openssl speed -seconds 1 ecdsap256, verify"));
  medians = interleave([&] { return rate(assertion, 2); }, [&] { return rate(assertion, 1); });
  out.push_back(make_figure("P6", medians.figure, "/s", medians.limit, Goal::at_least, 1.9,
                            "the same with two threads on one key; limit: with one"));
}

}  // namespace countersign::bench
