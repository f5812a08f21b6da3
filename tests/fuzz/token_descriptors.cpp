// SPDX-License-Identifier: Apache-2.0
// What the directory of tokens reads of a token: its HID report descriptor, or a software token's
// JSON.
#include "core/base/text.h"
#include "devices/usb/hid_descriptor.h"
#include "devices/usb/software_directory.h"

using namespace countersign;
using namespace countersign::devices;

namespace {

void require(bool held) {
  if (!held) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  require(usb::top_level_usages({data, size}).size() <= 16);
  const auto device =
      usb::software_token("key", "/run/key.sock", {reinterpret_cast<const char*>(data), size});
  if (!device) return 0;
  for (const std::string& text : {device->model, device->serial, device->firmware})
    require(text.size() <= 1024 && escape_text(text) == text);
  require(device->id == "software-key" && device->node == "/run/key.sock");
  return 0;
}
