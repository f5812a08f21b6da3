// SPDX-License-Identifier: Apache-2.0
// Putting a certificate to a key of a PIV card. Each question comes before the turn that uses its
// answer. What a card has from its factory is replaced in the same turn, the PIN first and the
// management key last: whatever goes wrong before, all can be done again.
#include "core/crypto/public_key.h"
#include "devices/smartcard/piv/applet.h"
#include "devices/smartcard/provision.h"

namespace countersign::devices::smartcard {
namespace {

using piv::Management;
using reader::CardInstall;
using reader::Failed;
using reader::Failure;
using reader::Prompt;
using reader::PromptKind;
using reader::Reply;

constexpr std::uint32_t capability_object = 0x5FC107;

// As most factories leave them; the card says whether they are still there.
Secret factory_pin() { return Secret(std::string_view("123456\xff\xff")); }
Secret factory_puk() { return Secret(std::string_view("12345678")); }

// What the person and the daemon answered, on the wire; nothing: stays, or is not needed.
struct Answers {
  std::optional<Secret> new_pin, new_puk, new_key, pin;
};

struct Installed {
  Step step;
  bool other_key = false;  // the slot's is not the one that is meant
  bool key_replaced = false;
  Bytes signature;
};

bool signed_by(BytesView public_key, BytesView message, BytesView signature) {
  const auto key = crypto::PublicKey::from_spki(public_key);
  return key && key->verify(message, signature);
}

// One turn's work, step by step; the first that the card refuses is the last.
class Installation {
 public:
  Installation(Application& application, const Before& before, const CardInstall& request,
               const Answers& answers, Interaction& interaction)
      : application_(application),
        management_(*application.management()),
        before_(before),
        request_(request),
        answers_(answers),
        interaction_(interaction) {}

  std::expected<Installed, Loss> run(const Secret& key) {
    const piv::Slot& slot = *piv::slot_named(request_.slot);
    step("management key", [&] { return authenticate(management_, before_, key); });
    if (answers_.new_pin)
      step("new PIN", [&] { return application_.change_pin(factory_pin(), *answers_.new_pin); });
    sign(slot);
    if (answers_.new_puk) step("new PUK", [&] { return change_puk(); });
    if (!request_.certificate.empty())
      step("certificate", [&] {
        return management_.put(slot.certificate, piv::certificate_object(request_.certificate));
      });
    if (!request_.chuid.empty())
      step("CHUID", [&] { return management_.put(piv::chuid_object, request_.chuid); });
    if (!request_.capabilities.empty())
      step("CCC", [&] { return management_.put(capability_object, request_.capabilities); });
    if (answers_.new_key) replace_key();
    // What was sent may have counted: it is not sent again by itself.
    if (loss_) return std::unexpected(*loss_ == Loss::reset ? Loss::busy : *loss_);
    return std::move(done_);
  }

 private:
  [[nodiscard]] bool over() const { return loss_ || done_.other_key || !done_.step.status.ok(); }

  template <class Work>
  void step(const char* what, Work&& work) {
    if (over()) return;
    const std::expected<Status, Loss> status = work();
    if (!status)
      loss_ = status.error();
    else
      done_.step = {*status, what};
  }

  void sign(const piv::Slot& slot) {
    const reader::CardKey key{.applet = Capability::piv,
                              .slot = request_.slot,
                              .algorithm = {},
                              .public_key = request_.public_key,
                              .certificate = {},
                              .trouble = {}};
    bool touch = false;
    if (!over()) {
      const auto wanted = application_.wants_touch(key);
      if (!wanted)
        loss_ = wanted.error();
      else
        touch = *wanted;
    }
    const std::optional<Secret>& pin = answers_.new_pin ? answers_.new_pin : answers_.pin;
    if (!slot.pin_never && pin) step("PIN", [&] { return application_.verify(*pin); });
    if (!over() && touch) interaction_.tell(Prompt{.kind = PromptKind::touch});
    step("signature", [&]() -> std::expected<Status, Loss> {
      auto answer = TRY(application_.sign(key, request_.message));
      // Another type of key in the slot: the card refuses the algorithm.
      done_.other_key =
          !answer.status.ok() || !signed_by(request_.public_key, request_.message, answer.data);
      done_.signature = std::move(answer.data);
      return answer.status;
    });
  }

  std::expected<Status, Loss> change_puk() {
    const auto changed = TRY(application_.change_puk(factory_puk(), *answers_.new_puk));
    return changed.value_or(Status{0x9000});
  }

  // A card that has no command for that keeps its key.
  void replace_key() {
    if (over()) return;
    const auto status = management_.set_key(cipher_of(before_), *answers_.new_key);
    if (!status)
      loss_ = status.error();
    else if (!status->is_unknown_instruction())
      done_.step = {*status, "new management key"}, done_.key_replaced = status->ok();
  }

  Application& application_;
  Management& management_;
  const Before& before_;
  const CardInstall& request_;
  const Answers& answers_;
  Interaction& interaction_;
  Installed done_;
  std::optional<Loss> loss_;
};

std::expected<std::optional<Secret>, Failed> ask_padded(Interaction& interaction,
                                                        const Prompt& prompt,
                                                        const Deadline& deadline) {
  const auto typed = TRY(ask(interaction, prompt, deadline));
  auto padded = piv::padded_pin(typed.expose());
  if (!padded)
    return std::unexpected(
        Failed{.failure = Failure::pin_refused, .retries = prompt.retries, .detail = {}});
  return padded;
}

// Asks for what replaces the factory's, and for the PIN where it is not the factory's any more.
std::expected<Answers, Failed> ask_all(const Before& before, bool kept, const CardInstall& request,
                                       Interaction& interaction, const Deadline& deadline) {
  Answers answers;
  const bool wants_pin = !piv::slot_named(request.slot)->pin_never;
  if (!before.pin_factory && wants_pin && before.tries == 0)
    return std::unexpected(
        Failed{.failure = Failure::card_pin_blocked, .retries = 0, .detail = {}});
  if (before.pin_factory || wants_pin) {
    auto pin = TRY(ask_padded(interaction,
                              {.kind = before.pin_factory ? PromptKind::new_pin : PromptKind::pin,
                               .retries = before.tries,
                               .again = false,
                               .min_length = piv::shortest_pin},
                              deadline));
    (before.pin_factory ? answers.new_pin : answers.pin) = std::move(pin);
  }
  if (before.puk_factory) {
    auto puk = TRY(ask_padded(
        interaction, {.kind = PromptKind::new_puk, .min_length = piv::shortest_pin}, deadline));
    answers.new_puk = std::move(puk);
  }
  if (kept) return answers;
  auto key = TRY(ask(interaction, Prompt{.kind = PromptKind::new_management_key}, deadline));
  if (key.size() != crypto::key_size(cipher_of(before)))
    return std::unexpected(Failed{.failure = Failure::unsupported,
                                  .detail = "the card's management key has another length"});
  answers.new_key = std::move(key);
  return answers;
}

Reply reply_to(const Installed& done, const Answers& answers, const piv::Slot& slot) {
  if (done.step.what == "PIN" && !done.step.status.ok()) return failed(done.step.status);
  if (done.other_key)
    return Failed{.failure = Failure::no_credential, .detail = "the slot's key is another one"};
  if (!done.step.status.ok()) return reply_to(done.step);
  return reader::CardInstalled{.pin = answers.new_pin.has_value(),
                               .puk = answers.new_puk.has_value(),
                               .management_key = done.key_replaced,
                               .signature = done.signature,
                               .verified = !slot.pin_never};
}

}  // namespace

Reply install(Card& card, const CardInstall& request, Interaction& interaction,
              const Deadline& deadline) {
  if (piv::slot_named(request.slot) == nullptr || !type_of(request.public_key))
    return Failed{.failure = Failure::unsupported, .detail = "no such slot or kind of key"};
  const auto before = look(card, request.serial, deadline);
  if (!before) return before.error();
  const auto fitting = find_key(card, *before, interaction, deadline);
  if (!fitting) return fitting.error();
  const auto answers = ask_all(*before, fitting->kept, request, interaction, deadline);
  if (!answers) return answers.error();
  const auto done =
      card.with(Capability::piv, deadline, [&](Application& application, const CardApplet&) {
        card.reset_after_turn();
        return Installation(application, *before, request, *answers, interaction).run(fitting->key);
      });
  card.forget_all();
  if (!done) return failed(done.error());
  if (!*done) return failed(Loss::removed);
  return reply_to(**done, *answers, *piv::slot_named(request.slot));
}

}  // namespace countersign::devices::smartcard
