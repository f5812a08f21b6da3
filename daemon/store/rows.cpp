// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace countersign::rows {
namespace {

// Position is the number; the empty first place keeps 0 from meaning anything.
constexpr std::array roles = {Role::user, Role::user, Role::helpdesk, Role::auditor, Role::admin};
constexpr std::array kinds = {
    Kind::fido2, Kind::fido2, Kind::piv, Kind::openpgp, Kind::yubico_otp,   Kind::hmac,
    Kind::totp,  Kind::hotp,  Kind::sms, Kind::email,   Kind::backup_codes, Kind::temporary_code};
static_assert(kinds.size() == enum_names<Kind>.size() + 1, "a kind has no number");
constexpr std::array states = {Status::unassigned, Status::unassigned, Status::active,
                               Status::suspended, Status::revoked};
constexpr std::array algorithms = {HashAlgorithm::sha1, HashAlgorithm::sha1, HashAlgorithm::sha256,
                                   HashAlgorithm::sha512};
constexpr std::array import_states = {ImportState::open, ImportState::open, ImportState::complete,
                                      ImportState::dropped};

constexpr std::array machine_kinds = {MachineKind::browser, MachineKind::browser,
                                      MachineKind::host};
constexpr std::array machine_states = {MachineStatus::known, MachineStatus::known,
                                       MachineStatus::forgotten, MachineStatus::blocked};

template <class Table, class E>
int number_in(const Table& table, E value) {
  return static_cast<int>(std::find(table.begin() + 1, table.end(), value) - table.begin());
}

template <class Table, class E>
[[nodiscard]] bool read_enum(const Table& table, std::int64_t number, E& into) {
  if (number < 1 || number >= static_cast<std::int64_t>(table.size())) return false;
  into = table[static_cast<std::size_t>(number)];
  return true;
}

std::unexpected<Error> damaged(std::string_view table, std::int64_t id) {
  return fail(Code::corrupt,
              fmt::format("row {} of table {} is damaged; put back a backup", id, table));
}

constexpr std::size_t count_size = 12;  // caller as 8 octets, failures as 4, little-endian

}  // namespace

int to_number(Role role) { return number_in(roles, role); }
int to_number(Kind kind) { return number_in(kinds, kind); }
int to_number(Status status) { return number_in(states, status); }
int to_number(HashAlgorithm algorithm) { return number_in(algorithms, algorithm); }
int to_number(ImportState state) { return number_in(import_states, state); }
int to_number(MachineKind kind) { return number_in(machine_kinds, kind); }
int to_number(MachineStatus status) { return number_in(machine_states, status); }

Result<User> read_user(const sql::Rows& row) {
  User user{.id = UserId{row.integer(0)},
            .generation = row.integer(1),
            .name = std::string(row.text(2)),
            .display_name = std::string(row.text(3)),
            .audience = std::string(row.text(4)),
            .location = std::string(row.text(5)),
            .phone = std::string(row.text(6)),
            .email = std::string(row.text(7)),
            .login = std::string(row.text(9)),
            .suspended = row.integer(10) != 0,
            .created = row.time(11),
            .skipped = row.time(12),
            .admitted = row.time(13)};
  auto account = service_account_from_text(row.text(14));
  if (!account) return damaged("user", user.id.value);
  user.service_account = std::move(*account);
  if (!read_enum(roles, row.integer(8), user.role)) return damaged("user", user.id.value);
  return user;
}

Result<Authenticator> read_authenticator(const sql::Rows& row) {
  const BytesView material = row.blob(11);
  const BytesView handle = row.blob(18);
  Authenticator authenticator{.id = AuthenticatorId{row.integer(0)},
                              .generation = row.integer(1),
                              .user = UserId{row.integer(2)},
                              .label = std::string(row.text(5)),
                              .serial = std::string(row.text(6)),
                              .handle = Bytes(handle.begin(), handle.end()),
                              .oath = {.digits = static_cast<int>(row.integer(8)),
                                       .period = static_cast<int>(row.integer(9)),
                                       .epoch = row.integer(10)},
                              .material = Bytes(material.begin(), material.end()),
                              .progress = {.counter = row.integer(12),
                                           .detail = row.integer(13),
                                           .last_used = row.time(14)},
                              .import = ImportId{row.integer(15)},
                              .created = row.time(16),
                              .ended = row.time(17)};
  if (!read_enum(kinds, row.integer(3), authenticator.kind) ||
      !read_enum(states, row.integer(4), authenticator.status) ||
      !read_enum(algorithms, row.integer(7), authenticator.oath.algorithm))
    return damaged("authenticator", authenticator.id.value);
  auto basis = Basis::from_text(row.text(19));
  if (!basis) return damaged("authenticator", authenticator.id.value);
  authenticator.basis = std::move(*basis);
  return authenticator;
}

Result<Machine> read_machine(const sql::Rows& row) {
  const auto octets = [&](int column) {
    const BytesView blob = row.blob(column);
    return Bytes(blob.begin(), blob.end());
  };
  Machine machine{.id = MachineId{row.integer(0)},
                  .generation = row.integer(1),
                  .name = std::string(row.text(4)),
                  .handle = octets(5),
                  .key = octets(6),
                  .digests = octets(7),
                  .hardware_bound = row.integer(8) != 0,
                  .created = row.time(10)};
  auto recognitions = unpack_recognitions(row.blob(9));
  if (!recognitions || !read_enum(machine_kinds, row.integer(2), machine.kind) ||
      !read_enum(machine_states, row.integer(3), machine.status))
    return damaged("machine", machine.id.value);
  machine.recognitions = std::move(*recognitions);
  return machine;
}

Result<Import> read_import(const sql::Rows& row) {
  const BytesView digest = row.blob(5);
  Import import{.id = ImportId{row.integer(0)},
                .generation = row.integer(1),
                .started = row.time(3),
                .rows = row.integer(4),
                .digest = Bytes(digest.begin(), digest.end())};
  auto basis = Basis::from_text(row.text(6));
  if (!read_enum(import_states, row.integer(2), import.state) || !basis)
    return damaged("import", import.id.value);
  import.basis = std::move(*basis);
  return import;
}

Result<Throttle> read_throttle(const sql::Rows& row) {
  Throttle throttle{.key = ThrottleKey{row.integer(0)},
                    .generation = row.integer(1),
                    .last_failure = row.time(3),
                    .month_start = row.time(4),
                    .month_failures = static_cast<std::int32_t>(row.integer(5))};
  BytesView packed = row.blob(2);
  if (packed.size() % count_size != 0) return damaged("throttle", throttle.key.value);
  for (; !packed.empty(); packed = packed.subspan(count_size)) {
    std::uint64_t caller = 0;
    std::uint32_t failures = 0;
    for (std::size_t i = 8; i-- > 0;) caller = caller << 8U | packed[i];
    for (std::size_t i = 12; i-- > 8;) failures = failures << 8U | packed[i];
    throttle.counts.push_back({caller, static_cast<std::int32_t>(failures)});
  }
  return throttle;
}

Bytes pack_counts(const std::vector<Throttle::Count>& counts) {
  Bytes packed;
  packed.reserve(counts.size() * count_size);
  for (const auto& count : counts) {
    for (unsigned i = 0; i < 8; ++i) packed.push_back(static_cast<Byte>(count.caller >> (8 * i)));
    for (unsigned i = 0; i < 4; ++i)
      packed.push_back(static_cast<Byte>(static_cast<std::uint32_t>(count.failures) >> (8 * i)));
  }
  return packed;
}

Result<audit::Digest> to_digest(BytesView hash) {
  audit::Digest digest{};
  if (hash.size() != digest.size())
    return fail(Code::corrupt,
                "an audit hash in the database has the wrong length; put back a backup");
  std::ranges::copy(hash, digest.begin());
  return digest;
}

}  // namespace countersign::rows
