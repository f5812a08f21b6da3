// SPDX-License-Identifier: Apache-2.0
#include "tests/daemon/store/fault_vfs.h"

#include <sqlite3.h>

#include <mutex>
#include <utility>

namespace countersign::store_test {
namespace {

std::mutex mutex;
Fault fault;
int count = 0;

// What this operation meets: SQLITE_OK or the error, and whether half of it happens all the same.
int next_operation(int io_error, bool& half) {
  const std::lock_guard lock(mutex);
  ++count;
  half = false;
  if (fault.at == 0 || count < fault.at || (count > fault.at && !fault.lasting)) return SQLITE_OK;
  half = fault.what == Fault::What::torn && count == fault.at;
  return fault.what == Fault::What::full ? SQLITE_FULL : io_error;
}

struct File {
  sqlite3_file base;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real(); }

int write_file(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  bool half = false;
  const int status = next_operation(SQLITE_IOERR_WRITE, half);
  if (half) (void)real(file)->pMethods->xWrite(real(file), data, size / 2, offset);
  return status != SQLITE_OK ? status
                             : real(file)->pMethods->xWrite(real(file), data, size, offset);
}

int sync_file(sqlite3_file* file, int flags) {
  bool half = false;
  const int status = next_operation(SQLITE_IOERR_FSYNC, half);
  return status != SQLITE_OK ? status : real(file)->pMethods->xSync(real(file), flags);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  bool half = false;
  const int status = next_operation(SQLITE_IOERR_TRUNCATE, half);
  return status != SQLITE_OK ? status : real(file)->pMethods->xTruncate(real(file), size);
}

int close_file(sqlite3_file* file) { return real(file)->pMethods->xClose(real(file)); }
int read_file(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  return real(file)->pMethods->xRead(real(file), data, size, offset);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real(file)->pMethods->xFileSize(real(file), size);
}
int lock_file(sqlite3_file* file, int level) {
  return real(file)->pMethods->xLock(real(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
  return real(file)->pMethods->xUnlock(real(file), level);
}
int check_lock(sqlite3_file* file, int* held) {
  return real(file)->pMethods->xCheckReservedLock(real(file), held);
}
int control(sqlite3_file* file, int what, void* argument) {
  return real(file)->pMethods->xFileControl(real(file), what, argument);
}
int sector_size(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
int characteristics(sqlite3_file* file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  return real(file)->pMethods->xShmMap(real(file), page, size, extend, memory);
}

DuringCheckpoint during;
thread_local bool checkpointing = false;

void happens(const std::function<void()>& what) {
  if (what) what();
}

// SQLite's file format (walformat.html, section 2.3): byte 1 of the locks is a checkpoint's.
int shm_lock(sqlite3_file* file, int offset, int n, int flags) {
  const int status = real(file)->pMethods->xShmLock(real(file), offset, n, flags);
  if (offset == 1 && n == 1 && status == SQLITE_OK) {
    checkpointing = (flags & SQLITE_SHM_LOCK) != 0;
    if (checkpointing) happens(during.begun);
  }
  return status;
}

// No mapped pages. A checkpoint gives up all of them once it has read a new header of the log.
int fetch(sqlite3_file*, sqlite3_int64, int, void** page) {
  *page = nullptr;
  return SQLITE_OK;
}

int unfetch(sqlite3_file*, sqlite3_int64, void* page) {
  if (checkpointing && page == nullptr) happens(during.header_read);
  return SQLITE_OK;
}

void shm_barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
int shm_unmap(sqlite3_file* file, int remove) {
  return real(file)->pMethods->xShmUnmap(real(file), remove);
}

const sqlite3_io_methods methods = {
    3,         close_file,  read_file,  write_file, truncate_file, sync_file,       file_size,
    lock_file, unlock_file, check_lock, control,    sector_size,   characteristics, shm_map,
    shm_lock,  shm_barrier, shm_unmap,  fetch,      unfetch};

sqlite3_vfs* system_vfs = nullptr;

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  file->pMethods = nullptr;
  const int status = system_vfs->xOpen(system_vfs, name, real(file), flags, flags_out);
  if (real(file)->pMethods != nullptr) file->pMethods = &methods;
  return status;
}

}  // namespace

const char* fault_vfs() {
  static const char* const name = [] {
    system_vfs = sqlite3_vfs_find(nullptr);
    static sqlite3_vfs layer = *system_vfs;  // what is not replaced takes the vfs only for its data
    layer.zName = "countersign-fault";
    layer.szOsFile = static_cast<int>(sizeof(File)) + system_vfs->szOsFile;
    layer.xOpen = open_file;
    sqlite3_vfs_register(&layer, 0);
    return layer.zName;
  }();
  return name;
}

void set_fault(const Fault& next) {
  const std::lock_guard lock(mutex);
  fault = next;
  count = 0;
}

void set_during_checkpoint(DuringCheckpoint next) { during = std::move(next); }

int operations() {
  const std::lock_guard lock(mutex);
  return count;
}

}  // namespace countersign::store_test
