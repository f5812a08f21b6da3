// SPDX-License-Identifier: Apache-2.0
// The small file beside a served socket, by which a directory of tokens finds the token: one JSON
// object.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.h"
#include "devices/virtual/key/identity.h"

namespace countersign::virtual_key {

// What the description says the key is. Another one's ids and firmware are for tests of what is
// known against that one; the key itself (AAGUID, CTAPHID) goes on saying what it is.
struct Claim {
  std::uint16_t vendor_id = identity::vendor_id;
  std::uint16_t product_id = identity::product_id;
  std::string firmware = own_firmware();

  [[nodiscard]] static std::string own_firmware();
  [[nodiscard]] Result<void> set_usb(std::string_view text);       // "1050:0407"
  [[nodiscard]] Result<void> set_firmware(std::string_view text);  // "5.4.3"; "": it can't be told
};

// None of these holds a character that JSON escapes.
struct What {
  std::string_view kind;  // fido2, piv, openpgp, card
  std::string_view product;
  std::string serial;
};

// SOCKET.json; it goes with this object.
class Description {
 public:
  [[nodiscard]] static Result<Description> write(const std::string& socket, const What& what,
                                                 const Claim& claim);
  Description(Description&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Description& operator=(Description&&) = delete;
  ~Description();

 private:
  explicit Description(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace countersign::virtual_key
