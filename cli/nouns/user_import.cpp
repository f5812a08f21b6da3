// SPDX-License-Identifier: Apache-2.0
#include "cli/nouns/user_import.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <functional>
#include <set>

#include "cli/command.h"
#include "cli/fresh.h"
#include "cli/local/helper.h"
#include "cli/output/progress.h"
#include "cli/output/refused_line.h"
#include "cli/output/user_line.h"
#include "cli/passed_over.h"
#include "core/base/fold.h"
#include "core/base/text.h"
#include "daemon/api/rights.h"
#include "daemon/api/users.h"

namespace countersign::cli {
namespace {

constexpr std::size_t rows_at_once = 1024;
constexpr uid_t first_person = 1000;  // below are the system's own
constexpr uid_t last_person = 59'999;

struct UserImportOptions {
  std::string file, group, location, audience;
  bool nss = false, dry_run = false, partial = false;
  FreshOptions fresh;
};

struct Report {
  std::int64_t accepted = 0, there = 0;
  bool imported = false, dry_run = false;
  std::vector<RefusedLine> refused;
  std::vector<std::string> passed_over;
  static api::Fields fields() {
    return {api::Field{"imported", &Report::imported, ""},
            api::Field{"dry_run", &Report::dry_run, ""},
            api::Field{"accepted", &Report::accepted, ""},
            api::Field{"already_there", &Report::there, ""},
            api::Field{"refused", &Report::refused, ""},
            api::Field{"passed_over", &Report::passed_over, ""}};
  }
};

struct Row {
  std::int64_t line = 0;  // or the uid
  api::UserCreate user;
};
using TakeRow = std::function<Result<void>(Row, double done)>;
using Refuse = std::function<void(std::int64_t line, std::string reason)>;

Result<void> rows_of_file(const UserImportOptions& options, const TakeRow& take,
                          const Refuse& refuse, std::vector<std::string>& passed_over) {
  return run_helper(
      {.format = "users-csv", .file = options.file, .password = {}, .key = {}},
      [&](std::string_view text, double done) -> Result<void> {
        Result<UserLine> line = api::decode<UserLine>(text);
        if (!line)
          return fail(Code::corrupt,
                      "the import helper gave an answer that can't be read: " + line.error().what);
        if (line->error)
          return fail(Code::invalid, fmt::format("{}, line {}: {}", options.file,
                                                 line->line.value_or(0), *line->error));
        if (line->end) {
          passed_over = std::move(line->passed_over).value_or(std::vector<std::string>());
          return {};
        }
        if (line->refused) {
          refuse(line->line.value_or(0), std::move(*line->refused));
          return {};
        }
        return take({line->line.value_or(0),
                     {.name = line->name.value_or(""),
                      .display_name = line->display_name,
                      .audience = line->audience,
                      .location = line->location,
                      .phone = line->phone,
                      .email = line->email,
                      .login = line->login,
                      .role = line->role}},
                    done);
      });
}

// False for another spelling of an account that the database has under another name.
bool names_account(const passwd& entry) {
  const std::string name = entry.pw_name;
  const passwd* account = getpwuid(entry.pw_uid);
  return account == nullptr || account->pw_name == name;
}

// The people of this system's user database: uids of persons, or the members of a group.
Result<void> rows_of_nss(const UserImportOptions& options, const TakeRow& take) {
  std::set<std::string> members;
  gid_t gid = 0;
  if (!options.group.empty()) {
    const group* found = getgrnam(options.group.c_str());
    if (found == nullptr)
      return fail(Code::not_found,
                  "there is no group '" + escape_text(options.group) + "' on this system");
    gid = found->gr_gid;
    for (char** member = found->gr_mem; *member != nullptr; ++member) members.insert(*member);
  }
  Result<void> result;
  setpwent();
  while (const passwd* entry = result ? getpwent() : nullptr) {
    const bool wanted = options.group.empty()
                            ? entry->pw_uid >= first_person && entry->pw_uid <= last_person
                            : entry->pw_gid == gid || members.contains(entry->pw_name);
    if (!wanted || !names_account(*entry)) continue;
    const std::string gecos = entry->pw_gecos != nullptr ? entry->pw_gecos : "";
    api::UserCreate user{.name = entry->pw_name,
                         .display_name = gecos.substr(0, gecos.find(',')),
                         .audience = {},
                         .location = {},
                         .phone = {},
                         .email = {},
                         .login = entry->pw_name,
                         .role = {}};
    if (!options.location.empty()) user.location = options.location;
    if (!options.audience.empty()) user.audience = options.audience;
    result = take({entry->pw_uid, std::move(user)}, 0);
  }
  endpwent();
  return result;
}

class Run {
 public:
  Run(Front& front, const UserImportOptions& options) : front_(front), options_(options) {}

  // One walk over all rows: first to look, then to take.
  Result<void> walk(bool dry_run) {
    dry_run_ = dry_run;
    report_ = {};
    seen_.clear();
    Progress progress(dry_run ? "checking" : "adding");
    const TakeRow take = [&](Row row, double done) {
      progress.show(done, static_cast<std::size_t>(report_.accepted));
      return add(std::move(row));
    };
    Result<void> walked =
        options_.nss
            ? rows_of_nss(options_, take)
            : rows_of_file(
                  options_, take,
                  [&](std::int64_t line, std::string reason) { refuse(line, std::move(reason)); },
                  report_.passed_over);
    return walked ? flush() : walked;
  }

  // One fresh verification for all batches of the walk that looked, where any of them grants
  // something.
  Result<void> permit() {
    if (digests_.empty()) return {};
    const auto made = TRY(call_verified<api::PermitResult>(
        front_, "POST", "/v1/permits", api::PermitRequest{.kind = "users", .list = digests_},
        options_.fresh));
    permit_ = made.id;
    return {};
  }

  void tell() const {
    note_passed_over(front_, options_.file, report_.passed_over);
    for (const RefusedLine& line : report_.refused)
      if (!front_.json)
        front_.out().note(fmt::format("{}:{}: {}",
                                      options_.nss ? "uid" : escape_text(options_.file), line.line,
                                      escape_text(line.reason)));
  }

  Report& report() { return report_; }

 private:
  void refuse(std::int64_t line, std::string reason) {
    report_.refused.push_back({line, std::move(reason)});
  }

  Result<void> add(Row row) {
    // The daemon sees a batch at a time: what stands twice in the file, far apart, is found here.
    const bool again =
        !seen_.insert(std::hash<std::string>()("n" + fold_case(row.user.name))).second ||
        (row.user.login && !row.user.login->empty() &&
         !seen_.insert(std::hash<std::string>()("l" + *row.user.login)).second);
    if (again)
      refuse(row.line, "the user '" + row.user.name + "' or its login is in the file twice");
    else
      batch_.push_back(std::move(row));
    return batch_.size() < rows_at_once ? Result<void>() : flush();
  }

  Result<void> flush() {
    if (batch_.empty()) return {};
    api::UserBatch request{.users = {}, .dry_run = dry_run_, .partial = true, .permit = permit_};
    for (const Row& row : batch_) request.users.push_back(row.user);
    const auto result = TRY(front_.call<api::BatchResult>("POST", "/v1/users/batch", request));
    if (result.digest) digests_.push_back(*result.digest);
    report_.accepted += static_cast<std::int64_t>(result.accepted);
    for (const api::RowRefused& row : result.refused) {
      // From NSS, who is known is known: running it again is how one keeps up.
      if (options_.nss && row.reason.ends_with("already"))
        ++report_.there;
      else
        refuse(batch_.at(row.row).line, row.reason);
    }
    batch_.clear();
    return {};
  }

  Front& front_;
  const UserImportOptions& options_;
  bool dry_run_ = true;
  std::vector<Row> batch_;
  std::set<std::size_t> seen_;
  std::vector<std::string> digests_;
  std::optional<std::string> permit_;
  Report report_;
};

void run(Front& front, const UserImportOptions& options) {
  if (options.nss == !options.file.empty())
    return front.fail_with({Code::invalid, "give either a CSV file or --nss"});
  Run run(front, options);
  if (auto looked = run.walk(true); !looked) return front.fail_with(looked.error());
  const bool take = !options.dry_run && (run.report().refused.empty() || options.partial);
  if (take && run.report().accepted != 0) {
    if (auto permitted = run.permit(); !permitted) return front.fail_with(permitted.error());
    if (auto taken = run.walk(false); !taken) return front.fail_with(taken.error());
  }
  run.tell();
  Report& report = run.report();
  report.dry_run = options.dry_run;
  report.imported = take && report.accepted != 0;
  front.out().object(api::encode(report));
  const std::string there =
      report.there != 0 ? fmt::format(", {} were there already", report.there) : "";
  if (options.dry_run)
    front.out().good(
        fmt::format("dry run: {} users would be added{}, {} refused; nothing was changed",
                    report.accepted, there, report.refused.size()));
  else if (take && (report.imported || report.refused.empty()))
    front.out().good(fmt::format(
        "added: {} users{}{}", report.accepted, there,
        report.refused.empty() ? "" : fmt::format("; {} were refused", report.refused.size())));
  else
    front.out().bad(fmt::format(
        "nothing was added: {} rows were refused. Fix them, or add the others with --partial",
        report.refused.size()));
  if (!report.refused.empty() && !report.imported) front.exit = Exit::usage;
}

}  // namespace

void add_user_import(Command& noun, Front& front) {
  auto options = std::make_shared<UserImportOptions>();
  Command* verb = noun.add_subcommand(
      "import", "Add users from a CSV file, or from this system's user database");
  verb->add_option(
      "FILE", options->file,
      "CSV with a header: name, display_name, audience, location, phone, email, role, login");
  verb->add_flag("--nss", options->nss,
                 "From this system's user database; users that are there already are left alone");
  verb->add_option("--group", options->group, "With --nss: only members of this group");
  verb->add_option("--location", options->location, "With --nss: their location");
  verb->add_option("--audience", options->audience, "With --nss: their audience");
  verb->add_flag("--dry-run", options->dry_run, "Only say what would be added and what refused");
  verb->add_flag("--partial", options->partial, "Add the good rows also when others are refused");
  add_fresh_options(*verb, options->fresh);
  verb->callback([&front, options] { run(front, *options); });
}

}  // namespace countersign::cli
