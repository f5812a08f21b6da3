// SPDX-License-Identifier: Apache-2.0
// The form of messages.h on the socket (SOCK_STREAM): frames (core/framing).
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/framing/frame.h"
#include "devices/protocol/messages.h"

namespace countersign::reader {

using framing::Frame;
using framing::FrameReader;
using framing::to_frame;  // of a secret

// A whole frame, ready to be written. Texts that are not UTF-8 or over the limit are the caller's
// mistake: the other end refuses the frame.
[[nodiscard]] Bytes to_frame(const Request& request);
[[nodiscard]] Bytes to_frame(const Reply& reply);

// A message frame's payload. corrupt: close the connection.
[[nodiscard]] Result<Request> decode_request(BytesView payload);
[[nodiscard]] Result<Reply> decode_reply(BytesView payload);

}  // namespace countersign::reader
