// SPDX-License-Identifier: Apache-2.0
// Wire types of cards that are issued here, and of the authority that signs their certificates.
#pragma once

#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/secret.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

inline constexpr std::size_t longest_certificate_text = 64 * 1024;

struct CardProvision {
  std::string id, user;
  std::optional<std::string> slot, algorithm, pin_policy, touch_policy, label;
  std::optional<int> days, seconds;
  std::optional<bool> request;
  std::optional<std::string> certificate, authority;
  std::optional<Secret> authority_key, management_key;
  static Fields fields() {
    return {
        Field{"id", &CardProvision::id, "Id of the device; 'any' when there is one card only", 64},
        Field{"user", &CardProvision::user, "Whose card it becomes", 256},
        Field{"slot", &CardProvision::slot, "9a (default), 9c or 9e", 8},
        Field{"algorithm", &CardProvision::algorithm,
              "P-256 (default), P-384, RSA-2048, RSA-3072, RSA-4096, Ed25519", 16},
        Field{"pin_policy", &CardProvision::pin_policy,
              "never, once, always; the slot's own by default", 16},
        Field{"touch_policy", &CardProvision::touch_policy,
              "never, always, cached; the slot's own by default", 16},
        Field{"label", &CardProvision::label, "A name for the authenticator"},
        Field{"days", &CardProvision::days,
              "How long the certificate is valid, 1 to 3650; 730 by default"},
        Field{"seconds", &CardProvision::seconds,
              "How long to wait for the user, 1 to 600; 60 by default"},
        Field{"request", &CardProvision::request,
              "Make the key and a request for its certificate, for an authority elsewhere; "
              "'certificate' comes by another call"},
        Field{"certificate", &CardProvision::certificate,
              "PEM: the certificate that was asked for so; no key is made",
              longest_certificate_text},
        Field{"authority", &CardProvision::authority,
              "PEM: an authority's certificate, in place of the store's", longest_certificate_text},
        Field{"authority_key", &CardProvision::authority_key,
              "PEM, PKCS #8, not encrypted: its key; it is not kept", longest_certificate_text},
        Field{"management_key", &CardProvision::management_key,
              "Hexadecimal: the card's, where that is neither the factory's nor kept here; it is "
              "replaced by one that is",
              64}};
  }
};

struct CardRenew {
  std::string id;
  std::optional<bool> new_key;
  std::optional<std::string> algorithm, pin_policy, touch_policy;
  std::optional<int> days, seconds;
  std::optional<bool> request;
  std::optional<std::string> certificate, authority;
  std::optional<Secret> authority_key, management_key;
  static Fields fields() {
    return {
        Field{"id", &CardRenew::id, "Id of the authenticator", 64},
        Field{"new_key", &CardRenew::new_key, "Make another key in its slot, too"},
        Field{"algorithm", &CardRenew::algorithm, "Of the new key; P-256 by default", 16},
        Field{"pin_policy", &CardRenew::pin_policy, "Of the new key: never, once, always", 16},
        Field{"touch_policy", &CardRenew::touch_policy, "Of the new key: never, always, cached",
              16},
        Field{"days", &CardRenew::days,
              "How long the certificate is valid, 1 to 3650; 730 by default"},
        Field{"seconds", &CardRenew::seconds,
              "How long to wait for the user, 1 to 600; 60 by default"},
        Field{"request", &CardRenew::request,
              "Make a request for its certificate only; the card stays as it is"},
        Field{"certificate", &CardRenew::certificate, "PEM: the certificate that was asked for so",
              longest_certificate_text},
        Field{"authority", &CardRenew::authority,
              "PEM: an authority's certificate, in place of the store's", longest_certificate_text},
        Field{"authority_key", &CardRenew::authority_key,
              "PEM, PKCS #8, not encrypted: its key; it is not kept", longest_certificate_text},
        Field{"management_key", &CardRenew::management_key,
              "Hexadecimal: the card's, where that is neither the factory's nor kept here; it is "
              "replaced by one that is",
              64}};
  }
};

struct CardProvisioned {
  std::string device, model, serial, slot, algorithm;
  std::optional<std::string> authenticator, certificate, request, attestation, not_attested;
  std::optional<bool> attested;
  std::optional<Time> not_after;
  bool pin_set = false, puk_set = false, management_key_set = false;
  static Fields fields() {
    return {
        Field{"device", &CardProvisioned::device, "Id of the device"},
        Field{"model", &CardProvisioned::model, "Its model"},
        Field{"serial", &CardProvisioned::serial, "Of the card"},
        Field{"slot", &CardProvisioned::slot, "Where the key is"},
        Field{"algorithm", &CardProvisioned::algorithm, "Of the key"},
        Field{
            "authenticator", &CardProvisioned::authenticator,
            "Id of the user's authenticator that it is; absent while its certificate is asked for"},
        Field{"certificate", &CardProvisioned::certificate, "PEM", longest_certificate_text},
        Field{"request", &CardProvisioned::request,
              "PEM: the request for its certificate (PKCS #10)", longest_certificate_text},
        Field{"attestation", &CardProvisioned::attestation,
              "PEM: the card's word that the key was made on it, for this very key",
              longest_certificate_text},
        Field{
            "attested", &CardProvisioned::attested,
            "Whether that attestation is trusted, by the makers' roots in [piv]; absent: none are "
            "named"},
        Field{"not_attested", &CardProvisioned::not_attested, "Why it is not"},
        Field{"not_after", &CardProvisioned::not_after, "The certificate's last moment"},
        Field{"pin_set", &CardProvisioned::pin_set, "The factory's PIN was replaced by the user's"},
        Field{"puk_set", &CardProvisioned::puk_set,
              "The factory's PUK was replaced; the store keeps the new one"},
        Field{"management_key_set", &CardProvisioned::management_key_set,
              "So was the management key"}};
  }
};

struct CardReveal {
  std::string serial;
  static Fields fields() {
    return {Field{"serial", &CardReveal::serial, "Serial number of the card", 32}};
  }
};

struct CardSecretsView {
  std::string serial;
  Secret puk, management_key;
  static Fields fields() {
    return {Field{"serial", &CardSecretsView::serial, "Serial number of the card"},
            Field{"puk", &CardSecretsView::puk, "Unblocks the PIN"},
            Field{"management_key", &CardSecretsView::management_key, "Hexadecimal"}};
  }
};

struct AuthorityCreate {
  std::string name;
  std::optional<int> days;
  static Fields fields() {
    return {
        Field{"name", &AuthorityCreate::name, "Common name of its certificate", 64},
        Field{"days", &AuthorityCreate::days, "How long it is valid, 1 to 10000; 3650 by default"}};
  }
};

struct AuthorityView {
  std::string certificate, subject;
  Time not_after{};
  static Fields fields() {
    return {Field{"certificate", &AuthorityView::certificate, "PEM", longest_certificate_text},
            Field{"subject", &AuthorityView::subject, "Its name"},
            Field{"not_after", &AuthorityView::not_after, "Its last moment"}};
  }
};

}  // namespace countersign::api
