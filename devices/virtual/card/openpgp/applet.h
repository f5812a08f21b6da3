// SPDX-License-Identifier: Apache-2.0
// The OpenPGP application (OpenPGP smart card application 3.4). Left out: importing keys, key
// derivation of PINs, secure messaging.
#pragma once

#include <optional>

#include "devices/virtual/card/base/applet.h"
#include "devices/virtual/card/base/tlv.h"
#include "devices/virtual/card/openpgp/state.h"

namespace countersign::virtual_card::openpgp {

// One thread. state outlives it.
class OpenPgpApplet final : public Applet {
 public:
  OpenPgpApplet(State& state, std::uint32_t serial);

  [[nodiscard]] BytesView aid() const override { return aid_; }
  [[nodiscard]] Response select() override;
  void deselect() override { session_ = Session{}; }
  [[nodiscard]] bool wants_touch(const Command& command, Moment now) const override;
  [[nodiscard]] Response handle(const Command& command, Moment now) override;

 private:
  struct Session {
    bool signing = false;  // PW1 as 81
    bool others = false;   // PW1 as 82
    bool admin = false;    // PW3
  };

  [[nodiscard]] Slot& slot(Role role) { return state_.slots[static_cast<std::size_t>(role)]; }
  [[nodiscard]] const Slot& slot(Role role) const {
    return state_.slots[static_cast<std::size_t>(role)];
  }

  // verification.cpp
  [[nodiscard]] Response verify(const Command& command);
  [[nodiscard]] Response change_reference_data(const Command& command);
  [[nodiscard]] Response reset_retry_counter(const Command& command);
  [[nodiscard]] Response terminate();
  [[nodiscard]] Response activate();

  // data_objects.cpp
  [[nodiscard]] Response get_data(const Command& command) const;
  [[nodiscard]] Response put_data(const Command& command);
  [[nodiscard]] std::optional<Bytes> computed(unsigned tag) const;
  [[nodiscard]] Bytes pin_status() const;
  [[nodiscard]] Bytes historical() const;
  [[nodiscard]] Bytes discretionary() const;
  [[nodiscard]] Bytes key_information() const;
  [[nodiscard]] bool put_of_key(unsigned tag, BytesView content, bool& known);

  // keys.cpp
  [[nodiscard]] Response key_pair(const Command& command);
  [[nodiscard]] Response security_operation(const Command& command);
  [[nodiscard]] Response internal_authenticate(const Command& command);

  State& state_;
  Bytes aid_;
  Session session_;
};

}  // namespace countersign::virtual_card::openpgp
