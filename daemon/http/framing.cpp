// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/framing.h"

#include <boost/beast/core/string.hpp>

#include <algorithm>

namespace countersign::http {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Result<void> admit_framing(const boost::beast::http::request_header<>& head) {
  using boost::beast::http::field;
  const std::size_t codings = head.count(field::transfer_encoding);
  const std::size_t lengths = head.count(field::content_length);
  if (codings == 0) {
    // "2, 2" is more than one, too.
    if (lengths <= 1 && std::ranges::all_of(head[field::content_length], is_digit)) return {};
    return fail(Code::invalid, "the request has more than one Content-Length; send one");
  }
  if (lengths != 0)
    return fail(Code::invalid,
                "the request has a Transfer-Encoding and a Content-Length; send one of them");
  if (codings > 1 || head.version() != 11 ||
      !boost::beast::iequals(head[field::transfer_encoding], "chunked"))
    return fail(Code::invalid,
                "the request has a Transfer-Encoding other than 'chunked'; send a Content-Length");
  return {};
}

}  // namespace countersign::http
