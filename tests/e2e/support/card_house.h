// SPDX-License-Identifier: Apache-2.0
// A demo daemon at a machine with two card readers, an authority that openssl plays, and cards that
// yubico-piv-tool provisions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/e2e/support/own_pcscd.h"

namespace countersign::test {

// A CA of openssl in a folder. Its certificate is NAME.pem.
class Authority {
 public:
  Authority(const std::string& folder, const std::string& name);
  [[nodiscard]] const std::string& certificate() const { return certificate_; }

  struct Wanted {
    std::string subject = "/CN=alice";
    std::string usage = "clientAuth";  // extended key usage; empty: none
    std::string names;                 // subjectAltName; empty: none
    std::vector<std::string> more = {"-days", "10"};
    std::string responder = {};  // OCSP address; empty: none
  };
  // Over this public key; the file with the certificate.
  [[nodiscard]] std::string issue(const std::string& public_key, const Wanted& wanted) const;
  void note_valid(const std::string& certificate) const;  // for its responder
  [[nodiscard]] std::string revoke(
      const std::string& certificate) const;  // the file with its revocation list

 private:
  std::string folder_, base_, certificate_;
};

// What has to be there before the daemon: pcscd and the authority.
struct Office {
  TemporaryFolder office;
  OwnPcscd pcscd;
  Authority authority{office.path(), "ca"};
  std::string revocations = authority.revoke({});  // nothing is revoked yet
};

class CardHouse : public Office, public KeyHouse {
 public:
  // more: lines of [piv] beyond its anchors, with OFFICE for the office's folder; revocation is off
  // unless they say otherwise.
  explicit CardHouse(const std::string& more = "revocation = \"off\"\n");

  using Place = SoftCard::Place;
  [[nodiscard]] SoftCard insert(Place place, const std::string& name,
                                std::vector<std::string> options = {}) const {
    return SoftCard(place, keys(), name, std::move(options));
  }

  // A key in the slot of the card in the first reader, and its certificate, by yubico-piv-tool.
  void provision(const std::string& slot = "9a", const std::string& algorithm = "ECCP256") const {
    provision(slot, algorithm, {});
  }
  void provision(const std::string& slot, const std::string& algorithm,
                 const Authority::Wanted& wanted, const Authority* by = nullptr) const;
  // A card with that name that was provisioned and taken out again: insert it where it is wanted.
  void make_card(const std::string& name, const std::string& algorithm = "ECCP256") const;

  [[nodiscard]] std::string enroll_card(
      const std::string& user,
      const std::vector<std::string>& more = {}) const;  // the authenticator's id; PIN 123456
  [[nodiscard]] Done verify(const std::string& user, const std::string& pin_digits = "123456",
                            const std::vector<std::string>& more = {}) const;
  [[nodiscard]] std::string reason(const Done& done) const;  // "verified", or the reason
  [[nodiscard]] std::int64_t pin_retries() const;            // as the card tells them
  [[nodiscard]] std::vector<Json> devices() const;
};

// The file that a card's state is kept in.
[[nodiscard]] std::string state_of(const CardHouse& house, const std::string& name);

}  // namespace countersign::test
