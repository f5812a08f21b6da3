// SPDX-License-Identifier: Apache-2.0
// countersign export yubikey FILE: what another server that verifies the same keys is to know.
#include "daemon/api/key_export.h"
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/fresh.h"
#include "cli/nouns.h"
#include "cli/secrets.h"
#include "core/base/text.h"
#include "daemon/api/codec/time_text.h"

namespace countersign::cli {
namespace {

struct KeyExportOptions {
  std::string file;
  std::optional<std::string> user, serial, after;
  FreshOptions fresh;
};

struct Done {
  std::string file;
  std::int64_t keys = 0;
  std::optional<std::string> next;
  static api::Fields fields() {
    return {api::Field{"file", &Done::file, ""}, api::Field{"keys", &Done::keys, ""},
            api::Field{"next", &Done::next, ""}};
  }
};

// "12345678-2" is slot 2 of the key with that number; what is no number has none.
std::string_view number_in(std::string_view serial) {
  const std::string_view number = serial.substr(0, serial.find('-'));
  return !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos
             ? number
             : "0";
}

// Yubico's key provisioning format (core/formats/yubikey_csv.h).
std::string rows_of(const std::vector<api::ExportedKey>& keys) {
  constexpr std::string_view head =
      "# ykksm 1\n# serialnr,identity,internaluid,aeskey,lockpw,created,accessed\n";
  std::string rows;
  rows.reserve(head.size() + keys.size() * 160);  // secrets: no copies by growth
  rows += head;
  for (const api::ExportedKey& key : keys) {
    std::string created = api::to_rfc3339(key.created);
    created.pop_back();  // this format has no Z
    fmt::format_to(std::back_inserter(rows), "{},{},{},{},,{},\n", number_in(key.serial),
                   key.public_id, key.private_id.expose_text(), key.key.expose_text(), created);
  }
  return rows;
}

void export_keys(Front& front, const KeyExportOptions& options) {
  const api::KeyExport body{.user = options.user, .serial = options.serial, .after = options.after};
  const auto all = call_verified<api::ExportedKeys>(front, "POST", "/v1/exports/yubico-otp", body,
                                                    options.fresh);
  if (!all) return front.fail_with(all.error());
  if (all->keys.empty())
    return front.fail_with(
        {Code::not_found, "there are no such keys whose secrets are known here"});
  std::string rows = rows_of(all->keys);
  const auto written = write_private_file(options.file, as_bytes(rows));
  wipe(rows);
  if (!written) return front.fail_with(written.error());
  front.out().object(
      api::encode(Done{options.file, static_cast<std::int64_t>(all->keys.size()), all->next}));
  front.out().good(fmt::format(
      "exported: {} key{} to {}. It holds the secrets: whoever reads it can make the codes",
      all->keys.size(), all->keys.size() == 1 ? "" : "s", escape_text(options.file)));
  if (all->next)
    front.out().line(
        fmt::format("There may be more: go on with --after {} into another file.", *all->next));
}

}  // namespace

void add_export(Command& noun, Front& front) {
  noun.require_subcommand(1);
  auto options = std::make_shared<KeyExportOptions>();
  Command* verb = noun.add_subcommand("yubikey",
                                      "Export YubiKeys that type one-time passwords, in Yubico's "
                                      "key provisioning format; each is recorded with who asked");
  verb->add_option("FILE", options->file, "The file to make; only you can read it")->required();
  verb->add_option("--user", options->user, "Only of this user");
  verb->add_option("--serial", options->serial,
                   "Only with this serial, as 'authenticator list' shows it");
  verb->add_option("--after", options->after, "Only those after this id");
  add_fresh_options(*verb, options->fresh);
  verb->callback([&front, options] { export_keys(front, *options); });
}

}  // namespace countersign::cli
