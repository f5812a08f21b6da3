// SPDX-License-Identifier: Apache-2.0
// The PIV card application (SP 800-73-4 Part 2) with YubiKey's extensions.
#pragma once

#include <optional>

#include "devices/virtual/card/base/applet.h"
#include "devices/virtual/card/base/tlv.h"
#include "devices/virtual/card/piv/state.h"

namespace countersign::virtual_card::piv {

struct Rules {
  bool yubikey =
      true;  // its instructions, policies and key types; else what the standard has alone
  bool contactless = false;  // held to a reader: only what SP 800-73-4 Part 1 table 2 allows there
                             // without a virtual contact interface
};

// One thread. state outlives it.
class PivApplet final : public Applet {
 public:
  PivApplet(State& state, std::uint32_t serial, Rules rules)
      : state_(state), serial_(serial), rules_(rules) {}

  [[nodiscard]] BytesView aid() const override;
  [[nodiscard]] Response select() override;
  void deselect() override { session_ = Session{}; }
  [[nodiscard]] bool wants_touch(const Command& command, Moment now) const override;
  void touched(Moment now) override { session_.touched_at = now; }
  [[nodiscard]] Response handle(const Command& command, Moment now) override;

 private:
  // What ends with the power, a reset or another application.
  struct Session {
    bool pin = false;        // verified
    bool pin_fresh = false;  // and no key was used since (policy "always")
    bool management = false;
    Secret witness;    // sent enciphered, and expected back
    Secret challenge;  // sent plain, and expected enciphered
    std::optional<Moment> touched_at;
  };

  [[nodiscard]] Response standard(const Command& command);
  [[nodiscard]] Response yubico(const Command& command);

  // verification.cpp
  [[nodiscard]] Response verify(const Command& command);
  [[nodiscard]] Response change_reference_data(const Command& command);
  [[nodiscard]] Response reset_retry_counter(const Command& command);
  [[nodiscard]] Response set_retries(const Command& command);
  [[nodiscard]] bool well_formed(BytesView value, bool puk) const;
  void forget_pin() { session_.pin = session_.pin_fresh = false; }

  // data_objects.cpp
  [[nodiscard]] Response get_data(const Command& command) const;
  [[nodiscard]] Response put_data(const Command& command);

  // authenticate.cpp
  [[nodiscard]] Response general_authenticate(const Command& command);
  [[nodiscard]] Response authenticate_management(Byte algorithm,
                                                 const std::vector<tlv::Item>& items);
  [[nodiscard]] Response use_key(Byte algorithm, Byte number, const std::vector<tlv::Item>& items);
  [[nodiscard]] bool may_use(Byte number, const SlotKey& slot) const;

  // generate.cpp
  [[nodiscard]] Response generate(const Command& command);
  [[nodiscard]] Response import(const Command& command);
  [[nodiscard]] Response move(const Command& command);
  [[nodiscard]] bool read_policies(const std::vector<tlv::Item>& items, Byte number,
                                   SlotKey& slot) const;

  // yubico.cpp
  [[nodiscard]] Response metadata(const Command& command) const;
  [[nodiscard]] Response attest(const Command& command) const;
  [[nodiscard]] Response set_management_key(const Command& command);
  [[nodiscard]] Response reset_all();

  State& state_;
  std::uint32_t serial_;
  Rules rules_;
  Session session_;
};

// Of a key as GENERATE answers (SP 800-73-4 Part 2 table 11), without the outer tag.
[[nodiscard]] Bytes public_key_items(const CardKey& key);

}  // namespace countersign::virtual_card::piv
