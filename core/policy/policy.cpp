// SPDX-License-Identifier: Apache-2.0
#include "core/policy/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/text.h"

namespace countersign {
namespace {

constexpr std::array never_by_star = {"sshd", "sudo", "su"};
constexpr int longest_days = 3650;
constexpr int longest_grace = 24 * 7;
constexpr std::size_t most_services = 64;

Result<void> require_services(std::string_view field, const ServiceList& services) {
  if (services.size() > most_services)
    return fail(Code::invalid, fmt::format("{} names more than {} services", field, most_services));
  for (const std::string& service : services) {
    if (service.empty() || service.contains(',') || service.contains(' ') ||
        (service.contains('*') && service != "*"))
      return fail(
          Code::invalid,
          fmt::format("{}: '{}' is no service; give names, or * for all but sshd, sudo and su",
                      field, escape_text(service)));
    TRY(require_plain_text(field, service, 64));
  }
  return {};
}

Result<void> require_range(std::string_view field, int value, int least, int most) {
  if (value >= least && value <= most) return {};
  return fail(Code::invalid, fmt::format("{} must be {} to {}", field, least, most));
}

// Whether `after` has a service that `before` has not. A star stands for all but the three.
bool adds_service(const ServiceList& before, const ServiceList& after) {
  return std::ranges::any_of(after, [&](const std::string& service) {
    if (service == "*") return std::ranges::find(before, "*") == before.end();
    return !covers(before, service);
  });
}

int weakest(KindSet kinds) {
  int least = 4;
  for (const Kind kind : kinds.list()) least = std::min(least, strength(kind));
  return least;
}

bool adds_weaker(KindSet before, KindSet after) {
  const int least = weakest(before);
  const std::vector<Kind> added = after.without(before).list();
  return std::ranges::any_of(added, [&](Kind kind) { return strength(kind) < least; });
}

// 0 is the longest: for good.
bool longer_with_zero(int before, int after) {
  return before != 0 && (after == 0 || after > before);
}

int level(webauthn::UserVerification uv) {
  switch (uv) {
    case webauthn::UserVerification::required:
      return 2;
    case webauthn::UserVerification::preferred:
      return 1;
    case webauthn::UserVerification::discouraged:
      return 0;
  }
  std::unreachable();
}

void compare_recognition(const RecognitionRules& before, const RecognitionRules& after,
                         std::vector<std::string>& weaker) {
  if (after.for_everyone && !before.for_everyone)
    weaker.emplace_back("machines are recognized for everyone, not for who verified");
  if (!after.after.without(before.after).empty())
    weaker.emplace_back("more factors make a machine recognized");
  if (adds_service(before.services, after.services))
    weaker.emplace_back("recognition counts for more services");
  if (after.disuse_days > before.disuse_days)
    weaker.emplace_back("recognition lapses later by disuse");
  if (after.maximum_days > before.maximum_days)
    weaker.emplace_back("recognition lapses later by age");
  if (!after.hardware_bound && before.hardware_bound)
    weaker.emplace_back("a machine's key need not be hardware-bound");
}

}  // namespace

bool covers(const ServiceList& list, std::string_view service) {
  if (service.empty()) return false;
  if (std::ranges::find(list, service) != list.end()) return service != "*";
  return std::ranges::find(list, "*") != list.end() &&
         std::ranges::find(never_by_star, service) == never_by_star.end();
}

bool audience_known(const Policies& policies, const std::string& audience) {
  return policies.by_audience.contains(audience) ||
         std::ranges::find(known_audiences, audience) != known_audiences.end();
}

const Policy& policy_for(const Policies& policies, const std::string& audience) {
  static const Policy off;
  static const Policy required{.mode = Mode::required};
  if (const auto found = policies.by_audience.find(audience); found != policies.by_audience.end())
    return found->second;
  return audience_known(policies, audience) ? off : required;
}

bool admits(const Policies& policies, const std::string& audience, Kind kind) {
  return kind == Kind::temporary_code || !policies.by_audience.contains(audience) ||
         policies.by_audience.at(audience).methods.contains(kind);
}

Result<void> validate(const Policy& policy) {
  if (policy.methods.empty() && policy.mode != Mode::off)
    return fail(Code::invalid,
                "methods is empty: nobody could verify; name at least one, or set mode off");
  if (policy.methods.contains(Kind::temporary_code))
    return fail(
        Code::invalid,
        "temporary-code is no method of a policy: the helpdesk's codes work under each of them");
  TRY(require_range("skip_days", policy.skip_days, 0, longest_days));
  TRY(require_range("code_length", policy.code_length, 4, 8));
  TRY(require_range("recognition_disuse_days", policy.recognition.disuse_days, 1, longest_days));
  TRY(require_range("recognition_maximum_days", policy.recognition.maximum_days, 1, longest_days));
  TRY(require_range("grace_hours", policy.grace.hours, 0, longest_grace));
  TRY(require_services("recognition_services", policy.recognition.services));
  TRY(require_services("grace_services", policy.grace.services));
  if (policy.grace.hours != 0 && policy.grace.services.empty())
    return fail(Code::invalid,
                "grace_services is empty: name the services that grace is for, e.g. screen-unlock");
  if (std::ranges::find(policy.grace.services, "*") != policy.grace.services.end())
    return fail(Code::invalid, "grace_services: grace is for named services, not for all");
  if (policy.ask == Ask::unrecognized && policy.recognition.after.empty())
    return fail(Code::invalid,
                "recognition_after is empty: no machine could become recognized; name factors, or "
                "set ask always");
  return {};
}

std::vector<std::string> warnings(const Policy& policy) {
  std::vector<std::string> said;
  const KindSet lasting = policy.methods.without({Kind::backup_codes, Kind::temporary_code});
  if (policy.mode != Mode::off && lasting.empty() && policy.backup_codes)
    said.emplace_back(
        "only backup codes may answer: each works once, and whoever has used up theirs is locked "
        "out; add a method such as totp or fido2");
  if (policy.code_length < 6)
    said.push_back(
        fmt::format("codes of {} digits are guessed 100 times and more as easily as codes of 6",
                    policy.code_length));
  if (policy.methods.contains(Kind::sms))
    said.emplace_back(
        "codes by SMS can be taken over with the phone number (SP 800-63B-4: a restricted "
        "authenticator)");
  if (policy.methods.contains(Kind::email))
    said.emplace_back(
        "codes by e-mail show who reads the mailbox, and do not raise the assurance level");
  if (policy.ask == Ask::unrecognized)
    for (const char* service : never_by_star)
      if (covers(policy.recognition.services, service))
        said.push_back(
            fmt::format("recognition counts for {}: over the network that machine is the server, "
                        "not the user's own",
                        service));
  return said;
}

std::vector<std::string> loosened(const Policy& before, const Policy& after) {
  std::vector<std::string> weaker;
  const auto say_if = [&](bool is, const char* words) {
    if (is) weaker.emplace_back(words);
  };
  if (after.mode < before.mode)
    weaker.push_back(
        fmt::format("mode goes from {} to {}", to_name(before.mode), to_name(after.mode)));
  if (after.mode != Mode::off && before.mode != Mode::off) {
    say_if(adds_weaker(before.methods, after.methods), "a weaker method is admitted");
    say_if(after.enroll_at_sign_in && !before.enroll_at_sign_in,
           "who has no factor may make one at sign-in");
    say_if(!after.ask_sso && before.ask_sso, "single sign-on users are no longer asked");
    say_if(after.backup_codes && !before.backup_codes, "backup codes work");
    say_if(after.code_length < before.code_length, "codes that are sent are shorter");
    say_if(level(after.uv) < level(before.uv), "keys ask less of their user");
    say_if(after.ask == Ask::unrecognized && before.ask == Ask::always,
           "recognized machines are not asked");
    if (after.mode == Mode::optional && before.mode == Mode::optional)
      say_if(longer_with_zero(before.skip_days, after.skip_days), "skipping is remembered longer");
    if (after.ask == Ask::unrecognized && before.ask == Ask::unrecognized)
      compare_recognition(before.recognition, after.recognition, weaker);
    say_if(after.grace.hours > before.grace.hours, "grace lasts longer");
    say_if(after.grace.hours != 0 && before.grace.hours != 0 &&
               adds_service(before.grace.services, after.grace.services),
           "grace covers more services");
  }
  say_if(after.unknown_users == UnknownUsers::allow && before.unknown_users == UnknownUsers::deny,
         "unknown users are let in");
  return weaker;
}

int strength(Kind kind) {
  switch (kind) {
    case Kind::fido2:
    case Kind::piv:
    case Kind::openpgp:
      return 3;
    case Kind::yubico_otp:
    case Kind::hmac:
    case Kind::totp:
    case Kind::hotp:
      return 2;
    case Kind::backup_codes:
    case Kind::temporary_code:
      return 1;
    case Kind::sms:
    case Kind::email:
      return 0;
  }
  std::unreachable();
}

}  // namespace countersign
