// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/transports/yubikey_setup.h"

#include <array>
#include <charconv>

namespace countersign::virtual_yubikey {
namespace {

Result<std::array<Byte, 3>> firmware_from(std::string_view text) {
  std::array<Byte, 3> numbers{};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), numbers[i]);
    if (error != std::errc())
      return fail(Code::invalid, "a YubiKey's firmware is three numbers, such as 5.4.3");
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (i < 2 && !text.starts_with('.'))
      return fail(Code::invalid, "a YubiKey's firmware is three numbers, such as 5.4.3");
    if (i < 2) text.remove_prefix(1);
  }
  if (!text.empty() || numbers[0] < 2 || numbers[0] > 5)
    return fail(Code::invalid, "firmware from 2.0.0 to 5.x is played");
  return numbers;
}

}  // namespace

Result<std::unique_ptr<Played>> make_key(const Setup& setup) {
  auto file = TRY(virtual_token::LockedFile::open(setup.state));
  auto state = TRY(load(file));
  if (!setup.firmware.empty()) {
    const auto firmware = TRY(firmware_from(setup.firmware));
    state.firmware = firmware;
  }
  if (const auto saved = file.path().empty() ? Result<void>() : save(file, state); !saved)
    return std::unexpected(saved.error());
  auto played = std::make_unique<Played>(std::move(file), std::move(state), setup.person);
  for (const std::string& fault : setup.faults)
    if (const auto set = played->interface.faults.set(fault); !set)
      return std::unexpected(set.error());
  return played;
}

Result<std::string> obey(Played& played, std::string_view command) {
  if (command == "touch" || command == "deny") {
    if (played.interface.press(command == "touch", std::chrono::steady_clock::now()))
      return std::string();
    return fail(Code::invalid, "the key waits for no touch right now");
  }
  if (command == "type" || command == "type 1") return played.key.type(1);
  if (command == "type 2") return played.key.type(2);
  if (command == "power-cycle") return played.interface.replug(), std::string();
  if (command.starts_with("fault ")) {
    if (const auto set = played.interface.faults.set(command.substr(6)); !set)
      return std::unexpected(set.error());
    return std::string();
  }
  return fail(Code::invalid,
              "no such command; there are: touch, deny, type [1|2], power-cycle, fault NAME[=N]");
}

}  // namespace countersign::virtual_yubikey
