// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/open_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "core/audit.h"
#include "core/engine/administration/upkeep.h"
#include "daemon/base/safe_file.h"
#include "daemon/config/web_names.h"

namespace countersign {
namespace {

constexpr std::size_t root_key_size = 32;
constexpr const char* audit_key_setting = "audit-key";
constexpr const char* relying_party_setting = "relying-party";

// What a new store's security keys are bound to.
std::string rp_id_for(const Config& config, bool demo) {
  if (!config.rules.fido2.rp.id.empty()) return config.rules.fido2.rp.id;
  std::array<char, 256> name{};
  if (demo || gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  std::string id = name.data();
  std::ranges::transform(id, id.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return id;
}

Bytes octets_of(std::string_view text) {
  const BytesView octets = as_bytes(text);
  return {octets.begin(), octets.end()};
}

struct KeyPlace {
  std::string path;
  bool ours = false;  // beside the state folder: made with a new store
  FileUse use = FileUse::secret;
};

KeyPlace root_key_place(const std::string& folder, const Config& config) {
  if (!config.root_key_file.empty()) return {.path = config.root_key_file};
  if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY")) {
    // One that is there and can't be read is an error, said where it is read; never a reason to
    // take another key.
    const std::string path = std::string(credentials) + "/root-key";
    const auto file = open_safely(path, FileUse::credential, O_RDONLY);
    if (file || file.error().code != Code::not_found)
      return {.path = path, .use = FileUse::credential};
  }
  return {.path = folder + ".key", .ours = true};
}

Result<Secret> read_root_key(const KeyPlace& place) {
  Result<Secret> key = read_secret_file(place.path, 4096, place.use);
  if (!key) return key;
  if (key->size() != root_key_size)
    return fail(Code::invalid,
                "the root key in " + place.path +
                    " must have exactly 32 bytes (head -c 32 /dev/urandom > FILE makes one)");
  return key;
}

Result<Secret> root_key_for_new_store(const KeyPlace& place, Random& random) {
  if (!place.ours) return read_root_key(place);
  if (auto there = open_safely(place.path, FileUse::secret, O_RDONLY);
      there || there.error().code != Code::not_found) {
    if (!there) return std::unexpected(there.error());
    return read_root_key(place);
  }
  Secret key(root_key_size);
  random.fill(key.expose_mutable());
  TRY(write_new_file(place.path, key.expose()));
  return key;
}

// Before the store is made: it keeps its name for good.
Result<std::string> new_rp_id(const Config& config, bool demo) {
  std::string id = rp_id_for(config, demo);
  Result<void> held = require_rp_id(id);
  if (held) held = require_within(config.rules.fido2.rp.origins, id);
  if (!held)
    return fail(Code::invalid, "security keys can't be bound to this store's name: " +
                                   held.error().what + ". Set rp_id under [fido2]");
  return id;
}

// The folder that a new store and its key are in. Where it is there already, its mode stays.
Result<void> make_parent(const std::string& folder) {
  const std::string parent = parent_folder(folder);
  if (mkdir(parent.c_str(), 0700) == 0 || errno == EEXIST) return {};
  const std::string why = std::generic_category().message(errno);
  return fail(errno == EACCES ? Code::not_permitted : Code::not_found,
              "can't make the folder " + parent + ": " + why +
                  ". Make it, or choose another one with --state");
}

Result<OpenStore> create(SqliteStore::Options options, bool demo, const KeyPlace& place,
                         const Config& config, Random& random) {
  TRY(make_parent(options.folder));
  const std::string rp_id = TRY(new_rp_id(config, demo));
  Secret root = TRY(root_key_for_new_store(place, random));
  Secret seed(crypto::Signer::seed_size);
  random.fill(seed.expose_mutable());
  OpenStore open;
  open.created = true;
  open.vault = std::make_unique<crypto::Vault>(random, root.copy());
  open.signer = std::make_shared<crypto::Signer>(seed);
  const std::vector<Setting> settings = {
      {.name = engine::data_keys_setting, .value = open.vault->wrap()},
      {.name = audit_key_setting,
       .value = crypto::seal_under_root(random, root, audit_key_setting, seed)},
      {.name = relying_party_setting, .value = octets_of(rp_id)}};
  auto store = TRY(SqliteStore::create(std::move(options),
                                       demo ? StoreKind::demo : StoreKind::production, settings));
  open.store = std::move(store);
  return open;
}

struct Unsealed {
  Secret root;
  Secret seed;
};

// The root key that opens the store: the one in its place, or while it is being changed the
// previous one.
Result<Unsealed> unseal(const KeyPlace& place, const Config& config, BytesView sealed_seed) {
  std::vector<KeyPlace> places = {place};
  if (!config.previous_root_key_file.empty())
    places.push_back({.path = config.previous_root_key_file});
  for (const KeyPlace& each : places) {
    Result<Secret> root = read_root_key(each);
    if (!root && root.error().code == Code::not_found)
      return fail(Code::not_found,
                  "the store's root key " + each.path +
                      " is missing: without it nothing in the store can be opened; put it back");
    if (!root) return std::unexpected(root.error());
    if (auto seed = crypto::open_under_root(*root, audit_key_setting, sealed_seed))
      return Unsealed{std::move(*root), std::move(*seed)};
  }
  return fail(Code::corrupt,
              "the root key in " + place.path +
                  " does not open this store: it is the key of another store, or was changed "
                  "(then give the old one as previous_root_key_file)");
}

Result<OpenStore> open_existing(SqliteStore::Options options, const KeyPlace& place,
                                const Config& config, Random& random) {
  auto store = TRY(SqliteStore::open(std::move(options)));
  Result<Setting> keys = store->setting(engine::data_keys_setting);
  Result<Setting> audit_key = store->setting(audit_key_setting);
  if (!keys) return std::unexpected(keys.error());
  if (!audit_key) return std::unexpected(audit_key.error());
  Unsealed unsealed = TRY(unseal(place, config, audit_key->value));
  auto vault = TRY(crypto::Vault::unwrap(random, unsealed.root.copy(), keys->value));

  OpenStore open;
  open.vault = std::move(vault);
  open.signer = std::make_shared<crypto::Signer>(unsealed.seed);
  if (auto current = read_root_key(place);
      current && !equal_constant_time(current->expose(), unsealed.root.expose())) {
    open.vault->replace_root_key(current->copy());
    keys->value = open.vault->wrap();
    audit_key->value = crypto::seal_under_root(random, *current, audit_key_setting, unsealed.seed);
    open.at_start.writes.emplace_back(std::move(*keys));
    open.at_start.writes.emplace_back(std::move(*audit_key));
    open.at_start.events.push_back({.action = "key.root", .actor = "daemon", .outcome = "done"});
  }
  open.store = std::move(store);
  return open;
}

Result<void> read_times(OpenStore& open) {
  const auto head = TRY(open.store->head());
  const auto last = TRY(open.store->events(head.sequence - 1, 1));
  if (!last.empty()) open.latest = audit::time_of(last.front().line);
  const auto baseline = open.store->setting(engine::clock_setting);
  if (baseline)
    open.baseline = engine::decode_baseline(baseline->value);
  else if (baseline.error().code != Code::not_found)
    return std::unexpected(baseline.error());
  const auto floor = open.store->setting(engine::floor_setting);
  if (floor)
    open.floor = engine::decode_number(floor->value);
  else if (floor.error().code != Code::not_found)
    return std::unexpected(floor.error());
  return {};
}

// Its id stays as it was made; the pages that may use it are the configuration's affair.
Result<void> read_relying_party(OpenStore& open, const Config& config) {
  open.rp = config.rules.fido2.rp;
  const auto stored = open.store->setting(relying_party_setting);
  if (!stored && stored.error().code != Code::not_found) return std::unexpected(stored.error());
  const std::string made = stored ? std::string(as_text(stored->value))
                                  : rp_id_for(config, open.store->kind() == StoreKind::demo);
  if (stored && !open.rp.id.empty() && open.rp.id != made)
    return fail(Code::invalid, "security keys of this store are bound to " + made +
                                   ", for good; the configuration says rp_id = \"" + open.rp.id +
                                   "\". Put it back: under another name every key would have to be "
                                   "enrolled again, in another store");
  open.rp.id = made;
  if (!stored) {  // a store from before there were security keys
    open.at_start.writes.emplace_back(
        Setting{.name = relying_party_setting, .value = octets_of(made)});
    open.at_start.events.push_back({.action = "store.rp-id",
                                    .actor = "daemon",
                                    .outcome = "done",
                                    .details = {{"rp_id", made}}});
  }
  TRY(require_within(open.rp.origins, made));
  if (open.rp.origins.empty()) open.rp.origins = {webauthn::own_origin(open.rp)};
  return {};
}

}  // namespace

Result<OpenStore> open_store(const std::string& folder, bool demo, const Config& config,
                             Random& random, Deliver deliver) {
  SqliteStore::Options options{.folder = folder,
                               .epoch_file = config.epoch_file,
                               .cached_users = config.cached_users,
                               .deliver = std::move(deliver)};
  const KeyPlace place = root_key_place(folder, config);
  const bool exists = SqliteStore::exists(folder);
  auto open = exists ? open_existing(std::move(options), place, config, random)
                     : create(std::move(options), demo, place, config, random);
  if (!open) return open;
  if (demo && open->store->kind() != StoreKind::demo)
    return fail(
        Code::invalid,
        folder + " is a production store, and stays one: --demo is for a folder of its own");
  TRY(read_relying_party(*open, config));
  TRY(read_times(*open));
  TRY(open->store->start(open->signer));
  return open;
}

}  // namespace countersign
