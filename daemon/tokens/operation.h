// SPDX-License-Identifier: Apache-2.0
// One thing that a person does with a token: finding the right one among those present, and seeing
// it through.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "core/base/deadline.h"
#include "daemon/api/prompt.h"
#include "daemon/tokens/directory.h"
#include "daemon/tokens/interactions.h"

namespace countersign::tokens {

// What the user is told meanwhile.
struct Told {
  api::Prompt prompt = api::Prompt::insert;
  std::string device;  // its model; empty when no token is meant yet
  std::string
      interaction;  // for pin, new_pin, puk and new_puk: where the answer goes (interactions.h)
  std::optional<std::int64_t> retries;
  bool again = false;
  std::int64_t min_length = 0;
};

// How tokens of some capabilities are asked.
struct Way {
  std::set<devices::Capability> needs = {};  // one of them; empty: whatever it can
  std::optional<reader::Request> request =
      {};  // for the token that is chosen; its milliseconds are filled in. None: it is only opened
  // Asked of each token first, silently: only those that answer with something it Held are
  // candidates.
  std::optional<reader::Request> preflight = {};
  bool may_hide = false;  // a token that holds nothing that it shows may be the one all the same
  // Which of what a card Held is meant; nothing of it: it is not the one, and is asked for no PIN.
  // The request is for these then.
  std::function<std::vector<Bytes>(std::vector<Bytes>)> meant = {};
};

struct Plan {
  std::vector<Way> ways =
      {};  // a token goes the first that it has the capabilities for; none: it is not looked at
  std::string device = {};  // only this one; empty: whichever
  std::function<Secret()> slot_secrets =
      {};  // what goes into a slot, when the chosen key asks for it
  // Asked of the token that was chosen, before it is asked for anything: why it is not taken, if
  // so. It ends with Failure::advisory.
  std::function<std::optional<std::string>(const devices::Device&,
                                           const std::optional<devices::Fido2Info>&)>
      vet = {};
  // What the daemon itself answers to a prompt, of what the store keeps for a card. Nothing: the
  // person is asked.
  std::function<std::optional<Secret>(const reader::Prompt&)> answer = {};
};

struct Outcome {
  reader::Reply reply;  // never Failed; Done where nothing was asked
  devices::Device device;
  std::optional<devices::Fido2Info> fido2;
  std::optional<devices::CardInfo> card = {};
  std::optional<devices::SlotsInfo> slots = {};
};
struct Failed {
  reader::Failure failure = reader::Failure::internal;
  std::optional<std::int64_t> retries = {};
  std::string device = {};  // model
  std::string detail = {};  // for the record
};
using Finish = std::move_only_function<void(std::expected<Outcome, Failed>)>;

// Loop thread only. Finishes exactly once; after the deadline at the latest, whatever the tokens
// do.
class Operation : public std::enable_shared_from_this<Operation> {
 public:
  struct Surroundings {
    http::Loop& loop;
    Reader& reader;
    Directory& directory;
    Interactions& interactions;
  };
  struct Person {
    Holder holder = {};  // whose front end may answer
    std::function<void(const Told&)> tell;
  };
  Operation(Surroundings surroundings, Plan plan, Person person, Deadline deadline, Finish finish);
  ~Operation();
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  void await_turn();  // the deadline runs from here
  void start();
  void cancel();
  void give_way();  // somebody else waits: as if its time were up

 private:
  // opening → asking (the pre-flight) → ready → selecting → (chosen)
  enum class State { opening, asking, ready, selecting, unusable };
  struct Candidate {
    devices::Device device;
    std::shared_ptr<Channel> channel;
    State state = State::opening;
    bool holds = false;
    std::vector<Bytes> meant = {};  // of what it holds
    std::shared_ptr<void> patience = {};
    bool unfit = false;  // opened, and it can't do any of what is wanted
    bool late = false;   // it came while the person was waited for
    std::optional<devices::Fido2Info> fido2;
    std::optional<devices::CardInfo> card = {};
    std::optional<devices::SlotsInfo> slots = {};
  };

  void look_around();
  void open(const devices::Device& device);
  void on_reply(const std::string& id, reader::Reply reply);
  void on_closed(const std::string& id);
  void on_opening(Candidate& candidate, reader::Reply reply);
  void on_chosen(Candidate& candidate, reader::Reply reply);
  void relay(Candidate& candidate, const reader::Prompt& prompt);
  void decide();
  void choose(Candidate& candidate);
  void let_person_choose(const std::vector<Candidate*>& from);
  void give_up_on(Candidate& candidate);  // it is not the one: wait for another
  void tell_once(api::Prompt prompt);
  void end(std::expected<Outcome, Failed> outcome);
  [[nodiscard]] bool by_slots(const devices::Device& device) const;
  [[nodiscard]] const Way* way_of(const devices::Device& device) const;
  [[nodiscard]] reader::Request request_now(reader::Request request,
                                            const Candidate& candidate) const;
  void lose_patience(const std::string& id);

  Surroundings around_;
  Plan plan_;
  Person person_;
  Deadline deadline_;
  Finish finish_;
  std::shared_ptr<void> timer_, watching_, grace_;
  std::map<std::string, Candidate> candidates_;  // by device id
  std::set<std::string> refused_;                // present, and known not to be the one
  std::string chosen_;
  std::optional<std::set<std::string>> early_;  // there at the first look; what came after was put
                                                // in by the person who is waited for
  std::optional<api::Prompt> told_;             // of the prompts that stand until something changes
  std::string interaction_;                     // open now
};

}  // namespace countersign::tokens
