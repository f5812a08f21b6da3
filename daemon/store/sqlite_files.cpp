// SPDX-License-Identifier: Apache-2.0
// How a SqliteStore comes to be: its files, their modes, the epoch.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "core/base/text.h"
#include "core/crypto/system_random.h"
#include "daemon/store/lock.h"
#include "daemon/store/schema.h"
#include "daemon/store/sqlite_store.h"

namespace countersign {
namespace {

constexpr int empty_database = 0;

Result<void> make_folder(const std::string& folder) {
  if (mkdir(folder.c_str(), 0700) == 0) return sync_folder(parent_folder(folder));
  if (errno == EEXIST) return {};
  return fail(Code::unavailable, fmt::format("can't create the folder {}: {}", escape_text(folder),
                                             std::generic_category().message(errno)));
}

// An empty file is a valid database without tables; SQLite gives its own files the same mode.
Result<void> build(const std::string& path, const char* vfs, StoreKind kind, const StoreId& id,
                   const std::vector<Setting>& settings) {
  TRY(write_new_file(path, {}));
  auto opened = TRY(sql::Connection::open(path, sql::Connection::Mode::read_write, vfs));
  TRY(migrate(opened));
  TRY(opened.script("BEGIN IMMEDIATE"));
  auto meta =
      TRY(opened.prepare("INSERT INTO meta(id, store_id, kind, restored) VALUES(1, ?1, ?2, 0)"));
  TRY(meta.run(BytesView(id), static_cast<int>(kind)));
  auto insert =
      TRY(opened.prepare("INSERT INTO setting(name, generation, value) VALUES(?1, 1, ?2)"));
  for (const Setting& setting : settings) TRY(insert.run(setting.name, setting.value));
  return opened.script("COMMIT");
}

}  // namespace

SqliteStore::SqliteStore(Options options)
    : options_(std::move(options)), cache_(options_.cached_users) {}

bool SqliteStore::exists(const std::string& folder) {
  struct stat info{};
  return lstat((folder + "/store.db").c_str(), &info) == 0;
}

// The file appears under its name when everything is in it, the epoch included; what a crash leaves
// is store.new.
Result<std::unique_ptr<SqliteStore>> SqliteStore::create(Options options, StoreKind kind,
                                                         const std::vector<Setting>& settings) {
  const std::string final_path = options.folder + "/store.db";
  const std::string path = options.folder + "/store.new";
  TRY(make_folder(options.folder));
  TRY(require_safe_folder(options.folder, FileUse::secret));
  {
    const auto lock = TRY(lock_folder(options.folder));
    if (exists(options.folder))
      return fail(Code::exists,
                  fmt::format("there is a store in {} already", escape_text(options.folder)));
    for (const char* leftover : {"", "-journal", "-wal", "-shm"}) unlink((path + leftover).c_str());
    StoreId id{};
    crypto::SystemRandom().fill(id);
    TRY(build(path, options.vfs, kind, id, settings));
    const std::string epoch =
        options.epoch_file.empty() ? options.folder + ".epoch" : options.epoch_file;
    TRY(Epoch::create(epoch, {.store = id, .kind = static_cast<int>(kind)}));
    if (rename(path.c_str(), final_path.c_str()) != 0)
      return fail(Code::unavailable, fmt::format("can't create {}: {}", escape_text(final_path),
                                                 std::generic_category().message(errno)));
    TRY(sync_folder(options.folder));
  }
  return open(std::move(options));
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(Options options) {
  if (options.epoch_file.empty()) options.epoch_file = options.folder + ".epoch";
  std::unique_ptr<SqliteStore> store(new SqliteStore(std::move(options)));
  auto opened = store->open_files();
  if (opened) opened = store->open_reads();
  if (opened) opened = store->compare_epoch();
  if (!opened) return std::unexpected(opened.error());
  return store;
}

Result<void> SqliteStore::open_files() {
  const std::string path = options_.folder + "/store.db";
  TRY(require_safe_folder(options_.folder, FileUse::secret));
  if (!exists(options_.folder))
    return fail(Code::not_found,
                fmt::format("there is no store in {}", escape_text(options_.folder)));
  auto lock = TRY(lock_folder(options_.folder));
  lock_ = std::move(lock);
  // Looked at after the lock: closing a descriptor of a file that SQLite has open would drop its
  // locks.
  for (const char* part : {"", "-wal", "-shm"}) {
    const auto file = open_safely(path + part, FileUse::secret, O_RDONLY);
    if (!file && (*part == '\0' || file.error().code != Code::not_found))
      return std::unexpected(file.error());
  }
  auto writer = TRY(sql::Connection::open(path, sql::Connection::Mode::read_write, options_.vfs));
  writer_ = std::make_unique<sql::Connection>(std::move(writer));
  TRY(writer_->script(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
      "PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 33554432"));
  const auto mode = writer_->text("PRAGMA journal_mode");
  const auto level = writer_->integer("PRAGMA synchronous");
  if (!mode) return std::unexpected(mode.error());
  if (!level) return std::unexpected(level.error());
  if (*mode != "wal" || *level != 2)
    return fail(Code::unavailable,
                fmt::format("{} can't be made durable here (journal {}, synchronous {}): put the "
                            "state on a local file system",
                            escape_text(path), *mode, *level));
  const auto version = TRY(writer_->integer("PRAGMA user_version"));
  if (version == empty_database)
    return fail(
        Code::corrupt,
        fmt::format("{} is empty; put back a backup, or move it away and create a new store",
                    escape_text(path)));
  return migrate(*writer_);
}

Result<void> SqliteStore::open_reads() {
  const std::string path = options_.folder + "/store.db";
  for (auto* connection : {&point_connection_, &list_connection_}) {
    auto opened = TRY(sql::Connection::open(path, sql::Connection::Mode::read_only, options_.vfs));
    *connection = std::make_unique<sql::Connection>(std::move(opened));
  }
  auto points = TRY(PointReads::make(*point_connection_, spent_));
  points_ = std::move(points);
  auto lists = TRY(ListReads::make(*list_connection_, spent_));
  lists_ = std::move(lists);

  auto meta = TRY(writer_->prepare("SELECT store_id, kind, restored FROM meta WHERE id = 1"));
  auto row = meta.query();
  const auto more = TRY(row.next());
  if (!more || row.blob(0).size() != store_id_.size() ||
      (row.integer(1) != 1 && row.integer(1) != 2))
    return fail(Code::corrupt, fmt::format("{} does not say what store it is; put back a backup",
                                           escape_text(path)));
  std::ranges::copy(row.blob(0), store_id_.begin());
  kind_ = static_cast<StoreKind>(row.integer(1));
  restored_ = row.integer(2) != 0;
  return {};
}

Result<void> SqliteStore::compare_epoch() {
  auto opened = Epoch::open(options_.epoch_file);
  if (!opened && opened.error().code != Code::not_found && opened.error().code != Code::corrupt)
    return std::unexpected(opened.error());
  const auto end = TRY(lists_->head());
  if (!opened && end.sequence ==
                     0) {  // nothing has happened here yet, so nothing older can have been put back
    TRY(Epoch::create(options_.epoch_file, {.store = store_id_, .kind = static_cast<int>(kind_)}));
    opened = Epoch::open(options_.epoch_file);
    if (!opened) return std::unexpected(opened.error());
  }
  if (opened && opened->record().kind != static_cast<int>(kind_))
    return fail(
        Code::invalid,
        fmt::format("{} is a {} store, but {} belongs to a {} one: a store is demo or production "
                    "for good; put back the right state",
                    escape_text(options_.folder), kind_ == StoreKind::demo ? "demo" : "production",
                    escape_text(options_.epoch_file),
                    kind_ == StoreKind::demo ? "production" : "demo"));
  bool matches = false;
  if (opened) {
    epoch_ = std::make_unique<Epoch>(std::move(*opened));
    const auto compared = TRY(epoch_matches());
    matches = compared;
  }
  if (!matches && !restored_) {
    TRY(writer_->script("UPDATE meta SET restored = 1 WHERE id = 1"));
    restored_ = true;
  }
  return {};
}

// Has this database been where the epoch says it was?
Result<bool> SqliteStore::epoch_matches() {
  const EpochRecord& epoch = epoch_->record();
  if (epoch.store != store_id_) return false;
  const auto end = TRY(lists_->head());
  if (end.sequence < epoch.sequence) return false;
  if (epoch.sequence == 0) return true;
  const auto begin = TRY(lists_->checkpoint());
  if (begin.sequence == epoch.sequence) return begin.hash == epoch.hash;
  const auto there = TRY(lists_->events(epoch.sequence - 1, 1));
  return !there.empty() && there.front().sequence == epoch.sequence &&
         there.front().hash == epoch.hash;
}

// While the database counts as restored, the epoch keeps saying what was lost.
void SqliteStore::note_epoch(const ChainEnd& end) {
  if (restored_ || epoch_ == nullptr || epoch_->record().sequence == end.sequence) return;
  (void)epoch_->write(epoch_at(end));  // behind is safe; the next batch tries again
}

Result<void> SqliteStore::record_epoch(const ChainEnd& end) {
  TRY(epoch_->write(epoch_at(end)));
  return epoch_->sync();
}

EpochRecord SqliteStore::epoch_at(const ChainEnd& end) const {
  return {.store = store_id_,
          .kind = static_cast<int>(kind_),
          .sequence = end.sequence,
          .hash = end.hash};
}

Result<void> SqliteStore::accept_restored() {
  if (committer_ == nullptr)
    return fail(Code::unavailable, "the store has not started yet; try again in a moment");
  return committer_->run([this]() -> Result<void> {
    const auto end = TRY(applier_->end());
    TRY(writer_->script("UPDATE meta SET restored = 0 WHERE id = 1"));
    if (epoch_ != nullptr) {
      // A crash before this is on disk only means that the restore is noticed once more.
      TRY(record_epoch(end));
    } else {
      TRY(Epoch::create(options_.epoch_file, epoch_at(end)));
      auto opened = TRY(Epoch::open(options_.epoch_file));
      epoch_ = std::make_unique<Epoch>(std::move(opened));
    }
    restored_ = false;
    return {};
  });
}

}  // namespace countersign
