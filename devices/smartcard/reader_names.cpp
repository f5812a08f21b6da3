// SPDX-License-Identifier: Apache-2.0
#include "devices/smartcard/reader_names.h"

#include <cctype>

#include "core/base/text.h"

namespace countersign::devices::smartcard {
namespace {

constexpr std::size_t longest_tail = 40;
constexpr std::uint16_t yubico = 0x1050;

}  // namespace

std::string id_of_reader(std::string_view name) {
  std::string tail;
  for (const char c : name.substr(name.size() > longest_tail ? name.size() - longest_tail : 0)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      tail.push_back(c);
    else if (c >= 'A' && c <= 'Z')
      tail.push_back(static_cast<char>(c - 'A' + 'a'));
    else if (!tail.empty() && tail.back() != '-')
      tail.push_back('-');
  }
  while (tail.ends_with('-')) tail.pop_back();
  return tail;
}

std::string model_of_reader(std::string name) {
  while (name.size() > 3 && name[name.size() - 3] == ' ' &&
         std::isxdigit(static_cast<unsigned char>(name.back())) != 0)
    name.resize(name.size() - 3);
  return escape_text(name);
}

UsbIds usb_ids_of_reader(std::string_view name) {
  if (!name.starts_with("Yubico YubiKey ") && !name.starts_with("Yubico Yubikey ")) return {};
  const bool otp = name.find("OTP") != std::string_view::npos;
  const bool fido =
      name.find("FIDO") != std::string_view::npos || name.find("U2F") != std::string_view::npos;
  if (name.find("CCID") == std::string_view::npos) return {};
  return {.vendor = yubico,
          .product = static_cast<std::uint16_t>(0x0404 + (otp ? 1 : 0) + (fido ? 2 : 0))};
}

}  // namespace countersign::devices::smartcard
