// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/epoch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

#include "core/base/text.h"
#include "core/crypto/hash.h"

namespace countersign {
namespace {

constexpr std::size_t slot_size = 512;
constexpr std::string_view magic = "CSEPOCH1";
constexpr std::size_t content_size = 8 + 8 + 16 + 8 + 8 + 32;
using Slot = std::array<Byte, content_size + 32>;

void put_number(Byte* out, std::int64_t value) {
  for (unsigned i = 0; i < 8; ++i)
    out[i] = static_cast<Byte>(static_cast<std::uint64_t>(value) >> (56 - 8 * i));
}

std::int64_t get_number(const Byte* in) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i) value = value << 8U | in[i];
  return static_cast<std::int64_t>(value);
}

Slot encode(const EpochRecord& record, std::int64_t writes) {
  Slot slot{};
  std::ranges::copy(as_bytes(magic), slot.begin());
  put_number(&slot[8], writes);
  std::ranges::copy(record.store, &slot[16]);
  put_number(&slot[32], record.kind);
  put_number(&slot[40], record.sequence);
  std::ranges::copy(record.hash, &slot[48]);
  std::ranges::copy(crypto::sha256(BytesView(slot).first(content_size)), &slot[content_size]);
  return slot;
}

std::optional<std::pair<std::int64_t, EpochRecord>> decode(const Slot& slot) {
  if (!std::ranges::equal(as_bytes(magic), BytesView(slot).first(magic.size())))
    return std::nullopt;
  if (!std::ranges::equal(crypto::sha256(BytesView(slot).first(content_size)),
                          BytesView(slot).subspan(content_size)))
    return std::nullopt;
  EpochRecord record{.kind = get_number(&slot[32]), .sequence = get_number(&slot[40])};
  std::copy_n(&slot[16], record.store.size(), record.store.begin());
  std::copy_n(&slot[48], record.hash.size(), record.hash.begin());
  return std::pair{get_number(&slot[8]), record};
}

}  // namespace

Result<Epoch> Epoch::open(const std::string& path) {
  auto file = TRY(open_safely(path, FileUse::secret, O_RDWR));
  Epoch epoch(std::move(file), path);
  bool found = false;
  for (off_t i = 0; i < 2; ++i) {
    Slot slot{};
    if (pread(epoch.file_.get(), slot.data(), slot.size(), i * off_t{slot_size}) !=
        static_cast<ssize_t>(slot.size()))
      continue;
    const auto decoded = decode(slot);
    if (!decoded || (found && decoded->first < epoch.writes_)) continue;
    std::tie(epoch.writes_, epoch.record_) = *decoded;
    found = true;
  }
  if (!found) return fail(Code::corrupt, fmt::format("{} is damaged", escape_text(path)));
  return epoch;
}

Result<void> Epoch::create(const std::string& path, const EpochRecord& record) {
  Bytes content(2 * slot_size);
  std::ranges::copy(encode(record, 1), &content[slot_size]);  // slot = writes % 2
  return replace_file(path, content);
}

Result<void> Epoch::write(const EpochRecord& record) {
  const Slot slot = encode(record, writes_ + 1);
  const ssize_t count =
      pwrite(file_.get(), slot.data(), slot.size(), (writes_ + 1) % 2 * off_t{slot_size});
  if (count != static_cast<ssize_t>(slot.size()))
    return fail(Code::unavailable,
                fmt::format("can't write {}: {}", escape_text(path_),
                            std::generic_category().message(count < 0 ? errno : ENOSPC)));
  ++writes_;
  record_ = record;
  return {};
}

Result<void> Epoch::sync() const {
  if (fdatasync(file_.get()) == 0) return {};
  return fail(Code::unavailable, fmt::format("can't write {}: {}", escape_text(path_),
                                             std::generic_category().message(errno)));
}

}  // namespace countersign
