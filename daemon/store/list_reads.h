// SPDX-License-Identifier: Apache-2.0
// Reads of many things, page by page; on a connection of their own, so that no sign-in waits for a
// list.
#pragma once

#include <memory>

#include "core/ports/store.h"
#include "daemon/store/spent.h"
#include "daemon/store/sql.h"

namespace countersign {

inline constexpr std::size_t longest_page = 1000;

// Used by one thread at a time.
class ListReads {
 public:
  [[nodiscard]] static Result<std::unique_ptr<ListReads>> make(sql::Connection& connection,
                                                               const Spent& spent);

  [[nodiscard]] Result<std::vector<UserSummary>> users(const UserFilter& filter);
  [[nodiscard]] Result<std::vector<std::string>> names_like(const std::string& name);
  [[nodiscard]] Result<std::vector<std::string>> names_by_case();
  [[nodiscard]] Result<std::vector<Authenticator>> authenticators(
      const AuthenticatorFilter& filter);
  [[nodiscard]] Result<std::vector<Machine>> machines(const MachineFilter& filter);
  [[nodiscard]] Result<std::vector<LocationCoverage>> coverage(const CoverageFilter& filter);
  [[nodiscard]] Result<std::vector<audit::Record>> events(std::int64_t after, std::size_t limit);
  [[nodiscard]] Result<audit::Head> head();
  [[nodiscard]] Result<audit::Head> checkpoint();

 private:
  explicit ListReads(const Spent& spent) : spent_(spent) {}
  [[nodiscard]] Result<audit::Head> anchor(int id);

  const Spent& spent_;
  sql::Statement users_, of_role_, machines_, authenticators_, of_user_, of_serial_, of_handle_,
      coverage_, events_, anchor_, names_like_, names_by_case_;
};

}  // namespace countersign
