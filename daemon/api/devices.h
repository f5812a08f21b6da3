// SPDX-License-Identifier: Apache-2.0
// Wire types of the tokens that are plugged in.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/enum_names.h"
#include "daemon/api/codec/field.h"
#include "daemon/api/slots.h"

namespace countersign::api {

struct AdvisoryView {
  std::string id, verdict, about;
  static Fields fields() {
    return {Field{"id", &AdvisoryView::id, "As its vendor or the CVE list names it"},
            Field{"verdict", &AdvisoryView::verdict, "refuse, warn or note"},
            Field{"about", &AdvisoryView::about, "What it means and what to do"}};
  }
};

struct DeviceView {
  std::string id, model, transport;
  std::optional<std::string> serial, firmware, trouble;
  std::string usb;
  std::vector<std::string> capabilities;
  std::vector<AdvisoryView> advisories;
  static Fields fields() {
    return {
        Field{"id", &DeviceView::id, "Names it as long as it is plugged in"},
        Field{"model", &DeviceView::model, "Model"},
        Field{"transport", &DeviceView::transport, "usb, nfc, card (a card reader) or software"},
        Field{"serial", &DeviceView::serial, "Serial, where it has one"},
        Field{"firmware", &DeviceView::firmware, "Version, where it can be told"},
        Field{"trouble", &DeviceView::trouble,
              "Why it can't be used: permission, unknown-type, no-card"},
        Field{"usb", &DeviceView::usb, "Vendor and product id, hexadecimal"},
        Field{"capabilities", &DeviceView::capabilities, "fido2, u2f, piv, openpgp, otp"},
        Field{"advisories", &DeviceView::advisories, "What is known against its firmware"}};
  }
};

struct DeviceList {
  std::vector<DeviceView> devices;
  static Fields fields() {
    return {Field{"devices", &DeviceList::devices, "What is plugged in now"}};
  }
};

struct DeviceEvent {
  std::string event = "devices";
  std::vector<DeviceView> devices;
  static Fields fields() {
    return {Field{"event", &DeviceEvent::event, "devices"},
            Field{"devices", &DeviceEvent::devices, "All that is plugged in from now on"}};
  }
};

struct DeviceId {
  std::string id;
  static Fields fields() {
    return {Field{"id", &DeviceId::id, "Id from the list; 'any' when there is one only", 64}};
  }
};

struct Fido2View {
  std::vector<std::string> versions, extensions;
  std::string aaguid;
  std::vector<std::int64_t> algorithms;
  bool pin_set = false, built_in_uv = false, always_uv = false, resident_keys = false;
  std::int64_t min_pin_length = 4;
  std::optional<std::int64_t> pin_retries, uv_retries, free_resident;
  static Fields fields() {
    return {
        Field{"versions", &Fido2View::versions, "Protocol versions"},
        Field{"extensions", &Fido2View::extensions, "Extensions"},
        Field{"aaguid", &Fido2View::aaguid, "Names the model"},
        Field{"algorithms", &Fido2View::algorithms, "COSE numbers, best first"},
        Field{"pin_set", &Fido2View::pin_set, "It has a PIN"},
        Field{"built_in_uv", &Fido2View::built_in_uv, "It knows a finger"},
        Field{"always_uv", &Fido2View::always_uv, "It verifies its user at every use"},
        Field{"resident_keys", &Fido2View::resident_keys, "It can hold discoverable credentials"},
        Field{"min_pin_length", &Fido2View::min_pin_length, "Characters"},
        Field{"pin_retries", &Fido2View::pin_retries, "Wrong PINs it still takes"},
        Field{"uv_retries", &Fido2View::uv_retries, "Failed fingerprints it still takes"},
        Field{"free_resident", &Fido2View::free_resident,
              "Places left for discoverable credentials"}};
  }
};

struct CardSlotView {
  std::string slot, algorithm;
  std::optional<std::string> subject, not_before, not_after, trouble;
  std::vector<std::string> names;
  static Fields fields() {
    return {
        Field{"slot", &CardSlotView::slot, "9a, 9c, 9e; aut for OpenPGP"},
        Field{"algorithm", &CardSlotView::algorithm, "Of its key; empty: none that is used here"},
        Field{"subject", &CardSlotView::subject, "Of its certificate, which nobody has judged yet"},
        Field{"not_before", &CardSlotView::not_before, "Its certificate's first moment"},
        Field{"not_after", &CardSlotView::not_after, "Its last"},
        Field{"trouble", &CardSlotView::trouble, "Why it can't be used"},
        Field{"names", &CardSlotView::names,
              "UPN, e-mail, card UUID and FASC-N in its certificate"}};
  }
};
struct CardAppletView {
  std::string kind;
  std::optional<std::string> version, serial;
  std::string id;
  std::optional<std::int64_t> pin_retries, puk_retries;
  std::vector<CardSlotView> slots;
  static Fields fields() {
    return {Field{"kind", &CardAppletView::kind, "piv or openpgp"},
            Field{"version", &CardAppletView::version, "Of its firmware, or of its specification"},
            Field{"serial", &CardAppletView::serial, "Serial, where it has one"},
            Field{"id", &CardAppletView::id,
                  "GUID or application identifier, hexadecimal; vouched for by nobody"},
            Field{"pin_retries", &CardAppletView::pin_retries, "Wrong PINs it still takes"},
            Field{"puk_retries", &CardAppletView::puk_retries,
                  "Wrong PUKs, or resetting codes, it still takes"},
            Field{"slots", &CardAppletView::slots, "Keys that can sign people in"}};
  }
};
struct CardView {
  std::string answer_to_reset;
  std::vector<CardAppletView> applets;
  static Fields fields() {
    return {Field{"answer_to_reset", &CardView::answer_to_reset, "Hexadecimal"},
            Field{"applets", &CardView::applets, "Applications that are used here"}};
  }
};

struct DeviceInfo {
  DeviceView device;
  std::optional<Fido2View> fido2;
  std::optional<CardView> card;
  std::optional<SlotsView> slots;
  static Fields fields() {
    return {Field{"device", &DeviceInfo::device, "What it is"},
            Field{"fido2", &DeviceInfo::fido2, "What its FIDO application says"},
            Field{"card", &DeviceInfo::card, "What a smartcard says"},
            Field{"slots", &DeviceInfo::slots, "A YubiKey's slots"}};
  }
};

enum class DeviceTask {
  set_pin,
  change_pin,
  unblock_pin,
  change_puk,
  reset,
  delete_credential,
  enroll_fingerprint,
  rename_fingerprint,
  delete_fingerprint
};

}  // namespace countersign::api

template <>
inline constexpr auto countersign::enum_names<countersign::api::DeviceTask> =
    std::to_array<countersign::EnumName<countersign::api::DeviceTask>>({
        {countersign::api::DeviceTask::set_pin, "set-pin"},
        {countersign::api::DeviceTask::change_pin, "change-pin"},
        {countersign::api::DeviceTask::unblock_pin, "unblock-pin"},
        {countersign::api::DeviceTask::change_puk, "change-puk"},
        {countersign::api::DeviceTask::reset, "reset"},
        {countersign::api::DeviceTask::delete_credential, "delete-credential"},
        {countersign::api::DeviceTask::enroll_fingerprint, "enroll-fingerprint"},
        {countersign::api::DeviceTask::rename_fingerprint, "rename-fingerprint"},
        {countersign::api::DeviceTask::delete_fingerprint, "delete-fingerprint"},
    });

namespace countersign::api {

struct DeviceManage {
  std::string id;
  DeviceTask task = DeviceTask::set_pin;
  std::optional<std::string> item, name, applet;
  std::optional<int> seconds;
  static Fields fields() {
    return {Field{"applet", &DeviceManage::applet, "Cards: piv (default) or openpgp", 16},
            Field{"id", &DeviceManage::id, "Id from the list; 'any' when there is one only", 64},
            Field{"task", &DeviceManage::task, "What to do"},
            Field{"item", &DeviceManage::item, "Id of the credential or fingerprint, hexadecimal",
                  2048},
            Field{"name", &DeviceManage::name, "New name of the fingerprint", 64},
            Field{"seconds", &DeviceManage::seconds,
                  "How long to wait for the user, 1 to 600; 60 by default"}};
  }
};

struct DeviceItems {
  std::string id;
  std::optional<bool> fingerprints;
  std::optional<int> seconds;
  static Fields fields() {
    return {Field{"id", &DeviceItems::id, "Id from the list; 'any' when there is one only", 64},
            Field{"fingerprints", &DeviceItems::fingerprints,
                  "Fingerprints in place of discoverable credentials"},
            Field{"seconds", &DeviceItems::seconds,
                  "How long to wait for the user, 1 to 600; 60 by default"}};
  }
};

struct DeviceItem {
  std::string id, name, rp_id;
  static Fields fields() {
    return {Field{"id", &DeviceItem::id, "Hexadecimal"},
            Field{"name", &DeviceItem::name, "Of the user, or of the fingerprint"},
            Field{"rp_id", &DeviceItem::rp_id, "Where the credential is for"}};
  }
};
struct DeviceItemList {
  std::vector<DeviceItem> items;
  static Fields fields() {
    return {Field{"items", &DeviceItemList::items, "In the token's order"}};
  }
};

struct DeviceDone {
  std::string id, model;
  static Fields fields() {
    return {Field{"id", &DeviceDone::id, "Of the token"},
            Field{"model", &DeviceDone::model, "Its model"}};
  }
};

}  // namespace countersign::api
