// SPDX-License-Identifier: Apache-2.0
#include "tests/devices/virtual/card/rig.h"

#include <algorithm>
#include <stdexcept>

#include "devices/virtual/card/piv/block_cipher.h"

namespace countersign::test {
namespace {

virtual_token::LockedFile file_at(const std::string& path) {
  auto file = virtual_token::LockedFile::open(path);
  if (!file) throw std::runtime_error(file.error().what);
  return std::move(*file);
}

}  // namespace

// One state file, read and kept by the same card: two locks would not go together.
CardRig::CardRig(vc::Profile profile, const std::string& path)
    : card(profile, file_at(path),
           path.empty() || !vc::read_state(path) ? vc::new_state()
                                                 : std::move(*vc::read_state(path))) {
  card.power_up();
}

Answered CardRig::raw(BytesView apdu) {
  const vc::Outcome outcome = card.receive(apdu, now);
  if (outcome.kind != vc::Outcome::Kind::answered) throw std::runtime_error("no answer");
  const Bytes& answer = outcome.answer;
  if (answer.size() < 2) throw std::runtime_error("no status word");
  const unsigned status = static_cast<unsigned>(answer[answer.size() - 2]) << 8U | answer.back();
  return {Bytes(answer.begin(), answer.end() - 2), status};
}

Answered CardRig::send(Byte ins, Byte p1, Byte p2, BytesView data) {
  while (data.size() > 255) {
    Bytes part{0x10, ins, p1, p2, 0xff};
    tlv::append(part, data.first(255));
    if (Answered answered = raw(part); answered.status != 0x9000) return answered;
    data = data.subspan(255);
  }
  Bytes last{0x00, ins, p1, p2};
  if (!data.empty()) last.push_back(static_cast<Byte>(data.size()));
  tlv::append(last, data);
  last.push_back(0x00);
  Answered answered = raw(last);
  for (int i = 0; (answered.status & 0xff00U) == 0x6100 && i < 100; ++i) {
    Answered more = raw(Bytes{0x00, 0xc0, 0x00, 0x00, 0x00});
    tlv::append(answered.data, more.data);
    answered.status = more.status;
  }
  return answered;
}

unsigned CardRig::verify(std::string_view pin) { return status(0x20, 0x00, 0x80, filled(pin)); }

bool CardRig::authenticate_management() {
  const vc::piv::ManagementKey& key = card.state().piv.management;
  const Byte algorithm = static_cast<Byte>(key.cipher);
  const Answered witness =
      send(0x87, algorithm, 0x9b, tlv::item(0x7c, tlv::item(0x80, BytesView{})));
  const auto items = tlv::read_inside(witness.data, 0x7c);
  if (!items) return false;
  const Bytes opened = vc::piv::decipher(key, *tlv::find(*items, 0x80));
  const Bytes challenge(vc::piv::block_size(key.cipher), 0x42);
  const Answered proof =
      send(0x87, algorithm, 0x9b,
           tlv::item(0x7c, tlv::join({tlv::item(0x80, opened), tlv::item(0x81, challenge)})));
  const auto proved = tlv::read_inside(proof.data, 0x7c);
  return proof.status == 0x9000 && proved &&
         std::ranges::equal(*tlv::find(*proved, 0x82), vc::piv::encipher(key, challenge));
}

Bytes CardRig::generate(Byte slot, Byte algorithm, std::initializer_list<Byte> policies) {
  Bytes inside = tlv::item(0x80, {algorithm});
  tlv::append(inside, BytesView(policies.begin(), policies.size()));
  const Answered made = send(0x47, 0x00, slot, tlv::item(0xac, inside));
  const auto items = tlv::read_inside(made.data, 0x7f49);
  if (made.status != 0x9000 || !items) throw std::runtime_error("no key");
  const auto point = tlv::find(*items, 0x86), modulus = tlv::find(*items, 0x81);
  const BytesView key = point ? *point : *modulus;
  return {key.begin(), key.end()};
}

Answered CardRig::sign(Byte slot, Byte algorithm, BytesView input) {
  return send(0x87, algorithm, slot,
              tlv::item(0x7c, tlv::join({tlv::item(0x82, BytesView{}), tlv::item(0x81, input)})));
}

Bytes filled(std::string_view pin) {
  Bytes out(pin.begin(), pin.end());
  out.resize(8, 0xff);
  return out;
}

}  // namespace countersign::test
