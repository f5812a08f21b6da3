// SPDX-License-Identifier: Apache-2.0
// Software tokens (countersign-virtual): each socket NAME.sock in one folder, with NAME.sock.json
// beside it that says what it is. Looked at only where a reader was told to (--virtual), never on
// production stores (T50).
#pragma once

#include <filesystem>
#include <vector>

#include "core/base/descriptor.h"
#include "core/base/result.h"
#include "devices/protocol/device.h"

namespace countersign::devices::usb {

class SoftwareDirectory {
 public:
  [[nodiscard]] static Result<SoftwareDirectory> open(const std::filesystem::path& folder,
                                                      bool watched);

  // By id, which is "software-NAME". A token whose JSON is not there yet is not there yet.
  [[nodiscard]] std::vector<Device> present() const;

  [[nodiscard]] int events() const { return watch_.get(); }
  void drain();

 private:
  std::filesystem::path folder_;
  Descriptor watch_;  // inotify
};

// What NAME.sock.json says:
// {"kind":"fido2","vendor":"…","product":"…","vendor_id":N,"product_id":N,"serial":"…","firmware":"…"}.
// A kind that no driver speaks gives a Device with trouble unknown_type.
[[nodiscard]] Result<Device> software_token(const std::string& name,
                                            const std::filesystem::path& socket,
                                            std::string_view json);

}  // namespace countersign::devices::usb
