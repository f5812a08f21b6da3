// SPDX-License-Identifier: Apache-2.0
// umockdev gives the program a /sys and a /dev of their own by a preloaded library, and brings
// us its ioctls by a socket. The device node leads to a pseudo terminal whose other end we hold:
// our own, not the one that umockdev makes, because a key that is pulled out must hang up, and
// umockdev 0.17 can't make the same node twice.
#include "devices/virtual/transports/run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <glib-unix.h>
#include <linux/hidraw.h>
#include <linux/input.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <umockdev.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

#include "devices/virtual/key/identity.h"
#include "devices/virtual/key/report_descriptor.h"
#include "devices/virtual/transports/control.h"
#include "devices/virtual/transports/hid_device.h"
#include "devices/virtual/transports/listener.h"
#include "devices/virtual/transports/program.h"

namespace countersign::virtual_key {
namespace {

using Steady = std::chrono::steady_clock;

constexpr const char* hid_node = "/dev/hidraw0";
constexpr std::size_t written_size = 1 + hid::report_size;  // hidraw: the report number comes first

// What `umockdev-record` would write of a USB key: device, interface, HID device, hidraw node;
// parents first.
std::string device_tree(const State& state) {
  const std::string device = "/devices/pci0000:00/0000:00:14.0/usb1/1-1";
  const std::string interface = device + "/1-1:1.0";
  const std::string hid = interface + fmt::format("/0003:{:04X}:{:04X}.0001", identity::vendor_id,
                                                  identity::product_id);
  std::string tree;
  tree += "P: " + device + "\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\n" +
          fmt::format(
              "E: PRODUCT={:x}/{:x}/100\nE: ID_VENDOR_ID={:04x}\nE: ID_MODEL_ID={:04x}\nE: "
              "ID_SERIAL_SHORT={}\n",
              identity::vendor_id, identity::product_id, identity::vendor_id, identity::product_id,
              state.serial) +
          fmt::format(
              "A: idVendor={:04x}\nA: idProduct={:04x}\nA: bcdDevice=0100\nA: manufacturer={}\nA: "
              "product={}\nA: serial={}\n\n",
              identity::vendor_id, identity::product_id, identity::vendor, identity::product,
              state.serial);
  tree +=
      "P: " + interface + "\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\nA: bInterfaceClass=03\n\n";
  tree += "P: " + hid + "\nE: SUBSYSTEM=hid\n" +
          fmt::format("E: HID_ID=0003:{:08X}:{:08X}\nE: HID_NAME={} {}\nE: HID_UNIQ={}\n",
                      identity::vendor_id, identity::product_id, identity::vendor,
                      identity::product, state.serial) +
          fmt::format("H: report_descriptor={:02X}\n\n", fmt::join(report_descriptor, ""));
  tree += "P: " + hid +
          "/hidraw/hidraw0\nN: hidraw0\nE: SUBSYSTEM=hidraw\nE: DEVNAME=/dev/hidraw0\nE: "
          "MAJOR=240\nE: MINOR=0\nE: ID_SECURITY_TOKEN=1\n\n";
  return tree;
}

// Writes into memory of the program, where an ioctl's argument points.
bool put(UMockdevIoctlClient* client, BytesView data) {
  GError* error = nullptr;
  UMockdevIoctlData* const argument = umockdev_ioctl_client_get_arg(client);
  const Object<UMockdevIoctlData> target(
      umockdev_ioctl_data_resolve(argument, 0, data.size(), &error));
  g_clear_error(&error);
  if (target == nullptr) return false;
  umockdev_ioctl_data_update(target.get(), 0, const_cast<guint8*>(data.data()),
                             static_cast<gint>(data.size()));
  return true;
}

template <class T>
BytesView octets_of(const T& value, std::size_t size = sizeof(T)) {
  return {reinterpret_cast<const Byte*>(&value), size};
}

// The three ioctls by which programs know a FIDO key (hidraw.h). -1: not one of them.
glong answer_ioctl(UMockdevIoctlClient* client) {
  const gulong request = umockdev_ioctl_client_get_request(client);
  if (request == HIDIOCGRDESCSIZE) {
    const int size = report_descriptor.size();
    return put(client, octets_of(size)) ? 0 : -1;
  }
  if (request == HIDIOCGRDESC) {
    hidraw_report_descriptor descriptor{};
    descriptor.size = report_descriptor.size();
    std::memcpy(descriptor.value, report_descriptor.data(), report_descriptor.size());
    // Not more than the descriptor: some programs have no room for the whole structure.
    return put(client, octets_of(descriptor, sizeof descriptor.size + report_descriptor.size()))
               ? 0
               : -1;
  }
  if (request == HIDIOCGRAWINFO) {
    const hidraw_devinfo info{.bustype = BUS_USB,
                              .vendor = static_cast<__s16>(identity::vendor_id),
                              .product = static_cast<__s16>(identity::product_id)};
    return put(client, octets_of(info)) ? 0 : -1;
  }
  return -1;
}

gboolean on_ioctl(UMockdevIoctlBase*, UMockdevIoctlClient* client, gpointer) {
  const glong result = answer_ioctl(client);
  umockdev_ioctl_client_complete(client, result, result == 0 ? 0 : ENOTTY);
  return TRUE;
}

// A pseudo terminal that carries reports. A whole report or nothing is there to be read: poll() and
// read() count characters on a terminal, and VMIN is how many. Its slave end stays open here, so
// that it lives on between two programs that open it.
struct Terminal {
  Descriptor master, slave;
  std::string name;

  [[nodiscard]] static Result<Terminal> open() {
    Terminal terminal{
        Descriptor(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)), {}, {}};
    const int master = terminal.master.get();
    std::array<char, 128> name{};
    termios settings{};
    if (!terminal.master || ::grantpt(master) != 0 || ::unlockpt(master) != 0 ||
        ::ptsname_r(master, name.data(), name.size()) != 0)
      return trouble();
    terminal.name = name.data();
    terminal.slave = Descriptor(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!terminal.slave || ::tcgetattr(terminal.slave.get(), &settings) != 0) return trouble();
    ::cfmakeraw(&settings);
    settings.c_cc[VMIN] = hid::report_size;
    settings.c_cc[VTIME] = 0;
    if (::tcsetattr(terminal.slave.get(), TCSANOW, &settings) != 0) return trouble();
    return terminal;
  }

 private:
  static std::unexpected<Error> trouble() {
    return fail(Code::unavailable, std::string("no pseudo terminal: ") + std::strerror(errno));
  }
};

// A process that has the terminal as its controlling one. Without it, a program that leads a
// session (a service, a daemon) would get the key as its controlling terminal by opening it:
// /dev/tty would be the key, and closing it a hangup.
class TerminalHolder {
 public:
  TerminalHolder() = default;
  explicit TerminalHolder(const std::string& name) {
    std::array<int, 2> ready{};
    if (::pipe2(ready.data(), O_CLOEXEC) != 0) return;
    pid_ = ::fork();
    if (pid_ != 0) {
      char none = 0;
      ::close(ready[1]);
      (void)!::read(ready[0], &none,
                    1);  // until it has the terminal, and closes the pipe with everything else
      ::close(ready[0]);
      return;
    }
    // GLib has threads by now: nothing but system calls here.
    (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)::setsid();
    (void)::open(name.c_str(), O_RDWR);
    (void)::close_range(0, ~0U, 0);
    for (;;) ::pause();
  }
  TerminalHolder(TerminalHolder&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
  TerminalHolder& operator=(TerminalHolder&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
  }
  ~TerminalHolder() {
    if (pid_ <= 0) return;
    (void)::kill(pid_, SIGKILL);
    (void)::waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_ = 0;
};

class Runner {
 public:
  Runner(Key& key, const Setup& setup, const RunOptions& options, std::optional<Listener> control)
      : control_(std::move(control)),
        program_(options),
        key_(key),
        device_(key, setup.person,
                {[this](const hid::Report& report) { send(report); }, [this] { gone_ = true; }}) {}
  ~Runner() {
    unplug();
    if (testbed_ != nullptr) umockdev_testbed_detach_ioctl(testbed_.get(), hid_node, nullptr);
  }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  Result<int> run() {
    testbed_.reset(umockdev_testbed_new());
    if (const auto plugged = prepare(); !plugged) return std::unexpected(plugged.error());
    if (control_) g_unix_fd_add(control_->fd(), G_IO_IN, &Runner::on_control, this);
    schedule();
    return program_.run(testbed_.get());
  }

 private:
  // --- the device ---

  // Once: the device, and the ioctls of whoever opens it.
  Result<void> prepare() {
    TRY(add_device(testbed_.get(), device_tree(key_.state)));
    ioctls_.reset(umockdev_ioctl_base_new());
    g_signal_connect_data(ioctls_.get(), "handle-ioctl", reinterpret_cast<GCallback>(&on_ioctl),
                          nullptr, nullptr, GConnectFlags{});
    g_signal_connect_data(ioctls_.get(), "client-connected",
                          reinterpret_cast<GCallback>(&Runner::on_opened), this, nullptr,
                          GConnectFlags{});
    g_signal_connect_data(ioctls_.get(), "client-vanished",
                          reinterpret_cast<GCallback>(&Runner::on_closed), this, nullptr,
                          GConnectFlags{});
    TRY(answer_ioctls(testbed_.get(), hid_node, ioctls_.get()));
    return plug();
  }

  // The node leads to a fresh terminal.
  Result<void> plug() {
    auto terminal = TRY(Terminal::open());
    terminal_ = std::move(terminal);
    TRY(link_node(testbed_.get(), hid_node, terminal_.name));
    holder_ = TerminalHolder(terminal_.name);
    reader_ = g_unix_fd_add(terminal_.master.get(), G_IO_IN, &Runner::on_written, this);
    return {};
  }

  static gboolean on_opened(UMockdevIoctlBase*, UMockdevIoctlClient*, gpointer self) {
    static_cast<Runner*>(self)->opened();
    return TRUE;
  }
  static gboolean on_closed(UMockdevIoctlBase*, UMockdevIoctlClient*, gpointer self) {
    --static_cast<Runner*>(self)->openers_;
    return TRUE;
  }

  // What nobody read is gone, as with hidraw, which has a queue for each opener.
  void opened() {
    if (openers_++ > 0) return;
    (void)::tcflush(terminal_.slave.get(), TCIFLUSH);
    pending_.clear();
    device_.opened();
    schedule();
  }

  // A hangup for who has it open.
  void unplug() {
    if (reader_ != 0) g_source_remove(std::exchange(reader_, 0));
    holder_ = TerminalHolder();
    terminal_ = Terminal();
    pending_.clear();
  }

  static gboolean on_written(gint, GIOCondition, gpointer self) {
    static_cast<Runner*>(self)->receive();
    return G_SOURCE_CONTINUE;
  }

  void receive() {
    std::array<Byte, 16 * written_size> chunk{};
    const ssize_t size = ::read(terminal_.master.get(), chunk.data(), chunk.size());
    if (size <= 0) return;
    pending_.insert(pending_.end(), chunk.begin(), chunk.begin() + size);
    std::size_t at = 0;
    for (; !gone_ && pending_.size() - at >= written_size; at += written_size) {
      hid::Report report{};
      std::memcpy(report.data(), pending_.data() + at + 1, report.size());
      device_.receive(report, Steady::now());
    }
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(at));
    settle();
  }

  void send(const hid::Report& report) {
    if (terminal_.master) (void)!::write(terminal_.master.get(), report.data(), report.size());
  }

  // After anything that the device did: pulled out, or the next moment at which it does something
  // by itself.
  void settle() {
    if (std::exchange(gone_, false)) pull_out();
    schedule();
  }

  // The programs that have it open find it gone; the node is there again at once, for the next that
  // opens it.
  void pull_out() {
    unplug();
    if (const auto plugged = plug(); !plugged)
      g_printerr("countersign-virtual: %s\n", plugged.error().what.c_str());
  }

  void schedule() {
    if (timer_ != 0) g_source_remove(std::exchange(timer_, 0));
    const auto moment = device_.wake();
    if (!moment) return;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*moment - Steady::now()).count();
    timer_ =
        g_timeout_add(static_cast<guint>(std::max<std::int64_t>(left, 0)), &Runner::on_timer, this);
  }
  static gboolean on_timer(gpointer self) {
    auto& runner = *static_cast<Runner*>(self);
    runner.timer_ = 0;
    runner.device_.tick(Steady::now());
    runner.settle();
    return G_SOURCE_REMOVE;
  }
  static gboolean on_control(gint, GIOCondition, gpointer self) {
    auto& runner = *static_cast<Runner*>(self);
    serve_control(*runner.control_, [&runner](std::string_view command) {
      return obey(runner.device_, runner.key_, command, Steady::now());
    });
    runner.settle();
    return G_SOURCE_CONTINUE;
  }

  std::optional<Listener> control_;
  Object<UMockdevTestbed> testbed_;
  Object<UMockdevIoctlBase> ioctls_;
  Program program_;
  Terminal terminal_;
  TerminalHolder holder_;
  guint reader_ = 0, timer_ = 0;
  int openers_ = 0;
  Bytes pending_;  // of a report that is not there whole
  bool gone_ = false;
  Key& key_;
  HidDevice device_;
};

}  // namespace

Result<int> run_program(const Setup& setup, const RunOptions& options) {
  auto key = TRY(make_key(setup));
  auto control = TRY(open_control(setup.control));
  return Runner(*key, setup, options, std::move(control)).run();
}

}  // namespace countersign::virtual_key
