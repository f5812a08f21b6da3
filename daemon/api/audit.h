// SPDX-License-Identifier: Apache-2.0
// /v1/audit: the record.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/api/codec/field.h"

namespace countersign::api {

struct AuditQuery {
  std::optional<std::int64_t> after;
  std::optional<int> limit;
  static Fields fields() {
    return {Field{"after", &AuditQuery::after, "Sequence numbers greater than this"},
            Field{"limit", &AuditQuery::limit, "At most so many, 1 to 1000"}};
  }
};

struct AuditRecord {
  std::int64_t sequence = 0;
  std::string event, hash;
  static Fields fields() {
    return {
        Field{"sequence", &AuditRecord::sequence, "1, 2, ..."},
        Field{"event", &AuditRecord::event, "The event, as the line that was hashed"},
        Field{"hash", &AuditRecord::hash,
              "SHA-256 over the previous hash, the sequence number and the event, hexadecimal"}};
  }
};

struct AuditHead {
  std::int64_t sequence = 0;
  std::string hash, signature;
  static Fields fields() {
    return {Field{"sequence", &AuditHead::sequence, "Of the newest event"},
            Field{"hash", &AuditHead::hash, "Its hash, hexadecimal"},
            Field{"signature", &AuditHead::signature, "Ed25519, hexadecimal"}};
  }
};

struct AuditPage {
  std::vector<AuditRecord> events;
  AuditHead head, checkpoint;
  std::string audit_key;
  static Fields fields() {
    return {Field{"events", &AuditPage::events, "In order"},
            Field{"head", &AuditPage::head, "The signed end of the chain"},
            Field{"checkpoint", &AuditPage::checkpoint, "Where it begins since the last prune"},
            Field{"audit_key", &AuditPage::audit_key, "Public Ed25519 key, hexadecimal"}};
  }
};

struct AuditVerify {
  std::optional<std::int64_t> sequence;
  std::optional<std::string> hash;
  static Fields fields() {
    return {Field{"sequence", &AuditVerify::sequence, "Of a head that was noted elsewhere"},
            Field{"hash", &AuditVerify::hash, "Its hash, hexadecimal", 64}};
  }
};

struct AuditVerdict {
  bool intact = false;
  std::int64_t events = 0, first = 0, last = 0;
  std::string problem;
  static Fields fields() {
    return {Field{"intact", &AuditVerdict::intact, "Every link, both ends and the signature hold"},
            Field{"events", &AuditVerdict::events, "How many were walked"},
            Field{"first", &AuditVerdict::first, "Sequence number of the first"},
            Field{"last", &AuditVerdict::last, "and the last"},
            Field{"problem", &AuditVerdict::problem, "The first thing that is wrong, and where"}};
  }
};

struct AuditPrune {
  std::int64_t through = 0;
  static Fields fields() {
    return {Field{"through", &AuditPrune::through, "Drop events up to this sequence number"}};
  }
};

// Demo stores only: moves the clock that the daemon goes by.

}  // namespace countersign::api
