// SPDX-License-Identifier: Apache-2.0
#include "devices/smartcard/base/application.h"

#include <algorithm>
#include <utility>

#include "core/crypto/public_key.h"
#include "devices/smartcard/openpgp/applet.h"

namespace countersign::devices::smartcard::openpgp {
namespace {

using reader::CardKey;

constexpr int most_tries = 300;

class OpenPgpApplication final : public Application {
 public:
  explicit OpenPgpApplication(Apdus& apdus) : applet_(apdus) {}

  std::expected<std::optional<CardApplet>, Loss> open() override {
    const auto there = TRY(applet_.select());
    if (!there) return std::nullopt;
    const auto read = TRY(refresh());
    if (!read) return std::unexpected(Loss::malformed);
    return CardApplet{.kind = Capability::openpgp,
                      .version = data_.version,
                      .serial = data_.serial,
                      .id = data_.application,
                      .pin_retries = data_.pins.user,
                      .puk_retries = data_.pins.resetting_code};
  }

  std::expected<std::vector<CardKey>, Loss> keys() override {
    const auto info = TRY(applet_.authentication_key(data_.authentication));
    if (!info && info.error().code == Code::not_found) return std::vector<CardKey>();
    CardKey key{.applet = Capability::openpgp, .slot = "aut"};
    if (!info)
      key.trouble = info.error().what;
    else
      key.public_key = *info;
    const auto type = type_of(key.public_key);
    if (type)
      key.algorithm = name_of(*type);
    else if (key.trouble.empty())
      key.trouble = "its kind of key is not supported";
    return std::vector{std::move(key)};
  }

  bool wants_pin(const CardKey&) const override { return true; }
  std::expected<bool, Loss> wants_touch(const CardKey&) override { return data_.touch; }

  std::expected<std::optional<int>, Loss> tries() override {
    const auto read = TRY(refresh());
    return read ? std::optional(data_.pins.user) : std::nullopt;
  }

  std::optional<Secret> on_the_wire(const Secret& pin) const override {
    const auto octets = pin.expose();
    const int longest = data_.pins.longest_user_pin > 0 ? data_.pins.longest_user_pin : 127;
    if (std::cmp_less(octets.size(), openpgp::shortest_pin) ||
        std::cmp_greater(octets.size(), longest) ||
        std::ranges::find(octets, Byte{0}) != octets.end())
      return std::nullopt;
    return pin.copy();
  }
  std::int64_t shortest_pin() const override { return openpgp::shortest_pin; }
  std::expected<Status, Loss> verify(const Secret& pin) override {
    return applet_.verify_user(pin);
  }

  std::expected<Response, Loss> sign(const CardKey& key, BytesView message) override {
    const auto type = type_of(key.public_key);
    if (!type) return std::unexpected(Loss::malformed);
    auto signed_ = applet_.authenticate(to_sign(*type, message));
    if (signed_ && (*type == KeyType::p256 || *type == KeyType::p384))
      signed_->data = crypto::ecdsa_to_der(signed_->data);
    return signed_;
  }

  bool forget() override {
    const auto done = applet_.forget_user();
    return done && done->ok();
  }

  std::expected<Status, Loss> change_pin(const Secret& current, const Secret& fresh) override {
    return applet_.change_user(current, fresh);
  }
  std::expected<Status, Loss> unblock_pin(const Secret& code, const Secret& fresh) override {
    return applet_.unblock_user(code, fresh);
  }
  std::expected<std::optional<Status>, Loss> change_puk(const Secret&, const Secret&) override {
    return std::nullopt;
  }  // the admin sets it

  // TERMINATE DF is taken when the admin's PIN is blocked (§7.2.16).
  std::expected<Status, Loss> reset() override {
    const Secret none(8);
    for (int i = 0; i < most_tries; ++i) {
      const auto status = applet_.verify_admin(none);
      if (!status) return status;
      const auto read = TRY(refresh());
      if (!read || data_.pins.admin == 0) break;
    }
    return applet_.terminate_and_activate();
  }

 private:
  std::expected<bool, Loss> refresh() {
    auto data = TRY(applet_.application_data());
    if (data) data_ = std::move(*data);
    return data.has_value();
  }

  Applet applet_;
  ApplicationData data_;
};

}  // namespace

std::unique_ptr<Application> make_application(Apdus& apdus) {
  return std::make_unique<OpenPgpApplication>(apdus);
}

}  // namespace countersign::devices::smartcard::openpgp
