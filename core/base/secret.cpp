// SPDX-License-Identifier: Apache-2.0
#include "core/base/secret.h"

#include <sys/mman.h>

#include <array>
#include <bit>
#include <cstring>
#include <mutex>
#include <new>

namespace countersign {
namespace {

// Slots in power-of-two classes, carved from locked regions and kept in free lists; larger secrets
// get pages of their own. Libraries that do this (OpenSSL's secure heap, libsodium) would have to
// be loaded by every short-lived front end.
constexpr std::size_t smallest_slot = 32;
constexpr std::size_t largest_slot = 4096;
constexpr std::size_t region_size = 64 * 1024;
constexpr std::size_t class_count = std::bit_width(largest_slot / smallest_slot);

struct FreeSlot {
  FreeSlot* next;
};

std::size_t slot_size(std::size_t size) { return std::max(smallest_slot, std::bit_ceil(size)); }
std::size_t class_of(std::size_t slot) {
  return static_cast<std::size_t>(std::countr_zero(slot / smallest_slot));
}

Byte* map_locked(std::size_t size) {
  void* pages = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  (void)madvise(pages, size, MADV_DONTDUMP);
  (void)mlock(pages, size);  // over RLIMIT_MEMLOCK: undumped and wiped all the same
  return static_cast<Byte*>(pages);
}

class Arena {
 public:
  Byte* take(std::size_t size) {
    const std::size_t slot = slot_size(size);
    if (slot > largest_slot) return map_locked(size);
    const std::lock_guard lock(mutex_);
    FreeSlot*& head = free_[class_of(slot)];
    if (head != nullptr) return reinterpret_cast<Byte*>(std::exchange(head, head->next));
    if (static_cast<std::size_t>(end_ - next_) < slot) {
      next_ = map_locked(region_size);
      end_ = next_ + region_size;
    }
    return std::exchange(next_, next_ + slot);
  }

  void give(Byte* data, std::size_t size) noexcept {
    const std::size_t slot = slot_size(size);
    wipe(data, size);
    if (slot > largest_slot) {
      munmap(data, size);
      return;
    }
    const std::lock_guard lock(mutex_);
    FreeSlot*& head = free_[class_of(slot)];
    head = new (data) FreeSlot{head};
  }

 private:
  std::mutex mutex_;
  std::array<FreeSlot*, class_count> free_{};
  Byte* next_ = nullptr;
  Byte* end_ = nullptr;
};

Arena& arena() {
  static auto* the_arena = new Arena;  // outlives every static Secret
  return *the_arena;
}

}  // namespace

Secret::Secret(std::size_t size) : data_(size != 0 ? arena().take(size) : nullptr), size_(size) {
  if (size != 0) std::memset(data_, 0, size);
}

Secret::Secret(BytesView bytes)
    : data_(!bytes.empty() ? arena().take(bytes.size()) : nullptr), size_(bytes.size()) {
  // take() never gives null.
  // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker)
  if (!bytes.empty()) std::memcpy(data_, bytes.data(), bytes.size());
}

Secret& Secret::operator=(Secret&& other) noexcept {
  Secret dropped(std::move(*this));
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

Secret::~Secret() {
  if (data_ != nullptr) arena().give(data_, size_);
}

void wipe(void* data, std::size_t size) noexcept {
  if (size != 0) explicit_bzero(data, size);
}

bool equal_constant_time(BytesView a, BytesView b) noexcept {
  if (a.size() != b.size()) return false;
  volatile Byte difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = static_cast<Byte>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

}  // namespace countersign
