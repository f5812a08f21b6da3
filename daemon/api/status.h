// SPDX-License-Identifier: Apache-2.0
// /v1/status, and upkeep of the store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

struct StatusView {
  std::string version, store, state, clock, rp_id;
  std::vector<std::string> origins;
  std::string audit_key;
  std::optional<std::vector<std::string>> names_by_case;
  std::int64_t audit_events = 0;
  std::string audit_head;
  Time time{};
  std::string bootstrap;
  static Fields fields() {
    return {Field{"version", &StatusView::version, "Of the daemon"},
            Field{"store", &StatusView::store, "demo or production"},
            Field{"state", &StatusView::state,
                  "ready, or restored: an old copy was put back and one-time factors wait"},
            Field{"clock", &StatusView::clock, "good, behind or ahead"},
            Field{"rp_id", &StatusView::rp_id, "What security keys are bound to, for good"},
            Field{"origins", &StatusView::origins, "Pages that may use them"},
            Field{"audit_key", &StatusView::audit_key,
                  "Public Ed25519 key of the audit chain, hexadecimal"},
            Field{"audit_events", &StatusView::audit_events, "Sequence number of the newest event"},
            Field{"audit_head", &StatusView::audit_head,
                  "Its hash, hexadecimal; note it elsewhere to anchor the chain"},
            Field{"names_by_case", &StatusView::names_by_case,
                  "Told to administrators: users whose names differ from another's by case alone; "
                  "rename one of each"},
            Field{"time", &StatusView::time, "What the daemon takes the time to be"},
            Field{"bootstrap", &StatusView::bootstrap,
                  "open: whoever administers needs no fresh verification yet; closed: for good"}};
  }
};

struct StoreResync {
  int suspended = 0;
  static Fields fields() {
    return {Field{"suspended", &StoreResync::suspended,
                  "HOTP tokens and sets of backup codes to be resumed one by one"}};
  }
};

struct KeyRotation {
  std::int64_t data_key = 0;
  static Fields fields() {
    return {Field{"data_key", &KeyRotation::data_key,
                  "Number of the new data key; re-sealing goes on in the background"}};
  }
};

struct ClockMove {
  std::optional<std::int64_t> advance, step;
  static Fields fields() {
    return {Field{"advance", &ClockMove::advance, "Seconds that pass"},
            Field{"step", &ClockMove::step, "Seconds by which the wall clock alone jumps"}};
  }
};

}  // namespace countersign::api
