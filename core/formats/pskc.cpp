// SPDX-License-Identifier: Apache-2.0
#include "core/formats/pskc.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <limits>
#include <optional>
#include <vector>

#include "core/crypto/aes_unwrap.h"
#include "core/crypto/hmac.h"
#include "core/crypto/kdf.h"
#include "core/formats/base64.h"
#include "core/formats/distinguished_name.h"
#include "core/formats/pskc_protection.h"
#include "core/formats/uri.h"
#include "core/formats/xml_stream.h"
#include "core/text.h"

namespace countersign::formats {
namespace {

constexpr std::string_view pskc_namespace = "urn:ietf:params:xml:ns:keyprov:pskc";
constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();

// Elements of other namespaces are extensions: passed over.
bool known_namespace(std::string_view uri) {
  return uri.empty() || uri == pskc_namespace || uri == "http://www.w3.org/2000/09/xmldsig#" ||
         uri == "http://www.w3.org/2001/04/xmlenc#" || uri.starts_with("http://www.w3.org/2009/xmlenc11") ||
         uri.starts_with("http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5");
}

std::string_view find(std::span<const XmlAttribute> attributes, std::string_view name) {
  for (const XmlAttribute& attribute : attributes)
    if (attribute.name == name) return trim(attribute.value);
  return {};
}

std::string shown(std::string_view text) { return escape_text(text.substr(0, 128)); }

// One KeyPackage while it is read. The first thing that is wrong with it is its defect.
struct Package {
  std::size_t line = 0;
  int keys = 0;
  std::string defect;
  std::string key_id, manufacturer, model, serial, issuer, friendly_name, device_user, key_user;
  bool totp = false;
  bool usage_given = false;
  bool otp_usage = false;
  OathParameters oath;
  std::int64_t counter = 0;
  std::int64_t drift = 0;
  std::optional<Secret> plain;
  std::optional<PskcEncrypted> encrypted;
  std::optional<Bytes> mac;

  void refuse(std::string why) {
    if (defect.empty()) defect = std::move(why);
  }
};

// What the importer looks at, by its place below KeyContainer. The rest is passed over.
enum class Item {
  other,
  encryption_key,
  foreign_key,
  derivation,
  salt,
  iterations,
  key_length,
  prf,
  mac_method,
  mac_key_method,
  mac_key_value,
  manufacturer,
  model,
  serial,
  device_user,
  key,
  issuer,
  friendly_name,
  key_user,
  suite,
  response,
  plain,
  encryption_method,
  encrypted_value,
  value_mac,
  counter,
  time,
  interval,
  drift,
  encrypted_number,
  start_date,
  expiry_date,
  key_usage,
  pin_policy,
  other_policy,
};

struct Place {
  std::string_view path;
  Item item;
  bool text = true;  // its text is wanted
};

constexpr Place places[] = {
    {"/EncryptionKey", Item::encryption_key, false},
    {"/EncryptionKey/X509Data", Item::foreign_key, false},
    {"/EncryptionKey/KeyValue", Item::foreign_key, false},
    {"/EncryptionKey/EncryptedKey", Item::foreign_key, false},
    {"/EncryptionKey/AgreementMethod", Item::foreign_key, false},
    {"/EncryptionKey/DerivedKey/KeyDerivationMethod", Item::derivation, false},
    {"/EncryptionKey/DerivedKey/KeyDerivationMethod/PBKDF2-params/Salt/Specified", Item::salt},
    {"/EncryptionKey/DerivedKey/KeyDerivationMethod/PBKDF2-params/IterationCount", Item::iterations},
    {"/EncryptionKey/DerivedKey/KeyDerivationMethod/PBKDF2-params/KeyLength", Item::key_length},
    {"/EncryptionKey/DerivedKey/KeyDerivationMethod/PBKDF2-params/PRF", Item::prf, false},
    {"/MACMethod", Item::mac_method, false},
    {"/MACMethod/MACKey/EncryptionMethod", Item::mac_key_method, false},
    {"/MACMethod/MACKey/CipherData/CipherValue", Item::mac_key_value},
    {"/KeyPackage/DeviceInfo/Manufacturer", Item::manufacturer},
    {"/KeyPackage/DeviceInfo/Model", Item::model},
    {"/KeyPackage/DeviceInfo/SerialNo", Item::serial},
    {"/KeyPackage/DeviceInfo/UserId", Item::device_user},
    {"/KeyPackage/Key", Item::key, false},
    {"/KeyPackage/Key/Issuer", Item::issuer},
    {"/KeyPackage/Key/FriendlyName", Item::friendly_name},
    {"/KeyPackage/Key/UserId", Item::key_user},
    {"/KeyPackage/Key/AlgorithmParameters/Suite", Item::suite},
    {"/KeyPackage/Key/AlgorithmParameters/ResponseFormat", Item::response, false},
    {"/KeyPackage/Key/Data/Secret/PlainValue", Item::plain},
    {"/KeyPackage/Key/Data/Secret/EncryptedValue/EncryptionMethod", Item::encryption_method, false},
    {"/KeyPackage/Key/Data/Secret/EncryptedValue/CipherData/CipherValue", Item::encrypted_value},
    {"/KeyPackage/Key/Data/Secret/ValueMAC", Item::value_mac},
    {"/KeyPackage/Key/Data/Counter/PlainValue", Item::counter},
    {"/KeyPackage/Key/Data/Time/PlainValue", Item::time},
    {"/KeyPackage/Key/Data/TimeInterval/PlainValue", Item::interval},
    {"/KeyPackage/Key/Data/TimeDrift/PlainValue", Item::drift},
    {"/KeyPackage/Key/Data/Counter/EncryptedValue", Item::encrypted_number, false},
    {"/KeyPackage/Key/Data/Time/EncryptedValue", Item::encrypted_number, false},
    {"/KeyPackage/Key/Data/TimeInterval/EncryptedValue", Item::encrypted_number, false},
    {"/KeyPackage/Key/Data/TimeDrift/EncryptedValue", Item::encrypted_number, false},
    {"/KeyPackage/Key/Policy/StartDate", Item::start_date},
    {"/KeyPackage/Key/Policy/ExpiryDate", Item::expiry_date},
    {"/KeyPackage/Key/Policy/KeyUsage", Item::key_usage},
    {"/KeyPackage/Key/Policy/PINPolicy", Item::pin_policy, false},
};
constexpr std::string_view policy = "/KeyPackage/Key/Policy/";
constexpr Place nowhere{"", Item::other, false};
constexpr Place in_policy{"", Item::other_policy, false};

const Place& place_of(std::string_view path) {
  for (const Place& place : places)
    if (place.path == path) return place;
  // RFC 6030 §5: a policy that is not understood forbids the use of the key.
  if (path.starts_with(policy) && !path.substr(policy.size()).contains('/')) return in_policy;
  return nowhere;
}

class Importer final : public XmlHandler {
 public:
  Importer(const PskcKeys& keys, Time now, TokenSink& sink, Tally& tally) : keys_(keys), sink_(sink), tally_(tally) {
    today_ = fmt::format("{:%Y-%m-%d}", fmt::gmtime(static_cast<std::time_t>(unix_seconds(now))));
    text_.reserve(longest_field);  // never moved: a moved buffer would leave secrets behind
  }
  ~Importer() override { wipe(text_.data(), text_.capacity()); }
  Importer(const Importer&) = delete;
  Importer& operator=(const Importer&) = delete;

  Result<void> start(std::string_view name, std::string_view uri, std::span<const XmlAttribute> attributes,
                     std::size_t line) override;
  Result<void> text(std::string_view text) override;
  Result<void> end() override;

 private:
  [[nodiscard]] Result<void> start_container(std::string_view name, std::string_view uri,
                                             std::span<const XmlAttribute> attributes);
  [[nodiscard]] Result<void> start_package(std::size_t line);
  void end_package();
  [[nodiscard]] Result<void> take_start(std::string_view name, std::span<const XmlAttribute> attributes);
  [[nodiscard]] Result<void> take_text(std::string_view text);
  void take_key(std::span<const XmlAttribute> attributes);
  void take_response(std::span<const XmlAttribute> attributes);
  void take_encrypted(std::string_view text);
  void take_date(std::string_view text);
  [[nodiscard]] Result<TokenRecord> settle();

  // A number of the package; what is none is a defect of its row.
  template <class T>
  void take_number(T& target, std::string_view field, std::string_view text, std::int64_t least, std::int64_t most) {
    if (const auto number = parse_number(field, text, least, most))
      target = static_cast<T>(*number);
    else
      package_.refuse(number.error().what);
  }

  const PskcKeys& keys_;
  TokenSink& sink_;
  Tally& tally_;
  std::string today_;                 // 2026-01-31
  std::vector<std::size_t> parents_;  // for each open element the length of path_ without it
  std::string path_;                  // of the innermost open element: local names below KeyContainer
  const Place* place_ = &nowhere;     // what is there; nowhere again once a child was closed
  std::string text_;
  PskcHead head_;
  std::optional<PskcProtection> protection_;  // made when the first package begins
  Package package_;
};

Result<void> Importer::start(std::string_view name, std::string_view uri, std::span<const XmlAttribute> attributes,
                             std::size_t line) {
  tally_.line = line;
  const bool outermost = parents_.empty();
  parents_.push_back(path_.size());
  wipe(text_);
  text_.clear();
  if (outermost) return start_container(name, uri, attributes);
  path_ += '/';
  path_ += known_namespace(uri) ? name : "?";
  place_ = &place_of(path_);
  if (path_ == "/KeyPackage") return start_package(line);
  return take_start(name, attributes);
}

Result<void> Importer::text(std::string_view text) {
  if (!place_->text) return {};
  if (text_.size() + text.size() > longest_field)
    return fail(Code::invalid, fmt::format("a value is longer than {} bytes", longest_field));
  text_ += text;
  return {};
}

Result<void> Importer::end() {
  Result<void> taken;
  if (place_->text) taken = take_text(trim(text_));
  if (path_ == "/KeyPackage" && parents_.size() == 2) end_package();
  path_.resize(parents_.back());
  parents_.pop_back();
  place_ = &nowhere;
  return taken;
}

Result<void> Importer::start_container(std::string_view name, std::string_view uri, std::span<const XmlAttribute> attributes) {
  if (name != "KeyContainer" || uri != pskc_namespace)
    return fail(Code::invalid,
                fmt::format("this is no PSKC file: its outermost element is '{}' of '{}', not 'KeyContainer' of '{}'",
                            shown(name), shown(uri), pskc_namespace));
  if (const auto version = find(attributes, "Version"); version != "1.0")
    return fail(Code::invalid, fmt::format("version '{}' of PSKC is not supported; 1.0 is", shown(version)));
  return {};
}

Result<void> Importer::start_package(std::size_t line) {
  if (!protection_) {
    auto made = PskcProtection::make(head_, keys_);
    if (!made) return std::unexpected(made.error());
    protection_ = std::move(*made);
  }
  package_ = Package{};
  package_.line = line;
  return {};
}

Result<void> Importer::take_start(std::string_view name, std::span<const XmlAttribute> attributes) {
  switch (place_->item) {
    case Item::encryption_key:
    case Item::mac_method:
      if (protection_) return fail(Code::invalid, "EncryptionKey and MACMethod must stand before the first KeyPackage");
      if (place_->item == Item::encryption_key) {
        if (head_.encryption_key) return fail(Code::invalid, "the file has two EncryptionKeys");
        head_.encryption_key = true;
      } else {
        if (head_.mac) return fail(Code::invalid, "the file has two MACMethods");
        head_.mac = find(attributes, "Algorithm");
      }
      return {};
    case Item::foreign_key:
      head_.unsupported = name;
      return {};
    case Item::derivation:
      head_.derivation = find(attributes, "Algorithm");
      return {};
    case Item::prf:
      head_.prf = find(attributes, "Algorithm");
      return {};
    case Item::mac_key_method:
      if (head_.mac_key) return fail(Code::invalid, "the file has two MAC keys");
      head_.mac_key.emplace().algorithm = find(attributes, "Algorithm");
      return {};
    case Item::key:
      take_key(attributes);
      return {};
    case Item::response:
      take_response(attributes);
      return {};
    case Item::encryption_method:
      if (package_.encrypted) package_.refuse("the key has two secrets");
      package_.encrypted.emplace().algorithm = find(attributes, "Algorithm");
      return {};
    case Item::encrypted_number:
      package_.refuse("encrypted counters and times are not supported; encrypt the secret alone");
      return {};
    case Item::pin_policy:
      if (find(attributes, "PINUsageMode") != "Local")
        package_.refuse("the key asks for a PIN that the server would have to check");
      return {};
    case Item::other_policy:
      package_.refuse(fmt::format("the key has a policy that can't be kept: {}", shown(name)));
      return {};
    case Item::other:
    case Item::salt:
    case Item::iterations:
    case Item::key_length:
    case Item::mac_key_value:
    case Item::manufacturer:
    case Item::model:
    case Item::serial:
    case Item::device_user:
    case Item::issuer:
    case Item::friendly_name:
    case Item::key_user:
    case Item::suite:
    case Item::plain:
    case Item::encrypted_value:
    case Item::value_mac:
    case Item::counter:
    case Item::time:
    case Item::interval:
    case Item::drift:
    case Item::start_date:
    case Item::expiry_date:
    case Item::key_usage:
      return {};
  }
  std::unreachable();
}

Result<Bytes> head_octets(std::string_view field, std::string_view text) {
  const auto octets = base64_decode(text);
  if (!octets) return fail(Code::invalid, fmt::format("{}: {}", field, octets.error().what));
  return Bytes(octets->expose().begin(), octets->expose().end());
}

template <class T>
Result<void> put(T& target, Result<T> value) {
  if (!value) return std::unexpected(value.error());
  target = std::move(*value);
  return {};
}

Result<void> Importer::take_text(std::string_view text) {
  switch (place_->item) {
    case Item::salt:
      return put(head_.salt, head_octets("Salt", text));
    case Item::iterations:
      return put(head_.iterations, parse_number("IterationCount", text, 1, no_limit));
    case Item::key_length:
      return put(head_.key_length, parse_number("KeyLength", text, 1, 1024));
    case Item::mac_key_value:
      if (!head_.mac_key) return fail(Code::invalid, "the MAC key has no EncryptionMethod");
      return put(head_.mac_key->cipher, head_octets("MACKey", text));
    case Item::manufacturer:
      package_.manufacturer = text;
      return {};
    case Item::model:
      package_.model = text;
      return {};
    case Item::serial:
      package_.serial = text;
      return {};
    case Item::device_user:
      package_.device_user = user_of_distinguished_name(text);
      return {};
    case Item::issuer:
      package_.issuer = text;
      return {};
    case Item::friendly_name:
      package_.friendly_name = text;
      return {};
    case Item::key_user:
      package_.key_user = user_of_distinguished_name(text);
      return {};
    case Item::suite:
      if (const auto algorithm = parse_algorithm(text))
        package_.oath.algorithm = *algorithm;
      else if (!text.empty())
        package_.refuse("Suite: " + algorithm.error().what);
      return {};
    case Item::plain:
      if (package_.plain) package_.refuse("the key has two secrets");
      if (auto secret = base64_decode(text))
        package_.plain = std::move(*secret);
      else
        package_.refuse("secret: " + secret.error().what);
      return {};
    case Item::encrypted_value:
      take_encrypted(text);
      return {};
    case Item::value_mac:
      if (package_.mac) package_.refuse("the key has two MACs");
      if (auto mac = head_octets("ValueMAC", text))
        package_.mac = std::move(*mac);
      else
        package_.refuse(mac.error().what);
      return {};
    case Item::counter:
      take_number(package_.counter, "Counter", text, 0, no_limit);
      return {};
    case Item::time:
      take_number(package_.oath.epoch, "Time", text, 0, no_limit);
      return {};
    case Item::interval:
      take_number(package_.oath.period, "TimeInterval", text, 5, 300);
      return {};
    case Item::drift: {
      const bool behind = text.starts_with('-');
      take_number(package_.drift, "TimeDrift", text.substr(behind ? 1 : 0), 0, 1000);
      if (behind) package_.drift = -package_.drift;
      return {};
    }
    case Item::start_date:
    case Item::expiry_date:
      take_date(text);
      return {};
    case Item::key_usage:
      package_.usage_given = true;
      package_.otp_usage |= text == "OTP";
      return {};
    case Item::other:
    case Item::encryption_key:
    case Item::foreign_key:
    case Item::derivation:
    case Item::prf:
    case Item::mac_method:
    case Item::mac_key_method:
    case Item::key:
    case Item::response:
    case Item::encryption_method:
    case Item::encrypted_number:
    case Item::pin_policy:
    case Item::other_policy:
      return {};
  }
  std::unreachable();
}

void Importer::take_key(std::span<const XmlAttribute> attributes) {
  if (++package_.keys > 1) package_.refuse("the KeyPackage has more than one Key");
  package_.key_id = find(attributes, "Id");
  const std::string_view algorithm = find(attributes, "Algorithm");
  // With # as drafts had it and vendors still write it.
  if (algorithm == "urn:ietf:params:xml:ns:keyprov:pskc:totp" || algorithm == "urn:ietf:params:xml:ns:keyprov:pskc#totp")
    package_.totp = true;
  else if (algorithm != "urn:ietf:params:xml:ns:keyprov:pskc:hotp" && algorithm != "urn:ietf:params:xml:ns:keyprov:pskc#hotp")
    package_.refuse(fmt::format("key algorithm '{}' is not supported; pskc:totp and pskc:hotp are", shown(algorithm)));
}

void Importer::take_response(std::span<const XmlAttribute> attributes) {
  if (const auto encoding = find(attributes, "Encoding"); encoding != "DECIMAL")
    package_.refuse(fmt::format("codes in the encoding '{}' are not supported; DECIMAL is", shown(encoding)));
  if (const auto check = find(attributes, "CheckDigits"); check == "true" || check == "1")
    package_.refuse("codes with a check digit are not supported");
  take_number(package_.oath.digits, "ResponseFormat Length", find(attributes, "Length"), 6, 8);
}

void Importer::take_encrypted(std::string_view text) {
  if (!package_.encrypted) return package_.refuse("the encrypted secret has no EncryptionMethod");
  if (!package_.encrypted->cipher.empty()) return package_.refuse("the key has two secrets");
  if (auto cipher = head_octets("secret", text))
    package_.encrypted->cipher = std::move(*cipher);
  else
    package_.refuse(cipher.error().what);
}

// xs:dateTime; the day is precise enough, whatever its time zone.
void Importer::take_date(std::string_view text) {
  const bool begins = place_->item == Item::start_date;
  const std::string_view day = text.substr(0, 10);
  const bool formed =
      day.size() == 10 && day.find_first_not_of("0123456789-") == std::string_view::npos && day[4] == '-' && day[7] == '-';
  if (!formed)
    package_.refuse(fmt::format("the policy's date '{}' is none", shown(text)));
  else if (begins && day > today_)
    package_.refuse(fmt::format("the key may not be used before {}", day));
  else if (!begins && day < today_)
    package_.refuse(fmt::format("the key expired on {}", day));
}

Result<TokenRecord> Importer::settle() {
  Package& p = package_;
  if (p.keys == 0) p.refuse("the KeyPackage has no Key");
  if (p.usage_given && !p.otp_usage) p.refuse("the key's policy forbids one-time passwords");
  if (p.plain && p.encrypted) p.refuse("the key has two secrets");
  if (!p.plain && !p.encrypted) p.refuse("the key has no secret");
  // Otherwise whoever changes the file could exchange an encrypted secret for one of their own.
  if (p.plain && protection_->protects()) p.refuse("the secret is plain, though the file is protected");
  if (!p.defect.empty()) return fail(Code::invalid, std::move(p.defect));

  TokenRecord record{.line = p.line,
                     .serial = p.serial.empty() ? p.key_id : p.serial,
                     .label = p.friendly_name,
                     .issuer = p.issuer,
                     .kind = p.totp ? Kind::totp : Kind::hotp,
                     .oath = p.oath};
  record.user = p.key_user.empty() ? p.device_user : p.key_user;
  if (record.label.empty())
    record.label = fmt::format("{}{}{}", p.manufacturer, p.manufacturer.empty() || p.model.empty() ? "" : " ", p.model);
  if (p.totp) {
    record.drift = p.drift;
  } else {
    record.counter = p.counter;
    record.oath.period = OathParameters{}.period;
    record.oath.epoch = 0;
  }
  auto secret = p.plain ? Result<Secret>(std::move(*p.plain)) : protection_->open(*p.encrypted, p.mac);
  if (!secret) return std::unexpected(secret.error());
  record.secret = std::move(*secret);
  if (auto held = validate(record); !held) return std::unexpected(held.error());
  return record;
}

void Importer::end_package() {
  auto record = settle();
  if (record)
    take(sink_, tally_, std::move(*record));
  else
    refuse(sink_, tally_, package_.line, std::move(record.error().what));
  package_ = Package{};
}

}  // namespace

Result<void> import_pskc(const Source& source, const PskcKeys& keys, Time now, TokenSink& sink, Tally& tally) {
  Importer importer(keys, now, sink, tally);
  return read_xml(source, importer, tally.line);
}

void prepare_pskc() {
  prepare_xml();
  // Each algorithm once: libcrypto looks for its configuration and providers when first asked.
  const Secret key(32);
  const Bytes zeros(32);
  (void)crypto::aes_cbc_decrypt(key, zeros);
  (void)crypto::aes_key_unwrap(key, zeros);
  for (const HashAlgorithm algorithm : {HashAlgorithm::sha1, HashAlgorithm::sha256, HashAlgorithm::sha512}) {
    (void)crypto::Hmac(algorithm, key.expose()).of(zeros);
    (void)crypto::pbkdf2(algorithm, key.expose(), zeros, 1, 16);
  }
}

}  // namespace countersign::formats
