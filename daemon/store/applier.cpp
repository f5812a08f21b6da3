// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/applier.h"

#include <algorithm>

#include "daemon/store/rows.h"

namespace countersign {
namespace {

// Most changes can be checked in full before the first row is written, and then need no savepoint:
// those whose writes can't meet each other (different tables) and that no unique index can refuse.
// A single write needs none either: a statement that fails undoes itself.
bool needs_savepoint(const Change& change) {
  if (change.writes.size() < 2) return false;
  unsigned seen = 0;
  for (const Write& write : change.writes) {
    const unsigned table = 1U << write.index();
    if ((seen & table) != 0 || std::holds_alternative<User>(write) ||
        std::holds_alternative<Authenticator>(write) || std::holds_alternative<Machine>(write))
      return true;
    seen |= table;
  }
  return false;
}

Result<bool> changed_one(const Result<int>& changes) {
  if (changes) return *changes == 1;
  if (changes.error().code == sql::constraint) return false;
  return std::unexpected(changes.error());
}

Result<Generation> one_generation(sql::Rows row) {
  const auto more = TRY(row.next());
  return more ? row.integer(0) : Generation{0};
}

}  // namespace

Result<Applied> Applier::apply(const Change& change, const std::vector<std::string>& lines) {
  for (const Require& require : change.require) {
    const auto now =
        TRY(std::visit([this](const auto& key) { return generation(key); }, require.what));
    if (now != require.generation) return Applied::conflict;
  }
  const auto applied = needs_savepoint(change) ? write_all_or_undo(change) : write_all(change);
  if (!applied || *applied == Applied::conflict) return applied;
  for (const Write& write : change.writes) written_.push_back(&write);
  for (const std::string& line : lines) TRY(append(line));
  return Applied::yes;
}

Result<Applied> Applier::write_all(const Change& change) {
  if (change.writes.size() > 1) {
    for (const Write& write : change.writes) {
      const auto held = TRY(still_at(write));
      if (!held) return Applied::conflict;
    }
  }
  for (std::size_t i = 0; i < change.writes.size(); ++i) {
    const auto done =
        TRY(std::visit([this](const auto& value) { return write(value); }, change.writes[i]));
    if (done) continue;
    if (i == 0) return Applied::conflict;
    return fail(Code::internal,
                "a row moved between check and write");  // never: this thread is the only writer
  }
  return Applied::yes;
}

Result<Applied> Applier::write_all_or_undo(const Change& change) {
  (void)TRY(savepoint_.run());
  Applied applied = Applied::yes;
  for (const Write& each : change.writes) {
    const auto done = TRY(std::visit([this](const auto& value) { return write(value); }, each));
    if (done) continue;
    applied = Applied::conflict;
    (void)TRY(undo_.run());
    break;
  }
  (void)TRY(release_.run());
  return applied;
}

void Applier::touch(UserId id) {
  if (!id) return;
  touched_.insert(id.value);
  if (last_snapshot_ != nullptr && last_snapshot_->user.id == id) last_snapshot_ = nullptr;
}

// The cache holds the committed state, this transaction's own changes aside.
const UserRecord* Applier::snapshot(UserId id) {
  if (last_snapshot_ != nullptr && last_snapshot_->user.id == id) return last_snapshot_.get();
  if (touched_.contains(id.value)) return nullptr;
  last_snapshot_ = cache_.peek(id);
  return last_snapshot_.get();
}

Result<Generation> Applier::generation(const UserId& id) {
  if (const auto* known = snapshot(id)) return known->user.generation;
  return one_generation(user_at_.query(id.value));
}

Result<Generation> Applier::generation(const AuthenticatorId& id) {
  return one_generation(authenticator_at_.query(id.value));
}

Result<Generation> Applier::generation(const ThrottleKey& key) {
  if (key.value > 0)
    if (const auto* known = snapshot(UserId{key.value})) return known->throttle.generation;
  return one_generation(throttle_at_.query(key.value));
}

Result<Generation> Applier::generation(const std::string& setting) {
  return one_generation(setting_at_.query(setting));
}
Result<Generation> Applier::generation(const ImportId& id) {
  return one_generation(import_at_.query(id.value));
}

Result<Generation> Applier::generation(const MachineId& id) {
  return one_generation(machine_at_.query(id.value));
}

Result<bool> Applier::still_at(const Write& write) {
  struct Key {
    Result<Generation> operator()(const User& value) const { return applier.generation(value.id); }
    Result<Generation> operator()(const Authenticator& value) const {
      return applier.generation(value.id);
    }
    Result<Generation> operator()(const Throttle& value) const {
      return applier.generation(value.key);
    }
    Result<Generation> operator()(const Setting& value) const {
      return applier.generation(value.name);
    }
    Result<Generation> operator()(const Import& value) const {
      return applier.generation(value.id);
    }
    Result<Generation> operator()(const Machine& value) const {
      return applier.generation(value.id);
    }
    Result<Generation> operator()(const Advance& value) const {
      if (applier.spent_.refuses(value)) return Generation{-1};
      if (const auto* known = applier.snapshot(value.user)) {
        const auto mine =
            std::ranges::find(known->authenticators, value.authenticator, &Authenticator::id);
        if (mine != known->authenticators.end()) return mine->generation;
      }
      auto row = applier.owner_.query(value.authenticator.value);
      const auto more = TRY(row.next());
      return more && row.integer(0) == value.user.value ? row.integer(1) : Generation{-1};
    }
    Applier& applier;
  };
  const auto now = TRY(std::visit(Key{*this}, write));
  return now == std::visit([](const auto& value) { return value.generation; }, write);
}

Result<bool> Applier::write(const User& user) {
  touch(user.id);
  moved_.push_back(user.id);
  auto& statement = user.generation == 0 ? insert_user_ : update_user_;
  return changed_one(statement.run(
      user.id.value, user.generation, user.name, user.display_name, user.audience, user.location,
      user.phone, user.email, rows::to_number(user.role), user.login, user.suspended, user.created,
      user.skipped, user.admitted, to_text(user.service_account)));
}

Result<bool> Applier::write(const Authenticator& value) {
  touch(value.user);
  moved_.push_back(value.user);
  if (value.generation != 0) {  // it may change hands
    auto row = owner_.query(value.id.value);
    const auto more = TRY(row.next());
    if (!more) return false;
    touch(UserId{row.integer(0)});
    moved_.push_back(UserId{row.integer(0)});
  }
  auto& statement = value.generation == 0 ? insert_authenticator_ : update_authenticator_;
  return changed_one(statement.run(
      value.id.value, value.generation, value.user ? std::optional(value.user.value) : std::nullopt,
      rows::to_number(value.kind), rows::to_number(value.status), value.label, value.serial,
      rows::to_number(value.oath.algorithm), value.oath.digits, value.oath.period, value.oath.epoch,
      value.material, value.progress.counter, value.progress.detail, value.progress.last_used,
      value.import.value, value.created, value.ended, value.handle, value.basis.text()));
}

Result<bool> Applier::write(const Advance& advance) {
  if (spent_.refuses(advance)) return false;
  touch(advance.user);
  return changed_one(advance_.run(advance.authenticator.value, advance.generation,
                                  advance.user.value, advance.progress.counter,
                                  advance.progress.detail, advance.progress.last_used));
}

Result<bool> Applier::write(const Throttle& throttle) {
  if (throttle.key.value > 0) touch(UserId{throttle.key.value});
  const Bytes counts = rows::pack_counts(throttle.counts);
  auto& statement = throttle.generation == 0 ? insert_throttle_ : update_throttle_;
  return changed_one(statement.run(throttle.key.value, throttle.generation, counts,
                                   throttle.last_failure, throttle.month_start,
                                   std::int64_t{throttle.month_failures}));
}

Result<bool> Applier::write(const Setting& setting) {
  auto& statement = setting.generation == 0 ? insert_setting_ : update_setting_;
  return changed_one(statement.run(setting.name, setting.generation, setting.value));
}

Result<bool> Applier::write(const Import& import) {
  imports_changed_ = true;
  dropped_import_ = dropped_import_ || import.state == ImportState::dropped;
  auto& statement = import.generation == 0 ? insert_import_ : update_import_;
  return changed_one(statement.run(import.id.value, import.generation,
                                   rows::to_number(import.state), import.started, import.rows,
                                   import.digest, import.basis.text()));
}

Result<bool> Applier::write(const Machine& machine) {
  auto& statement = machine.generation == 0 ? insert_machine_ : update_machine_;
  const Bytes recognitions = pack(machine.recognitions);
  return changed_one(statement.run(machine.id.value, machine.generation,
                                   rows::to_number(machine.kind), rows::to_number(machine.status),
                                   machine.name, machine.handle, machine.key, machine.digests,
                                   machine.hardware_bound, recognitions, machine.created));
}

Result<void> Applier::append(const std::string& line) {
  const std::int64_t sequence = end_.sequence + 1;
  const audit::Digest hash = audit::link(end_.hash, sequence, line);
  const auto done = append_.run(sequence, line, BytesView(hash));
  if (!done)
    return fail(done.error().code == sql::constraint ? Code::corrupt : done.error().code,
                done.error().what);
  end_ = {sequence, hash};
  signed_ = false;
  return {};
}

void Applier::publish() {
  last_snapshot_ = nullptr;  // the cache may edit what nobody holds
  for (const Write* write : written_) {
    if (const auto* advance = std::get_if<Advance>(write)) spent_.forget(advance->authenticator);
    if (const auto* whole = std::get_if<Authenticator>(write)) spent_.forget(whole->id);
  }
  if (imports_changed_)
    cache_.clear();  // whose rows came into sight is not worth asking
  else
    cache_.publish(written_, moved_);
}

}  // namespace countersign
