// SPDX-License-Identifier: Apache-2.0
// What every route and ceremony is handed.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "core/advisories/advisories.h"
#include "core/crypto/signer.h"
#include "core/engine/context.h"
#include "daemon/fetch/otp_servers.h"
#include "daemon/fetch/revocation_source.h"
#include "daemon/tokens/desk.h"
#include "daemon/tokens/here.h"
#include "daemon/tokens/removal.h"

namespace countersign::routes {

// A clock that can be moved, on demo stores only.
class MovableClock {
 public:
  virtual ~MovableClock() = default;
  virtual void advance(std::chrono::seconds by) = 0;  // time passes
  virtual void step(std::chrono::seconds by) = 0;     // the wall clock alone jumps
};

struct Sending;  // sending.h

// What the handlers are handed; everything outlives the server.
struct Services {
  engine::Context& context;
  const crypto::Signer& signer;
  std::string version;
  bool demo = false;
  MovableClock* clock = nullptr;  // nothing on a production store
  tokens::Desk* desk = nullptr;
  tokens::HereRule here;
  tokens::Removal* removal = nullptr;
  bool acts_on_removal = false;  // else it is asked for where somebody's grace hangs on it
  Assurance assurance =
      Assurance::usual;  // what is asked of tokens that something is known against
  Sending* sending = nullptr;
  std::shared_ptr<const crypto::RevocationEvidence> lists;    // the configured revocation lists
  fetch::RevocationSource* revocation = nullptr;              // nothing: none is fetched
  std::chrono::milliseconds fetch_time{4000};                 // for all that one proof wants
  fetch::OtpServers* otp_servers = nullptr;                   // nothing: none are configured
  std::function<bool(const std::string& login)> administers;  // http::Doorkeeper
  // Runs it on a worker thread, in the turn of whoever asked for it.
  std::function<void(const Holder&, std::move_only_function<void()>)> work;
  std::function<void(std::move_only_function<void()>)> post;  // runs it on the loop's thread
  std::function<void()> start_reseal;                         // wakes the background re-sealing
  std::shared_ptr<const std::string> openapi;                 // the document, once it is made
};

}  // namespace countersign::routes
