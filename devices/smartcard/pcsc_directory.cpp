// SPDX-License-Identifier: Apache-2.0
#include "devices/smartcard/pcsc_directory.h"

#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>
#include <winscard.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "core/base/text.h"
#include "devices/smartcard/reader_names.h"

namespace countersign::devices::smartcard {
namespace {

constexpr std::size_t most_readers = 16;  // PCSCLITE_MAX_READERS_CONTEXTS
constexpr const char* plug_and_play = "\\\\?PnP?\\Notification";

std::filesystem::path service_socket() {
  const char* named = secure_getenv("PCSCLITE_CSOCK_NAME");
  return named != nullptr ? named : "/run/pcscd/pcscd.comm";
}

Device device_of(const std::string& name, DWORD state) {
  Device device{.id = {},
                .transport = Transport::card,
                .model = model_of_reader(name),
                .serial = {},
                .firmware = {},
                .node = name};
  const UsbIds ids = usb_ids_of_reader(name);
  device.vendor = ids.vendor;
  device.product = ids.product;
  if ((state & SCARD_STATE_PRESENT) == 0) {
    device.id = "reader-" + id_of_reader(name);
    device.trouble = Trouble::no_card;
    return device;
  }
  device.id = "card-" + id_of_reader(name) + "-" +
              std::to_string(state >> 16U);  // the upper half counts cards put in and pulled out
  if ((state & SCARD_STATE_MUTE) != 0)
    device.trouble = Trouble::unknown_type;
  else
    device.capabilities = {Capability::piv, Capability::openpgp};  // opening it tells which
  return device;
}

struct Named {
  std::string name;
  DWORD state = SCARD_STATE_UNAWARE;
};

// The readers there are; what is known of their states is kept. False: pcscd is gone.
bool list_readers(SCARDCONTEXT context, std::vector<Named>& readers) {
  DWORD size = 0;
  LONG error = SCardListReaders(context, nullptr, nullptr, &size);
  std::vector<Named> fresh;
  if (error == SCARD_S_SUCCESS && size > 0) {
    std::string names(size, '\0');
    error = SCardListReaders(context, nullptr, names.data(), &size);
    for (std::size_t at = 0; error == SCARD_S_SUCCESS && at < names.size() && names[at] != '\0' &&
                             fresh.size() < most_readers;) {
      std::string name(names.c_str() + at);
      at += name.size() + 1;
      const auto known = std::ranges::find(readers, name, &Named::name);
      fresh.push_back(
          {.name = name,
           .state = known != readers.end() ? known->state : DWORD{SCARD_STATE_UNAWARE}});
    }
  }
  if (error == SCARD_E_NO_READERS_AVAILABLE || error == SCARD_E_INSUFFICIENT_BUFFER)
    error = SCARD_S_SUCCESS;  // none; or one more by now
  readers = std::move(fresh);
  return error == SCARD_S_SUCCESS;
}

// Waits for a change of theirs, or of which readers there are. False: pcscd is gone.
bool wait_for_change(SCARDCONTEXT context, std::vector<Named>& readers, DWORD milliseconds) {
  std::vector<SCARD_READERSTATE> states(readers.size() + 1);
  for (std::size_t i = 0; i < readers.size(); ++i)
    states[i] = {.szReader = readers[i].name.c_str(),
                 .pvUserData = nullptr,
                 .dwCurrentState = readers[i].state};
  states.back() = {.szReader = plug_and_play,
                   .pvUserData = nullptr,
                   .dwCurrentState = static_cast<DWORD>(readers.size()) << 16U};
  const LONG error = SCardGetStatusChange(context, milliseconds, states.data(), states.size());
  if (error != SCARD_S_SUCCESS && error != SCARD_E_TIMEOUT && error != SCARD_E_UNKNOWN_READER)
    return false;
  for (std::size_t i = 0; i < readers.size(); ++i)
    readers[i].state = states[i].dwEventState & ~static_cast<DWORD>(SCARD_STATE_CHANGED);
  return true;
}

std::vector<Device> devices_of(const std::vector<Named>& readers) {
  std::vector<Device> devices;
  for (const Named& each : readers)
    if (is_utf8(each.name) && (each.state & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE)) == 0)
      devices.push_back(device_of(each.name, each.state));
  std::ranges::sort(devices, {}, &Device::id);
  return devices;
}

// Of what happens where pcscd's socket would be.
Descriptor watch_for_service() {
  Descriptor watch(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  std::filesystem::path folder = service_socket().parent_path();
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) folder = folder.parent_path();
  if (!watch ||
      inotify_add_watch(watch.get(), folder.c_str(), IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) < 0)
    return {};
  return watch;
}

}  // namespace

struct PcscDirectory::Shared {
  bool watched = false;
  SCARDCONTEXT context = 0;
  bool joined = false;
  Descriptor events;  // of the thread (eventfd), or of the folder of pcscd's socket (inotify)
  std::atomic<bool> over = false;
  std::mutex mutex;
  std::vector<Device> present;

  void look_on(bool first) {
    std::vector<Named> readers;
    for (;
         list_readers(context, readers) && wait_for_change(context, readers, first ? 0 : INFINITE);
         first = false) {
      if (std::ranges::any_of(
              readers, [](const Named& each) { return each.state == SCARD_STATE_UNAWARE; }) &&
          !wait_for_change(context, readers, 0))
        break;
      const std::lock_guard lock(mutex);
      present = devices_of(readers);
      (void)eventfd_write(events.get(), 1);
    }
    over = true;
    (void)eventfd_write(events.get(), 1);
  }
};

PcscDirectory::PcscDirectory(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
PcscDirectory::PcscDirectory(PcscDirectory&& other) noexcept = default;
PcscDirectory::~PcscDirectory() = default;

PcscDirectory PcscDirectory::open(bool watched) {
  auto shared = std::make_shared<Shared>();
  shared->watched = watched;
  if (watched) {
    shared->events = watch_for_service();  // before asking for it: it may come in between
    shared->joined = SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr,
                                           &shared->context) == SCARD_S_SUCCESS;
    if (shared->joined) shared->events = Descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  }
  return PcscDirectory(std::move(shared));
}

void PcscDirectory::listen() {
  if (!shared_->joined) return;
  std::vector<Named> readers;  // what is there already is told first
  if (list_readers(shared_->context, readers) && wait_for_change(shared_->context, readers, 0))
    shared_->present = devices_of(readers);
  std::thread([shared = shared_] { shared->look_on(true); }).detach();
}

std::vector<Device> PcscDirectory::present() const {
  if (shared_->watched) {
    const std::lock_guard lock(shared_->mutex);
    return shared_->present;
  }
  SCARDCONTEXT context = 0;
  if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context) != SCARD_S_SUCCESS)
    return {};
  std::vector<Named> readers;
  const bool known = list_readers(context, readers) && wait_for_change(context, readers, 0);
  (void)SCardReleaseContext(context);
  return known ? devices_of(readers) : std::vector<Device>();
}

int PcscDirectory::events() const { return shared_->events.get(); }

void PcscDirectory::drain() {
  if (shared_->joined) {
    eventfd_t count = 0;
    (void)eventfd_read(shared_->events.get(), &count);
    return;
  }
  alignas(inotify_event) std::array<char, 4096> events;
  const std::string awaited = service_socket().filename().string(),
                    folder = service_socket().parent_path().filename().string();
  for (ssize_t got; (got = read(shared_->events.get(), events.data(), events.size())) > 0;)
    for (ssize_t at = 0; at < got;) {
      const auto* event = reinterpret_cast<const inotify_event*>(events.data() + at);
      if (event->len > 0 && (awaited == event->name || folder == event->name)) shared_->over = true;
      at += static_cast<ssize_t>(sizeof *event + event->len);
    }
}

bool PcscDirectory::over() const { return shared_->over; }

}  // namespace countersign::devices::smartcard
