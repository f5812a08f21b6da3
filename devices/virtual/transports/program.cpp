// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/transports/program.h"

#include <glib-unix.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

namespace countersign::virtual_key {
namespace {

constexpr const char* preload = "libumockdev-preload.so.0";

// What GLib says came of it.
Result<void> checked(gboolean done, GError* error, const char* what) {
  if (done != FALSE) return {};
  std::string why = error == nullptr ? "unknown" : error->message;
  g_clear_error(&error);
  return fail(Code::unavailable, std::string(what) + ": " + why);
}

}  // namespace

Result<void> add_device(UMockdevTestbed* testbed, const std::string& tree) {
  GError* error = nullptr;
  return checked(umockdev_testbed_add_from_string(testbed, tree.c_str(), &error), error,
                 "umockdev takes no device");
}

Result<void> answer_ioctls(UMockdevTestbed* testbed, const char* node, UMockdevIoctlBase* ioctls) {
  GError* error = nullptr;
  return checked(umockdev_testbed_attach_ioctl(testbed, node, ioctls, &error), error,
                 "umockdev takes no ioctl handler");
}

Result<void> link_node(UMockdevTestbed* testbed, const char* node, const std::string& target) {
  gchar* const root = umockdev_testbed_get_root_dir(testbed);
  const std::string link = std::string(root) + node;
  g_free(root);
  if (::symlink(target.c_str(), (link + ".new").c_str()) != 0 ||
      std::rename((link + ".new").c_str(), link.c_str()) != 0)
    return fail(Code::unavailable, link + ": " + std::strerror(errno));
  return {};
}

Result<int> Program::run(UMockdevTestbed* testbed) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) hand_on(number);
  if (const auto started = start(testbed); !started) return std::unexpected(started.error());
  g_timeout_add_seconds(static_cast<guint>(options_.seconds), &Program::on_timeout, this);
  g_main_loop_run(loop_);
  return exit_code_;
}

Result<void> Program::start(UMockdevTestbed* testbed) {
  std::vector<gchar*> words;
  for (const std::string& word : options_.words) words.push_back(const_cast<gchar*>(word.c_str()));
  words.push_back(nullptr);
  gchar** environment = g_get_environ();
  const gchar* const before = g_environ_getenv(environment, "LD_PRELOAD");
  const std::string preloads =
      before == nullptr || *before == 0 ? preload : std::string(preload) + ":" + before;
  environment = g_environ_setenv(environment, "LD_PRELOAD", preloads.c_str(), TRUE);
  gchar* const root = umockdev_testbed_get_root_dir(testbed);
  environment = g_environ_setenv(environment, "UMOCKDEV_DIR", root, TRUE);
  g_free(root);
  GError* error = nullptr;
  const auto flags = static_cast<GSpawnFlags>(G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH |
                                              G_SPAWN_CHILD_INHERITS_STDIN);
  const gboolean started =
      g_spawn_async(nullptr, words.data(), environment, flags, nullptr, nullptr, &child_, &error);
  g_strfreev(environment);
  if (const auto done = checked(started, error, options_.words.front().c_str()); !done) return done;
  g_child_watch_add(child_, &Program::on_exit, this);
  return {};
}

void Program::on_exit(GPid child, gint status, gpointer self) {
  auto& program = *static_cast<Program*>(self);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  program.exit_code_ = program.timed_out_ ? 124 : code;
  program.child_ = 0;
  g_spawn_close_pid(child);
  g_main_loop_quit(program.loop_);
}

void Program::hand_on(int number) {
  signals_.push_back(std::make_unique<Signal>(Signal{this, number}));
  const GSourceFunc tell = [](gpointer data) -> gboolean {
    const auto& signal = *static_cast<Signal*>(data);
    if (signal.program->child_ != 0) (void)::kill(signal.program->child_, signal.number);
    return G_SOURCE_CONTINUE;
  };
  g_unix_signal_add(number, tell, signals_.back().get());
}

gboolean Program::on_timeout(gpointer self) {
  auto& program = *static_cast<Program*>(self);
  if (program.child_ != 0) (void)::kill(program.child_, program.timed_out_ ? SIGKILL : SIGTERM);
  if (!std::exchange(program.timed_out_, true))
    g_timeout_add_seconds(2, &Program::on_timeout, self);
  return G_SOURCE_REMOVE;
}

}  // namespace countersign::virtual_key
