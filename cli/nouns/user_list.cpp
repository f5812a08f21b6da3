// SPDX-License-Identifier: Apache-2.0
#include "cli/nouns/user_list.h"

#include <fmt/format.h>
#include <array>
#include <cstdio>

#include "cli/command.h"
#include "cli/pages.h"
#include "core/base/text.h"
#include "core/formats/csv.h"
#include "daemon/api/users.h"

namespace countersign::cli {
namespace {

struct UserListOptions {
  std::string search, location, audience, role, format = "text";
  bool without_factor = false, service_accounts = false, names = false;
};

using Each = std::function<void(const api::UserView&)>;

Query query_of(const UserListOptions& options) {
  Query query;
  query.add("location", options.location);
  query.add("audience", options.audience);
  query.add("role", options.role);
  query.add("search", options.search);
  if (options.without_factor) query.add("without_factor", "true");
  if (options.service_accounts) query.add("service_accounts", "true");
  return query;
}

Result<void> each_user(Front& front, const UserListOptions& options, const Each& each) {
  return all_pages<api::UserPage, api::UserView>(front, "/v1/users", query_of(options), "users",
                                                 &api::UserPage::users, each);
}

std::string state_of(const api::UserView& user) {
  const std::string state = user.suspended ? "suspended" : "active";
  return user.service_account ? state + ", service account" : state;
}

std::string factors_of(const api::UserView& user) {
  if (user.factors.value_or(0) != 0) return fmt::to_string(*user.factors);
  return user.factors_ever.value_or(0) != 0 ? "none left" : "none";
}

std::string_view words_when_empty(const UserListOptions& options) {
  if (!options.search.empty()) return "No user matches.";
  if (options.without_factor) return "Everybody has a usable authenticator.";
  if (options.service_accounts) return "There are no service accounts.";
  const bool narrowed =
      !options.location.empty() || !options.audience.empty() || !options.role.empty();
  return narrowed ? "There are no such users."
                  : "There are no users yet; 'countersign user add' adds one.";
}

void print_table(Front& front, const UserListOptions& options) {
  std::vector<std::vector<std::string>> rows;
  const auto listed = each_user(front, options, [&](const api::UserView& user) {
    rows.push_back({user.name, user.display_name, user.audience, user.location, factors_of(user),
                    state_of(user)});
  });
  if (!listed) return front.fail_with(listed.error());
  front.out().table({"USER", "NAME", "AUDIENCE", "LOCATION", "FACTORS", "STATE"}, rows,
                    words_when_empty(options));
}

constexpr std::array<std::string_view, 11> heads = {
    "name", "display_name", "audience",        "location", "phone", "email",
    "role", "login",        "service_account", "factors",  "state"};

void print_row(const std::array<std::string_view, heads.size()>& fields) {
  std::string row;
  formats::append_csv_row(row, fields);
  std::fwrite(row.data(), 1, row.size(), stdout);
}

// The columns of 'user import', and what only the daemon knows.
void print_csv(Front& front, const UserListOptions& options) {
  print_row(heads);
  const auto listed = each_user(front, options, [](const api::UserView& user) {
    const std::string account = user.service_account.value_or("");
    const std::string factors = fmt::to_string(user.factors.value_or(0));
    print_row({user.name, user.display_name, user.audience, user.location, user.phone, user.email,
               to_name(user.role), user.login, account, factors,
               user.suspended ? "suspended" : "active"});
  });
  if (!listed) front.fail_with(listed.error());
}

// For the shell's completion: one page.
void print_names(Front& front, const UserListOptions& options) {
  const auto page = front.get<api::UserPage>("/v1/users" + query_of(options).text());
  if (!page) return front.fail_with(page.error());
  front.out().object(front.answer());
  for (const api::UserView& user : page->users) front.out().line(escape_text(user.name));
}

void list(Front& front, const UserListOptions& options) {
  const bool csv = options.format == "csv";
  if (csv && front.json)
    return front.fail_with({Code::invalid, "give either --format csv or --json"});
  if (csv)
    print_csv(front, options);
  else if (options.names)
    print_names(front, options);
  else
    print_table(front, options);
}

void add_filters(Command& verb, UserListOptions& options) {
  verb.add_option("--location", options.location, "Only users of this location");
  verb.add_option("--audience", options.audience, "Only users of this audience");
  verb.add_option("--role", options.role, "Only users with this role")
      ->one_of({"helpdesk", "auditor", "admin"});
  verb.add_flag("--without-factor", options.without_factor,
                "Only users with no usable authenticator; without service accounts");
  verb.add_flag("--service-accounts", options.service_accounts, "Only service accounts");
  auto* format = verb.add_option("--format", options.format,
                                 "A table, or CSV with the columns of 'user import'")
                     ->one_of({"text", "csv"});
  verb.add_flag("--names", options.names, "Only names, one a line, at most 1000")->excludes(format);
}

}  // namespace

void add_user_lists(Command& noun, Front& front) {
  auto options = std::make_shared<UserListOptions>();
  Command* verb = noun.add_subcommand("list", "List users");
  add_filters(*verb, *options);
  verb->callback([&front, options] { list(front, *options); });

  options = std::make_shared<UserListOptions>();
  verb = noun.add_subcommand(
      "search", "Find users by a part of their name, display name, login, e-mail or phone");
  verb->add_option("PART", options->search, "What to look for; upper and lower case are the same")
      ->required();
  add_filters(*verb, *options);
  verb->callback([&front, options] { list(front, *options); });
}

}  // namespace countersign::cli
