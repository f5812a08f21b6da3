// SPDX-License-Identifier: Apache-2.0
#include "core/engine/pending_enrollment.h"

#include <array>
#include <charconv>
#include <vector>

namespace countersign::engine {
namespace {

// Fields in order, each as a 32-bit length and its octets.
class Writer {
 public:
  void field(std::string_view text) {
    for (const int shift : {24, 16, 8, 0}) out_.push_back(static_cast<char>(text.size() >> shift));
    out_.append(text);
  }
  void field(std::int64_t number) { field(std::string_view(std::to_string(number))); }
  [[nodiscard]] Secret take() {
    Secret result{std::string_view(out_)};
    wipe(out_);
    return result;
  }

 private:
  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}
  [[nodiscard]] std::string_view text() {
    if (in_.size() < 4) return fail();
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size = size << 8U | static_cast<Byte>(in_[i]);
    in_.remove_prefix(4);
    if (size > in_.size()) return fail();
    const std::string_view field = in_.substr(0, size);
    in_.remove_prefix(size);
    return field;
  }
  [[nodiscard]] std::int64_t number() {
    const std::string_view digits = text();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) (void)fail();
    return value;
  }
  template <class E>
  [[nodiscard]] E name() {
    const auto value = from_name<E>(text());
    if (!value) (void)fail();
    return value.value_or(E{});
  }
  [[nodiscard]] bool whole() const { return good_ && in_.empty(); }

 private:
  std::string_view fail() {
    good_ = false;
    in_ = {};
    return {};
  }
  std::string_view in_;
  bool good_ = true;
};

}  // namespace

Bytes seal(Context& context, const std::string& id, const PendingEnrollment& pending) {
  const Authenticator& a = pending.authenticator;
  Writer out;
  out.field(a.id.value);
  out.field(a.generation);
  out.field(a.user.value);
  out.field(to_name(a.kind));
  out.field(a.label);
  out.field(a.serial);
  out.field(to_name(a.oath.algorithm));
  out.field(a.oath.digits);
  out.field(a.oath.period);
  out.field(a.oath.epoch);
  out.field(a.progress.counter);
  out.field(a.progress.detail);
  out.field(unix_ms(a.created));
  out.field(a.import.value);
  out.field(as_text(a.material));
  out.field(as_text(a.handle));
  out.field(pending.user);
  out.field(pending.secret.expose_text());
  out.field(pending.tries);
  out.field(encode(pending.grounds));
  return context.vault.seal(crypto::Purpose::pending, id, out.take());
}

Result<PendingEnrollment> unseal(Context& context, const std::string& id, BytesView sealed) {
  const Result<Secret> plain = context.vault.open(crypto::Purpose::pending, id, sealed);
  if (!plain) return std::unexpected(plain.error());
  Reader in(plain->expose_text());
  PendingEnrollment pending;
  Authenticator& a = pending.authenticator;
  a.id.value = in.number();
  a.generation = in.number();
  a.user.value = in.number();
  a.kind = in.name<Kind>();
  a.label = in.text();
  a.serial = in.text();
  a.oath.algorithm = in.name<HashAlgorithm>();
  a.oath.digits = static_cast<int>(in.number());
  a.oath.period = static_cast<int>(in.number());
  a.oath.epoch = in.number();
  a.progress.counter = in.number();
  a.progress.detail = in.number();
  a.created = from_unix_ms(in.number());
  a.import.value = in.number();
  const BytesView material = as_bytes(in.text());
  a.material.assign(material.begin(), material.end());
  const BytesView handle = as_bytes(in.text());
  a.handle.assign(handle.begin(), handle.end());
  pending.user = in.text();
  pending.secret = Secret(in.text());
  pending.tries = static_cast<int>(in.number());
  Result<Grounds> grounds = decode_grounds(in.text());
  if (!grounds) return std::unexpected(grounds.error());
  pending.grounds = std::move(*grounds);
  if (!in.whole()) return fail(Code::corrupt, "a pending enrolment is malformed");
  return pending;
}

}  // namespace countersign::engine
