// SPDX-License-Identifier: Apache-2.0
// A secret of bounded size in memory that is locked, left out of core dumps, and wiped when it
// goes.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "core/base/bytes.h"

namespace countersign {

// Move-only. Never printed, never compared with ==: raw access is expose(), which reviewers can
// grep for. Lives in a process-wide arena of locked pages (mlock, MADV_DONTDUMP); when the arena is
// full, or locking is not permitted, the memory still is kept out of dumps and wiped. Any thread
// may make and drop secrets; one secret belongs to one thread at a time.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::size_t size);  // zero-filled; throws std::bad_alloc when memory is out
  explicit Secret(BytesView bytes);   // copies; the caller wipes its own copy
  explicit Secret(std::string_view text) : Secret(as_bytes(text)) {}
  Secret(Secret&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  // The raw octets; valid while this object lives and is not moved from.
  [[nodiscard]] BytesView expose() const { return {data_, size_}; }
  [[nodiscard]] std::span<Byte> expose_mutable() { return {data_, size_}; }
  [[nodiscard]] std::string_view expose_text() const { return as_text(expose()); }

  [[nodiscard]] Secret copy() const { return Secret(expose()); }

 private:
  Byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// Overwrites memory that held a secret outside a Secret (parse buffers, C library results).
void wipe(void* data, std::size_t size) noexcept;
inline void wipe(std::string& text) noexcept { wipe(text.data(), text.size()); }

// Equal content in time that depends on the lengths only.
[[nodiscard]] bool equal_constant_time(BytesView a, BytesView b) noexcept;

}  // namespace countersign
