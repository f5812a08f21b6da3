// SPDX-License-Identifier: Apache-2.0
// An authority run by the program openssl in a folder of its own: what organisations have, and what
// goes wrong there.
#pragma once

#include <filesystem>
#include <string>

#include "core/crypto/x509_revocation.h"

namespace countersign::test {

class OpensslAuthority {
 public:
  // With these lines in its own certificate's extensions, beside CA:TRUE and the key usage.
  explicit OpensslAuthority(const std::string& common_name = "Test CA",
                            const std::string& more_extensions = "");
  ~OpensslAuthority();
  OpensslAuthority(const OpensslAuthority&) = delete;
  OpensslAuthority& operator=(const OpensslAuthority&) = delete;

  struct Leaf {
    std::string name = "alice";
    std::string key =
        "-algorithm EC -pkeyopt ec_paramgen_curve:P-256";  // of openssl genpkey; or "-in FILE" of a
                                                           // key that is there
    std::string extensions = "keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n";
    std::string digest = "sha256";
    int days = 30;
    std::string key_file = "";  // takes this key instead
  };
  [[nodiscard]] crypto::Certificate issue(const Leaf& leaf) const;
  // From a request in a file of the folder.
  [[nodiscard]] crypto::Certificate answer(const std::string& request, const std::string& name,
                                           const std::string& extensions) const;
  // Another authority's certificate by this one.
  [[nodiscard]] crypto::Certificate certify(const OpensslAuthority& other,
                                            const std::string& extensions) const;
  void revoke(const std::string& name) const;
  [[nodiscard]] crypto::RevocationList list(int days = 7) const;
  // A response to that request, signed by the authority, or by the leaf of that name.
  [[nodiscard]] Bytes respond(BytesView request, const std::string& signer = "") const;

  [[nodiscard]] crypto::Certificate certificate() const;
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  void run(const std::string& command) const;  // fails the test when it fails
  [[nodiscard]] crypto::Certificate sign(const std::string& name, const std::string& extensions,
                                         const std::string& digest, int days) const;

  std::filesystem::path folder_;
};

[[nodiscard]] Bytes file_content(const std::filesystem::path& path);

}  // namespace countersign::test
