// SPDX-License-Identifier: Apache-2.0
#include "devices/smartcard/base/apdu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace countersign::devices::smartcard {
namespace {

constexpr std::size_t longest_piece = 255;
constexpr Byte chained = 0x10;

std::string_view meaning(std::uint16_t words) {
  struct Entry {
    std::uint16_t words;
    std::string_view text;
  };
  static constexpr auto entries =
      std::to_array<Entry>({{0x6581, "memory failure"},
                            {0x6700, "wrong length"},
                            {0x6881, "logical channel not supported"},
                            {0x6882, "secure messaging not supported"},
                            {0x6883, "last command of a chain expected"},
                            {0x6884, "command chaining not supported"},
                            {0x6982, "security status not satisfied"},
                            {0x6983, "blocked"},
                            {0x6985, "conditions of use not satisfied"},
                            {0x6A80, "wrong data"},
                            {0x6A81, "function not supported"},
                            {0x6A82, "not found"},
                            {0x6A84, "no space left"},
                            {0x6A86, "wrong P1 P2"},
                            {0x6A88, "referenced data not found"},
                            {0x6B00, "wrong P1 P2"},
                            {0x6D00, "unknown instruction"},
                            {0x6E00, "unknown class"}});
  const auto found = std::ranges::find(entries, words, &Entry::words);
  return found != entries.end() ? found->text : std::string_view("unexpected status");
}

}  // namespace

std::optional<int> Status::tries_left() const {
  if (is_blocked()) return 0;
  if ((words & 0xFFF0U) == 0x63C0U) return static_cast<int>(words & 0x0FU);
  return std::nullopt;
}

std::string words_of(Status status) {
  return fmt::format("{:04X} {}", status.words,
                     status.tries_left() ? "wrong" : meaning(status.words));
}

std::expected<Response, Loss> Apdus::exchange(BytesView octets) {
  if (deadline_.passed()) return std::unexpected(Loss::timed_out);
  auto answer = TRY(channel_.transmit(octets, deadline_));
  if (answer.size() < 2) return std::unexpected(Loss::malformed);
  const std::size_t data = answer.size() - 2;
  Response response{
      .status = {static_cast<std::uint16_t>((answer)[data] << 8U | (answer)[data + 1])},
      .data = std::move(answer)};
  response.data.resize(data);
  return response;
}

// 61XX: more is there (ISO 7816-4 §5.3.4). 6CXX is answered by asking again with that length.
std::expected<Response, Loss> Apdus::fetch_rest(Byte cla, Response first) {
  for (int piece = 0; (first.status.words >> 8U) == 0x61; ++piece) {
    if (piece == most_pieces || first.data.size() > longest_answer)
      return std::unexpected(Loss::malformed);
    const std::array<Byte, 5> more = {static_cast<Byte>(cla & ~chained), 0xC0, 0, 0,
                                      static_cast<Byte>(first.status.words & 0xFFU)};
    auto next = exchange(more);
    if (!next) return next;
    if ((next->status.words >> 8U) == 0x61 && next->data.empty())
      return std::unexpected(Loss::malformed);  // it would never end
    first.status = next->status;
    first.data.insert(first.data.end(), next->data.begin(), next->data.end());
  }
  if (first.data.size() > longest_answer) return std::unexpected(Loss::malformed);
  return first;
}

std::expected<Response, Loss> Apdus::send(const Command& command) {
  BytesView rest = command.data;
  for (;;) {
    const std::size_t size = std::min(rest.size(), longest_piece);
    const bool last = size == rest.size();
    Bytes octets = {static_cast<Byte>(last ? command.cla : command.cla | chained), command.ins,
                    command.p1, command.p2};
    if (size > 0) octets.push_back(static_cast<Byte>(size));
    octets.insert(octets.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
    if (last && command.answers) octets.push_back(0);
    auto response = exchange(octets);
    if (!response) return response;
    if (!last) {
      if (!response->status.ok()) return response;
      rest = rest.subspan(size);
      continue;
    }
    if ((response->status.words >> 8U) == 0x6C && command.answers) {
      octets.back() = static_cast<Byte>(response->status.words & 0xFFU);
      response = exchange(octets);
      if (!response) return response;
    }
    return fetch_rest(command.cla, std::move(*response));
  }
}

std::expected<Status, Loss> Apdus::send_secret(const Command& head, const Secret& data) {
  Secret octets(5 + data.size());
  const auto out = octets.expose_mutable();
  const std::array<Byte, 5> begin = {head.cla, head.ins, head.p1, head.p2,
                                     static_cast<Byte>(data.size())};
  std::ranges::copy(begin, out.begin());
  std::ranges::copy(data.expose(), out.begin() + 5);
  const auto response = TRY(exchange(octets.expose()));
  return response.status;
}

std::expected<Response, Loss> Apdus::select(BytesView application) {
  return send({.ins = 0xA4, .p1 = 0x04, .data = application});
}

}  // namespace countersign::devices::smartcard
