// SPDX-License-Identifier: Apache-2.0
// Which tokens are there now, as the reader's watching child tells it.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "daemon/http/loop.h"
#include "daemon/tokens/channel.h"
#include "daemon/tokens/reader.h"

namespace countersign::tokens {

// Loop thread only. A watching child that ends is started again; meanwhile what was there last
// counts as there.
class Directory {
 public:
  Directory(http::Loop& loop, Reader& reader) : loop_(loop), reader_(reader) {}
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  // Calls changed at once, when it is known what is there, and after each change, until the handle
  // goes. failed: the reader can't be reached; tried again in the background.
  struct Watcher {
    std::function<void()> changed;
    std::function<void(const Error&)> failed;
  };
  [[nodiscard]] std::shared_ptr<void> watch(Watcher watcher);

  [[nodiscard]] const std::vector<devices::Device>& present() const { return present_; }

 private:
  void start();
  void again();
  void tell();
  void take(reader::Reply reply);

  http::Loop& loop_;
  Reader& reader_;
  std::shared_ptr<Channel> channel_;
  std::shared_ptr<void> timer_;
  std::list<std::weak_ptr<Watcher>> watchers_;
  std::vector<devices::Device> present_;
  bool known_ = false;
};

}  // namespace countersign::tokens
