// SPDX-License-Identifier: Apache-2.0
// What a reader's child and the daemon read from each other: frames, requests, replies.
#include <algorithm>

#include "devices/protocol/codec.h"

using namespace countersign;
using namespace countersign::reader;

namespace {

void require(bool held) {
  if (!held) __builtin_trap();
}

// What is taken is written and read back as the same.
template <class Message>
void check(const Result<Message>& message, auto decode) {
  if (!message) return;
  const Bytes frame = to_frame(*message);
  const auto again = decode(BytesView(frame).subspan(5));
  require(again.has_value() && to_frame(*again) == frame);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check(decode_request({data, size}), decode_request);
  check(decode_reply({data, size}), decode_reply);
  FrameReader reader;
  for (std::size_t at = 0; at < size;) {
    const auto room = reader.room();
    require(!room.empty());
    const std::size_t octets = std::min({room.size(), size - at, std::size_t{1} + data[at]});
    std::copy_n(data + at, octets, room.begin());
    at += octets;
    const auto frame = reader.got(octets);
    if (!frame) break;
    if (!*frame) continue;
    if (const auto* payload = std::get_if<Bytes>(&**frame))
      check(decode_request(*payload), decode_request);
  }
  return 0;
}
