// SPDX-License-Identifier: Apache-2.0
// Wire types of policies.
#pragma once

#include "core/policy/policy.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

struct PolicyView {
  std::string audience;
  bool set = false;
  Mode mode = Mode::off;
  Ask ask = Ask::always;
  std::vector<Kind> methods;
  int skip_days = 0;
  bool enroll_at_sign_in = true, ask_sso = false, backup_codes = true;
  int code_length = 6;
  webauthn::UserVerification uv = webauthn::UserVerification::preferred;
  UnknownUsers unknown_users = UnknownUsers::deny;
  bool recognition_for_everyone = false;
  std::vector<Kind> recognition_after;
  std::vector<std::string> recognition_services;
  int recognition_disuse_days = 30, recognition_maximum_days = 90;
  bool recognition_hardware_bound = false;
  int grace_hours = 0;
  std::vector<std::string> grace_services;
  static Fields fields() {
    return {
        Field{"audience", &PolicyView::audience, "Whose policy it is"},
        Field{"set", &PolicyView::set, "false: nobody set one; this is what holds without"},
        Field{"mode", &PolicyView::mode, "off, optional or required"},
        Field{"ask", &PolicyView::ask, "always, or at unrecognized machines"},
        Field{"methods", &PolicyView::methods, "Kinds of authenticators that count"},
        Field{"skip_days", &PolicyView::skip_days,
              "optional: how long 'skip for now' is remembered; 0: until it is undone"},
        Field{"enroll_at_sign_in", &PolicyView::enroll_at_sign_in,
              "Who has no factor makes one at the sign-in; else an administrator does"},
        Field{"ask_sso", &PolicyView::ask_sso, "Single sign-on users are asked too"},
        Field{"backup_codes", &PolicyView::backup_codes, "Whether backup codes are made and work"},
        Field{"code_length", &PolicyView::code_length, "Digits of codes that are sent"},
        Field{"uv", &PolicyView::uv, "What keys ask of their user"},
        Field{"unknown_users", &PolicyView::unknown_users,
              "What happens to users that are not known here (staff's policy counts)"},
        Field{"recognition_for_everyone", &PolicyView::recognition_for_everyone,
              "One verification makes a machine recognized for the whole audience"},
        Field{"recognition_after", &PolicyView::recognition_after,
              "Factors that make a machine recognized"},
        Field{"recognition_services", &PolicyView::recognition_services,
              "Services it counts for; * is all but sshd, sudo and su"},
        Field{"recognition_disuse_days", &PolicyView::recognition_disuse_days,
              "Lapses when not used for so long"},
        Field{"recognition_maximum_days", &PolicyView::recognition_maximum_days,
              "Lapses after so long in any case"},
        Field{"recognition_hardware_bound", &PolicyView::recognition_hardware_bound,
              "Only machines whose key lives in a TPM"},
        Field{"grace_hours", &PolicyView::grace_hours,
              "So long a verification counts for grace_services of the same login session; 0: not "
              "at all"},
        Field{"grace_services", &PolicyView::grace_services, "E.g. a screen lock"}};
  }
};

struct PolicyList {
  std::vector<PolicyView> policies;
  static Fields fields() {
    return {Field{"policies", &PolicyList::policies, "Of all audiences that are known"}};
  }
};

struct AudienceName {
  std::string audience;
  static Fields fields() {
    return {Field{"audience", &AudienceName::audience, "Name of the audience", 64}};
  }
};

// What is given, changes; the rest stays.
struct PolicySet {
  std::string audience;
  std::optional<Mode> mode;
  std::optional<Ask> ask;
  std::optional<std::vector<Kind>> methods;
  std::optional<int> skip_days;
  std::optional<bool> enroll_at_sign_in, ask_sso, backup_codes;
  std::optional<int> code_length;
  std::optional<webauthn::UserVerification> uv;
  std::optional<UnknownUsers> unknown_users;
  std::optional<bool> recognition_for_everyone;
  std::optional<std::vector<Kind>> recognition_after;
  std::optional<std::vector<std::string>> recognition_services;
  std::optional<int> recognition_disuse_days, recognition_maximum_days;
  std::optional<bool> recognition_hardware_bound;
  std::optional<int> grace_hours;
  std::optional<std::vector<std::string>> grace_services;
  std::optional<bool> add, forget_enrollments, forget_machines, dry_run, force;
  std::optional<std::string> confirm;
  static Fields fields() {
    return {
        Field{"audience", &PolicySet::audience, "Whose policy", 64},
        Field{"mode", &PolicySet::mode, "off, optional or required"},
        Field{"ask", &PolicySet::ask, "always, or unrecognized"},
        Field{"methods", &PolicySet::methods, "Kinds of authenticators that count", 16},
        Field{"skip_days", &PolicySet::skip_days,
              "How long skipping is remembered; 0: until it is undone"},
        Field{"enroll_at_sign_in", &PolicySet::enroll_at_sign_in,
              "Who has no factor makes one at the sign-in"},
        Field{"ask_sso", &PolicySet::ask_sso, "Ask single sign-on users too"},
        Field{"backup_codes", &PolicySet::backup_codes, "Whether they are made and work"},
        Field{"code_length", &PolicySet::code_length, "4 to 8 digits, of codes that are sent"},
        Field{"uv", &PolicySet::uv, "What keys ask of their user"},
        Field{"unknown_users", &PolicySet::unknown_users, "deny or allow"},
        Field{"recognition_for_everyone", &PolicySet::recognition_for_everyone,
              "For the whole audience"},
        Field{"recognition_after", &PolicySet::recognition_after,
              "Factors that make a machine recognized", 16},
        Field{"recognition_services", &PolicySet::recognition_services, "Services it counts for",
              64},
        Field{"recognition_disuse_days", &PolicySet::recognition_disuse_days, "1 to 3650"},
        Field{"recognition_maximum_days", &PolicySet::recognition_maximum_days, "1 to 3650"},
        Field{"recognition_hardware_bound", &PolicySet::recognition_hardware_bound,
              "Only keys in a TPM"},
        Field{"grace_hours", &PolicySet::grace_hours, "0 to 168"},
        Field{"grace_services", &PolicySet::grace_services, "Services that grace is for", 64},
        Field{"add", &PolicySet::add, "The audience is a new one"},
        Field{"forget_enrollments", &PolicySet::forget_enrollments,
              "Everybody in the audience has to enrol again"},
        Field{"forget_machines", &PolicySet::forget_machines, "Every machine's recognition ends"},
        Field{"dry_run", &PolicySet::dry_run, "Only say what it would do"},
        Field{"force", &PolicySet::force, "Although every administrator would be locked out"},
        Field{"confirm", &PolicySet::confirm,
              "The 'change' that the dry run gave: what was looked at is what is set", 1024}};
  }
};

struct PolicyEffect {
  PolicyView policy;
  bool applied = false;
  std::string change;
  std::vector<std::string> loosens, warnings;
  bool needs_fresh = false;
  std::int64_t users = 0, verify = 0, enroll = 0, locked_out = 0;
  std::vector<std::string> must_enroll, would_be_locked_out, locations_without;
  std::int64_t machines_lapse = 0;
  std::vector<std::string> lapsing_machines;
  bool every_admin_locked_out = false;
  std::optional<std::string> rests_on = {};
  static Fields fields() {
    return {Field{"policy", &PolicyEffect::policy, "As it is, or would be"},
            Field{"applied", &PolicyEffect::applied, "Whether it is in force"},
            Field{"change", &PolicyEffect::change,
                  "The change's name: to confirm it, and for a fresh verification"},
            Field{"loosens", &PolicyEffect::loosens, "In which respects it lets in more"},
            Field{"warnings", &PolicyEffect::warnings, "What to know before"},
            Field{"needs_fresh", &PolicyEffect::needs_fresh,
                  "It needs a fresh verification of an administrator"},
            Field{"users", &PolicyEffect::users,
                  "Of the audience, without suspended ones and service accounts"},
            Field{"verify", &PolicyEffect::verify, "How many have a working factor"},
            Field{"enroll", &PolicyEffect::enroll, "How many would have to enrol, or to skip"},
            Field{"locked_out", &PolicyEffect::locked_out, "How many could not get in"},
            Field{"must_enroll", &PolicyEffect::must_enroll, "The first hundred of them"},
            Field{"would_be_locked_out", &PolicyEffect::would_be_locked_out,
                  "The first hundred of them"},
            Field{"locations_without", &PolicyEffect::locations_without,
                  "Locations where nobody has a working factor"},
            Field{"machines_lapse", &PolicyEffect::machines_lapse,
                  "How many recognized machines would no longer be"},
            Field{"lapsing_machines", &PolicyEffect::lapsing_machines, "The first hundred of them"},
            Field{"every_admin_locked_out", &PolicyEffect::every_admin_locked_out,
                  "Refused unless forced"},
            Field{"rests_on", &PolicyEffect::rests_on,
                  "Once it is in force, if it loosened anything: what it rested on, such as "
                  "bootstrap or fresh:NAME"}};
  }
};

}  // namespace countersign::api
