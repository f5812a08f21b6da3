// SPDX-License-Identifier: Apache-2.0
#include "cli/judge/recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <initializer_list>

#include "core/base/text.h"
#include "core/encoding/base64url.h"
#include "core/encoding/json.h"

namespace countersign::judge {
namespace {

namespace json = boost::json;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

// One object of the file. Remembers the first thing that is wrong; what is read after that is
// empty.
class Members {
 public:
  Members(const json::value& value, std::string path, std::initializer_list<std::string_view> known,
          std::optional<Error>& wrong)
      : path_(std::move(path)), wrong_(wrong) {
    object_ = value.if_object();
    if (object_ == nullptr) {
      complain("", "must be an object");
      return;
    }
    for (const auto& member : *object_)
      if (std::ranges::find(known, std::string_view(member.key())) == known.end())
        complain(member.key(), "is not known; is it misspelt?");
  }

  const json::value* find(std::string_view name) const {
    return object_ != nullptr ? object_->if_contains(name) : nullptr;
  }

  std::string text(std::string_view name) {
    const json::value* value = find(name);
    if (value != nullptr && value->is_string()) return std::string(view(value->get_string()));
    complain(name, value == nullptr ? "is missing" : "must be text");
    return {};
  }

  std::optional<bool> flag(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_bool()) complain(name, "must be true or false");
    return value->is_bool() && value->get_bool();
  }

  Bytes octets(std::string_view name) { return octets_of(name, text(name)); }

  // Hex when it can be; a base64url text of that form would be a strange accident.
  Bytes octets_of(std::string_view name, std::string_view text) {
    const auto digit = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    while (text.ends_with('=')) text.remove_suffix(1);
    if (!text.empty() && text.size() % 2 == 0 && std::ranges::all_of(text, digit)) {
      Bytes out(text.size() / 2);
      const auto value = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
      for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<Byte>(value(text[2 * i]) << 4 | value(text[2 * i + 1]));
      return out;
    }
    auto decoded = formats::base64url_decode(text);
    if (!decoded) complain(name, "is neither base64url nor hex: " + decoded.error().what);
    return std::move(decoded).value_or(Bytes());
  }

  void complain(std::string_view name, std::string_view what) {
    if (wrong_) return;
    const std::string full = path_.empty()  ? std::string(name)
                             : name.empty() ? path_
                                            : path_ + "." + std::string(name);
    wrong_ = Error{Code::invalid, fmt::format("\"{}\" {}", escape_text(full), what)};
  }

 private:
  const json::object* object_ = nullptr;
  std::string path_;
  std::optional<Error>& wrong_;
};

crypto::Certificates roots_in(Members& members, const json::value& list) {
  crypto::Certificates roots;
  if (!list.is_array())
    members.complain("attestationRoots", "must be a list of certificates");
  else
    for (const json::value& one : list.get_array()) {
      const std::string_view text = one.is_string() ? view(one.get_string()) : std::string_view();
      const Bytes octets = text.contains("-----BEGIN")
                               ? Bytes(as_bytes(text).begin(), as_bytes(text).end())
                               : members.octets_of("attestationRoots", text);
      const auto read = crypto::Certificate::parse_file(octets);
      if (!read)
        members.complain("attestationRoots",
                         "holds something that is no certificate: " + read.error().what);
      else
        roots.insert(roots.end(), read->begin(), read->end());
    }
  return roots;
}

webauthn::UserVerification user_verification_in(Members& members) {
  using enum webauthn::UserVerification;
  if (members.find("userVerification") == nullptr) return preferred;
  const std::string text = members.text("userVerification");
  if (text == "required") return required;
  if (text != "preferred" && text != "discouraged")
    members.complain("userVerification", "must be required, preferred or discouraged");
  return preferred;
}

}  // namespace

Result<Recording> parse_recording(std::string_view text) {
  if (text.size() > longest_recording) return fail(Code::invalid, "the file is longer than 1 MiB");
  const Result<json::value> value = formats::parse_json(text, 8);
  if (!value) return fail(Code::invalid, "the file can't be read: " + value.error().what);
  std::optional<Error> wrong;
  Recording out;
  Members top(*value, "",
              {"rpId", "origin", "topOrigin", "allowCrossOrigin", "userVerification",
               "attestationRoots", "registration", "authentication"},
              wrong);
  out.rp.id = top.text("rpId");
  out.rp.origins = {top.text("origin")};
  if (top.find("topOrigin") != nullptr) out.rp.top_origins = {top.text("topOrigin")};
  out.rp.allow_cross_origin = top.flag("allowCrossOrigin").value_or(!out.rp.top_origins.empty());
  out.user_verification = user_verification_in(top);
  if (const json::value* list = top.find("attestationRoots")) out.roots = roots_in(top, *list);
  const json::value* registration = top.find("registration");
  if (registration == nullptr)
    top.complain("registration", "is missing");
  else {
    Members members(*registration, "registration",
                    {"challenge", "clientDataJSON", "attestationObject"}, wrong);
    out.registration = {members.octets("challenge"), members.octets("clientDataJSON"),
                        members.octets("attestationObject")};
  }
  if (const json::value* authentication = top.find("authentication")) {
    Members members(*authentication, "authentication",
                    {"challenge", "authenticatorData", "clientDataJSON", "signature"}, wrong);
    out.authentication = {members.octets("challenge"), members.octets("authenticatorData"),
                          members.octets("clientDataJSON"), members.octets("signature")};
  }
  if (wrong) return std::unexpected(*wrong);
  return out;
}

}  // namespace countersign::judge
