// SPDX-License-Identifier: Apache-2.0
#include "core/formats/pskc.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <optional>
#include <vector>

#include "core/base/text.h"
#include "core/crypto/aes_unwrap.h"
#include "core/crypto/hmac.h"
#include "core/crypto/kdf.h"
#include "core/encoding/xml_stream.h"
#include "core/formats/pskc_head.h"
#include "core/formats/pskc_package.h"
#include "core/formats/pskc_protection.h"

namespace countersign::formats {
namespace {

constexpr std::string_view pskc_namespace = "urn:ietf:params:xml:ns:keyprov:pskc";

// Elements of other namespaces are extensions: passed over.
bool known_namespace(std::string_view uri) {
  return uri.empty() || uri == pskc_namespace || uri == "http://www.w3.org/2000/09/xmldsig#" ||
         uri == "http://www.w3.org/2001/04/xmlenc#" ||
         uri.starts_with("http://www.w3.org/2009/xmlenc11") ||
         uri.starts_with("http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5");
}

// Knows where in the file the parser is; hands what is there to the head or the package.
class Importer final : public XmlHandler {
 public:
  Importer(const PskcKeys& keys, Time now, TokenSink& sink, Tally& tally)
      : keys_(keys), sink_(sink), tally_(tally) {
    today_ = fmt::format("{:%Y-%m-%d}", fmt::gmtime(static_cast<std::time_t>(unix_seconds(now))));
    text_.reserve(longest_field);  // never moved: a moved buffer would leave secrets behind
  }
  ~Importer() override { wipe(text_.data(), text_.capacity()); }
  Importer(const Importer&) = delete;
  Importer& operator=(const Importer&) = delete;

  Result<void> start(std::string_view name, std::string_view uri,
                     std::span<const XmlAttribute> attributes, std::size_t line) override;
  Result<void> text(std::string_view text) override;
  Result<void> end() override;

 private:
  [[nodiscard]] static Result<void> start_container(std::string_view name, std::string_view uri,
                                                    std::span<const XmlAttribute> attributes);
  [[nodiscard]] Result<void> start_package(std::size_t line);
  void end_package();
  [[nodiscard]] bool in_package() const { return path_.starts_with("/KeyPackage"); }

  const PskcKeys& keys_;
  TokenSink& sink_;
  Tally& tally_;
  std::string today_;
  std::vector<std::size_t> parents_;  // for each open element the length of path_ without it
  std::string path_;         // of the innermost open element: local names below KeyContainer
  bool wants_text_ = false;  // the innermost open element's, as long as it has no child
  std::string text_;
  PskcHead head_;
  std::optional<PskcProtection> protection_;  // made when the first package begins
  PskcPackage package_;
};

Result<void> Importer::start(std::string_view name, std::string_view uri,
                             std::span<const XmlAttribute> attributes, std::size_t line) {
  tally_.line = line;
  const bool outermost = parents_.empty();
  parents_.push_back(path_.size());
  wipe(text_);
  text_.clear();
  if (outermost) return start_container(name, uri, attributes);
  path_ += '/';
  path_ += known_namespace(uri) ? name : "?";
  if (path_ == "/KeyPackage") return start_package(line);
  wants_text_ = in_package() ? PskcPackage::wants_text(path_) : PskcHead::wants_text(path_);
  if (in_package()) {
    package_.start(path_, attributes);
    return {};
  }
  if (protection_ && (path_ == "/EncryptionKey" || path_ == "/MACMethod"))
    return fail(Code::invalid,
                "EncryptionKey and MACMethod must stand before the first KeyPackage");
  return head_.start(path_, attributes);
}

Result<void> Importer::text(std::string_view text) {
  if (!wants_text_) return {};
  if (text_.size() + text.size() > longest_field)
    return fail(Code::invalid, fmt::format("a value is longer than {} bytes", longest_field));
  text_ += text;
  return {};
}

Result<void> Importer::end() {
  Result<void> taken;
  if (wants_text_ && in_package())
    package_.text(path_, trim(text_));
  else if (wants_text_)
    taken = head_.text(path_, trim(text_));
  if (path_ == "/KeyPackage") end_package();
  path_.resize(parents_.back());
  parents_.pop_back();
  wants_text_ = false;
  return taken;
}

Result<void> Importer::start_container(std::string_view name, std::string_view uri,
                                       std::span<const XmlAttribute> attributes) {
  if (name != "KeyContainer" || uri != pskc_namespace)
    return fail(Code::invalid, fmt::format("this is no PSKC file: its outermost element is '{}' of "
                                           "'{}', not 'KeyContainer' of '{}'",
                                           shown(name), shown(uri), pskc_namespace));
  if (const auto version = find_attribute(attributes, "Version"); version != "1.0")
    return fail(Code::invalid,
                fmt::format("version '{}' of PSKC is not supported; 1.0 is", shown(version)));
  return {};
}

Result<void> Importer::start_package(std::size_t line) {
  wants_text_ = false;
  if (!protection_) {
    auto made = TRY(PskcProtection::make(head_, keys_));
    protection_ = std::move(made);
  }
  package_ = PskcPackage(line, today_);
  return {};
}

void Importer::end_package() {
  auto record = package_.settle(*protection_);
  if (record)
    take(sink_, tally_, std::move(*record));
  else
    refuse(sink_, tally_, package_.line(), std::move(record.error().what));
  package_ = PskcPackage();
}

}  // namespace

Result<void> import_pskc(const Source& source, const PskcKeys& keys, Time now, TokenSink& sink,
                         Tally& tally) {
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
  for (const HashAlgorithm algorithm :
       {HashAlgorithm::sha1, HashAlgorithm::sha256, HashAlgorithm::sha512}) {
    (void)crypto::Hmac(algorithm, key.expose()).of(zeros);
    (void)crypto::pbkdf2(algorithm, key.expose(), zeros, 1, 16);
  }
}

}  // namespace countersign::formats
