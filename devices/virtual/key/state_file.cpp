// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/key/state_file.h"

namespace countersign::virtual_key {

Result<StateFile> StateFile::open(std::string path) {
  auto file = TRY(virtual_token::LockedFile::open(std::move(path)));
  return StateFile(std::move(file));
}

Result<State> StateFile::load() const {
  if (file_.path().empty()) return new_state();
  auto state = read_state(file_.path());
  if (state || state.error().code != Code::not_found) return state;
  State fresh = new_state();
  if (const auto saved = save(fresh); !saved) return std::unexpected(saved.error());
  return fresh;
}

Result<void> StateFile::save(const State& state) const {
  const Secret content{BytesView(formats::cbor::encode(to_cbor(state)))};
  return file_.write(content.expose());
}

Result<State> read_state(const std::string& path) {
  const auto content = TRY(virtual_token::read_content(path));
  const auto value = formats::cbor::parse(content.expose(), {.depth = 4, .items = 1'000'000});
  if (!value) return fail(Code::corrupt, path + ": " + value.error().what);
  return state_from(*value);
}

}  // namespace countersign::virtual_key
