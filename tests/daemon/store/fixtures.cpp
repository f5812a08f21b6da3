// SPDX-License-Identifier: Apache-2.0
#include "tests/daemon/store/fixtures.h"

#include <cstdlib>
#include <filesystem>
#include <future>
#include <stdexcept>

namespace countersign::store_test {

TemporaryFolder::TemporaryFolder()
    : path_((std::filesystem::temp_directory_path() / "countersign-XXXXXX").string()) {
  if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp");
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::shared_ptr<const crypto::Signer> test_signer() {
  static const auto signer =
      std::make_shared<const crypto::Signer>(Secret(std::size_t{crypto::Signer::seed_size}));
  return signer;
}

Sqlite::Sqlite() {
  auto made = SqliteStore::create(options(), StoreKind::production, {});
  if (!made) throw std::runtime_error(made.error().what);
  opened = std::move(*made);
  if (auto started = opened->start(test_signer()); !started)
    throw std::runtime_error(started.error().what);
}

SqliteStore::Options Sqlite::options() const { return {.folder = folder / "state"}; }

void Sqlite::reopen() {
  opened.reset();
  auto again = SqliteStore::open(options());
  if (!again) throw std::runtime_error(again.error().what);
  opened = std::move(*again);
  if (auto started = opened->start(test_signer()); !started)
    throw std::runtime_error(started.error().what);
}

Result<Applied> commit(Store& store, Change change) {
  std::promise<Result<Applied>> promise;
  auto answer = promise.get_future();
  store.commit(std::move(change),
               [&promise](Result<Applied> result) { promise.set_value(std::move(result)); });
  return answer.get();
}

bool applied(const Result<Applied>& result) {
  return result.has_value() && *result == Applied::yes;
}
bool conflicted(const Result<Applied>& result) {
  return result.has_value() && *result == Applied::conflict;
}

User user(std::int64_t id, const std::string& name) {
  return {.id = UserId{id},
          .name = name,
          .display_name = "Ada \xc3\xa4",
          .location = "north",
          .created = from_unix_ms(1'700'000'000'000)};
}

Authenticator totp(std::int64_t id, std::int64_t user_id) {
  return {.id = AuthenticatorId{id},
          .user = UserId{user_id},
          .label = "phone",
          .oath = {.algorithm = HashAlgorithm::sha256, .digits = 8, .period = 60, .epoch = 5},
          .material = Bytes(48, 0xA5),
          .progress = {.counter = 100},
          .created = from_unix_ms(1'700'000'000'001)};
}

audit::Event event(const std::string& action) {
  return {.time = from_unix_ms(1'700'000'000'002), .action = action, .actor = "uid:0"};
}

Advance advance(const Authenticator& read, std::int64_t counter) {
  return {
      .authenticator = read.id,
      .user = read.user,
      .generation = read.generation,
      .progress = {.counter = counter, .detail = -1, .last_used = from_unix_ms(1'700'000'000'003)}};
}

namespace {

Result<void> check_signature(const audit::Head& head, const Bytes& public_key) {
  if (head.sequence == 0 ||
      crypto::verify_ed25519(public_key, audit::head_message(head.sequence, head.hash),
                             head.signature))
    return {};
  return fail(Code::corrupt, "the signature of a head does not verify");
}

}  // namespace

Result<void> verify_chain(Store& store, const Bytes& public_key) {
  const auto begin = store.checkpoint();
  const auto end = store.head();
  if (!begin) return std::unexpected(begin.error());
  if (!end) return std::unexpected(end.error());
  if (auto held = check_signature(*begin, public_key); !held) return held;
  if (auto held = check_signature(*end, public_key); !held) return held;
  audit::Verifier verifier(*begin);
  while (true) {
    const auto page = store.events(verifier.sequence(), 100);
    if (!page) return std::unexpected(page.error());
    if (page->empty()) return verifier.finish(*end);
    for (const auto& record : *page)
      if (auto held = verifier.next(record); !held) return held;
  }
}

}  // namespace countersign::store_test
