// SPDX-License-Identifier: Apache-2.0
// One application of a card as signing in and managing see it, whatever its protocol. It lives for
// one turn (channel.h).
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/secret.h"
#include "devices/smartcard/base/apdu.h"

namespace countersign::devices::smartcard {

namespace piv {
class Management;
}

class Application {
 public:
  virtual ~Application() = default;

  // Selects it, and reads who it is and how many tries its PINs have; no try is spent. Nothing: the
  // card has no such application.
  [[nodiscard]] virtual std::expected<std::optional<CardApplet>, Loss> open() = 0;

  // The keys that can sign, in the order in which they are offered; those with trouble too.
  [[nodiscard]] virtual std::expected<std::vector<reader::CardKey>, Loss> keys() = 0;
  [[nodiscard]] virtual bool wants_pin(const reader::CardKey& key) const = 0;
  [[nodiscard]] virtual std::expected<bool, Loss> wants_touch(const reader::CardKey& key) = 0;

  [[nodiscard]] virtual std::expected<std::optional<int>, Loss>
  tries() = 0;  // of the user's PIN; nothing: not told
  // As it goes over the wire; nothing: no card takes it, none is asked (T17).
  [[nodiscard]] virtual std::optional<Secret> on_the_wire(const Secret& pin) const = 0;
  [[nodiscard]] virtual std::int64_t shortest_pin() const = 0;

  [[nodiscard]] virtual std::expected<Status, Loss> verify(const Secret& pin) = 0;
  // The status, and as data the signature over the message in the form that reader::CardSigned has.
  [[nodiscard]] virtual std::expected<Response, Loss> sign(const reader::CardKey& key,
                                                           BytesView message) = 0;
  // Takes back what verify() granted. False: the card can't; then it has to be reset.
  [[nodiscard]] virtual bool forget() = 0;

  [[nodiscard]] virtual std::expected<Status, Loss> change_pin(const Secret& current,
                                                               const Secret& fresh) = 0;
  [[nodiscard]] virtual std::expected<Status, Loss> unblock_pin(const Secret& puk,
                                                                const Secret& fresh) = 0;
  [[nodiscard]] virtual std::expected<std::optional<Status>, Loss> change_puk(
      const Secret& current, const Secret& fresh) = 0;  // nothing: it has none
  [[nodiscard]] virtual piv::Management* management() {
    return nullptr;
  }  // PIV's issuer; lives as long as this
  [[nodiscard]] virtual std::expected<Status, Loss>
  reset() = 0;  // erases it; its PINs are used up for that, where the card wants it so
};

[[nodiscard]] std::unique_ptr<Application> make_application(Capability kind, Apdus& apdus);
namespace piv {
[[nodiscard]] std::unique_ptr<Application> make_application(Apdus& apdus);
}
namespace openpgp {
[[nodiscard]] std::unique_ptr<Application> make_application(Apdus& apdus);
}

}  // namespace countersign::devices::smartcard
