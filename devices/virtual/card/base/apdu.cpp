// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/base/apdu.h"

namespace countersign::virtual_card {
namespace {

constexpr std::size_t header = 4;

std::size_t length_of(BytesView octets) {
  return static_cast<std::size_t>(octets[0]) << 8U | octets[1];
}

Bytes copy(BytesView octets) { return {octets.begin(), octets.end()}; }

// After the header and a first length octet of zero: extended lengths.
bool parse_extended(BytesView rest, Command& command) {
  const std::size_t first = length_of(rest.first(2));
  if (rest.size() == 2) {  // case 2E: Le alone
    command.expected = first == 0 ? 65'536 : first;
    return true;
  }
  rest = rest.subspan(2);
  if (first == 0 || rest.size() < first) return false;
  command.data = copy(rest.first(first));
  rest = rest.subspan(first);
  if (rest.size() != 0 && rest.size() != 2) return false;
  if (rest.size() == 2) command.expected = length_of(rest) == 0 ? 65'536 : length_of(rest);
  return true;
}

bool parse_short(BytesView rest, Command& command) {
  const auto le = [](Byte octet) { return octet == 0 ? std::size_t{256} : std::size_t{octet}; };
  if (rest.size() == 1) {  // case 2S
    command.expected = le(rest[0]);
    return true;
  }
  const std::size_t lc = rest[0];
  rest = rest.subspan(1);
  if (lc == 0 || rest.size() < lc || rest.size() > lc + 1) return false;
  command.data = copy(rest.first(lc));
  if (rest.size() == lc + 1) command.expected = le(rest[lc]);
  return true;
}

}  // namespace

Result<Command> parse_command(BytesView apdu) {
  const auto wrong = [] {
    return fail(Code::corrupt, "the command's lengths do not fit its size");
  };
  if (apdu.size() < header) return wrong();
  Command command{.cla = apdu[0], .ins = apdu[1], .p1 = apdu[2], .p2 = apdu[3]};
  const BytesView rest = apdu.subspan(header);
  if (rest.empty()) return command;
  const bool extended = rest.size() >= 3 && rest[0] == 0;
  if (!(extended ? parse_extended(rest.subspan(1), command) : parse_short(rest, command)))
    return wrong();
  return command;
}

Bytes encode(BytesView data, StatusWord status) {
  Bytes out(data.begin(), data.end());
  const auto word = static_cast<unsigned>(status);
  out.push_back(static_cast<Byte>(word >> 8U));
  out.push_back(static_cast<Byte>(word & 0xffU));
  return out;
}

}  // namespace countersign::virtual_card
