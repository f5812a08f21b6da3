// SPDX-License-Identifier: Apache-2.0
#include "core/formats/pskc_package.h"

#include <fmt/format.h>

#include <limits>

#include "core/base/text.h"
#include "core/encoding/base64.h"
#include "core/encoding/distinguished_name.h"

namespace countersign::formats {
namespace {

using Attributes = std::span<const XmlAttribute>;

constexpr std::string_view policy = "/KeyPackage/Key/Policy/";
constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();

}  // namespace

struct PskcPlaces {
  using P = PskcPackage;
  struct Place {
    std::string_view path;
    void (*start)(P&, Attributes);
    void (*text)(P&, std::string_view);
  };

  template <auto Take>
  static void attributes(P& package, Attributes given) {
    (package.*Take)(given);
  }
  template <auto Take>
  static void text(P& package, std::string_view given) {
    (package.*Take)(given);
  }
  template <auto Member>
  static void put(P& package, std::string_view given) {
    package.*Member = given;
  }
  template <auto Member>
  static void put_in_record(P& package, std::string_view given) {
    package.record_.*Member = given;
  }

  static constexpr Place places[] = {
      {"/KeyPackage/DeviceInfo/Manufacturer", nullptr, put<&P::manufacturer_>},
      {"/KeyPackage/DeviceInfo/Model", nullptr, put<&P::model_>},
      {"/KeyPackage/DeviceInfo/SerialNo", nullptr, put_in_record<&TokenRecord::serial>},
      {"/KeyPackage/DeviceInfo/UserId", nullptr,
       [](P& p, std::string_view name) { p.device_user_ = user_of_distinguished_name(name); }},
      {"/KeyPackage/Key", attributes<&P::take_key>, nullptr},
      {"/KeyPackage/Key/Issuer", nullptr, put_in_record<&TokenRecord::issuer>},
      {"/KeyPackage/Key/FriendlyName", nullptr, put_in_record<&TokenRecord::label>},
      {"/KeyPackage/Key/UserId", nullptr,
       [](P& p, std::string_view name) { p.record_.user = user_of_distinguished_name(name); }},
      {"/KeyPackage/Key/AlgorithmParameters/Suite", nullptr, text<&P::take_suite>},
      {"/KeyPackage/Key/AlgorithmParameters/ResponseFormat", attributes<&P::take_response>,
       nullptr},
      {"/KeyPackage/Key/Data/Secret/PlainValue", nullptr, text<&P::take_plain>},
      {"/KeyPackage/Key/Data/Secret/EncryptedValue/EncryptionMethod",
       attributes<&P::take_encryption>, nullptr},
      {"/KeyPackage/Key/Data/Secret/EncryptedValue/CipherData/CipherValue", nullptr,
       text<&P::take_encrypted>},
      {"/KeyPackage/Key/Data/Secret/ValueMAC", nullptr, text<&P::take_mac>},
      {"/KeyPackage/Key/Data/Counter/PlainValue", nullptr,
       [](P& p, std::string_view number) {
         p.take_number(p.record_.counter, "Counter", number, 0, no_limit);
       }},
      {"/KeyPackage/Key/Data/Time/PlainValue", nullptr,
       [](P& p, std::string_view number) {
         p.take_number(p.record_.oath.epoch, "Time", number, 0, no_limit);
       }},
      {"/KeyPackage/Key/Data/TimeInterval/PlainValue", nullptr,
       [](P& p, std::string_view number) {
         p.take_number(p.record_.oath.period, "TimeInterval", number, 5, 300);
       }},
      {"/KeyPackage/Key/Data/TimeDrift/PlainValue", nullptr, text<&P::take_drift>},
      {"/KeyPackage/Key/Data/Counter/EncryptedValue", attributes<&P::refuse_encrypted_number>,
       nullptr},
      {"/KeyPackage/Key/Data/Time/EncryptedValue", attributes<&P::refuse_encrypted_number>,
       nullptr},
      {"/KeyPackage/Key/Data/TimeInterval/EncryptedValue", attributes<&P::refuse_encrypted_number>,
       nullptr},
      {"/KeyPackage/Key/Data/TimeDrift/EncryptedValue", attributes<&P::refuse_encrypted_number>,
       nullptr},
      {"/KeyPackage/Key/Policy/StartDate", nullptr,
       [](P& p, std::string_view date) {
         if (p.is_day(date) && date.substr(0, 10) > p.today_)
           p.refuse(fmt::format("the key may not be used before {}", date.substr(0, 10)));
       }},
      {"/KeyPackage/Key/Policy/ExpiryDate", nullptr,
       [](P& p, std::string_view date) {
         if (p.is_day(date) && date.substr(0, 10) < p.today_)
           p.refuse(fmt::format("the key expired on {}", date.substr(0, 10)));
       }},
      {"/KeyPackage/Key/Policy/KeyUsage", nullptr, text<&P::take_usage>},
      {"/KeyPackage/Key/Policy/PINPolicy", attributes<&P::take_pin_policy>, nullptr},
  };

  static const Place* find(std::string_view path) {
    for (const Place& place : places)
      if (place.path == path) return &place;
    return nullptr;
  }
};

void PskcPackage::start(std::string_view path, Attributes attributes) {
  if (const auto* place = PskcPlaces::find(path)) {
    if (place->start != nullptr) place->start(*this, attributes);
  } else if (path.starts_with(policy) && !path.substr(policy.size()).contains('/')) {
    // RFC 6030 §5: a policy that is not understood forbids the use of the key.
    refuse(fmt::format("the key has a policy that can't be kept: {}",
                       shown(path.substr(policy.size()))));
  }
}

bool PskcPackage::wants_text(std::string_view path) {
  const auto* place = PskcPlaces::find(path);
  return place != nullptr && place->text != nullptr;
}

void PskcPackage::text(std::string_view path, std::string_view text) {
  if (const auto* place = PskcPlaces::find(path); place != nullptr && place->text != nullptr)
    place->text(*this, text);
}

void PskcPackage::refuse(std::string why) {
  if (defect_.empty()) defect_ = std::move(why);
}

void PskcPackage::take_key(Attributes attributes) {
  if (++keys_ > 1) refuse("the KeyPackage has more than one Key");
  key_id_ = find_attribute(attributes, "Id");
  const std::string_view algorithm = find_attribute(attributes, "Algorithm");
  // With # as drafts had it and vendors still write it.
  if (algorithm == "urn:ietf:params:xml:ns:keyprov:pskc:totp" ||
      algorithm == "urn:ietf:params:xml:ns:keyprov:pskc#totp")
    record_.kind = Kind::totp;
  else if (algorithm == "urn:ietf:params:xml:ns:keyprov:pskc:hotp" ||
           algorithm == "urn:ietf:params:xml:ns:keyprov:pskc#hotp")
    record_.kind = Kind::hotp;
  else
    refuse(fmt::format("key algorithm '{}' is not supported; pskc:totp and pskc:hotp are",
                       shown(algorithm)));
}

void PskcPackage::take_response(Attributes attributes) {
  if (const auto encoding = find_attribute(attributes, "Encoding"); encoding != "DECIMAL")
    refuse(
        fmt::format("codes in the encoding '{}' are not supported; DECIMAL is", shown(encoding)));
  if (const auto check = find_attribute(attributes, "CheckDigits"); check == "true" || check == "1")
    refuse("codes with a check digit are not supported");
  take_number(record_.oath.digits, "ResponseFormat Length", find_attribute(attributes, "Length"), 6,
              8);
}

void PskcPackage::take_encryption(Attributes attributes) {
  if (encrypted_) refuse("the key has two secrets");
  encrypted_.emplace().algorithm = find_attribute(attributes, "Algorithm");
}

void PskcPackage::take_pin_policy(Attributes attributes) {
  if (find_attribute(attributes, "PINUsageMode") != "Local")
    refuse("the key asks for a PIN that the server would have to check");
}

void PskcPackage::refuse_encrypted_number(Attributes) {
  refuse("encrypted counters and times are not supported; encrypt the secret alone");
}

void PskcPackage::take_suite(std::string_view text) {
  if (const auto algorithm = parse_algorithm(text))
    record_.oath.algorithm = *algorithm;
  else if (!text.empty())
    refuse("Suite: " + algorithm.error().what);
}

void PskcPackage::take_plain(std::string_view text) {
  if (plain_) refuse("the key has two secrets");
  if (auto secret = base64_decode(text))
    plain_ = std::move(*secret);
  else
    refuse("secret: " + secret.error().what);
}

void PskcPackage::take_encrypted(std::string_view text) {
  if (!encrypted_) return refuse("the encrypted secret has no EncryptionMethod");
  if (!encrypted_->cipher.empty()) return refuse("the key has two secrets");
  const auto cipher = base64_decode(text);
  if (!cipher) return refuse("secret: " + cipher.error().what);
  encrypted_->cipher.assign(cipher->expose().begin(), cipher->expose().end());
}

void PskcPackage::take_mac(std::string_view text) {
  if (mac_) refuse("the key has two MACs");
  const auto mac = base64_decode(text);
  if (!mac) return refuse("ValueMAC: " + mac.error().what);
  mac_ = Bytes(mac->expose().begin(), mac->expose().end());
}

void PskcPackage::take_drift(std::string_view text) {
  const bool behind = text.starts_with('-');
  take_number(record_.drift, "TimeDrift", text.substr(behind ? 1 : 0), 0, 1000);
  if (behind) record_.drift = -record_.drift;
}

void PskcPackage::take_usage(std::string_view text) {
  usage_given_ = true;
  otp_usage_ |= text == "OTP";
}

// An xs:dateTime begins with its day; that is precise enough, whatever its time zone.
bool PskcPackage::is_day(std::string_view text) {
  const std::string_view day = text.substr(0, 10);
  const bool formed = day.size() == 10 &&
                      day.find_first_not_of("0123456789-") == std::string_view::npos &&
                      day[4] == '-' && day[7] == '-';
  if (!formed) refuse(fmt::format("the policy's date '{}' is not a date", shown(text)));
  return formed;
}

Result<TokenRecord> PskcPackage::settle(const PskcProtection& protection) {
  if (keys_ == 0) refuse("the KeyPackage has no Key");
  if (usage_given_ && !otp_usage_) refuse("the key's policy forbids one-time passwords");
  if (plain_ && encrypted_) refuse("the key has two secrets");
  if (!plain_ && !encrypted_) refuse("the key has no secret");
  // Otherwise whoever changes the file could exchange an encrypted secret for one of their own.
  if (plain_ && protection.protects()) refuse("the secret is plain, though the file is protected");
  if (!defect_.empty()) return fail(Code::invalid, std::move(defect_));

  if (record_.serial.empty()) record_.serial = key_id_;
  if (record_.user.empty()) record_.user = device_user_;
  if (record_.label.empty())
    record_.label = fmt::format("{}{}{}", manufacturer_,
                                manufacturer_.empty() || model_.empty() ? "" : " ", model_);
  if (record_.kind == Kind::totp) {
    record_.counter = 0;
  } else {
    record_.drift = 0;
    record_.oath.period = OathParameters{}.period;
    record_.oath.epoch = 0;
  }
  auto secret =
      TRY(plain_ ? Result<Secret>(std::move(*plain_)) : protection.open(*encrypted_, mac_));
  record_.secret = std::move(secret);
  TRY(validate(record_));
  return std::move(record_);
}

}  // namespace countersign::formats
