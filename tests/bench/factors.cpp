// SPDX-License-Identifier: Apache-2.0
// P7: checks of codes beside the MACs and the blocks of AES that they can't do without.
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <stdexcept>

#include "core/factors/hotp.h"
#include "core/factors/totp.h"
#include "core/factors/yubico_otp.h"
#include "tests/bench/figure.h"
#include "tests/bench/measure.h"

namespace countersign::bench {
namespace {

// One keyed EVP_MAC (a copy of a context with its digest chosen, the quickest way to one),
// re-inited for each further MAC.
class Macs {
 public:
  Macs() {
    EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    chosen_ = EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac);
    std::array<char, 5> name{"SHA1"};
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
        OSSL_PARAM_construct_end()};
    EVP_MAC_CTX_set_params(chosen_, parameters);
  }
  ~Macs() { EVP_MAC_CTX_free(chosen_); }
  Macs(const Macs&) = delete;
  Macs& operator=(const Macs&) = delete;

  void run(BytesView key, int count) {
    EVP_MAC_CTX* context = EVP_MAC_CTX_dup(chosen_);
    std::array<Byte, 8> message{};
    std::array<Byte, 64> tag;
    std::size_t size = 0;
    EVP_MAC_init(context, key.data(), key.size(), nullptr);
    for (int i = 0; i < count; ++i) {
      if (i != 0) EVP_MAC_init(context, nullptr, 0, nullptr);
      message[7] = static_cast<Byte>(i);
      EVP_MAC_update(context, message.data(), message.size());
      if (EVP_MAC_final(context, tag.data(), &size, tag.size()) != 1)
        throw std::runtime_error("OpenSSL fails");
    }
    EVP_MAC_CTX_free(context);
  }

 private:
  EVP_MAC_CTX* chosen_;
};

// One block of AES-128 under a new key each time, in a context that is kept.
class Blocks {
 public:
  Blocks()
      : context_(EVP_CIPHER_CTX_new()),
        cipher_(EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr)) {}
  ~Blocks() {
    EVP_CIPHER_free(cipher_);
    EVP_CIPHER_CTX_free(context_);
  }
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;

  void run(BytesView key, const crypto::AesBlock& block) {
    crypto::AesBlock out{};
    int written = 0;
    if (EVP_CipherInit_ex2(context_, cipher_, key.data(), nullptr, 0, nullptr) != 1 ||
        EVP_CIPHER_CTX_set_padding(context_, 0) != 1 ||
        EVP_CipherUpdate(context_, out.data(), &written, block.data(),
                         static_cast<int>(block.size())) != 1)
      throw std::runtime_error("OpenSSL fails");
  }

 private:
  EVP_CIPHER_CTX* context_;
  EVP_CIPHER* cipher_;
};

}  // namespace

void measure_factors(const Wanted& wanted, Figures& out) {
  if (!wanted("P7")) return;
  const Secret secret(Bytes(20, 0x42));
  Macs macs;
  const Time now = from_unix_ms(1'750'000'000'000);
  const Progress progress{.counter = totp::step_at({}, now) - 100};
  const std::string wrong = "000000";
  Medians medians = interleave(
      [&] {
        return time_each(50'000, [&] { (void)totp::check({}, secret, progress, {}, wrong, now); });
      },
      [&] { return time_each(50'000, [&] { macs.run(secret.expose(), 3); }); });
  out.push_back(make_figure("P7", medians.figure, "us", medians.limit, Goal::at_most, 1.25,
                            "TOTP check of 3 steps; limit: one keyed EVP_MAC and two re-inits"));
  const hotp::Window window{.look_ahead = 10, .resync_ahead = 999};
  medians = interleave(
      [&] {
        return time_each(300,
                         [&] { (void)hotp::resync({}, secret, {}, window, "000000", "000000"); });
      },
      [&] { return time_each(300, [&] { macs.run(secret.expose(), 1000); }); });
  out.push_back(make_figure("P7", medians.figure, "us", medians.limit, Goal::at_most, 1.25,
                            "HOTP resync over 1000 counters; limit: 1000 MACs of one key"));
  const Secret material(Bytes(yubico_otp::material_size, 0x42));
  const crypto::AesBlock otp =
      yubico_otp::make(material, {.usage = 7, .session = 3, .timestamp = 4711}, 0x1234);
  const Progress used{.counter = 7 * 256 + 2, .detail = 4000};
  if (yubico_otp::check(material, used, otp).match != Match::yes)
    throw std::runtime_error("the OTP is not taken");
  Blocks blocks;
  medians = interleave(
      [&] { return time_each(200'000, [&] { (void)yubico_otp::check(material, used, otp); }); },
      [&] {
        return time_each(200'000,
                         [&] { blocks.run(material.expose().first(yubico_otp::key_size), otp); });
      });
  out.push_back(
      make_figure("P7", medians.figure, "us", medians.limit, Goal::at_most, 1.5,
                  "Yubico OTP check; limit: one block of AES-128 with its key set again"));
}

}  // namespace countersign::bench
