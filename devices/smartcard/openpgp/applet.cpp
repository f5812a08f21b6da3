// SPDX-License-Identifier: Apache-2.0
#include "devices/smartcard/openpgp/applet.h"

#include <algorithm>
#include <array>

namespace countersign::devices::smartcard::openpgp {
namespace {

constexpr Byte user_pin = 0x81, user_pin_for_others = 0x82, admin_pin = 0x83;

Secret both(const Secret& first, const Secret& second) {
  Secret joined(first.size() + second.size());
  std::ranges::copy(first.expose(), joined.expose_mutable().begin());
  std::ranges::copy(second.expose(),
                    joined.expose_mutable().begin() + static_cast<std::ptrdiff_t>(first.size()));
  return joined;
}

std::expected<Status, Loss> status_of(const std::expected<Response, Loss>& response) {
  if (!response) return std::unexpected(response.error());
  return response->status;
}

}  // namespace

std::expected<bool, Loss> Applet::select() {
  const auto selected = TRY(apdus_.select(application));
  return selected.status.ok();
}

std::expected<Result<ApplicationData>, Loss> Applet::application_data() {
  const auto told = TRY(apdus_.send({.ins = 0xCA, .p2 = 0x6E}));
  if (!told.status.ok())
    return Result<ApplicationData>(fail(Code::unavailable, words_of(told.status)));
  return parse_application_data(told.data);
}

std::expected<Result<Bytes>, Loss> Applet::authentication_key(const AuthenticationKey& key) {
  constexpr std::array<Byte, 2> authentication_template = {0xA4, 0x00};
  const auto told = TRY(apdus_.send({.ins = 0x47, .p1 = 0x81, .data = authentication_template}));
  if (told.status.is_not_found())
    return Result<Bytes>(fail(Code::not_found, "there is no authentication key"));
  if (!told.status.ok()) return Result<Bytes>(fail(Code::unavailable, words_of(told.status)));
  return parse_public_key(told.data, key);
}

std::expected<Status, Loss> Applet::verify_user(const Secret& pin) {
  return apdus_.send_secret({.ins = 0x20, .p2 = user_pin_for_others}, pin);
}

std::expected<Status, Loss> Applet::forget_user() {
  return status_of(
      apdus_.send({.ins = 0x20, .p1 = 0xFF, .p2 = user_pin_for_others, .answers = false}));
}

std::expected<Status, Loss> Applet::change_user(const Secret& current, const Secret& fresh) {
  return apdus_.send_secret({.ins = 0x24, .p2 = user_pin}, both(current, fresh));
}

std::expected<Status, Loss> Applet::unblock_user(const Secret& resetting_code,
                                                 const Secret& fresh) {
  return apdus_.send_secret({.ins = 0x2C, .p2 = user_pin}, both(resetting_code, fresh));
}

std::expected<Status, Loss> Applet::verify_admin(const Secret& pin) {
  return apdus_.send_secret({.ins = 0x20, .p2 = admin_pin}, pin);
}

std::expected<Status, Loss> Applet::terminate_and_activate() {
  const auto terminated = status_of(apdus_.send({.ins = 0xE6, .answers = false}));
  if (!terminated || !terminated->ok()) return terminated;
  return status_of(apdus_.send({.ins = 0x44, .answers = false}));
}

std::expected<Response, Loss> Applet::authenticate(BytesView input) {
  return apdus_.send({.ins = 0x88, .data = input});
}

}  // namespace countersign::devices::smartcard::openpgp
