// SPDX-License-Identifier: Apache-2.0
// Wire types of what people do with a token in their hand: the events that a stream tells, and what
// begins it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/authenticator.h"
#include "core/base/enum_names.h"
#include "core/base/secret.h"
#include "core/factors/typed_code.h"
#include "core/webauthn/relying_party.h"
#include "daemon/api/codec/field.h"
#include "daemon/api/prompt.h"

namespace countersign::api {

struct TapEvent {
  Prompt event = Prompt::insert;
  std::optional<std::string> device, user, service, interaction;
  std::optional<std::int64_t> retries, min_length;
  std::optional<bool> again;
  std::optional<std::string> advisory, about;
  static Fields fields() {
    return {
        Field{"event", &TapEvent::event,
              "What the person is to do: insert, touch, select (touch the one to use), pin, ..."},
        Field{"device", &TapEvent::device, "Model of the token that is meant"},
        Field{"user", &TapEvent::user, "Who is signing in"},
        Field{"service", &TapEvent::service, "What for"},
        Field{"interaction", &TapEvent::interaction,
              "pin, new-pin, puk, new-puk: the answer goes to /v1/interactions/{id}, once"},
        Field{"retries", &TapEvent::retries, "How many wrong answers the token still takes"},
        Field{"min_length", &TapEvent::min_length, "Of a new PIN, in characters"},
        Field{"again", &TapEvent::again, "The answer before this was wrong"},
        Field{"advisory", &TapEvent::advisory,
              "advisory: its name; the token is taken all the same"},
        Field{"about", &TapEvent::about,
              "advisory: what it means and what to do; present: what the token holds now"}};
  }
};

struct TapVerifyRequest {
  std::optional<std::string> user, service;
  std::optional<webauthn::UserVerification> uv;
  std::optional<int> seconds;
  std::optional<bool> here;
  static Fields fields() {
    return {Field{"user", &TapVerifyRequest::user,
                  "Name of the user, or login:NAME, the user with that account on this host; "
                  "absent: the token says who (verifiers)",
                  longest_user},
            Field{"service", &TapVerifyRequest::service,
                  "What the user wants to get into, e.g. sudo", 64},
            Field{"uv", &TapVerifyRequest::uv,
                  "User verification by the token (PIN, fingerprint): required, preferred "
                  "(default), discouraged"},
            Field{"seconds", &TapVerifyRequest::seconds,
                  "How long to wait for the user, 1 to 600; 60 by default"},
            Field{"here", &TapVerifyRequest::here,
                  "Root's PAM only: whether the sign-in is at this machine's own seat"}};
  }
};

struct TapEnrollRequest {
  std::string user;
  std::optional<std::string> label;
  std::optional<Kind> kind;
  std::optional<std::string> slot;
  std::optional<bool> discoverable, backup;
  std::optional<webauthn::UserVerification> uv;
  std::optional<webauthn::Conveyance> attestation;
  std::optional<int> seconds;
  std::optional<Secret> code;
  static Fields fields() {
    return {
        Field{"user", &TapEnrollRequest::user, "Name of the user", 128},
        Field{"label", &TapEnrollRequest::label, "A name for this key"},
        Field{"kind", &TapEnrollRequest::kind, "fido2 (default), piv or openpgp"},
        Field{"slot", &TapEnrollRequest::slot, "piv: 9a (default), 9c or 9e", 8},
        Field{"discoverable", &TapEnrollRequest::discoverable,
              "Kept on the key, so that a tap alone says who it is"},
        Field{"backup", &TapEnrollRequest::backup,
              "The key that stays in the drawer: says so in lists"},
        Field{"uv", &TapEnrollRequest::uv,
              "User verification: required, preferred (default), discouraged"},
        Field{"attestation", &TapEnrollRequest::attestation, "none (default), indirect, direct"},
        Field{"seconds", &TapEnrollRequest::seconds,
              "How long to wait for the user, 1 to 600; 60 by default"},
        Field{"code", &TapEnrollRequest::code,
              "Users who enrol themselves: a code of an authenticator they have; absent: they tap "
              "a key they have",
              longest_typed_code}};
  }
};

struct InteractionId {
  std::string id;
  static Fields fields() { return {Field{"id", &InteractionId::id, "As the event gave it", 64}}; }
};

}  // namespace countersign::api
