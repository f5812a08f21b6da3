// SPDX-License-Identifier: Apache-2.0
// A program that runs in umockdev's testbed, and GLib's loop beside it.
#pragma once

#include <glib.h>
#include <umockdev.h>

#include <memory>
#include <string>
#include <vector>

#include "devices/virtual/transports/run.h"

namespace countersign::virtual_key {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Object = std::unique_ptr<T, Unref>;

// What stands in the testbed: a device, by what `umockdev-record` would write of it; who answers
// the ioctls on its node; and a link in place of the node.
[[nodiscard]] Result<void> add_device(UMockdevTestbed* testbed, const std::string& tree);
[[nodiscard]] Result<void> answer_ioctls(UMockdevTestbed* testbed, const char* node,
                                         UMockdevIoctlBase* ioctls);
[[nodiscard]] Result<void> link_node(UMockdevTestbed* testbed, const char* node,
                                     const std::string& target);

class Program {
 public:
  explicit Program(const RunOptions& options)
      : options_(options), loop_(g_main_loop_new(nullptr, FALSE)) {}
  ~Program() { g_main_loop_unref(loop_); }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Starts it with the testbed's /sys and /dev, and runs the loop until it ended. Its exit code, as
  // run_program() says.
  [[nodiscard]] Result<int> run(UMockdevTestbed* testbed);

 private:
  struct Signal {
    Program* program;
    int number;
  };
  [[nodiscard]] Result<void> start(UMockdevTestbed* testbed);
  void hand_on(int number);
  static void on_exit(GPid child, gint status, gpointer self);
  static gboolean on_timeout(gpointer self);

  const RunOptions& options_;
  GMainLoop* loop_;
  GPid child_ = 0;
  bool timed_out_ = false;
  int exit_code_ = 125;
  std::vector<std::unique_ptr<Signal>> signals_;
};

}  // namespace countersign::virtual_key
