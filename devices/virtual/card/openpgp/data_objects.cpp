// SPDX-License-Identifier: Apache-2.0
// GET DATA and PUT DATA (§4.4, §7.2.6, §7.2.8).
#include <algorithm>
#include <utility>

#include "devices/virtual/card/openpgp/applet.h"
#include "devices/virtual/card/openpgp/attributes.h"

namespace countersign::virtual_card::openpgp {
namespace {

constexpr std::array every{Role::signature, Role::decryption, Role::authentication};
constexpr unsigned name = 0x5b, login = 0x5e, language = 0x5f2d, sex = 0x5f35, url = 0x5f50,
                   certificate = 0x7f21;
constexpr unsigned first_attributes = 0xc1, pin_status_tag = 0xc4, fingerprints = 0xc5,
                   ca_fingerprints = 0xc6, first_fingerprint = 0xc7, first_ca_fingerprint = 0xca,
                   times = 0xcd, first_time = 0xce, resetting_code_tag = 0xd3, first_touch = 0xd6,
                   key_information_tag = 0xde;
constexpr unsigned first_private = 0x0101, last_private = 0x0104;
constexpr Byte button = 0x20;  // how the interaction happens

constexpr std::array kept{name,
                          login,
                          language,
                          sex,
                          url,
                          certificate,
                          first_private,
                          first_private + 1,
                          first_private + 2,
                          last_private};

// Challenges, changeable PIN status, private objects, changeable algorithms; 255 octets of
// challenge, 2048 of certificate, 255 of others.
const Bytes capabilities{
    0x40 | 0x10 | 0x08 | 0x04, 0x00, 0x00, 0xff, 0x08, 0x00, 0x00, 0xff, 0x00, 0x00};

Bytes joined(const std::array<Slot, roles>& slots, Bytes Slot::* part) {
  Bytes out;
  for (const Slot& each : slots) tlv::append(out, each.*part);
  return out;
}

// §4.4.3.11.
Bytes algorithm_information() {
  Bytes out;
  for (const Role role : every)
    for (const KeyType type : types_of(role))
      tlv::append(
          out, tlv::item(first_attributes + static_cast<unsigned>(role), attributes(role, type)));
  return tlv::item(0xfa, out);
}

bool in_range(unsigned tag, unsigned first) { return tag >= first && tag < first + roles; }

}  // namespace

Bytes OpenPgpApplet::pin_status() const {
  const auto left = [](const Reference& reference) { return static_cast<Byte>(reference.left); };
  constexpr Byte longest = longest_pin;
  return {static_cast<Byte>(state_.user_pin_for_several ? 1 : 0),
          longest,
          longest,
          longest,
          left(state_.user),
          left(state_.resetting_code),
          left(state_.admin)};
}

// Command chaining, extended lengths; life cycle; 9000 (ISO/IEC 7816-4 §8.1.1.3).
Bytes OpenPgpApplet::historical() const {
  return {0x00, 0x73, 0x00, 0x00, 0xc0, static_cast<Byte>(state_.terminated ? 0x03 : 0x05),
          0x90, 0x00};
}

// §4.4.3.8: for each key its number and whether there is one; the card makes them all itself.
Bytes OpenPgpApplet::key_information() const {
  Bytes out;
  for (const Role role : every)
    out.insert(out.end(), {static_cast<Byte>(static_cast<unsigned>(role) + 1),
                           static_cast<Byte>(slot(role).key ? 1 : 0)});
  return out;
}

Bytes OpenPgpApplet::discretionary() const {
  Bytes out = tlv::item(0xc0, capabilities);
  for (const Role role : every)
    tlv::append(out, tlv::item(first_attributes + static_cast<unsigned>(role),
                               attributes(role, slot(role).type)));
  for (const auto& [tag, content] :
       {std::pair{pin_status_tag, pin_status()},
        std::pair{fingerprints, joined(state_.slots, &Slot::fingerprint)},
        std::pair{ca_fingerprints, joined(state_.slots, &Slot::ca_fingerprint)},
        std::pair{times, joined(state_.slots, &Slot::made_at)},
        std::pair{key_information_tag, key_information()}})
    tlv::append(out, tlv::item(tag, content));
  for (const Role role : every)
    tlv::append(out, tlv::item(first_touch + static_cast<unsigned>(role),
                               {static_cast<Byte>(slot(role).touch), button}));
  return tlv::item(0x73, out);
}

// What is put together from the state; constructed ones with their tag.
std::optional<Bytes> OpenPgpApplet::computed(unsigned tag) const {
  const auto held = [this](unsigned object) {
    const auto found = state_.objects.find(object);
    return found == state_.objects.end() ? Bytes{} : found->second;
  };
  const Bytes lengths =
      tlv::item(0x7f66, tlv::join({tlv::item(0x02, {0x0f, 0xff}), tlv::item(0x02, {0x0f, 0xff})}));
  const Bytes features = tlv::item(0x7f74, tlv::item(0x81, {button}));
  switch (tag) {
    case 0x4f:
      return aid_;
    case 0x5f52:
      return historical();
    case 0x65:
      return tlv::item(0x65,
                       tlv::join({tlv::item(name, held(name)), tlv::item(language, held(language)),
                                  tlv::item(sex, held(sex))}));
    case 0x6e:
      return tlv::item(0x6e, tlv::join({tlv::item(0x4f, aid_), tlv::item(0x5f52, historical()),
                                        lengths, features, discretionary()}));
    case 0x7a:
      return tlv::item(0x7a, tlv::item(0x93, {static_cast<Byte>(state_.signatures >> 16U & 0xffU),
                                              static_cast<Byte>(state_.signatures >> 8U & 0xffU),
                                              static_cast<Byte>(state_.signatures & 0xffU)}));
    case 0x7f66:
      return lengths;
    case 0x7f74:
      return features;
    case 0xc0:
      return capabilities;
    case pin_status_tag:
      return pin_status();
    case fingerprints:
      return joined(state_.slots, &Slot::fingerprint);
    case ca_fingerprints:
      return joined(state_.slots, &Slot::ca_fingerprint);
    case times:
      return joined(state_.slots, &Slot::made_at);
    case key_information_tag:
      return key_information();
    case 0xfa:
      return algorithm_information();
    default:
      break;
  }
  if (in_range(tag, first_attributes))
    return attributes(static_cast<Role>(tag - first_attributes),
                      state_.slots[tag - first_attributes].type);
  if (in_range(tag, first_touch))
    return Bytes{static_cast<Byte>(state_.slots[tag - first_touch].touch), button};
  return std::nullopt;
}

Response OpenPgpApplet::get_data(const Command& command) const {
  const unsigned tag = command.parameters();
  if (auto made = computed(tag)) return std::move(*made);
  if (std::ranges::find(kept, tag) == kept.end()) return StatusWord::no_reference;
  if ((tag == 0x0103 && !session_.others) || (tag == 0x0104 && !session_.admin))
    return StatusWord::security_status;
  const auto held = state_.objects.find(tag);
  return held == state_.objects.end() ? Response(StatusWord::ok) : Response(held->second);
}

// False: such content can't be. known: whether the tag is one of these.
bool OpenPgpApplet::put_of_key(unsigned tag, BytesView content, bool& known) {
  const Bytes copy(content.begin(), content.end());
  known = true;
  if (in_range(tag, first_attributes)) {
    const auto role = static_cast<Role>(tag - first_attributes);
    const auto type = type_from(role, content);
    if (!type) return false;
    if (*type != slot(role).type) slot(role).key.reset();  // a key of another type was there
    slot(role).type = *type;
    return true;
  }
  for (const auto& [first, part, size] :
       {std::tuple{first_fingerprint, &Slot::fingerprint, fingerprint_size},
        std::tuple{first_ca_fingerprint, &Slot::ca_fingerprint, fingerprint_size},
        std::tuple{first_time, &Slot::made_at, time_size}})
    if (in_range(tag, first)) {
      if (content.size() != size) return false;
      state_.slots[tag - first].*part = copy;
      return true;
    }
  if (in_range(tag, first_touch)) {
    Touch& touch = state_.slots[tag - first_touch].touch;
    if (content.size() != 2 || content[0] > 2 || touch == Touch::permanent) return false;
    touch = static_cast<Touch>(content[0]);
    return true;
  }
  known = false;
  return false;
}

Response OpenPgpApplet::put_data(const Command& command) {
  const unsigned tag = command.parameters();
  const BytesView content(command.data);
  const bool for_users = tag == 0x0101 || tag == 0x0103;
  if (!(for_users ? session_.others : session_.admin)) return StatusWord::security_status;
  changed();
  if (tag == pin_status_tag) {
    if (content.empty() || content[0] > 1) return StatusWord::wrong_data;
    state_.user_pin_for_several = content[0] == 1;
    return StatusWord::ok;
  }
  if (tag == resetting_code_tag) {
    if (!content.empty() && (content.size() < shortest_admin_pin || content.size() > longest_pin))
      return StatusWord::wrong_data;
    state_.resetting_code.set(content);
    if (content.empty()) state_.resetting_code.left = 0;
    return StatusWord::ok;
  }
  bool known = false;
  if (put_of_key(tag, content, known)) return StatusWord::ok;
  if (known) return StatusWord::wrong_data;
  if (std::ranges::find(kept, tag) == kept.end()) return StatusWord::no_reference;
  if (content.size() > largest_object) return StatusWord::no_space;
  state_.objects[tag] = Bytes(content.begin(), content.end());
  return StatusWord::ok;
}

}  // namespace countersign::virtual_card::openpgp
