// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/fresh.h"
#include "cli/nouns.h"
#include "cli/nouns/user_import.h"
#include "cli/nouns/user_list.h"
#include "core/base/text.h"
#include "daemon/api/codec/time_text.h"
#include "daemon/api/problem.h"
#include "daemon/api/users.h"

namespace countersign::cli {
namespace {

struct UserOptions {
  std::string name;
  std::optional<std::string> display_name, audience, location, phone, email, login, role;
  std::optional<std::string> service_account, rename;
  FreshOptions fresh;
};

std::optional<Role> role_of(const UserOptions& options) {
  return options.role ? from_name<Role>(*options.role) : std::nullopt;
}

void add_fields(Command& verb, UserOptions& options) {
  verb.add_option("--name", options.display_name, "The user's full name");
  verb.add_option("--audience", options.audience, "Whose policy applies: staff, client, ...");
  verb.add_option("--location", options.location, "Where the user works");
  verb.add_option("--phone", options.phone, "Phone number, like +491701234567");
  verb.add_option("--email", options.email, "E-mail address");
  verb.add_option("--login", options.login, "Account on this host, like alice or CORP\\alice");
  verb.add_option("--service-account", options.service_account,
                  "No person: the uids and services it gets in from and for, like 990|backup,sync; "
                  "left out of coverage");
  verb.add_option("--role", options.role, "user, helpdesk, auditor or admin")
      ->one_of({"user", "helpdesk", "auditor", "admin"});
}

void show_user(Front& front, const api::UserView& user) {
  const Output out = front.out();
  const auto row = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) out.line(fmt::format("{:<12} {}", name, escape_text(value)));
  };
  row("user", user.name);
  row("name", user.display_name);
  row("audience", user.audience);
  row("location", user.location);
  row("phone", user.phone);
  row("email", user.email);
  row("role", to_name(user.role));
  row("login", user.login);
  row("state", user.suspended ? "suspended" : "active");
  row("account",
      user.service_account ? "a service account: exempt for " + *user.service_account : "");
  row("skipped", user.skipped ? api::to_rfc3339(*user.skipped) : "");
  row("since", api::to_rfc3339(user.created));
  if (user.factors)
    row("factors", fmt::format("{} usable, {} ever", *user.factors, user.factors_ever.value_or(0)));
}

void add(Front& front, const UserOptions& options) {
  const api::UserCreate request{.name = options.name,
                                .display_name = options.display_name,
                                .audience = options.audience,
                                .location = options.location,
                                .phone = options.phone,
                                .email = options.email,
                                .login = options.login,
                                .role = role_of(options),
                                .service_account = options.service_account};
  auto user = call_verified<api::UserView>(front, "POST", "/v1/users", request, options.fresh);
  if (!user && user.error().code == Code::exists)
    user.error().what += "; 'countersign user set' changes one that is there";
  if (!user) return front.fail_with(user.error());
  front.out().object(front.answer());
  front.out().good("added: user " + escape_text(user->name));
}

// PATCH with the name in the path: what the body leaves out stays.
void change(Front& front, const UserOptions& options, std::optional<bool> suspended) {
  const api::BodyOf<api::UserSet> body{{.name = {},
                                        .display_name = options.display_name,
                                        .audience = options.audience,
                                        .location = options.location,
                                        .phone = options.phone,
                                        .email = options.email,
                                        .login = options.login,
                                        .role = role_of(options),
                                        .suspended = suspended,
                                        .service_account = options.service_account,
                                        .rename = options.rename}};
  const auto user = call_verified<api::UserView>(
      front, "PATCH", path_of("/v1/users/", options.name), body, options.fresh);
  if (!user) return front.fail_with(user.error());
  front.out().object(front.answer());
  if (suspended)
    front.out().good(
        fmt::format("{}: user {}", *suspended ? "suspended" : "resumed", escape_text(user->name)));
  else
    show_user(front, *user);
}

template <class Answer>
void post(Front& front, const UserOptions& options, std::string_view action,
          const std::function<std::string(const Answer&)>& words) {
  const auto done =
      action == "/reopen"
          ? call_verified<Answer>(front, "POST", path_of("/v1/users/", options.name, action),
                                  api::Nothing{}, options.fresh)
          : front.call<Answer>("POST", path_of("/v1/users/", options.name, action), api::Nothing{});
  if (!done) return front.fail_with(done.error());
  front.out().object(front.answer());
  front.out().good(words(*done));
}

void reset(Front& front, const UserOptions& options) {
  const auto done = call_verified<api::UserReset>(
      front, "POST", path_of("/v1/users/", options.name, "/reset"), api::Nothing{}, options.fresh);
  if (!done) return front.fail_with(done.error());
  front.out().object(front.answer());
  front.out().good(fmt::format("reset: user {}, {} authenticator{} revoked",
                               escape_text(done->user), done->revoked,
                               done->revoked == 1 ? "" : "s"));
}

Command* verb_with_name(Command& noun, const std::string& name, const std::string& about,
                        const std::shared_ptr<UserOptions>& options) {
  Command* verb = noun.add_subcommand(name, about);
  verb->add_option("NAME", options->name, "Name of the user")->required();
  return verb;
}

}  // namespace

void add_user(Command& noun, Front& front) {
  noun.require_subcommand(1);
  auto options = std::make_shared<UserOptions>();

  Command* verb = verb_with_name(noun, "add", "Add a user", options);
  add_fields(*verb, *options);
  add_fresh_options(*verb, options->fresh);
  verb->callback([&front, options] { add(front, *options); });

  verb = verb_with_name(noun, "set", "Change what is given, keep the rest; an empty value clears",
                        options);
  add_fields(*verb, *options);
  verb->add_option("--rename", options->rename, "Another name from now on");
  add_fresh_options(*verb, options->fresh);
  verb->callback([&front, options] { change(front, *options, std::nullopt); });

  verb = verb_with_name(noun, "show", "Show a user", options);
  verb->callback([&front, options] {
    const auto user = front.get<api::UserView>(path_of("/v1/users/", options->name));
    if (!user) return front.fail_with(user.error());
    front.out().object(front.answer());
    show_user(front, *user);
  });

  add_user_lists(noun, front);

  verb = verb_with_name(noun, "suspend", "Deny a user everywhere, until resumed", options);
  verb->callback([&front, options] { change(front, *options, true); });
  verb = verb_with_name(noun, "resume", "End a suspension", options);
  add_fresh_options(*verb, options->fresh);
  verb->callback([&front, options] { change(front, *options, false); });

  verb = verb_with_name(
      noun, "reset", "Revoke all authenticators of a user, who then has to enrol again", options);
  add_fresh_options(*verb, options->fresh);
  verb->callback([&front, options] { reset(front, *options); });
  verb = verb_with_name(noun, "unskip",
                        "Forget that a user chose to skip: the next sign-in asks to enrol again",
                        options);
  verb->callback([&front, options] {
    post<api::Nothing>(front, *options, "/unskip", [&](const api::Nothing&) {
      return "done: " + escape_text(options->name) + " is asked again";
    });
  });
  verb = verb_with_name(noun, "reopen",
                        "Forget a user's wrong codes, so that codes are accepted again", options);
  add_fresh_options(*verb, options->fresh);
  verb->callback([&front, options] {
    post<api::Nothing>(front, *options, "/reopen", [&](const api::Nothing&) {
      return "reopened: codes of " + escape_text(options->name) + " are accepted again";
    });
  });

  add_user_import(noun, front);
}

}  // namespace countersign::cli
