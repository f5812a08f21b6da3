// SPDX-License-Identifier: Apache-2.0
#include "daemon/couriers/notices.h"

#include <fmt/format.h>

#include <future>

#include "core/base/text.h"
#include "core/engine/administration/upkeep.h"
#include "core/engine/lookup.h"
#include "core/engine/recipients.h"
#include "core/policy/send_budget.h"
#include "daemon/couriers/event_line.h"
#include "daemon/couriers/letters.h"

namespace countersign::couriers {
namespace {

constexpr const char* setting_name = "notices";
constexpr std::chrono::milliseconds between_looks{1000};
constexpr std::chrono::milliseconds after_trouble{15'000};
constexpr std::chrono::milliseconds one_delivery{20'000};
constexpr Milliseconds tried_for{86'400'000};
constexpr Milliseconds told_again_after{3'600'000};  // of a throttle that closes again and again
constexpr std::size_t events_a_page = 200;

std::string words_for(const EventLine& event) {
  const std::string action = member(event, "action");
  const std::string outcome = member(event, "outcome");
  if (action == "enroll" && outcome == "done") {
    const std::string changed = member(event, "changed");
    const std::string bound =
        "A new authenticator (" + member(event, "kind") + ") was bound to your account";
    if (changed == "phone") return bound + ", and its phone number is the one on file from now on";
    return changed == "email" ? bound + ", and its e-mail address is the one on file from now on"
                              : bound;
  }
  if (action == "user.reset" && outcome == "done")
    return "All authenticators of your account were revoked by an administrator; enrol again at "
           "your next sign-in";
  if (action == "temporary-code" && outcome == "done")
    return "A temporary code was made for your account by the helpdesk or an administrator";
  if (action == "user.forget" && outcome == "done")
    return "All authenticators of your account were revoked, as those of everybody under your "
           "policy; enrol again at your next sign-in";
  if (action == "machine.recognize" && outcome == "done")
    return "A new machine is recognized for your account";
  if (action == "verify" && outcome == "verified" &&
      member(event, "kind") == to_name(Kind::backup_codes))
    return "One of your backup codes was used";
  if (action == "verify" && outcome == "verified" &&
      member(event, "kind") == to_name(Kind::temporary_code))
    return "A temporary code of your account was used";
  if (action == "verify" && member(event, "throttled") == "yes")
    return "Too many wrong codes were typed for your account; codes have to wait for a while";
  if (action != "user.set" || outcome != "done") return {};
  const std::string changed = "," + member(event, "changed") + ",";
  const bool phone = changed.contains(",phone,");
  const bool email = changed.contains(",email,");
  if (phone && email) return "The phone number and the e-mail address of your account were changed";
  if (email) return "The e-mail address of your account was changed";
  if (phone) return "The phone number of your account was changed";
  return changed.contains(",role,")
             ? "What you may do here was changed: your role is " + member(event, "role") + " now"
             : "";
}

// Root's way out passes by every administrator: each of them is told (core/DESIGN.md, "Bootstrap").
std::string words_for_administrators(const EventLine& event) {
  if (member(event, "rests_on") != "root-recovery") return {};
  const std::string user = member(event, "user");
  return "Root on the daemon's host made a change without a fresh verification (--recovery): " +
         member(event, "action") + (user.empty() ? "" : " of " + user) +
         ". If that was none of you, look at 'countersign audit list'";
}

}  // namespace

std::string words_for_event(std::string_view line) {
  const auto event = parse_event(line);
  return event ? words_for(*event) : std::string();
}

Notices::Notices(engine::Context& context, Courier& courier, Templates templates,
                 std::string issuer)
    : context_(context),
      courier_(courier),
      templates_(std::move(templates)),
      issuer_(std::move(issuer)) {}

Notices::~Notices() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Notices::start() {
  if (courier_.carries(Kind::email) || courier_.carries(Kind::sms))
    thread_ = std::thread([this] { run(); });
}

void Notices::wait(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  (void)wake_.wait_for(lock, time, [this] { return ending_; });
}

bool Notices::read_cursor() {
  if (handled_ >= 0) return true;
  const Result<Setting> setting = engine::setting_or_new(context_, setting_name);
  const Result<audit::Head> head = context_.store.head();
  if (!setting || !head) return false;
  handled_ = setting->generation == 0
                 ? head->sequence
                 : std::min(engine::decode_number(setting->value), head->sequence);
  if (setting->generation == 0) keep_cursor();
  return true;
}

void Notices::keep_cursor() {
  Result<Setting> setting = engine::setting_or_new(context_, setting_name);
  if (!setting) return;
  setting->value = engine::encode(handled_);
  Change change;
  change.writes.emplace_back(std::move(*setting));
  context_.store.commit(std::move(change), [](const Result<Applied>&) {});
}

void Notices::run() {
  const auto ending = [this] {
    const std::lock_guard lock(mutex_);
    return ending_;
  };
  while (!ending()) {
    bool good = read_cursor();
    const auto events = good ? context_.store.events(handled_, events_a_page)
                             : Result<std::vector<audit::Record>>(fail(Code::unavailable, ""));
    good = good && events.has_value();
    const std::int64_t before = handled_;
    if (events)
      for (const audit::Record& record : *events) {
        if (ending()) break;
        good = handle(record);
        if (!good) break;
        handled_ = record.sequence;
      }
    if (handled_ > before) keep_cursor();
    if (!good)
      wait(after_trouble);
    else if (events->size() < events_a_page)
      wait(between_looks);
  }
}

bool Notices::tell_administrators(const std::string& what, Time time) {
  UserFilter filter{.role = Role::admin};
  while (true) {
    const auto found = context_.store.users(filter);
    if (!found) return false;
    for (const UserSummary& each : *found)
      if (!each.user.email.empty() && !each.user.suspended &&
          !send(each.user.email, each.user, what, time))
        return false;
    if (found->size() < filter.limit) return true;
    filter.after = found->back().user.name;
  }
}

bool Notices::handle(const audit::Record& record) {
  const auto event = parse_event(record.line);
  const std::string what = event ? words_for(*event) : std::string();
  const std::string to_administrators = event ? words_for_administrators(*event) : std::string();
  if (what.empty() && to_administrators.empty()) return true;
  const Time time = audit::time_of(record.line);
  const Time now = context_.clock.read().now;
  if (time + tried_for < now) {
    fmt::print(
        stderr,
        "countersignd: notice of event {} was not sent within a day; it will not be tried again\n",
        record.sequence);
    return true;
  }
  if (!to_administrators.empty() && !tell_administrators(to_administrators, time)) return false;
  if (what.empty()) return true;
  const std::string name = member(*event, "user");
  const auto user = context_.store.user_by_name(name);
  if (!user) return user.error().code == Code::not_found;
  const bool throttled = member(*event, "throttled") == "yes";
  const auto told = throttled_.find(name);
  if (throttled && told != throttled_.end() && time < told->second + told_again_after) return true;
  // Of a changed address or number the old one is told: whoever changed it is not who has to know.
  send_sms(record.sequence, engine::old_address(context_, member(*event, "notify_sms")),
           (*user)->user, what, time);
  const std::string old = engine::old_address(context_, member(*event, "notify"));
  const std::string& to = old.empty() ? (*user)->user.email : old;
  if (!to.empty() && !send(to, (*user)->user, what, time)) return false;
  if (throttled) throttled_[name] = time;
  if (throttled_.size() > 10'000)
    std::erase_if(throttled_,
                  [&](const auto& entry) { return entry.second + told_again_after <= time; });
  return true;
}

void Notices::send_sms(std::int64_t sequence, const std::string& number, const User& user,
                       const std::string& what, Time time) {
  if (number.empty() || sequence == sms_tried_ || !courier_.carries(Kind::sms)) return;
  if (!country_of(number, context_.rules.sending.countries)) return;  // T40
  sms_tried_ = sequence;
  Result<Message> message = notice_sms(
      {.to = number, .user = user.name, .name = user.display_name, .what = what, .time = time},
      templates_, issuer_);
  if (!message) return;
  if (const auto sent = deliver(std::move(*message)); sent && !*sent)
    fmt::print(stderr, "countersignd: notice of event {} could not be sent by SMS: {}\n", sequence,
               escape_text(sent->error().what));
}

std::optional<Result<void>> Notices::deliver(Message message) {
  auto promise = std::make_shared<std::promise<Result<void>>>();
  std::future<Result<void>> answer = promise->get_future();
  courier_.send(std::move(message), Deadline::in(one_delivery),
                [promise](Result<void> sent) { promise->set_value(std::move(sent)); });
  while (answer.wait_for(std::chrono::milliseconds(100)) != std::future_status::ready) {
    const std::lock_guard lock(mutex_);
    if (ending_) return std::nullopt;
  }
  return answer.get();
}

bool Notices::send(const std::string& to, const User& user, const std::string& what, Time time) {
  if (!courier_.carries(Kind::email)) return true;
  Result<Message> message = notice_letter(
      {.to = to, .user = user.name, .name = user.display_name, .what = what, .time = time},
      templates_, issuer_);
  if (!message) return true;  // an address that nothing can be sent to: no later try would help
  const auto sent = deliver(std::move(*message));
  if (!sent) return false;
  return *sent || sent->error().code == Code::invalid || sent->error().code == Code::not_permitted;
}

}  // namespace countersign::couriers
