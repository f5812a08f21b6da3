// SPDX-License-Identifier: Apache-2.0
// The store as the engine sees it: values out, conditional changes in. Every
// implementation is held to tests/daemon/store/contract.cpp.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/audit.h"
#include "core/authenticator.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/policy/recognition.h"
#include "core/policy/throttle.h"
#include "core/user.h"

namespace countersign {

// A named value of the whole installation: wrapped keys, policy, clock baseline. The bytes are the
// owner's affair.
struct Setting {
  std::string name;
  Generation generation = 0;
  Bytes value;
  bool operator==(const Setting&) const = default;
};

// An import becomes visible as a whole (authenticator.h, Authenticator::import).
enum class ImportState { open, complete, dropped };
struct Import {
  ImportId id;
  Generation generation = 0;
  ImportState state = ImportState::open;
  Time started{};
  std::int64_t rows = 0;  // so far
  Bytes digest;           // over all of them, in order: what completing it is verified for
  Basis basis;            // of each authenticator in it that has none of its own
  bool operator==(const Import&) const = default;
};

// Moves a factor's progress and nothing else of its row: what a verification writes.
struct Advance {
  AuthenticatorId authenticator;
  UserId user;
  Generation generation = 0;
  Progress progress;
};

// Each write carries the generation it was read at (0: must not exist yet); applied, the row has
// the next one. The writes of a change apply in their order: an authenticator may follow the user
// it belongs to, never precede it.
using Write = std::variant<User, Authenticator, Advance, Throttle, Setting, Import, Machine>;

// Relied on without being written: must still be at this generation.
struct Require {
  std::variant<UserId, AuthenticatorId, ThrottleKey, std::string /* setting */, ImportId, MachineId>
      what;
  Generation generation = 0;
};

// All of it happens, durably and in one transaction with its audit events, or nothing does.
struct Change {
  std::vector<Require> require;
  std::vector<Write> writes;
  std::vector<audit::Event> events;
};

// conflict: a generation moved, a name (without regard to case), login, serial or handle (a
// machine's, too) is taken, or the user that an authenticator names is not there. A revoked
// authenticator holds its serial no longer; one of an unfinished import does.
enum class Applied { yes, conflict };

// Everything a verification needs to know of one user, as of one moment; immutable and shared.
struct UserRecord {
  User user;
  std::vector<Authenticator>
      authenticators;  // in order of id; those of an open import are left out
  Throttle throttle;
};

struct UserFilter {
  std::string after;         // names greater than this
  std::size_t limit = 1000;  // at most 1000 come at once, here and in every list
  std::optional<std::string> location;
  std::optional<std::string> audience;
  bool without_factor = false;                // only users with no active authenticator
  std::optional<Role> role = {};              // one that may do something: not Role::user
  std::optional<bool> service_accounts = {};  // only these, or none of them
  std::string search = {};  // in name, display name, login, e-mail or phone, in any case
};
struct UserSummary {
  User user;
  int active = 0;  // authenticators that can be used
  int ever = 0;    // in any state
  bool operator==(const UserSummary&) const = default;
};

struct AuthenticatorFilter {
  AuthenticatorId after;
  std::size_t limit = 1000;
  std::optional<UserId> user;
  std::optional<Kind> kind;
  std::optional<Status> status;
  std::optional<std::string> serial;
  std::optional<Bytes> handle;  // with its kind
};

struct MachineFilter {
  MachineId after;
  std::size_t limit = 1000;
  std::optional<MachineKind> kind = {};
  std::optional<MachineStatus> status = {};
};

struct CoverageFilter {
  std::optional<std::string> location;
  bool service_accounts = false;  // counted as well
};
struct LocationCoverage {
  std::string location;
  std::int64_t users = 0;        // not suspended
  std::int64_t with_factor = 0;  // of those, with an active authenticator
  bool operator==(const LocationCoverage&) const = default;
};

// Something that waits for its second step: kept in memory (or an unlogged table), gone after a
// restart.
struct Pending {
  std::string id;           // as the engine made it
  std::uint64_t owner = 0;  // caller_key
  Time expires{};
  Bytes body;  // the engine's encoding, sealed where secret
  Generation generation =
      0;  // the store's: another one with each hold and each renewal, also under the same id
  Holder holder = {};  // who pays for the place, whatever it is for
  bool operator==(const Pending&) const = default;
};

// Threads: every call from any thread. Reads block for a file read at most.
class Store {
 public:
  virtual ~Store() = default;

  // Queues the change and returns. done runs exactly once, on a thread of the store's choosing
  // (also before commit() returns): Applied::yes after the change is durable, conflict when a
  // precondition did not hold, an Error when it was not recorded or when that can't be known.
  // Changes queued together may share one transaction; they apply in the order of queueing.
  using Done = std::move_only_function<void(Result<Applied>)>;
  virtual void commit(Change change, Done done) = 0;

  // Reads see every commit whose done ran before. A missing thing is not_found; anything else is an
  // error of the store, never to be taken for absence. By name: the one spelled so, else the only
  // one whose name differs by case alone. By login: as it is spelled; user_like_login: as by name.
  [[nodiscard]] virtual Result<std::shared_ptr<const UserRecord>> user_by_name(
      const std::string& name) = 0;
  [[nodiscard]] virtual Result<std::shared_ptr<const UserRecord>> user_by_login(
      const std::string& login) = 0;
  [[nodiscard]] virtual Result<std::shared_ptr<const UserRecord>> user_like_login(
      const std::string& login) = 0;
  // Users whose names differ from this one by case at most; at most ten. No two can be added, but
  // stores of earlier versions have some.
  [[nodiscard]] virtual Result<std::vector<std::string>> names_like(const std::string& name) = 0;
  // All of those, each beside the others; at most a thousand.
  [[nodiscard]] virtual Result<std::vector<std::string>> names_by_case() = 0;
  [[nodiscard]] virtual Result<std::shared_ptr<const UserRecord>> user_by_id(UserId id) = 0;
  [[nodiscard]] virtual Result<Authenticator> authenticator(AuthenticatorId id) = 0;
  [[nodiscard]] virtual Result<Throttle> throttle(
      ThrottleKey key) = 0;  // a fresh one when none is stored
  // Those of them that are, in their order; also by rows of an open import, not by revoked ones.
  [[nodiscard]] virtual Result<std::vector<std::string>> serials_taken(
      const std::vector<std::string>& serials) = 0;
  [[nodiscard]] virtual Result<Setting> setting(const std::string& name) = 0;
  [[nodiscard]] virtual Result<Import> import(ImportId id) = 0;
  [[nodiscard]] virtual Result<Machine> machine(MachineId id) = 0;
  [[nodiscard]] virtual Result<Machine> machine_by_handle(const Bytes& handle) = 0;
  [[nodiscard]] virtual Result<std::vector<Machine>> machines(const MachineFilter& filter) = 0;
  [[nodiscard]] virtual Result<std::vector<UserSummary>> users(const UserFilter& filter) = 0;
  [[nodiscard]] virtual Result<std::vector<Authenticator>> authenticators(
      const AuthenticatorFilter& filter) = 0;
  [[nodiscard]] virtual Result<std::vector<LocationCoverage>> coverage(
      const CoverageFilter& filter) = 0;

  // Audit rows with sequence > after, ascending. head: the signed end; checkpoint: where the chain
  // begins.
  [[nodiscard]] virtual Result<std::vector<audit::Record>> events(std::int64_t after,
                                                                  std::size_t limit) = 0;
  [[nodiscard]] virtual Result<audit::Head> head() = 0;
  [[nodiscard]] virtual Result<audit::Head> checkpoint() = 0;
  // Drops events up to and including this sequence number and keeps a signed checkpoint in their
  // place. invalid beyond the head; what was pruned before is done. May wait for the writer: not to
  // be called from a done.
  [[nodiscard]] virtual Result<void> prune(std::int64_t through) = 0;

  // True when the database is older than its epoch, which is kept outside the state folder:
  // somebody put back an old copy. Stays so, restarts included, until accept_restored (T06).
  [[nodiscard]] virtual bool restored() = 0;
  [[nodiscard]] virtual Result<void> accept_restored() = 0;

  // The volatile part. hold refuses when this owner already has as many as it may, or the holder
  // its share of all (exhausted), and when something is held under this id (exists); hold_instead
  // replaces that. Expired ones are not_found.
  [[nodiscard]] virtual Result<void> hold(Pending pending, std::size_t cap_per_owner, Time now) = 0;
  [[nodiscard]] virtual Result<void> hold_instead(Pending pending, std::size_t cap_per_owner,
                                                  Time now) = 0;
  // Removes and returns it: of two takers one gets it.
  [[nodiscard]] virtual Result<Pending> take(const std::string& id, Time now) = 0;
  // Leaves it there. renew and take_seen then change or remove that very one: conflict when it is
  // gone, or was replaced or renewed since. Nothing is ever taken out in order to be put back: what
  // came meanwhile would be lost.
  [[nodiscard]] virtual Result<Pending> seen(const std::string& id, Time now) = 0;
  [[nodiscard]] virtual Result<Generation> renew(Pending pending, Time now) = 0;
  [[nodiscard]] virtual Result<void> take_seen(const Pending& pending, Time now) = 0;
};

}  // namespace countersign
