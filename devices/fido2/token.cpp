// SPDX-License-Identifier: Apache-2.0
#include "devices/fido2/token.h"

#include "devices/fido2/failure.h"
#include "devices/fido2/libfido2.h"
#include "devices/fido2/node.h"
#include "devices/fido2/requests.h"

namespace countersign::devices::fido2 {
namespace {

using namespace reader;

// For what asks nothing of a person and so has no deadline of its own; the budget of T31.
constexpr std::chrono::seconds silent_budget(4);

Deadline deadline_of(std::int64_t milliseconds) {
  return Deadline::in(
      std::chrono::milliseconds(std::clamp<std::int64_t>(milliseconds, 0, 600'000)));
}

thread_local Link* opening =
    nullptr;  // what fido_dev_open is about to open: its function gets only a path

void* io_open(const char*) { return opening; }
void io_close(void*) {}
int io_read(void* handle, unsigned char* report, std::size_t size, int milliseconds) {
  return static_cast<Link*>(handle)->read({report, size}, milliseconds);
}
int io_write(void* handle, const unsigned char* report, std::size_t size) {
  return static_cast<Link*>(handle)->write({report, size});
}

class Fido2Token final : public Token {
 public:
  Fido2Token(Device device, Descriptor node)
      : device_(std::move(device)),
        link_(std::move(node), device_.transport == Transport::software) {}

  Reply describe() override {
    link_.begin(Deadline::in(silent_budget), nullptr);
    const auto opened = open();
    link_.end();
    if (!opened) return opened.error();
    Opened reply{.device = device_, .fido2 = facts_.info};
    if (reply.device.firmware.empty()) reply.device.firmware = facts_.firmware;
    return reply;
  }

  Reply run(const Request& request, Interaction& interaction) override {
    link_.clear_cancel();  // a cancel that came before is told by the interaction
    if (interaction.cancelled()) return Failed{.failure = Failure::cancelled};
    return dispatch(request, interaction);
  }

  void cancel() override { link_.cancel(); }

 private:
  // CTAPHID_INIT and getInfo. A token that the last operation left in the middle of something is
  // called back first.
  Outcome open() {
    if (dev_ != nullptr && (!link_.out_of_step() || link_.resynchronize())) return {};
    if (link_.trouble() == LinkTrouble::removed)
      return std::unexpected(failed(FIDO_ERR_RX, link_.trouble()));
    fido_init(FIDO_DISABLE_U2F_FALLBACK);  // of this thread
    dev_.reset(fido_dev_new());
    constexpr fido_dev_io_t io{
        .open = io_open, .close = io_close, .read = io_read, .write = io_write};
    if (dev_ == nullptr || fido_dev_set_io_functions(dev_.get(), &io) != FIDO_OK)
      return std::unexpected(failed(FIDO_ERR_INTERNAL, LinkTrouble::none));
    opening = &link_;
    if (const int error = fido_dev_open(dev_.get(), "link"); error != FIDO_OK)
      return give_up(failed(error, link_.trouble()));
    auto facts = ask_facts(dev_.get(), link_);
    if (!facts) return give_up(facts.error());
    facts_ = std::move(*facts);
    return {};
  }

  Outcome give_up(const Failed& failure) {
    dev_.reset();
    return std::unexpected(failure);
  }

  template <class Work>
  Reply with_operation(const Deadline& deadline, Interaction& interaction, Work work) {
    link_.begin(deadline, nullptr);
    if (const auto opened = open(); !opened) return opened.error();
    Operation operation(link_, dev_.get(), facts_, interaction, deadline);
    return work(operation);
  }

  // What the token says of itself is another thing afterwards (a PIN is set, everything is gone).
  auto manage_and_forget() {
    return [this](Operation& operation, const Fido2Manage& message) {
      Reply reply = manage(operation, message);
      if (auto facts = ask_facts(dev_.get(), link_)) facts_ = std::move(*facts);
      return reply;
    };
  }

  Reply dispatch(const Request& request, Interaction& interaction) {
    const auto timed = [&](const auto& message, auto work) {
      return with_operation(deadline_of(message.milliseconds), interaction,
                            [&](Operation& operation) { return work(operation, message); });
    };
    if (const auto* message = std::get_if<Fido2Make>(&request)) return timed(*message, make);
    if (const auto* message = std::get_if<Fido2Get>(&request)) return timed(*message, get);
    if (const auto* message = std::get_if<Fido2Manage>(&request))
      return timed(*message, manage_and_forget());
    if (const auto* message = std::get_if<Fido2List>(&request)) return timed(*message, list);
    if (const auto* message = std::get_if<Select>(&request))
      return timed(*message, [](Operation& operation, const Select&) { return select(operation); });
    if (const auto* message = std::get_if<Fido2Holds>(&request))
      return with_operation(Deadline::in(silent_budget), interaction,
                            [&](Operation& operation) { return holds(operation, *message); });
    return Failed{.failure = Failure::unsupported, .detail = "a request for another kind of token"};
  }

  Device device_;
  Link link_;
  Dev dev_;
  Facts facts_;
};

}  // namespace

std::expected<std::unique_ptr<Token>, Failed> open_token(const Device& device) {
  auto node = TRY(open_node(device));
  return std::make_unique<Fido2Token>(device, std::move(node));
}

}  // namespace countersign::devices::fido2
