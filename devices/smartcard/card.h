// SPDX-License-Identifier: Apache-2.0
// What a card in a reader is asked to do, from the first APDU to the last. Private to this folder.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "devices/protocol/token.h"
#include "devices/smartcard/base/application.h"
#include "devices/smartcard/base/public_key_info.h"

namespace countersign::devices::smartcard {

inline constexpr std::array both_applets = {Capability::piv, Capability::openpgp};

// One card, with what was read of it before. Another card in its place is noticed by its identity,
// and is removed from then on.
class Card {
 public:
  explicit Card(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}

  [[nodiscard]] Channel& channel() { return *channel_; }

  // Runs work(application, applet) in a turn of its own with the application open. work gives
  // std::expected<X, Loss>; where somebody else reset the card meanwhile (Loss::reset), everything
  // starts again: a work that has spent something has to say so in its X. Nothing: there is no such
  // application.
  template <class Work>
  [[nodiscard]] auto with(Capability kind, const Deadline& deadline, Work work) {
    using Given = std::invoke_result_t<Work, Application&, const CardApplet&>;
    using Answer = std::expected<std::optional<typename Given::value_type>, Loss>;
    constexpr int most_rounds = 4;
    for (int round = 0; round < most_rounds; ++round) {
      Turn turn(*channel_);
      if (const auto begun = turn.begin(deadline); !begun)
        return Answer(std::unexpected(begun.error()));
      Apdus apdus(*channel_, deadline);
      const auto application = make_application(kind, apdus);
      const auto applet = application->open();
      if (!applet && applet.error() == Loss::reset) continue;
      if (!applet) return Answer(std::unexpected(applet.error()));
      if (!*applet) return Answer(std::nullopt);
      if (!is_the_same(**applet)) return Answer(std::unexpected(Loss::removed));
      Given given = work(*application, **applet);
      if (reset_ || (forget_ && !application->forget())) turn.forget();
      forget_ = reset_ = false;
      if (given) return Answer(std::move(*given));
      if (given.error() != Loss::reset) return Answer(std::unexpected(given.error()));
    }
    return Answer(std::unexpected(Loss::reset));
  }
  // For a work that had the card verify its holder: nobody goes on with that after the turn (T30).
  void forget_after_turn() { forget_ = true; }
  // For a work that proved a management key: no command takes that back, only a reset of the card
  // does (T30).
  void reset_after_turn() { reset_ = true; }

  // The keys, read once in this child's life. Only inside of a turn with the application open.
  [[nodiscard]] std::expected<std::vector<reader::CardKey>, Loss> keys(Capability kind,
                                                                       Application& application);
  void forget_all() { keys_.clear(), identities_.clear(); }  // after a reset of the application

 private:
  [[nodiscard]] bool is_the_same(const CardApplet& applet);

  std::unique_ptr<Channel> channel_;
  std::map<Capability, Bytes> identities_;
  std::map<Capability, std::vector<reader::CardKey>> keys_;
  bool forget_ = false;
  bool reset_ = false;
};

[[nodiscard]] reader::Reply describe(Card& card, Device device, const Deadline& deadline);
[[nodiscard]] reader::Reply list_keys(Card& card, const Deadline& deadline);
[[nodiscard]] reader::Reply holds(Card& card, const reader::CardHolds& request,
                                  const Deadline& deadline);
[[nodiscard]] reader::Reply sign(Card& card, const reader::CardSign& request,
                                 Interaction& interaction, const Deadline& deadline);
[[nodiscard]] reader::Reply manage(Card& card, const reader::CardManage& request,
                                   Interaction& interaction, const Deadline& deadline);

[[nodiscard]] reader::Reply generate(Card& card, const reader::CardGenerate& request,
                                     Interaction& interaction, const Deadline& deadline);
[[nodiscard]] reader::Reply attest(Card& card, const reader::CardAttest& request,
                                   const Deadline& deadline);
[[nodiscard]] reader::Reply install(Card& card, const reader::CardInstall& request,
                                    Interaction& interaction, const Deadline& deadline);

[[nodiscard]] reader::Failed failed(Status status);

// What the person answers. Failed: they gave up.
[[nodiscard]] std::expected<Secret, reader::Failed> ask(Interaction& interaction,
                                                        const reader::Prompt& prompt,
                                                        const Deadline& deadline);

}  // namespace countersign::devices::smartcard
