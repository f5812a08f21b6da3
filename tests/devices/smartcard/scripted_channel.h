// SPDX-License-Identifier: Apache-2.0
// A card that answers by a function, for what no card does on demand.
#pragma once

#include <functional>
#include <vector>

#include "devices/smartcard/base/channel.h"

namespace countersign::test {

class ScriptedChannel final : public devices::smartcard::Channel {
 public:
  using Answer = std::expected<Bytes, devices::smartcard::Loss>;
  explicit ScriptedChannel(std::function<Answer(BytesView)> card) : card_(std::move(card)) {}

  std::expected<bool, devices::smartcard::Loss> begin(const Deadline&) override { return true; }
  void end(bool forget) override { forgotten += forget ? 1 : 0; }
  std::expected<Bytes, devices::smartcard::Loss> transmit(BytesView command,
                                                          const Deadline&) override {
    commands.emplace_back(command.begin(), command.end());
    return card_(command);
  }
  void cancel() override {}
  void clear_cancel() override {}
  Bytes answer_to_reset() const override { return {0x3B, 0x00}; }

  std::vector<Bytes> commands;
  int forgotten = 0;

 private:
  std::function<Answer(BytesView)> card_;
};

}  // namespace countersign::test
