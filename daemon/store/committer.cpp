// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/committer.h"

#include <algorithm>
#include <future>

namespace countersign {
namespace {

// Bounds how long the first of a crowd waits for the last; beyond some hundreds a row's share of
// the fsync is small.
constexpr std::size_t largest_batch = 1024;

// Whatever went wrong, the change was not recorded as far as anybody can tell; the message says
// what to do.
Error not_recorded(const Error& why) {
  return {why.code == Code::corrupt ? Code::corrupt : Code::unavailable,
          "not recorded: " + why.what};
}

}  // namespace

Committer::Committer(Parts parts) : parts_(std::move(parts)) {
  parts_.connection.watch_log(&log_frames_);
  thread_ = std::thread([this] { loop(); });
}

Committer::~Committer() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Committer::commit(Change change, Store::Done done) {
  std::vector<std::string> lines;
  lines.reserve(change.events.size());
  for (const audit::Event& event : change.events) lines.push_back(audit::to_line(event));
  push(Queued{std::move(change), std::move(lines), std::move(done)});
}

Result<void> Committer::run(std::function<Result<void>()> task) {
  std::promise<Result<void>> promise;
  auto answer = promise.get_future();
  push(Task{std::move(task),
            [&promise](Result<void> result) { promise.set_value(std::move(result)); }});
  return answer.get();
}

void Committer::push(Item item) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = queue_.empty();
    queue_.push_back(std::move(item));
  }
  if (first) wake_.notify_one();
}

void Committer::loop() {
  std::vector<Item> items;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (!sweeping_) wake_.wait(lock, [this] { return stop_ || !queue_.empty(); });
      if (stop_ && queue_.empty()) return;
      items.swap(queue_);
    }
    work(items);
    items.clear();
    if (sweeping_) sweep_some();
  }
}

void Committer::watched(auto&& write) {
  log_frames_ = 0;
  const auto seen = parts_.checkpointer.passes();
  write();
  parts_.checkpointer.transaction_ended(seen, log_frames_);
}

void Committer::work(std::vector<Item>& items) {
  const auto is_change = [](const Item& item) { return std::holds_alternative<Queued>(item); };
  std::span<Item> rest(items);
  while (!rest.empty()) {
    if (auto* task = std::get_if<Task>(&rest.front())) {
      Result<void> result;
      watched([&] { result = task->task(); });
      task->done(std::move(result));
      rest = rest.subspan(1);
      continue;
    }
    const auto run =
        static_cast<std::size_t>(std::ranges::find_if_not(rest, is_change) - rest.begin());
    const auto batch = rest.first(std::min(run, largest_batch));
    watched([&] { commit_batch(batch); });
    rest = rest.subspan(batch.size());
  }
}

void Committer::commit_batch(std::span<Item> batch) {
  std::vector<Result<Applied>> answers;
  answers.reserve(batch.size());
  if (auto done = transact(batch, answers); !done) {
    for (const Item& item : batch)
      for (const Write& write : std::get<Queued>(item).change.writes)
        if (const auto* advance = std::get_if<Advance>(&write)) parts_.spent.add(*advance);
    parts_.applier.rollback();
    answers.assign(batch.size(), std::unexpected(not_recorded(done.error())));
  } else {
    if (const auto end = parts_.applier.end()) parts_.committed(*end);
    parts_.applier.publish();
    sweeping_ = sweeping_ || parts_.applier.dropped_import();
  }
  std::vector<Store::Done> dones;
  dones.reserve(batch.size());
  for (Item& item : batch) dones.push_back(std::move(std::get<Queued>(item).done));
  parts_.deliver([dones = std::move(dones), answers = std::move(answers)]() mutable {
    for (std::size_t i = 0; i < dones.size(); ++i) dones[i](std::move(answers[i]));
  });
}

Result<void> Committer::transact(std::span<Item> batch, std::vector<Result<Applied>>& answers) {
  TRY(parts_.applier.begin());
  for (const Item& item : batch) {
    const auto& queued = std::get<Queued>(item);
    auto applied = parts_.applier.apply(queued.change, queued.lines);
    if (!applied) return std::unexpected(applied.error());
    answers.push_back(std::move(applied));
  }
  return parts_.applier.commit();
}

// On failure (a full disk) the rows stay, unseen, until an import is dropped or the daemon starts
// again.
void Committer::sweep_some() {
  watched([this] {
    const auto more = parts_.sweep.step();
    sweeping_ = more && *more;
  });
}

}  // namespace countersign
