// SPDX-License-Identifier: Apache-2.0
// Reads of one thing by its key.
#pragma once

#include <memory>

#include "core/ports/store.h"
#include "daemon/store/spent.h"
#include "daemon/store/sql.h"

namespace countersign {

// Used by one thread at a time. Absent is Code::not_found.
class PointReads {
 public:
  using Record = std::shared_ptr<const UserRecord>;

  [[nodiscard]] static Result<std::unique_ptr<PointReads>> make(sql::Connection& connection,
                                                                const Spent& spent);

  [[nodiscard]] Result<Record> user_by_name(const std::string& name);
  [[nodiscard]] Result<Record> user_by_login(const std::string& login);
  [[nodiscard]] Result<Record> user_like_login(const std::string& login);
  [[nodiscard]] Result<Record> user_by_id(UserId id);
  [[nodiscard]] Result<Authenticator> authenticator(AuthenticatorId id);
  [[nodiscard]] Result<Throttle> throttle(ThrottleKey key);
  [[nodiscard]] Result<std::vector<std::string>> serials_taken(
      const std::vector<std::string>& serials);
  [[nodiscard]] Result<Setting> setting(const std::string& name);
  [[nodiscard]] Result<Import> import(ImportId id);
  [[nodiscard]] Result<Machine> machine(MachineId id);
  [[nodiscard]] Result<Machine> machine_by_handle(const Bytes& handle);

 private:
  explicit PointReads(const Spent& spent) : spent_(spent) {}
  [[nodiscard]] Result<Record> record(sql::Rows user);

  const Spent& spent_;
  sql::Statement by_name_, by_login_, like_login_, by_id_, of_user_, authenticator_, throttle_,
      serial_, setting_, import_, machine_, of_handle_, begin_, end_;
};

}  // namespace countersign
