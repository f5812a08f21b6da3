// SPDX-License-Identifier: Apache-2.0
// Wire types of a YubiKey's slots: what is in them, and writing them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/enum_names.h"
#include "core/base/secret.h"
#include "core/slot_kind.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

struct SlotView {
  int slot = 1;
  bool programmed = false, touch = false;
  std::optional<std::string> authenticator;
  static Fields fields() {
    return {Field{"slot", &SlotView::slot, "1: short touch, 2: long touch"},
            Field{"programmed", &SlotView::programmed, "Something is in it; what, can't be read"},
            Field{"touch", &SlotView::touch,
                  "It does something when touched, or waits for a touch before it answers"},
            Field{"authenticator", &SlotView::authenticator, "What is enrolled of it here"}};
  }
};
struct SlotsView {
  std::string firmware;
  std::optional<std::int64_t> serial;
  std::int64_t sequence = 0;
  std::vector<SlotView> slots;
  static Fields fields() {
    return {
        Field{"firmware", &SlotsView::firmware, "Version"},
        Field{"serial", &SlotsView::serial, "Serial number; absent: no slot lets it be asked for"},
        Field{"sequence", &SlotsView::sequence, "Of programming: one more with each write"},
        Field{"slots", &SlotsView::slots, "Both"}};
  }
};

struct SlotProgram {
  std::string id;
  std::optional<SlotTask> task;
  std::optional<SlotKind> kind;
  std::optional<std::string> user, label;
  int slot = 2;
  std::optional<bool> touch, append_return, serial_visible, eight_digits, force;
  std::optional<Secret> access_code, new_access_code, secret;
  std::optional<int> seconds;
  std::optional<std::string> permit;
  static Fields fields() {
    return {
        Field{"id", &SlotProgram::id, "Id from the list; 'any' when there is one only", 64},
        Field{"task", &SlotProgram::task, "write (default), erase or swap"},
        Field{"kind", &SlotProgram::kind, "write: yubico-otp, hmac, hotp or static"},
        Field{"user", &SlotProgram::user, "write: who it is enrolled for; static needs none", 128},
        Field{"label", &SlotProgram::label, "A name for it"},
        Field{"slot", &SlotProgram::slot, "1: short touch, 2: long touch"},
        Field{"touch", &SlotProgram::touch, "hmac: each response waits for a touch"},
        Field{"append_return", &SlotProgram::append_return, "Types Return behind it (default)"},
        Field{"serial_visible", &SlotProgram::serial_visible,
              "The serial number can be asked for (default)"},
        Field{"eight_digits", &SlotProgram::eight_digits, "hotp: eight digits in place of six"},
        Field{"force", &SlotProgram::force,
              "What is in the slot, and what is enrolled of it, may go"},
        Field{"access_code", &SlotProgram::access_code,
              "The access code now: twelve hexadecimal digits", 12},
        Field{"new_access_code", &SlotProgram::new_access_code, "To protect it with from now on",
              12},
        Field{"secret", &SlotProgram::secret,
              "hmac: what is in the slot already, 40 hexadecimal digits: nothing is written, the "
              "key has to answer with it",
              40},
        Field{"seconds", &SlotProgram::seconds,
              "How long to wait for the user, 1 to 600; 60 by default"},
        Field{"permit", &SlotProgram::permit,
              "write: a permit that has this user on its list (POST /v1/permits)", 64}};
  }
};

struct SlotProgrammed {
  std::string device, model;
  int slot = 1;
  std::optional<std::string> user, authenticator, public_id;
  bool verified = false;
  bool resumed = false;
  SlotsView before, after;
  static Fields fields() {
    return {Field{"device", &SlotProgrammed::device, "Id"},
            Field{"model", &SlotProgrammed::model, "Model"},
            Field{"slot", &SlotProgrammed::slot, "Which"},
            Field{"user", &SlotProgrammed::user, "Who it is enrolled for"},
            Field{"authenticator", &SlotProgrammed::authenticator, "Its id"},
            Field{"public_id", &SlotProgrammed::public_id,
                  "yubico-otp: what each OTP begins with, in modhex"},
            Field{"verified", &SlotProgrammed::verified,
                  "The key answered a challenge with the new secret; else its status alone was "
                  "read back"},
            Field{"resumed", &SlotProgrammed::resumed, "It was begun before, and finished now"},
            Field{"before", &SlotProgrammed::before, "The slots as they were"},
            Field{"after", &SlotProgrammed::after, "The slots as they are"}};
  }
};

}  // namespace countersign::api
