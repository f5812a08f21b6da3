// SPDX-License-Identifier: Apache-2.0
#include "devices/smartcard/piv/applet.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/encoding/ber_tlv.h"
#include "devices/smartcard/piv/management.h"

namespace countersign::devices::smartcard::piv {
namespace {

namespace tlv = formats::tlv;

constexpr std::size_t pin_size = 8;
constexpr Byte global_reference = 0x00, application_reference = 0x80;

}  // namespace

std::optional<Secret> padded_pin(BytesView pin) {
  const bool taken =
      std::cmp_greater_equal(pin.size(), shortest_pin) && pin.size() <= pin_size &&
      std::ranges::all_of(pin, [](Byte octet) { return octet >= 0x20 && octet < 0x7F; });
  if (!taken) return std::nullopt;
  Secret padded(pin_size);
  std::ranges::fill(padded.expose_mutable(), Byte{0xFF});
  std::ranges::copy(pin, padded.expose_mutable().begin());
  return padded;
}

std::expected<bool, Loss> Applet::select() {
  const auto selected = TRY(apdus_.select(application));
  return selected.status.ok();
}

std::expected<std::optional<std::string>, Loss> Applet::version() {
  const auto told = TRY(apdus_.send({.ins = 0xFD}));
  if (!told.status.ok() || told.data.size() != 3) return std::nullopt;
  return fmt::format("{}.{}.{}", told.data[0], told.data[1], told.data[2]);
}

std::expected<std::optional<std::string>, Loss> Applet::serial() {
  const auto told = TRY(apdus_.send({.ins = 0xF8}));
  if (!told.status.ok() || told.data.size() != 4) return std::nullopt;
  std::uint32_t number = 0;
  for (const Byte octet : told.data) number = number << 8U | octet;
  return std::to_string(number);
}

std::expected<std::optional<Metadata>, Loss> Applet::metadata(Byte reference) {
  const auto told = TRY(apdus_.send({.ins = 0xF7, .p2 = reference}));
  if (!told.status.ok()) return std::nullopt;
  Metadata found;
  if (const auto policy = tlv::find(told.data, 0x02); policy && policy->size() == 2) {
    found.pin_policy = (*policy)[0];
    found.touch_policy = (*policy)[1];
  }
  if (const auto tries = tlv::find(told.data, 0x06); tries && tries->size() == 2)
    found.tries = (*tries)[1];
  return found;
}

std::expected<Result<Bytes>, Loss> Applet::object(std::uint32_t tag) {
  const Bytes asked = tlv::make(0x5C, name_of_object(tag));
  auto told = TRY(apdus_.send({.ins = 0xCB, .p1 = 0x3F, .p2 = 0xFF, .data = asked}));
  if (told.status.is_not_found()) return Result<Bytes>(fail(Code::not_found, "no such object"));
  if (!told.status.ok()) return Result<Bytes>(fail(Code::unavailable, words_of(told.status)));
  return Result<Bytes>(std::move(told.data));
}

std::expected<Byte, Loss> Applet::pin_reference() {
  const auto discovery = TRY(object(discovery_object));
  return discovery && prefers_global_pin(*discovery) ? global_reference : application_reference;
}

std::expected<std::optional<int>, Loss> Applet::tries(Byte reference) {
  const auto told = TRY(apdus_.send({.ins = 0x20, .p2 = reference, .answers = false}));
  if (const auto left = told.status.tries_left()) return left;
  if (!told.status.ok()) return std::nullopt;
  const auto known = TRY(metadata(reference));
  return known ? known->tries : std::nullopt;
}

std::expected<Status, Loss> Applet::verify(Byte reference, const Secret& padded) {
  return apdus_.send_secret({.ins = 0x20, .p2 = reference}, padded);
}

std::expected<Status, Loss> Applet::forget_verification(Byte reference) {
  const auto told = TRY(apdus_.send({.ins = 0x20, .p1 = 0xFF, .p2 = reference, .answers = false}));
  return told.status;
}

std::expected<Status, Loss> Applet::send_two(const Command& head, const Secret& first,
                                             const Secret& second) {
  Secret both(first.size() + second.size());
  std::ranges::copy(first.expose(), both.expose_mutable().begin());
  std::ranges::copy(second.expose(),
                    both.expose_mutable().begin() + static_cast<std::ptrdiff_t>(first.size()));
  return apdus_.send_secret(head, both);
}

std::expected<Status, Loss> Applet::change(Byte reference, const Secret& current,
                                           const Secret& fresh) {
  return send_two({.ins = 0x24, .p2 = reference}, current, fresh);
}

std::expected<Status, Loss> Applet::unblock(Byte reference, const Secret& puk,
                                            const Secret& fresh) {
  return send_two({.ins = 0x2C, .p2 = reference}, puk, fresh);
}

std::expected<Status, Loss> Applet::reset() {
  const auto told = TRY(apdus_.send({.ins = 0xFB, .answers = false}));
  return told.status;
}

std::expected<Response, Loss> Applet::sign(Byte reference, KeyType type, BytesView input) {
  Bytes wanted = tlv::make(0x82, {});
  tlv::append(wanted, 0x81, input);
  const Bytes data = tlv::make(0x7C, wanted);
  auto told = apdus_.send({.ins = 0x87, .p1 = algorithm_of(type), .p2 = reference, .data = data});
  if (!told || !told->status.ok()) return told;
  const auto signature = tlv::find(told->data, {0x7C, 0x82});
  Bytes found = signature ? Bytes(signature->begin(), signature->end()) : Bytes();
  told->data = std::move(found);
  return told;
}

}  // namespace countersign::devices::smartcard::piv
