// SPDX-License-Identifier: Apache-2.0
#include "devices/smartcard/piv/objects.h"

#include <zlib.h>

#include <algorithm>

#include "core/encoding/ber_tlv.h"

namespace countersign::devices::smartcard::piv {
namespace {

namespace tlv = formats::tlv;

constexpr std::uint32_t content_tag = 0x53;
constexpr Byte packed = 0x01;

// RFC 1952; the window's 16 asks for gzip.
Result<Bytes> unpack(BytesView from) {
  z_stream stream{};
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
    return fail(Code::internal, "zlib can't begin");
  Bytes to(longest_certificate);
  stream.next_in = const_cast<Byte*>(from.data());  // zlib reads it only
  stream.avail_in = static_cast<uInt>(from.size());
  stream.next_out = to.data();
  stream.avail_out = static_cast<uInt>(to.size());
  const int result = inflate(&stream, Z_FINISH);
  to.resize(to.size() - stream.avail_out);
  inflateEnd(&stream);
  if (result != Z_STREAM_END)
    return fail(Code::corrupt, "the certificate is packed badly, or too long");
  return to;
}

}  // namespace

Bytes name_of_object(std::uint32_t tag) {
  Bytes name;
  for (const unsigned shift : {16U, 8U, 0U})
    if (tag >> shift != 0) name.push_back(static_cast<Byte>(tag >> shift));
  return name;
}

const Slot* slot_named(std::string_view name) {
  const auto found = std::ranges::find(slots, name, &Slot::name);
  return found != slots.end() ? &*found : nullptr;
}

Result<Chuid> parse_chuid(BytesView object) {
  const auto content = tlv::find(object, content_tag);
  if (!content) return fail(Code::corrupt, "the CHUID is not a data object");
  const auto items = TRY(tlv::read(*content));
  Chuid chuid;
  for (const tlv::Item& each : items) {
    if (each.tag == 0x30 && each.content.size() == 25)
      chuid.fasc_n.assign(each.content.begin(), each.content.end());
    if (each.tag == 0x34 && each.content.size() == 16)
      chuid.guid.assign(each.content.begin(), each.content.end());
  }
  return chuid;
}

Result<Bytes> parse_certificate(BytesView object) {
  const auto content = tlv::find(object, content_tag);
  if (!content) return fail(Code::corrupt, "the certificate object has no certificate in it");
  if (content->empty()) return fail(Code::not_found, "the certificate object is empty");
  const auto certificate = tlv::find(*content, 0x70);
  if (!certificate || certificate->empty())
    return fail(Code::corrupt, "the certificate object has no certificate");
  const auto info = tlv::find(*content, 0x71);
  if (info && !info->empty() && ((*info)[0] & packed) != 0) return unpack(*certificate);
  if (certificate->size() > longest_certificate)
    return fail(Code::corrupt, "the certificate is too long");
  return Bytes(certificate->begin(), certificate->end());
}

bool prefers_global_pin(BytesView discovery) {
  constexpr Byte has_global = 0x20, global_first = 0x20;
  const auto policy = tlv::find(discovery, {discovery_object, 0x5F2F});
  return policy && policy->size() == 2 && ((*policy)[0] & has_global) != 0 &&
         (*policy)[1] == global_first;
}

}  // namespace countersign::devices::smartcard::piv
