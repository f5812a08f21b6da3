// SPDX-License-Identifier: Apache-2.0
// The bench. It keeps nothing itself: who has a key is asked of the daemon, which has each enrolment on its disk before the key has the
// secret. So it can be killed anywhere and started again.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <thread>

#include "cli/helper.h"
#include "cli/slots.h"
#include "core/formats/percent.h"
#include "core/text.h"
#include "daemon/api/devices.h"
#include "daemon/api/types.h"

namespace countersign::cli {
namespace {

constexpr std::chrono::milliseconds look_again{200};

struct Line {
  std::optional<std::int64_t> line, rows, refused_rows;
  std::optional<std::string> name, display_name, audience, location, phone, email, login, role, refused, error;
  std::optional<bool> end;
  static constexpr auto fields() {
    return std::tuple(api::Field{"line", &Line::line, ""}, api::Field{"name", &Line::name, ""}, api::Field{"display_name", &Line::display_name, ""},
                      api::Field{"audience", &Line::audience, ""}, api::Field{"location", &Line::location, ""}, api::Field{"phone", &Line::phone, ""},
                      api::Field{"email", &Line::email, ""}, api::Field{"role", &Line::role, ""}, api::Field{"login", &Line::login, ""},
                      api::Field{"refused", &Line::refused, "", 4096}, api::Field{"error", &Line::error, "", 4096}, api::Field{"end", &Line::end, ""},
                      api::Field{"rows", &Line::rows, ""}, api::Field{"refused_rows", &Line::refused_rows, ""});
  }
};

struct Row {
  std::string user, serial, what;
  static constexpr auto fields() { return std::tuple(api::Field{"user", &Row::user, ""}, api::Field{"serial", &Row::serial, ""}, api::Field{"what", &Row::what, ""}); }
};
struct Report {
  std::vector<Row> keys;
  std::int64_t programmed = 0, before = 0, left = 0;
  static constexpr auto fields() {
    return std::tuple(api::Field{"keys", &Report::keys, ""}, api::Field{"programmed", &Report::programmed, ""}, api::Field{"programmed_before", &Report::before, ""},
                      api::Field{"left", &Report::left, ""});
  }
};

// All of them, or none: a file with a bad line programs nothing.
Result<std::vector<std::string>> users_in(const std::string& file) {
  std::vector<std::string> users;
  std::set<std::string> seen;
  auto read = run_helper({.format = "users-csv", .file = file, .password = {}, .key = {}}, [&](std::string_view text, double) -> Result<void> {
    const auto line = api::decode<Line>(text);
    if (!line) return fail(Code::corrupt, "the import helper said something strange: " + line.error().what);
    if (line->error || line->refused) return fail(Code::invalid, fmt::format("{}, line {}: {}", file, line->line.value_or(0), line->error ? *line->error : *line->refused));
    if (!line->name) return {};
    if (!seen.insert(*line->name).second) return fail(Code::invalid, fmt::format("{}, line {}: {} is there twice", file, line->line.value_or(0), escape_text(*line->name)));
    users.push_back(*line->name);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return users;
}

class Bench {
 public:
  Bench(Front& front, const SlotOptions& options) : front_(front), options_(options) {}

  Result<void> run(const std::vector<std::string>& users) {
    for (std::size_t i = 0; i < users.size(); ++i) {
      auto held = held_by(users[i]);
      if (!held) return std::unexpected(held.error());
      if (*held) {
        ++report_.before;
        report_.keys.push_back({users[i], **held, "was programmed before"});
        continue;
      }
      if (!options_.loop && report_.programmed > 0) {
        ++report_.left;
        continue;
      }
      if (auto done = one(users[i], users.size() - i); !done) {
        report_.left += static_cast<std::int64_t>(users.size() - i);
        return done;
      }
    }
    return {};
  }

  void tell() const {
    front_.out().object(api::encode(report_));
    std::vector<std::vector<std::string>> rows;
    for (const Row& row : report_.keys) rows.push_back({row.user, row.serial, row.what});
    front_.out().table({"USER", "SERIAL", "WRITTEN"}, rows, "no key was programmed");
  }

 private:
  // The serial of what this user has already of this kind.
  Result<std::optional<std::string>> held_by(const std::string& user) {
    std::string target = "/v1/authenticators?user=";
    formats::append_percent_encoded(target, user);
    target += fmt::format("&kind={}&status=active", to_name(*options_.program.kind));
    const auto page = front_.get<api::AuthenticatorPage>(target);
    if (!page) return std::unexpected(page.error());
    if (page->authenticators.empty()) return std::nullopt;
    return page->authenticators.front().serial;
  }

  // The next key for this user. A key that somebody has already is put aside.
  Result<void> one(const std::string& user, std::size_t left) {
    if (!front_.json) front_.out().line(fmt::format("next: {} ({} to go). Insert a key", escape_text(user), left));
    for (;;) {
      auto request = request_of(options_);
      if (!request) return std::unexpected(request.error());
      request->user = user;
      Result<api::SlotProgrammed> done = fail(Code::internal, "");
      {
        const TapSession session(front_, options_.tap);
        done = front_.call<api::SlotProgrammed>("POST", path_of("/v1/devices/", "any", "/slots"), *request);
      }
      if (done) {
        ++report_.programmed;
        report_.keys.push_back({user, done->after.serial ? std::to_string(*done->after.serial) : "", words_of(options_, *done)});
        if (!front_.json) front_.out().good(words_of(options_, *done) + ". Label it, and pull it out");
        return options_.loop ? pulled_out(done->device) : Result<void>();
      }
      // The same key twice, or one that is not new; or it was pulled out in the middle.
      const Code code = done.error().code;
      if (!options_.loop || (code != Code::exists && code != Code::conflict && code != Code::unavailable)) return std::unexpected(done.error());
      if (!front_.json) front_.out().bad(escape_text(done.error().what));
      if (code == Code::exists || code == Code::conflict)
        if (auto gone = pulled_out({}); !gone) return gone;
    }
  }

  // Until this key is no longer there; without an id: until none with slots is, or another one.
  Result<void> pulled_out(const std::string& id) {
    std::optional<std::vector<std::string>> first;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(options_.tap.seconds);
    while (std::chrono::steady_clock::now() < until) {
      const auto list = front_.get<api::DeviceList>("/v1/devices");
      if (!list) return std::unexpected(list.error());
      std::vector<std::string> there;
      for (const auto& each : list->devices)
        if (std::ranges::find(each.capabilities, "otp") != each.capabilities.end()) there.push_back(each.id + " " + each.serial.value_or(""));
      if (!id.empty() && std::ranges::none_of(there, [&](const std::string& each) { return each.starts_with(id + " "); })) return {};
      if (id.empty() && (there.empty() || (first && there != *first))) return {};
      if (!first) first = there;
      else if (there != *first) return {};
      std::this_thread::sleep_for(look_again);
    }
    return fail(Code::timed_out, "the key was not pulled out: start again for those who are left");
  }

  Front& front_;
  const SlotOptions& options_;
  Report report_;
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
