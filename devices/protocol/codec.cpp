// SPDX-License-Identifier: Apache-2.0
#include "devices/protocol/codec.h"

#include <string_view>

#include "core/framing/fields.h"

namespace countersign::reader {
namespace {

// The messages' names, in the order of the variants.
constexpr auto request_names = std::to_array<std::string_view>(
    {"watch", "open", "fido2-holds", "select", "fido2-make", "fido2-get", "fido2-manage",
     "fido2-list", "card-holds", "card-list", "card-sign", "card-manage", "slot-holds",
     "slot-respond", "slot-write", "card-generate", "card-attest", "card-install", "cancel"});
constexpr auto reply_names = std::to_array<std::string_view>(
    {"present", "opened", "prompt", "held", "fido2-made", "fido2-got", "fido2-listed",
     "card-listed", "card-signed", "slot-responded", "slot-written", "card-generated",
     "card-attested", "card-installed", "done", "failed"});
static_assert(request_names.size() == std::variant_size_v<Request> &&
              reply_names.size() == std::variant_size_v<Reply>);

}  // namespace

Bytes to_frame(const Request& request) { return framing::to_frame(request, request_names); }
Bytes to_frame(const Reply& reply) { return framing::to_frame(reply, reply_names); }

Result<Request> decode_request(BytesView payload) {
  return framing::decode<Request>(payload, request_names);
}
Result<Reply> decode_reply(BytesView payload) {
  return framing::decode<Reply>(payload, reply_names);
}

}  // namespace countersign::reader
