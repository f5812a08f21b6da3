// SPDX-License-Identifier: Apache-2.0
// The bench. It keeps nothing itself: who has a key is asked of the daemon, which has each
// enrolment on its disk before the key has the secret. So it can be killed anywhere and started
// again.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <thread>

#include "cli/local/helper.h"
#include "cli/nouns/tokens/slots.h"
#include "cli/output/user_line.h"
#include "core/base/text.h"
#include "core/encoding/percent.h"
#include "daemon/api/authenticators.h"
#include "daemon/api/devices.h"
#include "daemon/api/rights.h"

namespace countersign::cli {
namespace {

constexpr std::chrono::milliseconds look_again{200};
constexpr int most_broken_off =
    10;  // in a row: then the key, or what it is plugged into, is broken

struct Row {
  std::string user, serial, what;
  static api::Fields fields() {
    return {api::Field{"user", &Row::user, ""}, api::Field{"serial", &Row::serial, ""},
            api::Field{"what", &Row::what, ""}};
  }
};
struct Report {
  std::vector<Row> keys;
  std::int64_t programmed = 0, before = 0, left = 0;
  static api::Fields fields() {
    return {api::Field{"keys", &Report::keys, ""},
            api::Field{"programmed", &Report::programmed, ""},
            api::Field{"programmed_before", &Report::before, ""},
            api::Field{"left", &Report::left, ""}};
  }
};

// All of them, or none: a file with a bad line programs nothing.
Result<std::vector<std::string>> users_in(const std::string& file) {
  std::vector<std::string> users;
  std::set<std::string> seen;
  TRY(run_helper(
      {.format = "users-csv", .file = file, .password = {}, .key = {}},
      [&](std::string_view text, double) -> Result<void> {
        const auto line = api::decode<UserLine>(text);
        if (!line)
          return fail(Code::corrupt,
                      "the import helper gave an answer that can't be read: " + line.error().what);
        if (line->error || line->refused)
          return fail(Code::invalid, fmt::format("{}, line {}: {}", file, line->line.value_or(0),
                                                 line->error ? *line->error : *line->refused));
        if (!line->name) return {};
        if (!seen.insert(*line->name).second)
          return fail(Code::invalid, fmt::format("{}, line {}: {} is there twice", file,
                                                 line->line.value_or(0), escape_text(*line->name)));
        users.push_back(*line->name);
        return {};
      }));
  return users;
}

class Bench {
 public:
  Bench(Front& front, const SlotOptions& options) : front_(front), options_(options) {}

  // Everybody is looked up first: a name that nobody has programs nothing.
  Result<void> run(const std::vector<std::string>& users) {
    std::vector<std::string> without;
    for (const std::string& user : users) {
      auto held = TRY(held_by(user));
      if (!held) {
        without.push_back(user);
        continue;
      }
      ++report_.before;
      report_.keys.push_back({user, *held, "was programmed before"});
    }
    report_.left = static_cast<std::int64_t>(without.size());
    TRY(permit(without));
    for (const std::string& user : without) {
      if (!options_.loop && report_.programmed > 0) return {};
      TRY(one(user));
    }
    return {};
  }

  void tell() const {
    front_.out().object(api::encode(report_));
    std::vector<std::vector<std::string>> rows;
    rows.reserve(report_.keys.size());
    for (const Row& row : report_.keys) rows.push_back({row.user, row.serial, row.what});
    front_.out().table({"USER", "SERIAL", "WRITTEN"}, rows, "No key was programmed.");
  }

 private:
  // One fresh verification for everybody who is left; each key uses up its row.
  Result<void> permit(const std::vector<std::string>& users) {
    if (users.empty()) return {};
    const auto made = TRY(call_verified<api::PermitResult>(
        front_, "POST", "/v1/permits",
        api::PermitRequest{.kind = std::string(to_name(*options_.program.kind)), .list = users},
        options_.fresh));
    permit_ = made.id;
    return {};
  }

  // The serial of what this user has already of this kind.
  Result<std::optional<std::string>> held_by(const std::string& user) {
    std::string target = "/v1/authenticators?user=";
    formats::append_percent_encoded(target, user);
    target += fmt::format("&kind={}&status=active", to_name(*options_.program.kind));
    const auto page = TRY(front_.get<api::AuthenticatorPage>(target));
    if (page.authenticators.empty()) return std::nullopt;
    return page.authenticators.front().serial;
  }

  // At once, whoever reads it.
  void say(const std::string& words) const {
    if (front_.json) return;
    front_.out().line(words);
    (void)std::fflush(stdout);
  }

  // The next key for this user. A key that somebody has already is put aside.
  Result<void> one(const std::string& user) {
    say(fmt::format("next: {} ({} to go). Insert a key", escape_text(user), report_.left));
    for (;;) {
      auto request = TRY(request_of(options_));
      request.user = user;
      request.permit = permit_;
      Result<api::SlotProgrammed> done = fail(Code::internal, "");
      {
        const TapSession session(front_, options_.tap);
        done = front_.call<api::SlotProgrammed>("POST", path_of("/v1/devices/", "any", "/slots"),
                                                request);
      }
      if (done) {
        broken_off_ = 0;
        ++report_.programmed;
        report_.keys.push_back({user, done->after.serial ? std::to_string(*done->after.serial) : "",
                                words_of(options_, *done)});
        --report_.left;
        say(words_of(options_, *done) + ". Label it, and pull it out");
        return options_.loop && report_.left > 0 ? pulled_out(done->device) : Result<void>();
      }
      TRY(put_aside(done.error()));
    }
  }

  // What another try may mend: the same key twice, one that is not new or not sound, or one that
  // was pulled out in the middle.
  Result<void> put_aside(const Error& error) {
    const bool key = error.code == Code::exists || error.code == Code::conflict ||
                     error.code == Code::corrupt || error.code == Code::not_permitted;
    const bool again = options_.loop &&
                       (key || (error.code == Code::cancelled && ++broken_off_ < most_broken_off));
    if (!again) return std::unexpected(error);
    say(escape_text(error.what) + (key ? ". Put this key aside" : ""));
    if (key) return pulled_out({});
    std::this_thread::sleep_for(look_again);
    return {};
  }

  // Until this key is no longer there; without an id: until none with slots is, or another one.
  Result<void> pulled_out(const std::string& id) {
    std::optional<std::vector<std::string>> first;
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::seconds(options_.tap.seconds);
    while (std::chrono::steady_clock::now() < until) {
      const auto list = TRY(front_.get<api::DeviceList>("/v1/devices"));
      std::vector<std::string> there;
      for (const auto& each : list.devices)
        if (std::ranges::find(each.capabilities, "otp") != each.capabilities.end())
          there.push_back(each.id + " " + each.serial.value_or(""));
      if (!id.empty() && std::ranges::none_of(there, [&](const std::string& each) {
            return each.starts_with(id + " ");
          }))
        return {};
      if (id.empty() && (there.empty() || (first && there != *first))) return {};
      if (!first)
        first = there;
      else if (there != *first)
        return {};
      std::this_thread::sleep_for(look_again);
    }
    return fail(Code::timed_out, "the key was not pulled out: start again for those who are left");
  }

  Front& front_;
  const SlotOptions& options_;
  Report report_;
  std::string permit_;
  int broken_off_ = 0;
};

}  // namespace

void program_bench(Front& front, const SlotOptions& options) {
  const auto users = users_in(options.from);
  if (!users) return front.fail_with(users.error());
  Bench bench(front, options);
  const auto done = bench.run(*users);
  if (done || !front.json) bench.tell();
  if (!done) front.fail_with(done.error());
}

}  // namespace countersign::cli
