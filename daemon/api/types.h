// SPDX-License-Identifier: Apache-2.0
// The wire types of /v1: what front ends send and get. Errors are Problem (RFC 9457).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/authenticator.h"
#include "core/base/secret.h"
#include "core/base/time.h"
#include "core/factors/typed_code.h"
#include "core/user.h"
#include "core/verdict.h"
#include "daemon/api/field.h"

namespace countersign::api {

struct Nothing {
  static Fields fields() { return {}; }
};

struct Problem {
  std::string type = "about:blank";
  std::string title;
  int status = 500;
  std::string detail;
  std::string code;  // of core/result.h
  std::optional<std::string> change;
  static Fields fields() {
    return {Field{"type", &Problem::type, "Always about:blank"},
            Field{"title", &Problem::title, "The status in words"},
            Field{"status", &Problem::status, "The HTTP status"},
            Field{"detail", &Problem::detail, "What happened and what to do"},
            Field{"code", &Problem::code,
                  "Kind of failure: invalid, not_found, exists, not_permitted, conflict, ..."},
            Field{"change", &Problem::change,
                  "Of fresh_needed: the change that a fresh verification has to be for", 2048}};
  }
};

// --- verification ---

struct VerifyRequest {
  std::optional<std::string> user;
  Secret code;
  std::optional<std::string> service, challenge;
  static Fields fields() {
    return {
        Field{"user", &VerifyRequest::user,
              "Name of the user, or login:NAME, the user with that account on this host; need not "
              "exist. Left out: what a YubiKey typed says who it is (for verifiers)"},
        Field{"code", &VerifyRequest::code, "The code as typed", longest_typed_code},
        Field{"service", &VerifyRequest::service, "What the user wants to get into, e.g. sudo", 64},
        Field{"challenge", &VerifyRequest::challenge,
              "Of a code that was sent (/v1/codes): only that code is tried then", 64}};
  }
};

struct VerifyResult {
  std::string verdict = "denied";
  std::string reason;
  std::string user;
  std::string authenticator;
  std::optional<Kind> kind;
  std::vector<std::string> amr;
  int aal = 0;
  std::optional<Time> retry_at;
  std::optional<std::int64_t> retries;
  std::optional<std::string> advice;
  static Fields fields() {
    return {
        Field{"verdict", &VerifyResult::verdict, "verified or denied"},
        Field{"reason", &VerifyResult::reason,
              "Why it was denied; empty when verified; 'denied' to callers who are no verifiers"},
        Field{"user", &VerifyResult::user, "The name that was asked about"},
        Field{"authenticator", &VerifyResult::authenticator,
              "Id of the authenticator that verified; else empty"},
        Field{"kind", &VerifyResult::kind, "Its kind"},
        Field{"amr", &VerifyResult::amr, "Authentication method references (RFC 8176)"},
        Field{"aal", &VerifyResult::aal,
              "Assurance level of this factor alone (SP 800-63B-4); 0 when denied"},
        Field{"retry_at", &VerifyResult::retry_at,
              "Under throttle: when the next try is let through"},
        Field{"retries", &VerifyResult::retries,
              "Of a token's PIN: how many wrong ones it still takes"},
        Field{"advice", &VerifyResult::advice,
              "What the person can do about the reason, where trying again is no use"}};
  }
};

// --- users ---

// Requests with a member "user" mean a user by it; those whose "name" does say so by is_user
// (http/names.h).
struct UserName {
  static constexpr bool is_user = true;
  std::string name;
  static Fields fields() {
    return {Field{"name", &UserName::name,
                  "Name of the user, or login:NAME, the user with that account on this host",
                  longest_user}};
  }
};

struct UserCreate {
  std::string name;
  std::optional<std::string> display_name, audience, location, phone, email, login;
  std::optional<Role> role;
  std::optional<std::string> service_account = {};
  static Fields fields() {
    return {Field{"name", &UserCreate::name, "Unique name, as people type it"},
            Field{"display_name", &UserCreate::display_name, "The person's name"},
            Field{"audience", &UserCreate::audience,
                  "Whose policy applies: staff (default), client, ..."},
            Field{"location", &UserCreate::location, "Where the person works"},
            Field{"phone", &UserCreate::phone, "International form: +491701234567"},
            Field{"email", &UserCreate::email, "Address for notices and codes"},
            Field{"login", &UserCreate::login,
                  "Account on this host; kept by the name that the system has for it", 256},
            Field{"role", &UserCreate::role, "What the user may do here"},
            Field{"service_account", &UserCreate::service_account,
                  "An account that is no person: uids and services it gets in from and for, like "
                  "990|backup,sync"}};
  }
};

struct UserSet {
  static constexpr bool is_user = true;
  std::string name;
  std::optional<std::string> display_name, audience, location, phone, email, login;
  std::optional<Role> role;
  std::optional<bool> suspended;
  std::optional<std::string> service_account, rename;
  static Fields fields() {
    return {
        Field{"name", &UserSet::name, "Name of the user", longest_user},
        Field{"display_name", &UserSet::display_name, "The person's name"},
        Field{"audience", &UserSet::audience, "Whose policy applies"},
        Field{"location", &UserSet::location, "Where the person works"},
        Field{"phone", &UserSet::phone, "International form, or empty"},
        Field{"email", &UserSet::email, "Address, or empty"},
        Field{"login", &UserSet::login,
              "Account on this host, kept by the name that the system has for it; or empty", 256},
        Field{"role", &UserSet::role, "What the user may do here"},
        Field{"suspended", &UserSet::suspended, "Suspended users are denied everywhere"},
        Field{"service_account", &UserSet::service_account,
              "An account that is no person: uids and services it gets in from and for, like "
              "990|backup,sync; empty: a person"},
        Field{"rename", &UserSet::rename, "Another name from now on", 128}};
  }
};

struct UserView {
  std::string name, id, display_name, audience, location, phone, email;
  Role role = Role::user;
  std::string login;
  bool suspended = false;
  Time created{};
  std::optional<int> factors;
  std::optional<int> factors_ever;
  std::optional<Time> skipped;
  std::optional<std::string> service_account;
  static Fields fields() {
    return {Field{"name", &UserView::name, "Unique name"},
            Field{"id", &UserView::id, "Id, for good"},
            Field{"display_name", &UserView::display_name, "The person's name"},
            Field{"audience", &UserView::audience, "Whose policy applies"},
            Field{"location", &UserView::location, "Where the person works"},
            Field{"phone", &UserView::phone, "Phone number"},
            Field{"email", &UserView::email, "E-mail address"},
            Field{"role", &UserView::role, "What the user may do here"},
            Field{"login", &UserView::login, "Unix name on this host"},
            Field{"suspended", &UserView::suspended, "Denied everywhere"},
            Field{"created", &UserView::created, "When it was added"},
            Field{"factors", &UserView::factors, "How many authenticators can be used now"},
            Field{"factors_ever", &UserView::factors_ever,
                  "How many there ever were: who had one is not 'without'"},
            Field{"skipped", &UserView::skipped, "When the user chose to go on without a factor"},
            Field{"service_account", &UserView::service_account,
                  "No person: exempt for these callers and services"}};
  }
};

struct UserQuery {
  std::optional<std::string> after, location, audience;
  std::optional<bool> without_factor;
  std::optional<int> limit;
  std::optional<Role> role;
  std::optional<bool> service_accounts;
  std::optional<std::string> search;
  static Fields fields() {
    return {Field{"after", &UserQuery::after,
                  "Names greater than this: the last one of the page before"},
            Field{"location", &UserQuery::location, "Only of this location"},
            Field{"audience", &UserQuery::audience, "Only of this audience"},
            Field{"without_factor", &UserQuery::without_factor,
                  "Only those with no usable authenticator; service accounts are left out unless "
                  "asked for"},
            Field{"limit", &UserQuery::limit, "At most so many, 1 to 1000"},
            Field{"role", &UserQuery::role, "Only with this role: helpdesk, auditor or admin"},
            Field{"service_accounts", &UserQuery::service_accounts,
                  "true: only service accounts; false: none of them"},
            Field{"search", &UserQuery::search,
                  "Only with this in name, display name, login, e-mail or phone; upper and lower "
                  "case are the same",
                  128}};
  }
};

struct UserPage {
  std::vector<UserView> users;
  std::optional<std::string> next;
  static Fields fields() {
    return {Field{"users", &UserPage::users, "In order of name"},
            Field{"next", &UserPage::next, "Value of 'after' for the next page, if any"}};
  }
};

struct UserReset {
  std::string user;
  int revoked = 0;
  static Fields fields() {
    return {Field{"user", &UserReset::user, "Name"},
            Field{"revoked", &UserReset::revoked, "How many authenticators were revoked"}};
  }
};

struct UserBatch {
  std::vector<UserCreate> users;
  std::optional<bool> dry_run, partial;
  std::optional<std::string> permit;
  static Fields fields() {
    return {Field{"users", &UserBatch::users, "The rows", 1024},
            Field{"dry_run", &UserBatch::dry_run, "Only say what would be refused"},
            Field{"partial", &UserBatch::partial, "Take the good rows also when some are refused"},
            Field{"permit", &UserBatch::permit,
                  "A permit that has this batch's digest on its list (POST /v1/permits)", 64}};
  }
};

struct RowRefused {
  std::size_t row = 0;
  std::string reason;
  static Fields fields() {
    return {Field{"row", &RowRefused::row, "Index into the request, from 0"},
            Field{"reason", &RowRefused::reason, "Why"}};
  }
};

struct BatchResult {
  std::size_t accepted = 0;
  std::vector<RowRefused> refused;
  std::optional<std::string> digest;
  static Fields fields() {
    return {Field{"accepted", &BatchResult::accepted, "How many rows were taken, or would be"},
            Field{"refused", &BatchResult::refused, "The others"},
            Field{"digest", &BatchResult::digest,
                  "Of a dry run that would need a fresh verification: what a permit's list names "
                  "this batch by"}};
  }
};

// --- enrolment and authenticators ---

struct EnrollRequest {
  std::string user;
  Kind kind = Kind::totp;
  std::optional<std::string> label, serial, to;
  std::optional<Secret> secret, code;
  std::optional<HashAlgorithm> algorithm;
  std::optional<int> digits, period, codes;
  std::optional<bool> confirm;
  static Fields fields() {
    return {
        Field{"user", &EnrollRequest::user, "Name of the user"},
        Field{"kind", &EnrollRequest::kind,
              "totp, hotp, backup-codes, sms, email; yubico-otp of a key in stock"},
        Field{"label", &EnrollRequest::label, "A name for this authenticator"},
        Field{"serial", &EnrollRequest::serial,
              "Serial of an imported token in stock: bind that one"},
        Field{"to", &EnrollRequest::to,
              "sms, email: the number or address that a code is sent to, and that goes on file "
              "once it is confirmed; absent: the one on file",
              256},
        Field{"secret", &EnrollRequest::secret, "Base32; made at random when absent", 256},
        Field{"code", &EnrollRequest::code,
              "A code of an authenticator that the user has: asked of users who enrol themselves",
              longest_typed_code},
        Field{"algorithm", &EnrollRequest::algorithm,
              "SHA1 (default, what most apps can), SHA256, SHA512"},
        Field{"digits", &EnrollRequest::digits, "6 (default), 7 or 8"},
        Field{"period", &EnrollRequest::period, "Seconds, 30 by default"},
        Field{"codes", &EnrollRequest::codes, "How many backup codes, 10 by default"},
        Field{"confirm", &EnrollRequest::confirm,
              "false: bind without a first code (administrators)"}};
  }
};

struct EnrollResult {
  std::string id, user;
  Kind kind = Kind::totp;
  std::string status;
  std::optional<Secret> otpauth, secret;
  std::optional<std::vector<Secret>> codes;
  std::optional<HashAlgorithm> algorithm;
  std::optional<int> digits, period;
  std::optional<Time> expires;
  std::optional<std::string> to;
  static Fields fields() {
    return {
        Field{"id", &EnrollResult::id, "Id of the authenticator"},
        Field{"user", &EnrollResult::user, "Name of the user"},
        Field{"kind", &EnrollResult::kind, "Its kind"},
        Field{"status", &EnrollResult::status, "pending: confirm with the first code; or active"},
        Field{"otpauth", &EnrollResult::otpauth, "URI for the phone's app, shown this once"},
        Field{"secret", &EnrollResult::secret, "Base32, shown this once"},
        Field{"codes", &EnrollResult::codes, "Backup codes, shown this once"},
        Field{"algorithm", &EnrollResult::algorithm, "Hash"},
        Field{"digits", &EnrollResult::digits, "Length of its codes"},
        Field{"period", &EnrollResult::period, "Seconds; TOTP"},
        Field{"expires", &EnrollResult::expires, "Until when a pending one can be confirmed"},
        Field{"to", &EnrollResult::to, "sms, email: where the code went, masked"}};
  }
};

struct ConfirmRequest {
  std::string id;
  Secret code;
  std::optional<Secret> next;
  static Fields fields() {
    return {Field{"id", &ConfirmRequest::id, "Id that the enrolment gave", 64},
            Field{"code", &ConfirmRequest::code, "The first code", longest_typed_code},
            Field{"next", &ConfirmRequest::next,
                  "totp, hotp: the code right after it; both are then looked for far and wide, for "
                  "a token that lay in stock",
                  longest_typed_code}};
  }
};

struct AuthenticatorId {
  std::string id;
  static Fields fields() {
    return {Field{"id", &AuthenticatorId::id, "Id of the authenticator", 64}};
  }
};

struct AuthenticatorView {
  std::string id, user;
  Kind kind = Kind::totp;
  Status status = Status::active;
  std::string label, serial;
  std::optional<HashAlgorithm> algorithm;
  std::optional<int> digits, period, codes_left;
  Time created{};
  std::optional<Time> last_used, ended, not_after;
  std::string basis;
  static Fields fields() {
    return {Field{"id", &AuthenticatorView::id, "Id"},
            Field{"user", &AuthenticatorView::user, "Name of the user; empty in stock"},
            Field{"kind", &AuthenticatorView::kind, "Kind"},
            Field{"status", &AuthenticatorView::status, "unassigned, active, suspended, revoked"},
            Field{"label", &AuthenticatorView::label, "Name of the person's choice"},
            Field{"serial", &AuthenticatorView::serial, "Serial of the token"},
            Field{"algorithm", &AuthenticatorView::algorithm, "Hash (OATH)"},
            Field{"digits", &AuthenticatorView::digits, "Length of its codes (OATH)"},
            Field{"period", &AuthenticatorView::period, "Seconds (TOTP)"},
            Field{"codes_left", &AuthenticatorView::codes_left, "Unused backup codes"},
            Field{"created", &AuthenticatorView::created, "When it was bound"},
            Field{"last_used", &AuthenticatorView::last_used, "When it verified last, if ever"},
            Field{"ended", &AuthenticatorView::ended, "When it was revoked"},
            Field{"not_after", &AuthenticatorView::not_after,
                  "The last moment of its certificate (PIV cards)"},
            Field{"basis", &AuthenticatorView::basis,
                  "What its binding rested on: bootstrap, fresh:NAME, verified-sign-in, "
                  "first-factor, ...; empty in stock"}};
  }
};

struct AuthenticatorQuery {
  std::optional<std::string> user, after, serial;
  std::optional<Kind> kind;
  std::optional<Status> status;
  std::optional<int> limit, expiring;
  static Fields fields() {
    return {Field{"user", &AuthenticatorQuery::user, "Only of this user"},
            Field{"after", &AuthenticatorQuery::after, "Ids greater than this"},
            Field{"serial", &AuthenticatorQuery::serial, "Only with this serial"},
            Field{"kind", &AuthenticatorQuery::kind, "Only of this kind"},
            Field{"status", &AuthenticatorQuery::status, "Only in this state"},
            Field{"limit", &AuthenticatorQuery::limit, "At most so many, 1 to 1000"},
            Field{"expiring", &AuthenticatorQuery::expiring,
                  "Only active ones whose certificate ends within so many days, 0 to 3650, or has "
                  "ended"}};
  }
};

struct AuthenticatorPage {
  std::vector<AuthenticatorView> authenticators;
  std::optional<std::string> next;
  static Fields fields() {
    return {Field{"authenticators", &AuthenticatorPage::authenticators, "In order of id"},
            Field{"next", &AuthenticatorPage::next, "Value of 'after' for the next page, if any"}};
  }
};

struct AuthenticatorSet {
  std::string id;
  std::optional<std::string> label;
  std::optional<Status> status;
  std::optional<bool> confirm;
  static Fields fields() {
    return {Field{"id", &AuthenticatorSet::id, "Id", 64},
            Field{"label", &AuthenticatorSet::label, "New label"},
            Field{"status", &AuthenticatorSet::status, "active, suspended, or revoked (final)"},
            Field{"confirm", &AuthenticatorSet::confirm,
                  "true: an administrator vouches for its owner, so that it serves for fresh "
                  "verifications from now on"}};
  }
};

struct ResyncRequest {
  std::string id;
  std::vector<Secret> codes;
  static Fields fields() {
    return {Field{"id", &ResyncRequest::id, "Id of a TOTP or HOTP token", 64},
            Field{"codes", &ResyncRequest::codes, "Two consecutive codes", 2}};
  }
};

// --- imports ---

struct ImportRef {
  std::string id;
  static Fields fields() { return {Field{"id", &ImportRef::id, "Id of the import", 64}}; }
};

struct ImportRow {
  std::optional<std::string> user, serial, label;
  Kind kind = Kind::totp;
  std::optional<std::string> public_id;
  Secret secret;
  std::optional<HashAlgorithm> algorithm;
  std::optional<int> digits, period;
  std::optional<std::int64_t> counter, epoch, drift;
  static Fields fields() {
    return {
        Field{"user", &ImportRow::user, "Name of the user; absent: into stock"},
        Field{"serial", &ImportRow::serial, "Serial of the token"},
        Field{"label", &ImportRow::label, "Label"},
        Field{"kind", &ImportRow::kind, "totp, hotp or yubico-otp"},
        Field{"public_id", &ImportRow::public_id, "What a YubiKey types first, in modhex", 32},
        Field{"secret", &ImportRow::secret, "Base32; of a YubiKey the AES key and the private id",
              256},
        Field{"algorithm", &ImportRow::algorithm, "SHA1 (default), SHA256, SHA512"},
        Field{"digits", &ImportRow::digits, "6 (default), 7 or 8"},
        Field{"period", &ImportRow::period, "Seconds, 30 by default"},
        Field{"counter", &ImportRow::counter, "Next counter (HOTP)"},
        Field{"epoch", &ImportRow::epoch, "Unix time at which steps begin (TOTP), 0 by default"},
        Field{"drift", &ImportRow::drift, "Steps that the token's clock is ahead (TOTP)"}};
  }
};

struct ImportRows {
  std::string id;
  std::vector<ImportRow> rows;
  static Fields fields() {
    return {Field{"id", &ImportRows::id, "Id of the import", 64},
            Field{"rows", &ImportRows::rows, "Up to 1024 tokens", 1024}};
  }
};

struct ImportFinish {
  std::string id;
  bool complete = false;
  static Fields fields() {
    return {Field{"id", &ImportFinish::id, "Id of the import", 64},
            Field{"complete", &ImportFinish::complete,
                  "true: all of it counts from now on; false: none of it ever will"}};
  }
};

// --- the organisation, the store, the record ---

struct CoverageQuery {
  std::optional<std::string> location;
  std::optional<bool> service_accounts;
  static Fields fields() {
    return {Field{"location", &CoverageQuery::location, "Only this location"},
            Field{"service_accounts", &CoverageQuery::service_accounts,
                  "true: service accounts are counted as well"}};
  }
};

struct LocationCoverage {
  std::string location;
  std::int64_t users = 0, with_factor = 0, without_factor = 0;
  bool locked_out = false;
  static Fields fields() {
    return {
        Field{"location", &LocationCoverage::location, "Location; empty: users without one"},
        Field{"users", &LocationCoverage::users, "Users not suspended"},
        Field{"with_factor", &LocationCoverage::with_factor, "Those with a usable authenticator"},
        Field{"without_factor", &LocationCoverage::without_factor, "The others"},
        Field{"locked_out", &LocationCoverage::locked_out, "Nobody there has one"}};
  }
};

struct Coverage {
  std::vector<LocationCoverage> locations;
  static Fields fields() { return {Field{"locations", &Coverage::locations, "In order of name"}}; }
};

struct StatusView {
  std::string version, store, state, clock, rp_id;
  std::vector<std::string> origins;
  std::string audit_key;
  std::optional<std::vector<std::string>> names_by_case;
  std::int64_t audit_events = 0;
  std::string audit_head;
  Time time{};
  std::string bootstrap;
  static Fields fields() {
    return {Field{"version", &StatusView::version, "Of the daemon"},
            Field{"store", &StatusView::store, "demo or production"},
            Field{"state", &StatusView::state,
                  "ready, or restored: an old copy was put back and one-time factors wait"},
            Field{"clock", &StatusView::clock, "good, behind or ahead"},
            Field{"rp_id", &StatusView::rp_id, "What security keys are bound to, for good"},
            Field{"origins", &StatusView::origins, "Pages that may use them"},
            Field{"audit_key", &StatusView::audit_key,
                  "Public Ed25519 key of the audit chain, hexadecimal"},
            Field{"audit_events", &StatusView::audit_events, "Sequence number of the newest event"},
            Field{"audit_head", &StatusView::audit_head,
                  "Its hash, hexadecimal; note it elsewhere to anchor the chain"},
            Field{"names_by_case", &StatusView::names_by_case,
                  "Told to administrators: users whose names differ from another's by case alone; "
                  "rename one of each"},
            Field{"time", &StatusView::time, "What the daemon takes the time to be"},
            Field{"bootstrap", &StatusView::bootstrap,
                  "open: whoever administers needs no fresh verification yet; closed: for good"}};
  }
};

struct StoreResync {
  int suspended = 0;
  static Fields fields() {
    return {Field{"suspended", &StoreResync::suspended,
                  "HOTP tokens and sets of backup codes to be resumed one by one"}};
  }
};

struct KeyRotation {
  std::int64_t data_key = 0;
  static Fields fields() {
    return {Field{"data_key", &KeyRotation::data_key,
                  "Number of the new data key; re-sealing goes on in the background"}};
  }
};

struct AuditQuery {
  std::optional<std::int64_t> after;
  std::optional<int> limit;
  static Fields fields() {
    return {Field{"after", &AuditQuery::after, "Sequence numbers greater than this"},
            Field{"limit", &AuditQuery::limit, "At most so many, 1 to 1000"}};
  }
};

struct AuditRecord {
  std::int64_t sequence = 0;
  std::string event, hash;
  static Fields fields() {
    return {
        Field{"sequence", &AuditRecord::sequence, "1, 2, ..."},
        Field{"event", &AuditRecord::event, "The event, as the line that was hashed"},
        Field{"hash", &AuditRecord::hash,
              "SHA-256 over the previous hash, the sequence number and the event, hexadecimal"}};
  }
};

struct AuditHead {
  std::int64_t sequence = 0;
  std::string hash, signature;
  static Fields fields() {
    return {Field{"sequence", &AuditHead::sequence, "Of the newest event"},
            Field{"hash", &AuditHead::hash, "Its hash, hexadecimal"},
            Field{"signature", &AuditHead::signature, "Ed25519, hexadecimal"}};
  }
};

struct AuditPage {
  std::vector<AuditRecord> events;
  AuditHead head, checkpoint;
  std::string audit_key;
  static Fields fields() {
    return {Field{"events", &AuditPage::events, "In order"},
            Field{"head", &AuditPage::head, "The signed end of the chain"},
            Field{"checkpoint", &AuditPage::checkpoint, "Where it begins since the last prune"},
            Field{"audit_key", &AuditPage::audit_key, "Public Ed25519 key, hexadecimal"}};
  }
};

struct AuditVerify {
  std::optional<std::int64_t> sequence;
  std::optional<std::string> hash;
  static Fields fields() {
    return {Field{"sequence", &AuditVerify::sequence, "Of a head that was noted elsewhere"},
            Field{"hash", &AuditVerify::hash, "Its hash, hexadecimal", 64}};
  }
};

struct AuditVerdict {
  bool intact = false;
  std::int64_t events = 0, first = 0, last = 0;
  std::string problem;
  static Fields fields() {
    return {Field{"intact", &AuditVerdict::intact, "Every link, both ends and the signature hold"},
            Field{"events", &AuditVerdict::events, "How many were walked"},
            Field{"first", &AuditVerdict::first, "Sequence number of the first"},
            Field{"last", &AuditVerdict::last, "and the last"},
            Field{"problem", &AuditVerdict::problem, "The first thing that is wrong, and where"}};
  }
};

struct AuditPrune {
  std::int64_t through = 0;
  static Fields fields() {
    return {Field{"through", &AuditPrune::through, "Drop events up to this sequence number"}};
  }
};

// Demo stores only: moves the clock that the daemon goes by.
struct ClockMove {
  std::optional<std::int64_t> advance, step;
  static Fields fields() {
    return {Field{"advance", &ClockMove::advance, "Seconds that pass"},
            Field{"step", &ClockMove::step, "Seconds by which the wall clock alone jumps"}};
  }
};

}  // namespace countersign::api
