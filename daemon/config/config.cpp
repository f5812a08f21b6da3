// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/config.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "core/base/text.h"
#include "core/crypto/x509_path.h"
#include "daemon/base/safe_file.h"
#include "daemon/config/card_files.h"
#include "daemon/config/couriers.h"
#include "daemon/config/otp_table.h"
#include "daemon/config/reader.h"
#include "daemon/config/web_names.h"

namespace countersign {
namespace {

using namespace config;

constexpr std::size_t largest_file = 1024 * 1024;

// Stands in every otpauth URI: one that a phone can't take would make each enrolment fail.
Take issuer(std::string& into) {
  return [&into](const toml::node& node, const std::string& key,
                 const Reader& reader) -> Result<void> {
    TRY(text(into)(node, key, reader));
    if (into.contains(':') || into.size() > 128)
      return reader.wrong(node, key,
                          "must have at most 128 bytes and no colon, which separates it from the "
                          "account on phones");
    return {};
  };
}

// What happens when a token that somebody signed in with is taken away.
Take removal_action(std::string& into) {
  return [&into](const toml::node& node, const std::string& key,
                 const Reader& reader) -> Result<void> {
    TRY(text(into)(node, key, reader));
    if (into != "lock-session" && !into.starts_with('/'))
      return reader.wrong(node, key, "must be \"lock-session\" or the full path of a program");
    return {};
  };
}

// A domain in lower case.
Take domain(std::string& into) {
  return [&into](const toml::node& node, const std::string& key,
                 const Reader& reader) -> Result<void> {
    const auto value = node.value_exact<std::string>();
    const bool plain =
        value && !value->empty() && value->size() <= 253 && std::ranges::all_of(*value, [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
        });
    if (!plain || value->front() == '.' || value->back() == '.')
      return reader.wrong(node, key, "must be a domain name in lower case");
    into = *value;
    return {};
  };
}

// As browsers will name it (web_names.h).
Take rp_id(std::string& into) {
  return [&into](const toml::node& node, const std::string& key,
                 const Reader& reader) -> Result<void> {
    TRY(text(into)(node, key, reader));
    if (auto held = require_rp_id(into); !held) return reader.wrong(node, key, held.error().what);
    return {};
  };
}

Take object_identifiers(std::vector<std::string>& into) {
  return [&into](const toml::node& node, const std::string& key,
                 const Reader& reader) -> Result<void> {
    TRY(texts(into)(node, key, reader));
    for (const std::string& each : into)
      if (!crypto::is_object_identifier(each))
        return reader.wrong(node, key,
                            fmt::format("has \"{}\", which is not an object identifier such as "
                                        "2.16.840.1.101.3.2.1.3.7",
                                        escape_text(each)));
    return {};
  };
}

Take origins(std::vector<std::string>& into, Result<void> (*require)(std::string_view)) {
  return [&into, require](const toml::node& node, const std::string& key,
                          const Reader& reader) -> Result<void> {
    TRY(texts(into)(node, key, reader));
    for (const std::string& each : into)
      if (auto held = require(each); !held) return reader.wrong(node, key, held.error().what);
    return {};
  };
}

Take primaries(std::vector<Primary>& into) {
  return [&into](const toml::node& node, const std::string& key,
                 const Reader& reader) -> Result<void> {
    std::vector<std::string> names;
    TRY(texts(names)(node, key, reader));
    into.clear();
    for (const std::string& name : names) {
      const auto value = from_name<Primary>(name);
      if (!value) return reader.wrong(node, key, "must be a list of none, password and sso");
      into.push_back(*value);
    }
    return {};
  };
}

// A user or group by name or number, as of now.
Take account(std::optional<std::uint32_t>& into, bool group) {
  return [&into, group](const toml::node& node, const std::string& key,
                        const Reader& reader) -> Result<void> {
    if (const auto value = node.value_exact<std::int64_t>()) {
      if (*value < 0 || *value >= std::numeric_limits<std::uint32_t>::max())
        return reader.wrong(node, key, "is no uid or gid");
      into = static_cast<std::uint32_t>(*value);
      return {};
    }
    const auto name = node.value_exact<std::string>();
    if (!name) return reader.wrong(node, key, "must be a name or a number");
    if (group) {
      if (const struct ::group* found = getgrnam(name->c_str())) into = found->gr_gid;
    } else if (const passwd* found = getpwnam(name->c_str())) {
      into = found->pw_uid;
    }
    if (!into)
      return reader.wrong(
          node, key,
          fmt::format("names {} that this system does not know", group ? "a group" : "a user"));
    return {};
  };
}

Take verifiers(std::vector<http::VerifierRule>& into) {
  return [&into](const toml::node& node, const std::string& key,
                 const Reader& reader) -> Result<void> {
    const toml::array* list = node.as_array();
    if (list == nullptr) return reader.wrong(node, key, "must be written as [[verifier]]");
    for (const toml::node& element : *list) {
      http::VerifierRule rule;
      const Keys keys = {{"name", text(rule.name)},
                         {"user", account(rule.uid, false)},
                         {"group", account(rule.gid, true)},
                         {"services", texts(rule.services)},
                         {"primary", primaries(rule.primary)},
                         {"audiences", texts(rule.audiences)}};
      TRY(reader.table(element, key, keys));
      if (rule.name.empty()) return reader.wrong(element, key, "needs a name");
      if (rule.uid.has_value() == rule.gid.has_value())
        return reader.wrong(element, key, "needs either a user or a group");
      if (rule.services.empty())
        return reader.wrong(element, key, "needs services: the ones it may verify for");
      into.push_back(std::move(rule));
    }
    return {};
  };
}

Keys all_keys(Config& config) {
  const auto seconds = [](std::int64_t least, std::int64_t most, auto& into) {
    return number(least, most, std::function<void(std::int64_t)>([&into](std::int64_t value) {
                    into = std::chrono::seconds(value);
                  }));
  };
  return {
      {"issuer", issuer(config.rules.issuer)},
      {"root_key_file", text(config.root_key_file)},
      {"previous_root_key_file", text(config.previous_root_key_file)},
      {"epoch_file", text(config.epoch_file)},
      {"admin_group", text(config.admin_group)},
      {"cached_users", number(100, 10'000'000, config.cached_users)},
      {"throttle",
       table_of(
           {{"free_failures", number(3, 100, config.rules.throttle.free_failures)},
            {"first_wait_seconds", seconds(1, 3600, config.rules.throttle.first_wait)},
            {"longest_wait_seconds", seconds(1, 86'400, config.rules.throttle.longest_wait)},
            {"monthly_failures", number(10, 10'000, config.rules.throttle.monthly_failures)}})},
      {"totp", table_of({{"steps_back", number(0, 10, config.rules.totp.back)},
                         {"steps_forward", number(0, 10, config.rules.totp.forward)},
                         {"most_drift", number(0, 1000, config.rules.totp.most_drift)},
                         {"resync_steps", number(10, 10'000, config.rules.totp.resync_steps)}})},
      {"hotp", table_of({{"look_ahead", number(0, 100, config.rules.hotp.look_ahead)},
                         {"resync_ahead", number(10, 10'000, config.rules.hotp.resync_ahead)}})},
      {"limits",
       table_of(
           {{"connections", number(8, 100'000, config.limits.connections)},
            {"connections_per_uid", number(1, 100'000, config.limits.connections_per_uid)},
            {"connections_per_address", number(1, 100'000, config.limits.connections_per_address)},
            {"reserved_for_root", number(1, 1000, config.limits.reserved_for_root)},
            {"reserved_for_verifiers", number(0, 1000, config.limits.reserved_for_verifiers)},
            {"request_bytes", number(4096, 16 << 20, config.limits.request_bytes)},
            {"request_seconds", seconds(1, 600, config.limits.request_time)},
            {"idle_seconds", seconds(1, 86'400, config.limits.idle_time)},
            {"token_turn_seconds", seconds(1, 600, config.token_turn)}})},
      {"fido2",
       table_of(
           {{"rp_id", rp_id(config.rules.fido2.rp.id)},
            {"origins", origins(config.rules.fido2.rp.origins, require_origin)},
            {"top_origins", origins(config.rules.fido2.rp.top_origins, require_top_origin)},
            {"allow_cross_origin", flag(config.rules.fido2.rp.allow_cross_origin)},
            {"counter", one_of<webauthn::CounterRule>({{"warn", webauthn::CounterRule::warn},
                                                       {"refuse", webauthn::CounterRule::refuse}},
                                                      config.rules.fido2.counter)},
            {"assurance",
             one_of<Assurance>({{"usual", Assurance::usual}, {"high", Assurance::high}},
                               config.assurance)},
            {"challenge_seconds", seconds(10, 300, config.rules.fido2.challenge_lives)}})},
      {"piv", table_of({{"anchors", texts(config.card_files.anchors)},
                        {"intermediates", texts(config.card_files.intermediates)},
                        {"revocation_lists", texts(config.card_files.revocation_lists)},
                        {"holders", text(config.card_files.holders)},
                        {"attestation_roots", texts(config.card_files.attestation_roots)},
                        {"attestation", one_of<bool>({{"told", false}, {"required", true}},
                                                     config.rules.cards.attestation.required)},
                        {"certificates", one_of<bool>({{"required", true}, {"ignored", false}},
                                                      config.rules.cards.certificates)},
                        {"revocation", one_of<certificates::RevocationRule>(
                                           {{"off", certificates::RevocationRule::off},
                                            {"if-known", certificates::RevocationRule::if_known},
                                            {"required", certificates::RevocationRule::required}},
                                           config.rules.cards.policy.revocation)},
                        {"fetch", flag(config.fetch_revocation)},
                        {"fetch_seconds", seconds(1, 30, config.fetch_time)},
                        {"extended_key_usages",
                         object_identifiers(config.rules.cards.policy.extended_key_usages)},
                        {"extended_key_usage_required",
                         flag(config.rules.cards.policy.extended_key_usage_required)},
                        {"policies", object_identifiers(config.rules.cards.policy.policies)},
                        {"policies_mean_hardware", flag(config.rules.cards.hardware_by_policy)},
                        {"identity", one_of<engine::CardIdentity>(
                                         {{"enrolled-key", engine::CardIdentity::enrolled_key},
                                          {"upn", engine::CardIdentity::principal},
                                          {"email", engine::CardIdentity::email},
                                          {"card-uuid", engine::CardIdentity::card_uuid},
                                          {"fasc-n", engine::CardIdentity::fasc_n}},
                                         config.rules.cards.identity)},
                        {"domain", domain(config.rules.cards.domain)}})},
      {"tokens",
       table_of({{"reader_socket", text(config.reader_socket)},
                 {"on_remove", removal_action(config.on_remove)},
                 {"seat", one_of<Seat>({{"ask", Seat::ask}, {"always-here", Seat::always_here}},
                                       config.seat)}})},
      {"verifier", verifiers(config.verifiers)},
      {"yubico_otp", otp_table(config.otp_servers)},
      {"email", email_table(config.couriers)},
      {"sms", sms_table(config.couriers, config.rules.sending)},
      {"codes", codes_table(config.rules)},
      {"templates", templates_table(config.couriers.templates)},
  };
}

}  // namespace

namespace {

// What TOML allows nowhere is refused before the parser sees it, and so is what toml++ 3.3 is not
// sound on: letters beyond ASCII where none may stand.
Result<void> require_lines(std::string_view content, const std::string& file) {
  for (int number = 1; !content.empty(); ++number) {
    std::string line(content.substr(0, content.find('\n')));
    content.remove_prefix(std::min(line.size() + 1, content.size()));
    if (line.ends_with('\r')) line.pop_back();
    std::ranges::replace(line, '\t', ' ');
    if (!std::ranges::all_of(line, [](char c) { return static_cast<signed char>(c) >= 0; }))
      return fail(
          Code::invalid,
          fmt::format("{}:{}: letters beyond ASCII are written as \\uXXXX in a \"quoted\" value",
                      file, number));
    if (auto plain = require_plain_text("the line", line, line.size()); !plain)
      return fail(Code::invalid, fmt::format("{}:{}: {}", file, number, plain.error().what));
  }
  return {};
}

}  // namespace

Result<void> apply_toml(std::string_view content, const std::string& file, Config& config) {
  TRY(require_lines(content, file));
  try {
    const toml::table parsed = toml::parse(content, file);
    return Reader{file}.table(parsed, "", all_keys(config));
  } catch (const toml::parse_error& error) {
    return fail(Code::invalid, fmt::format("{}:{}: {}", file, error.source().begin.line,
                                           escape_text(error.description())));
  } catch (const std::logic_error& error) {
    return fail(Code::invalid,
                fmt::format("{}: {}; check what is between [ and ]", file, error.what()));
  }
}

namespace {

// FOLDER/*.toml in order of name; none where there is no folder. Whoever may write to it configures
// the daemon (T20).
Result<std::vector<std::string>> drop_ins(const std::string& folder) {
  std::vector<std::string> files;
  if (const auto safe = require_safe_folder(folder, FileUse::config); !safe) {
    if (safe.error().code == Code::not_found) return files;
    return std::unexpected(safe.error());
  }
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
    if (entry->path().extension() == ".toml") files.push_back(entry->path().string());
  if (error)
    return fail(Code::unavailable,
                fmt::format("can't read the folder {}: {}", escape_text(folder), error.message()));
  std::ranges::sort(files);
  return files;
}

}  // namespace

Result<Config> read_config(const std::string& path) {
  const auto more = TRY(drop_ins(path + ".d"));
  std::vector<std::string> files = {path};
  files.insert(files.end(), more.begin(), more.end());
  Config config;
  for (const std::string& file : files) {
    const std::string content = TRY(read_config_file(file, largest_file));
    TRY(apply_toml(content, file, config));
  }
  const webauthn::RelyingParty& rp = config.rules.fido2.rp;
  if (!rp.id.empty())  // else it is the store's, which says so when it is opened
    if (auto held = require_within(rp.origins, rp.id); !held)
      return fail(held.error().code, path + ": " + held.error().what);
  TRY(read_card_files(config));
  return config;
}

}  // namespace countersign
