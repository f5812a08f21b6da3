// SPDX-License-Identifier: Apache-2.0
#include "core/factors/otp_validation.h"

#include <charconv>
#include <optional>

#include "core/crypto/hmac.h"
#include "core/encoding/base64.h"
#include "core/encoding/percent.h"
#include "core/formats/wsapi.h"

namespace countersign::otp_validation {
namespace {

using formats::wsapi::Parameters;
using formats::wsapi::value_of;

constexpr std::size_t longest_answer = 4096;
constexpr std::int64_t most_power_ups = 0x7fff, most_uses = 0xff;

std::string signature(const Service& service, const Parameters& parameters) {
  const auto tag = crypto::Hmac(HashAlgorithm::sha1, service.key.expose())
                       .of(as_bytes(formats::wsapi::signed_text(parameters)));
  return std::string(formats::base64_encode(tag.view()).expose_text());
}

std::optional<std::int64_t> number(const std::string* text, std::int64_t most) {
  std::int64_t value = -1;
  if (text == nullptr) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < 0 || value > most)
    return std::nullopt;
  return value;
}

}  // namespace

std::string query_text(const Service& service, const Question& question) {
  Parameters parameters{{"id", std::to_string(service.client)},
                        {"nonce", question.nonce},
                        {"otp", question.otp},
                        {"timestamp", "1"}};
  std::string text = formats::wsapi::signed_text(parameters) + "&h=";
  formats::append_percent_encoded(text, signature(service, parameters));
  return text;
}

Answer judge(const Service& service, const Question& question, std::string_view answer) {
  if (answer.size() > longest_answer) return {};
  const auto parameters = formats::wsapi::parse_answer(answer);
  if (!parameters) return {};
  const std::string *h = value_of(*parameters, "h"), *otp = value_of(*parameters, "otp"),
                    *nonce = value_of(*parameters, "nonce"),
                    *status = value_of(*parameters, "status");
  if (h == nullptr || otp == nullptr || nonce == nullptr || status == nullptr) return {};
  if (!equal_constant_time(as_bytes(signature(service, *parameters)), as_bytes(*h))) return {};
  if (*otp != question.otp || *nonce != question.nonce) return {};
  if (*status == "BAD_OTP") return {.said = Said::refused};
  if (*status == "REPLAYED_OTP") return {.said = Said::replayed};
  // REPLAYED_REQUEST: another of the servers has this very question, and answers it.
  if (*status != "OK") return {};
  const auto power_ups = number(value_of(*parameters, "sessioncounter"), most_power_ups),
             uses = number(value_of(*parameters, "sessionuse"), most_uses);
  if (!power_ups || !uses) return {};
  return {.said = Said::accepted, .counter = *power_ups << 8 | *uses};
}

}  // namespace countersign::otp_validation
