// SPDX-License-Identifier: Apache-2.0
#include "daemon/host/machine_key.h"

#include "daemon/base/safe_file.h"

namespace countersign {
namespace {

constexpr std::size_t largest = 1024;

Result<crypto::Es256Key> load(const std::string& path) {
  const Secret der = TRY(read_secret_file(path, largest));
  Result<crypto::Es256Key> key = crypto::Es256Key::from_pkcs8(der);
  if (!key)
    return fail(
        key.error().code,
        path + ": " + key.error().what +
            "; remove the file to make a new key: this machine then has to be recognized again");
  return key;
}

}  // namespace

Result<crypto::Es256Key> load_or_make_machine_key(const std::string& path) {
  Result<crypto::Es256Key> there = load(path);
  if (there || there.error().code != Code::not_found) return there;
  crypto::Es256Key fresh = crypto::Es256Key::generate();
  if (auto written = write_new_file(path, fresh.pkcs8().expose()); !written) {
    if (written.error().code == Code::exists) return load(path);  // somebody was quicker
    return std::unexpected(written.error());
  }
  return fresh;
}

}  // namespace countersign
