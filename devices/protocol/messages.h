// SPDX-License-Identifier: Apache-2.0
// What the daemon and one child of the reader say to each other. Plain values; codec.h has their
// form on the socket.
//
// A connection is one child. It begins with Watch (a child that only looks which tokens are there)
// or Open (a child for that one token). After Opened, requests come one at a time; each gets any
// number of Prompts and exactly one result: the one named beside it, or Failed. Cancel may come at
// any time; the request in flight then ends with Failed (cancelled), or with its result if that was
// quicker. A secret is never inside a message: it goes as a frame of its own, to the child that
// asked for it with a Prompt, and only then. When the connection closes, the child stops what the
// token is doing and ends.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/enum_names.h"
#include "core/slot_kind.h"
#include "core/webauthn/relying_party.h"
#include "devices/protocol/device.h"

namespace countersign::reader {

using devices::Capability;
using devices::CardInfo;
using devices::Device;
using devices::Fido2Info;
using devices::SlotsInfo;
using webauthn::UserVerification;

// --- requests ---

struct Watch {  // → Present, at once and after each change
  static constexpr auto fields(auto take) { return take(); }
};

struct Open {  // → Opened
  std::string device;
  bool slots = false;  // its OTP interface, of a YubiKey that has others, too
  static constexpr auto fields(auto take) { return take(&Open::device, &Open::slots); }
};

// Which of these credentials does the token hold? Asks for no touch and no PIN (CTAP 2.1 §6.2,
// option up = false). → Held
struct Fido2Holds {
  std::string rp_id;
  std::vector<Bytes> credentials;
  static constexpr auto fields(auto take) {
    return take(&Fido2Holds::rp_id, &Fido2Holds::credentials);
  }
};

// Waits for a touch and does nothing else: "touch the key you want to use". → Done
struct Select {
  std::int64_t milliseconds = 0;
  static constexpr auto fields(auto take) { return take(&Select::milliseconds); }
};

// authenticatorMakeCredential. → Fido2Made
struct Fido2Make {
  std::string rp_id, rp_name;
  Bytes client_data_hash;  // 32 octets
  Bytes user_handle;       // 1 to 64 octets
  std::string user_name, user_display_name;
  std::vector<std::int64_t> algorithms;  // COSE, best first; the first that the token has is used
  std::vector<Bytes> exclude;
  bool discoverable = false;
  UserVerification uv = UserVerification::preferred;
  std::int64_t cred_protect = 0;  // CTAP 2.1 §12.1; 0: not asked for
  std::int64_t milliseconds = 0;  // the deadline, from receipt
  static constexpr auto fields(auto take) {
    return take(&Fido2Make::rp_id, &Fido2Make::rp_name, &Fido2Make::client_data_hash,
                &Fido2Make::user_handle, &Fido2Make::user_name, &Fido2Make::user_display_name,
                &Fido2Make::algorithms, &Fido2Make::exclude, &Fido2Make::discoverable,
                &Fido2Make::uv, &Fido2Make::cred_protect, &Fido2Make::milliseconds);
  }
};

// authenticatorGetAssertion. An empty list asks for discoverable credentials. → Fido2Got
struct Fido2Get {
  std::string rp_id;
  Bytes client_data_hash;
  std::vector<Bytes> allowed;
  UserVerification uv = UserVerification::preferred;
  std::int64_t milliseconds = 0;
  static constexpr auto fields(auto take) {
    return take(&Fido2Get::rp_id, &Fido2Get::client_data_hash, &Fido2Get::allowed, &Fido2Get::uv,
                &Fido2Get::milliseconds);
  }
};

// Managing the token. PINs are asked for by Prompts (current, then new). → Done
enum class Fido2Task {
  set_pin,
  change_pin,
  reset,
  delete_credential,
  enroll_fingerprint,
  rename_fingerprint,
  delete_fingerprint
};
struct Fido2Manage {
  Fido2Task task = Fido2Task::set_pin;
  Bytes id;          // of the credential or fingerprint
  std::string name;  // of the fingerprint
  std::int64_t milliseconds = 0;
  static constexpr auto fields(auto take) {
    return take(&Fido2Manage::task, &Fido2Manage::id, &Fido2Manage::name,
                &Fido2Manage::milliseconds);
  }
};

struct Fido2List {            // → Fido2Listed; the PIN is asked for
  bool fingerprints = false;  // else the discoverable credentials
  std::int64_t milliseconds = 0;
  static constexpr auto fields(auto take) {
    return take(&Fido2List::fingerprints, &Fido2List::milliseconds);
  }
};

// Which of these keys does the card hold? By handle: SHA-256 of the SubjectPublicKeyInfo; an empty
// list asks for all that sign. No PIN. → Held
struct CardHolds {
  std::vector<Bytes> keys;
  std::vector<Capability> applets;  // piv, openpgp; empty: both
  static constexpr auto fields(auto take) { return take(&CardHolds::keys, &CardHolds::applets); }
};

struct CardList {  // the card's keys and certificates; no PIN. → CardListed
  static constexpr auto fields(auto take) { return take(); }
};

// A signature by one of these keys (as above), the first that the card has; empty: by the first of
// that application, or of that slot. The PIN is asked for unless the key needs none. → CardSigned
struct CardSign {
  std::vector<Bytes> keys;
  std::vector<Capability> applets;
  std::string slot;  // "9a"; empty: whichever
  Bytes message;  // hashed as the key wants it: SHA-256, SHA-384 for P-384, not at all for Ed25519
  bool verified = false;  // only keys that want the PIN
  std::int64_t milliseconds = 0;
  static constexpr auto fields(auto take) {
    return take(&CardSign::keys, &CardSign::applets, &CardSign::slot, &CardSign::message,
                &CardSign::verified, &CardSign::milliseconds);
  }
};

// Managing the card. PINs and PUK are asked for by Prompts. → Done
enum class CardTask { change_pin, unblock_pin, change_puk, reset };
struct CardManage {
  CardTask task = CardTask::change_pin;
  Capability applet = Capability::piv;
  std::int64_t milliseconds = 0;
  static constexpr auto fields(auto take) {
    return take(&CardManage::task, &CardManage::applet, &CardManage::milliseconds);
  }
};

// A slot of a YubiKey, by the key's serial number. 1: short touch, 2: long touch.
struct SlotName {
  std::int64_t serial = 0;
  std::int64_t slot = 0;
  bool operator==(const SlotName&) const = default;
  static constexpr auto fields(auto take) { return take(&SlotName::serial, &SlotName::slot); }
};

// Which of these slots are this key's, and programmed? → Held: of each its number, one octet
struct SlotHolds {
  std::vector<SlotName> slots;
  static constexpr auto fields(auto take) { return take(&SlotHolds::slots); }
};

// HMAC-SHA1 of the challenge by the first of these slots that the key has. → SlotResponded
struct SlotRespond {
  std::vector<SlotName> slots;
  Bytes challenge;  // 1 to 63 octets; the last one is not zero
  std::int64_t milliseconds = 0;
  static constexpr auto fields(auto take) {
    return take(&SlotRespond::slots, &SlotRespond::challenge, &SlotRespond::milliseconds);
  }
};

// Programming a slot. What is secret of it is asked for by one Prompt (slot_secrets): for write the
// octets that yubikey/slots.h says, for erase and swap the access code that holds now (six octets,
// zeros: none). → SlotWritten
struct SlotWrite {
  SlotTask task = SlotTask::write;
  std::int64_t slot = 1;
  SlotKind kind = SlotKind::hmac;
  bool touch = false;
  bool append_return = true;
  bool serial_visible = true;
  bool eight_digits = false;
  std::int64_t fixed_size = 0;  // octets of the fixed part
  std::int64_t milliseconds = 0;
  static constexpr auto fields(auto take) {
    return take(&SlotWrite::task, &SlotWrite::slot, &SlotWrite::kind, &SlotWrite::touch,
                &SlotWrite::append_return, &SlotWrite::serial_visible, &SlotWrite::eight_digits,
                &SlotWrite::fixed_size, &SlotWrite::milliseconds);
  }
};

// A new key in a slot of a PIV card; the certificate of the key before is taken away. The
// management key is asked for, again when it does not fit. → CardGenerated
struct CardGenerate {
  std::string serial;             // of the card that is meant; another one is refused (removed)
  std::string slot;               // "9a"
  std::string algorithm;          // "P-256", as CardKey has it
  std::int64_t pin_policy = 0;    // YubiKey's: 1 never, 2 once, 3 always; 0: the slot's own
  std::int64_t touch_policy = 0;  // 1 never, 2 always, 3 cached; 0: the slot's own
  std::int64_t milliseconds = 0;
  static constexpr auto fields(auto take) {
    return take(&CardGenerate::serial, &CardGenerate::slot, &CardGenerate::algorithm,
                &CardGenerate::pin_policy, &CardGenerate::touch_policy,
                &CardGenerate::milliseconds);
  }
};

// The card's word that it made the key in a slot (YubiKey's ATTEST). → CardAttested
struct CardAttest {
  std::string serial;  // of the card that is meant
  std::string slot;
  static constexpr auto fields(auto take) { return take(&CardAttest::serial, &CardAttest::slot); }
};

// The certificate of a slot's key, and what else is to stand on the card. The management key is
// asked for as above; where PIN, PUK and management key are the factory's, new_pin, new_puk and
// new_management_key; else the PIN, if the key wants one. The slot's key signs the message, and
// nothing of it all is left on a card whose slot has another key (no_credential). → CardInstalled
struct CardInstall {
  std::string serial;
  std::string slot;
  Bytes public_key;   // SubjectPublicKeyInfo: that the slot has
  Bytes message;      // as CardSign has it
  Bytes certificate;  // DER; empty: stays as it is
  Bytes chuid;        // what stands within tag 53 of these objects; empty: stays as it is
  Bytes capabilities;
  std::int64_t milliseconds = 0;
  static constexpr auto fields(auto take) {
    return take(&CardInstall::serial, &CardInstall::slot, &CardInstall::public_key,
                &CardInstall::message, &CardInstall::certificate, &CardInstall::chuid,
                &CardInstall::capabilities, &CardInstall::milliseconds);
  }
};

struct Cancel {
  static constexpr auto fields(auto take) { return take(); }
};

using Request = std::variant<Watch, Open, Fido2Holds, Select, Fido2Make, Fido2Get, Fido2Manage,
                             Fido2List, CardHolds, CardList, CardSign, CardManage, SlotHolds,
                             SlotRespond, SlotWrite, CardGenerate, CardAttest, CardInstall, Cancel>;

// --- replies ---

struct Present {  // everything that is there, each time
  std::vector<Device> devices;
  static constexpr auto fields(auto take) { return take(&Present::devices); }
};

struct Opened {
  Device device;
  std::optional<Fido2Info> fido2;
  std::optional<CardInfo> card;
  std::optional<SlotsInfo> slots;
  static constexpr auto fields(auto take) {
    return take(&Opened::device, &Opened::fido2, &Opened::card, &Opened::slots);
  }
};

// What the token wants of the person; slot_secrets: of the daemon itself, as one secret frame.
// touch: it is blinking now. pin, new_pin, puk, new_puk: it waits for one secret frame; so it does
// with a management key, which no person knows: the daemon answers.
enum class PromptKind {
  touch,
  pin,
  new_pin,
  verify /* built-in: fingerprint, PIN pad */,
  sample /* one more of a fingerprint */,
  puk,
  new_puk,
  slot_secrets,
  management_key,
  new_management_key
};
struct Prompt {
  PromptKind kind = PromptKind::touch;
  std::optional<std::int64_t> retries;  // left, before the token blocks
  bool again = false;                   // the one before was wrong
  std::int64_t min_length = 0;          // of a new PIN, in code points
  static constexpr auto fields(auto take) {
    return take(&Prompt::kind, &Prompt::retries, &Prompt::again, &Prompt::min_length);
  }
};

struct Held {
  std::vector<Bytes> credentials;
  static constexpr auto fields(auto take) { return take(&Held::credentials); }
};

struct Fido2Made {
  std::string format;  // of the attestation statement: "packed", "fido-u2f", "none"
  Bytes authenticator_data;
  Bytes statement;  // CBOR map
  static constexpr auto fields(auto take) {
    return take(&Fido2Made::format, &Fido2Made::authenticator_data, &Fido2Made::statement);
  }
};

struct Fido2Assertion {
  Bytes credential;
  Bytes authenticator_data;
  Bytes signature;
  Bytes user_handle;  // of discoverable credentials
  std::string user_name;
  static constexpr auto fields(auto take) {
    return take(&Fido2Assertion::credential, &Fido2Assertion::authenticator_data,
                &Fido2Assertion::signature, &Fido2Assertion::user_handle,
                &Fido2Assertion::user_name);
  }
};
struct Fido2Got {
  std::vector<Fido2Assertion>
      assertions;  // more than one only where several discoverable credentials are on the token
  static constexpr auto fields(auto take) { return take(&Fido2Got::assertions); }
};

struct Fido2Listed {
  struct Row {
    Bytes id;
    std::string name;  // of the user, or of the fingerprint
    std::string rp_id;
    static constexpr auto fields(auto take) { return take(&Row::id, &Row::name, &Row::rp_id); }
  };
  std::vector<Row> rows;
  static constexpr auto fields(auto take) { return take(&Fido2Listed::rows); }
};

// A key of a card. The certificate is as it stood on the card, judged by nobody; empty where there
// is none (OpenPGP).
struct CardKey {
  Capability applet = Capability::piv;
  std::string slot;       // "9a", "9c", "9e"; "aut" for OpenPGP
  std::string algorithm;  // "RSA-2048", "P-256"
  Bytes public_key;       // SubjectPublicKeyInfo
  Bytes certificate;
  std::string trouble;  // why it can't be used; empty: it can
  static constexpr auto fields(auto take) {
    return take(&CardKey::applet, &CardKey::slot, &CardKey::algorithm, &CardKey::public_key,
                &CardKey::certificate, &CardKey::trouble);
  }
};
struct CardListed {
  std::vector<CardKey> keys;
  static constexpr auto fields(auto take) { return take(&CardListed::keys); }
};

struct CardSigned {
  CardKey key;
  Bytes signature;  // ECDSA's is DER
  bool verified =
      false;  // the card took the PIN in the same turn, and the key is one that wants it
  static constexpr auto fields(auto take) {
    return take(&CardSigned::key, &CardSigned::signature, &CardSigned::verified);
  }
};

struct SlotResponded {
  SlotName slot;
  Bytes response;        // 20 octets
  bool touched = false;  // the key waited for a touch
  static constexpr auto fields(auto take) {
    return take(&SlotResponded::slot, &SlotResponded::response, &SlotResponded::touched);
  }
};

struct SlotWritten {
  SlotsInfo slots;  // as they are now
  static constexpr auto fields(auto take) { return take(&SlotWritten::slots); }
};

struct CardGenerated {
  Bytes public_key;  // SubjectPublicKeyInfo
  static constexpr auto fields(auto take) { return take(&CardGenerated::public_key); }
};

struct CardAttested {
  Bytes statement;  // a certificate (DER) for the slot's key; empty: the card can't, or did not
                    // make it
  Bytes attester;   // the certificate of the card's key that signed it; empty: the card does not
                    // show it
  static constexpr auto fields(auto take) {
    return take(&CardAttested::statement, &CardAttested::attester);
  }
};

struct CardInstalled {
  bool pin = false, puk = false, management_key = false;  // replaced what the factory had set
  Bytes signature;                                        // over the message; ECDSA's is DER
  bool verified =
      false;  // the card took the PIN in the same turn, and the key is one that wants it
  static constexpr auto fields(auto take) {
    return take(&CardInstalled::pin, &CardInstalled::puk, &CardInstalled::management_key,
                &CardInstalled::signature, &CardInstalled::verified);
  }
};

struct Done {
  static constexpr auto fields(auto take) { return take(); }
};

enum class Failure {
  absent,      // no token was plugged in before the deadline (told by the daemon)
  removed,     // unplugged, or no such device any more
  permission,  // the node can't be opened: an udev rule is missing
  busy,        // another program holds the token
  timed_out,   // the deadline passed; nobody touched it
  cancelled,
  declined,   // the person declined on the token
  wrong_pin,  // after the last try that this operation allows; retries says how many the token has
              // left
  pin_blocked,           // no retries left: only a reset helps
  card_pin_blocked,      // no retries left: the PUK or resetting code helps
  puk_blocked,           // neither PIN nor PUK has retries left, or there is no PUK
  wrong_management_key,  // none that the daemon has for the card
  pin_paused,            // three wrong in a row: unplug it and plug it in again
  pin_not_set,           // a PIN is needed and the token has none
  pin_refused,           // the new PIN is too short, too long, or against the token's policy
  uv_failed,             // the fingerprint was not recognized
  excluded,              // it holds one of the excluded credentials already
  no_credential,         // it holds none of the allowed ones
  full,                  // no place for another credential
  unsupported,           // the token can't do what was asked
  slot_refused,    // a YubiKey did not take it: another access code protects the slot, it is of
                   // another kind, or too old a firmware
  reset_too_late,  // CTAP: only within seconds after plugging in
  advisory,        // it is not taken for what is known of its firmware (told by the daemon)
  malformed,       // the token's answer is not what the standard says
  internal,
};

struct Failed {
  Failure failure = Failure::internal;
  std::optional<std::int64_t> retries;
  std::string detail;  // for the log, e.g. "FIDO_ERR_INVALID_CBOR"; never shown as it is
  static constexpr auto fields(auto take) {
    return take(&Failed::failure, &Failed::retries, &Failed::detail);
  }
};

using Reply = std::variant<Present, Opened, Prompt, Held, Fido2Made, Fido2Got, Fido2Listed,
                           CardListed, CardSigned, SlotResponded, SlotWritten, CardGenerated,
                           CardAttested, CardInstalled, Done, Failed>;

}  // namespace countersign::reader

template <>
inline constexpr auto countersign::enum_names<countersign::reader::Fido2Task> =
    std::to_array<countersign::EnumName<countersign::reader::Fido2Task>>(
        {{countersign::reader::Fido2Task::set_pin, "set-pin"},
         {countersign::reader::Fido2Task::change_pin, "change-pin"},
         {countersign::reader::Fido2Task::reset, "reset"},
         {countersign::reader::Fido2Task::delete_credential, "delete-credential"},
         {countersign::reader::Fido2Task::enroll_fingerprint, "enroll-fingerprint"},
         {countersign::reader::Fido2Task::rename_fingerprint, "rename-fingerprint"},
         {countersign::reader::Fido2Task::delete_fingerprint, "delete-fingerprint"}});

template <>
inline constexpr auto countersign::enum_names<countersign::reader::CardTask> =
    std::to_array<countersign::EnumName<countersign::reader::CardTask>>(
        {{countersign::reader::CardTask::change_pin, "change-pin"},
         {countersign::reader::CardTask::unblock_pin, "unblock-pin"},
         {countersign::reader::CardTask::change_puk, "change-puk"},
         {countersign::reader::CardTask::reset, "reset"}});

template <>
inline constexpr auto countersign::enum_names<countersign::reader::PromptKind> =
    std::to_array<countersign::EnumName<countersign::reader::PromptKind>>(
        {{countersign::reader::PromptKind::touch, "touch"},
         {countersign::reader::PromptKind::pin, "pin"},
         {countersign::reader::PromptKind::new_pin, "new-pin"},
         {countersign::reader::PromptKind::verify, "verify"},
         {countersign::reader::PromptKind::sample, "sample"},
         {countersign::reader::PromptKind::puk, "puk"},
         {countersign::reader::PromptKind::new_puk, "new-puk"},
         {countersign::reader::PromptKind::slot_secrets, "slot-secrets"},
         {countersign::reader::PromptKind::management_key, "management-key"},
         {countersign::reader::PromptKind::new_management_key, "new-management-key"}});

template <>
inline constexpr auto countersign::enum_names<countersign::reader::Failure> =
    std::to_array<countersign::EnumName<countersign::reader::Failure>>(
        {{countersign::reader::Failure::absent, "absent"},
         {countersign::reader::Failure::removed, "removed"},
         {countersign::reader::Failure::permission, "permission"},
         {countersign::reader::Failure::busy, "busy"},
         {countersign::reader::Failure::timed_out, "timed-out"},
         {countersign::reader::Failure::cancelled, "cancelled"},
         {countersign::reader::Failure::declined, "declined"},
         {countersign::reader::Failure::wrong_pin, "wrong-pin"},
         {countersign::reader::Failure::pin_blocked, "pin-blocked"},
         {countersign::reader::Failure::card_pin_blocked, "card-pin-blocked"},
         {countersign::reader::Failure::puk_blocked, "puk-blocked"},
         {countersign::reader::Failure::wrong_management_key, "wrong-management-key"},
         {countersign::reader::Failure::pin_paused, "pin-paused"},
         {countersign::reader::Failure::pin_not_set, "pin-not-set"},
         {countersign::reader::Failure::pin_refused, "pin-refused"},
         {countersign::reader::Failure::uv_failed, "uv-failed"},
         {countersign::reader::Failure::excluded, "excluded"},
         {countersign::reader::Failure::no_credential, "no-credential"},
         {countersign::reader::Failure::full, "full"},
         {countersign::reader::Failure::unsupported, "unsupported"},
         {countersign::reader::Failure::slot_refused, "slot-refused"},
         {countersign::reader::Failure::reset_too_late, "reset-too-late"},
         {countersign::reader::Failure::advisory, "advisory"},
         {countersign::reader::Failure::malformed, "malformed"},
         {countersign::reader::Failure::internal, "internal"}});
