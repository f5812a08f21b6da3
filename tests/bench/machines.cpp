// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/machines.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <future>
#include <stdexcept>

#include "core/crypto/hash.h"
#include "core/machine/fingerprint.h"
#include "daemon/store/sqlite_store.h"
#include "tests/bench/plain.h"

namespace countersign::bench {
namespace {

machine::Fingerprint fingerprint_of(std::int64_t i) {
  machine::Fingerprint fingerprint;
  for (const machine::Component component : machine::all_components) {
    const auto digest =
        crypto::sha256(as_bytes(fmt::format("component {} of {}", static_cast<int>(component), i)));
    machine::Mark mark{.component = component, .digest = {}};
    std::copy_n(digest.begin(), mark.digest.size(), mark.digest.begin());
    fingerprint.marks.push_back(mark);
  }
  return fingerprint;
}

void commit(SqliteStore& store, Change change) {
  std::promise<Result<Applied>> done;
  store.commit(std::move(change),
               [&](Result<Applied> result) { done.set_value(std::move(result)); });
  const auto result = done.get_future().get();
  if (!result || *result != Applied::yes)
    throw std::runtime_error("the store can't be filled with machines");
}

}  // namespace

Bytes machine_handle(std::int64_t i) {
  const auto digest = crypto::sha256(as_bytes(fmt::format("the key of {}", i)));
  return {digest.begin(), digest.end()};
}

std::int64_t user_of_machine(std::int64_t i) { return i % machine_users; }

Machine machine(std::int64_t i, Time created) {
  return {.id = MachineId{i + 1},
          .kind = MachineKind::host,
          .name = fmt::format("host{:07}", i),
          .handle = machine_handle(i),
          .key = Bytes(91, static_cast<Byte>(i)),  // as long as a P-256 SubjectPublicKeyInfo
          .digests = machine::encode(fingerprint_of(i)),
          .recognitions = {{.audience = "staff",
                            .user = person(user_of_machine(i)).id,
                            .by = Kind::totp,
                            .since = created,
                            .last_used = created}},
          .created = created};
}

Policy machine_policy() { return {.mode = Mode::required, .ask = Ask::unrecognized}; }

void fill_machines(const std::string& folder) {
  auto store = SqliteStore::create({.folder = folder}, StoreKind::demo, {});
  if (!store) throw std::runtime_error(store.error().what);
  if (auto started =
          (*store)->start(std::make_shared<const crypto::Signer>(Secret(std::size_t{32})));
      !started)
    throw std::runtime_error(started.error().what);
  const Time now = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
  constexpr std::int64_t at_once = 2000;
  for (std::int64_t i = 0; i < machine_users; i += at_once) {
    Change change;
    for (std::int64_t k = i; k < i + at_once; ++k) change.writes.emplace_back(person(k));
    commit(**store, std::move(change));
  }
  for (std::int64_t i = 0; i < machines; i += at_once) {
    Change change;
    for (std::int64_t k = i; k < i + at_once; ++k) change.writes.emplace_back(machine(k, now));
    commit(**store, std::move(change));
  }
}

double index_octets(const std::string& folder) {
  sqlite3* database = nullptr;
  sqlite3_stmt* statement = nullptr;
  const bool asked =
      sqlite3_open_v2((folder + "/store.db").c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) ==
          SQLITE_OK &&
      sqlite3_prepare_v2(database,
                         "SELECT sum(pgsize) FROM dbstat WHERE name = 'sqlite_autoindex_machine_1'",
                         -1, &statement, nullptr) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW;
  const double octets = asked ? sqlite3_column_double(statement, 0) : 0;
  sqlite3_finalize(statement);
  sqlite3_close(database);
  if (octets == 0)
    throw std::runtime_error("SQLite does not tell how large the index of machines is");
  return octets / static_cast<double>(machines);
}

}  // namespace countersign::bench
