// SPDX-License-Identifier: Apache-2.0
#include "core/certificates/names.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/encoding/der.h"
#include "core/encoding/hex.h"

namespace countersign::certificates {
namespace {

namespace der = formats::der;

constexpr std::string_view extension_oid = "2.5.29.17";
constexpr std::string_view uuid_urn = "urn:uuid:";

// Content octets of the object identifiers.
constexpr auto principal_oid =
    std::to_array<Byte>({0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x14, 0x02, 0x03});
constexpr auto fasc_n_oid = std::to_array<Byte>({0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x06, 0x06});

constexpr Byte object_identifier_octet = 0x06, octet_string_octet = 0x04, utf8_octet = 0x0c,
               sequence_octet = 0x30;
constexpr std::uint32_t object_identifier = 6, utf8_string = 12;
constexpr std::uint32_t other_name = 0, rfc822_name = 1, uri = 6;  // of GeneralName
constexpr Byte other_name_octet = 0xa0, rfc822_octet = 0x81, uri_octet = 0x86, value_octet = 0xa0;

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-'
               : std::string_view("0123456789abcdefABCDEF").find(text[i]) == std::string_view::npos)
      return false;
  }
  return true;
}

// IA5: what addresses and URIs are written in.
bool is_printable_ascii(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

Result<void> read_other_name(BytesView content, Names& names) {
  const auto parts = der::read(content);
  if (!parts || parts->size() != 2 || !(*parts)[0].is(object_identifier) ||
      !(*parts)[1].is_context(0))
    return fail(Code::corrupt, "an otherName of the certificate can't be read");
  const auto inside = der::read((*parts)[1].content);
  if (!inside || inside->size() != 1)
    return fail(Code::corrupt, "an otherName of the certificate can't be read");
  const der::Item& value = inside->front();
  if (std::ranges::equal((*parts)[0].content, principal_oid) && value.is(utf8_string)) {
    const std::string_view text = as_text(value.content);
    if (!is_utf8(text) || text.empty() || text.find('\0') != std::string_view::npos)
      return fail(Code::corrupt, "the certificate's principal name is not text");
    names.principals.emplace_back(text);
  } else if (std::ranges::equal((*parts)[0].content, fasc_n_oid) && value.is(der::octet_string)) {
    names.fasc_ns.push_back(formats::hex_encode(value.content));
  }
  return {};
}

void append(Bytes& out, const Bytes& item) { out.insert(out.end(), item.begin(), item.end()); }

Bytes other_name_item(BytesView oid, Byte type, BytesView value) {
  Bytes content = der::item(object_identifier_octet, oid);
  append(content, der::item(value_octet, der::item(type, value)));
  return der::item(other_name_octet, content);
}

}  // namespace

Result<Names> names_in(const crypto::Certificate& certificate) {
  Names names;
  const auto extension = certificate.extension(extension_oid);
  if (!extension) return names;
  const auto items = der::read_inside(extension->value);
  if (!items) return fail(Code::corrupt, "the certificate's alternative names can't be read");
  for (const der::Item& item : *items) {
    const std::string_view text = as_text(item.content);
    if (item.is_context(other_name)) {
      TRY(read_other_name(item.content, names));
    } else if (item.is_context(rfc822_name)) {
      if (!is_printable_ascii(text))
        return fail(Code::corrupt, "the certificate's e-mail address is not text");
      names.emails.emplace_back(text);
    } else if (item.is_context(uri) && lower(text).starts_with(uuid_urn) &&
               is_uuid(text.substr(uuid_urn.size()))) {
      names.card_uuids.push_back(lower(text.substr(uuid_urn.size())));
    }
  }
  return names;
}

Result<Bytes> subject_alternative_name(const Names& names) {
  Bytes content;
  for (const std::string& principal : names.principals)
    append(content, other_name_item(principal_oid, utf8_octet, as_bytes(principal)));
  for (const std::string& fasc_n : names.fasc_ns) {
    const auto octets = TRY(formats::hex_decode(fasc_n));
    append(content, other_name_item(fasc_n_oid, octet_string_octet, octets.expose()));
  }
  for (const std::string& email : names.emails) {
    if (!is_printable_ascii(email))
      return fail(Code::invalid, "a certificate holds e-mail addresses in ASCII only");
    append(content, der::item(rfc822_octet, as_bytes(email)));
  }
  for (const std::string& uuid : names.card_uuids) {
    if (!is_uuid(uuid)) return fail(Code::invalid, "this is not a UUID (RFC 9562)");
    append(content, der::item(uri_octet, as_bytes(std::string(uuid_urn) + lower(uuid))));
  }
  return der::item(sequence_octet, content);
}

}  // namespace countersign::certificates
