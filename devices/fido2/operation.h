// SPDX-License-Identifier: Apache-2.0
// One request at work: the token, the person, and the time there is.
#pragma once

#include <expected>
#include <functional>
#include <optional>

#include "devices/fido2/facts.h"
#include "devices/fido2/link.h"
#include "devices/protocol/token.h"

namespace countersign::devices::fido2 {

// How the token is to verify its user in one attempt: by none of these, by a PIN, or by what is
// built in.
struct Verification {
  const char* pin = nullptr;
  bool built_in = false;
};

using Outcome = std::expected<void, reader::Failed>;

class Operation {
 public:
  // While it lives, the link's deadline is this one, and the person is told once when the token
  // wants a touch.
  Operation(Link& link, fido_dev* dev, Facts& facts, Interaction& interaction,
            const Deadline& deadline);
  ~Operation();
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  [[nodiscard]] fido_dev* dev() const { return dev_; }
  [[nodiscard]] Facts& facts() { return facts_; }
  [[nodiscard]] Interaction& interaction() { return interaction_; }
  [[nodiscard]] const Link& link() const { return link_; }
  [[nodiscard]] const Deadline& deadline() const { return deadline_; }

  // Makes attempts (a libfido2 call: FIDO_OK or FIDO_ERR_*) until one succeeds, asking the person
  // for what the token wants: what is built in comes first, then the PIN. needed: the token will
  // not do it without, whatever is wanted. Each PIN that goes to the token was typed for that one
  // try, and the prompt said how many are left.
  [[nodiscard]] Outcome verified(reader::UserVerification wanted, bool needed,
                                 const std::function<int(const Verification&)>& attempt);

  // A PIN that keeps the rules, from the person.
  [[nodiscard]] std::expected<Secret, reader::Failed> ask_pin(reader::Prompt prompt);
  // How many tries the PIN has. Failed: none, or the token says nothing.
  [[nodiscard]] std::expected<std::int64_t, reader::Failed> pin_tries();

  [[nodiscard]] reader::Failed failed_with(int fido_error) const;
  [[nodiscard]] reader::Failed out_of_time() const;

 private:
  enum class Method { none, built_in, pin };
  [[nodiscard]] std::expected<Method, reader::Failed> first_method(reader::UserVerification wanted,
                                                                   bool needed) const;
  [[nodiscard]] std::expected<Method, reader::Failed> method_without_built_in(int error) const;
  [[nodiscard]] Outcome by_built_in(const std::function<int(const Verification&)>& attempt);
  [[nodiscard]] Outcome by_pin(const std::function<int(const Verification&)>& attempt);
  void tell_touch(Byte command);

  Link& link_;
  fido_dev* dev_;
  Facts& facts_;
  Interaction& interaction_;
  Deadline deadline_;
  bool touch_told_ = false;
  bool verify_told_ = false;
};

}  // namespace countersign::devices::fido2
