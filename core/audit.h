// SPDX-License-Identifier: Apache-2.0
// The record of every verdict and change: events in one SHA-256 chain per daemon, with signed heads
// (T37).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/id.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/caller.h"

namespace countersign::audit {

using Digest = std::array<Byte, 32>;

// What happened, as the engine says it. Never carries a secret or a code.
struct Event {
  Time time{};
  std::string action;  // "verify", "user.add", "authenticator.revoke", ...
  std::string actor;   // "uid:1000", "root", "daemon"
  std::string service;
  std::string user;           // the name, as stored or as asked for
  std::string authenticator;  // id as text
  std::string outcome;        // "verified", "denied", "done"
  std::string reason;
  std::vector<std::pair<std::string, std::string>> details;

  bool operator==(const Event&) const = default;
};

// The one line of JSON that is stored and hashed. Members in the order above, empty ones left out;
// "time" is RFC 3339 in UTC with milliseconds. Control and bidirectional characters are escaped
// (T33).
[[nodiscard]] std::string to_line(const Event& event);

// The time of a line that to_line made; 1970 when it is none.
[[nodiscard]] Time time_of(std::string_view line);

// One link: hash = SHA-256(previous hash | sequence number as 8 octets big-endian | line).
[[nodiscard]] Digest link(const Digest& previous, std::int64_t sequence, std::string_view line);

struct Record {
  std::int64_t sequence = 0;  // 1, 2, ...
  std::string line;
  Digest hash{};

  bool operator==(const Record&) const = default;
};

// The end of the chain, or after a prune its new beginning; signed with the daemon's Ed25519 key
// over "countersign-audit-head-v1" | 0 | sequence as 8 octets big-endian | hash.
struct Head {
  std::int64_t sequence = 0;
  Digest hash{};
  Bytes signature;

  bool operator==(const Head&) const = default;
};
[[nodiscard]] Bytes head_message(std::int64_t sequence, const Digest& hash);

// Walks a chain row by row from a checkpoint; the first thing that is wrong is the answer.
class Verifier {
 public:
  // checkpoint: sequence 0 and zero hash for a chain that was never pruned.
  explicit Verifier(const Head& checkpoint)
      : sequence_(checkpoint.sequence), hash_(checkpoint.hash) {}
  [[nodiscard]] Result<void> next(const Record& record);
  // All rows were given: does the signed head say the same end? (Its signature is the caller's to
  // check.)
  [[nodiscard]] Result<void> finish(const Head& head) const;
  [[nodiscard]] std::int64_t sequence() const { return sequence_; }
  [[nodiscard]] const Digest& hash() const { return hash_; }

 private:
  std::int64_t sequence_;
  Digest hash_;
};

}  // namespace countersign::audit
