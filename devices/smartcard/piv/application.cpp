// SPDX-License-Identifier: Apache-2.0
#include "devices/smartcard/base/application.h"
#include "devices/smartcard/piv/applet.h"
#include "devices/smartcard/piv/management.h"

namespace countersign::devices::smartcard::piv {
namespace {

using reader::CardKey;

constexpr Byte puk_reference = 0x81;
constexpr int most_tries = 300;  // that a counter of one octet can have, and some

CardKey key_in(const Slot& slot, const Result<Bytes>& object) {
  CardKey key{.applet = Capability::piv, .slot = std::string(slot.name)};
  const Result<Bytes> certificate = object ? parse_certificate(*object) : object;
  if (!certificate) {
    key.trouble = certificate.error().what;
    return key;
  }
  const Result<Bytes> info = key_info_of(*certificate);
  if (!info) {
    key.trouble = info.error().what;
    return key;
  }
  key.certificate = *certificate;
  key.public_key = *info;
  if (const auto type = type_of(*info))
    key.algorithm = name_of(*type);
  else
    key.trouble = "its kind of key is not supported";
  return key;
}

class PivApplication final : public Application {
 public:
  explicit PivApplication(Apdus& apdus) : applet_(apdus), management_(apdus) {}

  std::expected<std::optional<CardApplet>, Loss> open() override {
    const auto there = TRY(applet_.select());
    if (!there) return std::nullopt;
    CardApplet about{.kind = Capability::piv};
    const auto version = TRY(applet_.version());
    about.version = version.value_or("");
    if (version) {
      const auto serial = TRY(applet_.serial());
      about.serial = serial.value_or("");
    }
    const auto chuid = TRY(applet_.object(chuid_object));
    if (chuid)
      if (auto parsed = parse_chuid(*chuid)) about.id = std::move(parsed->guid);
    const auto reference = TRY(applet_.pin_reference());
    pin_ = reference;
    const auto left = TRY(tries());
    about.pin_retries = left;
    if (version) {  // an empty VERIFY of the PUK is in no standard; the metadata tells
      const auto puk = TRY(applet_.metadata(puk_reference));
      if (puk) about.puk_retries = puk->tries;
    }
    return about;
  }

  std::expected<std::vector<CardKey>, Loss> keys() override {
    std::vector<CardKey> found;
    for (const Slot& slot : slots) {
      const auto object = TRY(applet_.object(slot.certificate));
      if (!object && object.error().code == Code::not_found) continue;
      CardKey key = key_in(slot, object);
      if (key.trouble != "the certificate object is empty") found.push_back(std::move(key));
    }
    return found;
  }

  bool wants_pin(const CardKey& key) const override {
    const Slot* slot = slot_named(key.slot);
    return slot == nullptr || !slot->pin_never;
  }

  std::expected<bool, Loss> wants_touch(const CardKey& key) override {
    const auto about = TRY(applet_.metadata(slot_named(key.slot)->reference));
    return about && about->touch_policy >= 2;
  }

  std::expected<std::optional<int>, Loss> tries() override { return applet_.tries(pin_); }
  std::optional<Secret> on_the_wire(const Secret& pin) const override {
    return padded_pin(pin.expose());
  }
  std::int64_t shortest_pin() const override { return piv::shortest_pin; }
  std::expected<Status, Loss> verify(const Secret& pin) override {
    return applet_.verify(pin_, pin);
  }

  std::expected<Response, Loss> sign(const CardKey& key, BytesView message) override {
    const auto type = type_of(key.public_key);
    const Slot* slot = slot_named(key.slot);
    if (!type || slot == nullptr) return std::unexpected(Loss::malformed);
    return applet_.sign(slot->reference, *type, to_sign_padded(*type, message));
  }

  bool forget() override {
    const auto done = applet_.forget_verification(pin_);
    return done && done->ok();
  }

  std::expected<Status, Loss> change_pin(const Secret& current, const Secret& fresh) override {
    return applet_.change(pin_, current, fresh);
  }
  std::expected<Status, Loss> unblock_pin(const Secret& puk, const Secret& fresh) override {
    return applet_.unblock(pin_, puk, fresh);
  }
  std::expected<std::optional<Status>, Loss> change_puk(const Secret& current,
                                                        const Secret& fresh) override {
    return applet_.change(puk_reference, current, fresh);
  }

  Management* management() override { return &management_; }

  // Yubico's reset is taken only when both are blocked, so their tries are spent on what can't be a
  // PIN.
  std::expected<Status, Loss> reset() override {
    const Secret none(8);  // eight zeros: no PIN that a person can type
    for (int i = 0; i < most_tries; ++i) {
      const auto status = applet_.verify(pin_, none);
      if (!status) return status;
      if (status->tries_left().value_or(0) == 0) break;
    }
    for (int i = 0; i < most_tries; ++i) {
      const auto status = applet_.unblock(pin_, none, none);
      if (!status) return status;
      if (status->tries_left().value_or(0) == 0) break;
    }
    return applet_.reset();
  }

 private:
  Applet applet_;
  Management management_;
  Byte pin_ = 0x80;
};

}  // namespace

std::unique_ptr<Application> make_application(Apdus& apdus) {
  return std::make_unique<PivApplication>(apdus);
}

}  // namespace countersign::devices::smartcard::piv
