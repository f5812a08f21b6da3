// SPDX-License-Identifier: Apache-2.0
#include "tests/devices/virtual/rig.h"

#include <algorithm>
#include <stdexcept>

#include "core/crypto/hash.h"
#include "core/crypto/hmac.h"

namespace countersign::test {

using vk::PinProtocol;
using vk::hid::Command;

Value Answered::body() const {
  auto parsed = formats::cbor::parse(BytesView(payload).subspan(1));
  if (!parsed) throw std::runtime_error("no CBOR: " + parsed.error().what);
  return std::move(*parsed);
}

Rig::Rig(std::string_view profile, vk::Person person) : now(std::chrono::steady_clock::now()) {
  key = std::make_unique<vk::Key>(*vk::profile_named(profile), *vk::StateFile::open(""),
                                  vk::new_state(), now);
  device = std::make_unique<vk::HidDevice>(
      *key, person,
      vk::HidDevice::Transport{[this](const vk::hid::Report& report) { raw.push_back(report); },
                               [this] { closed = true; }});
  device->opened();
  const Bytes nonce{1, 2, 3, 4, 5, 6, 7, 8};
  send(Command::init, nonce, vk::hid::broadcast);
  const Answered answer = next();
  for (std::size_t i = 8; i < 12; ++i) channel = channel << 8U | answer.payload.at(i);
  device->opened();  // so that messages count from here
}

void Rig::send(Command command, BytesView payload, std::optional<vk::hid::Channel> on) {
  for (const auto& report : vk::hid::to_reports(on.value_or(channel), command, payload))
    device->receive(report, now);
}

std::optional<Answered> Rig::take() {
  if (raw.empty()) return std::nullopt;
  const vk::hid::Report first = raw.front();
  const std::size_t size = std::size_t{first[5]} << 8U | first[6];
  Answered answer{static_cast<Command>(first[4] & 0x7fU), Bytes(first.begin() + 7, first.end())};
  raw.erase(raw.begin());
  while (answer.payload.size() < size && !raw.empty()) {
    answer.payload.insert(answer.payload.end(), raw.front().begin() + 5, raw.front().end());
    raw.erase(raw.begin());
  }
  if (answer.payload.size() < size) throw std::runtime_error("the answer is cut off");
  answer.payload.resize(size);
  return answer;
}

Answered Rig::next() {
  while (auto answer = take()) {
    if (answer->command != Command::keepalive) return *answer;
    ++keepalives;
    last_keepalive = answer->payload.at(0);
  }
  throw std::runtime_error("no answer");
}

bool Rig::silent() {
  while (auto answer = take()) {
    if (answer->command != Command::keepalive) return false;
    ++keepalives;
    last_keepalive = answer->payload.at(0);
  }
  return true;
}

Answered Rig::call(Command command, BytesView payload) {
  send(command, payload);
  return next();
}

void Rig::begin(Byte command, const Value& request) {
  Bytes message{command};
  if (!request.is_null()) {
    const Bytes encoded = formats::cbor::encode(request);
    message.insert(message.end(), encoded.begin(), encoded.end());
  }
  send(Command::cbor, message);
}

Answered Rig::cbor(Byte command, const Value& request) {
  begin(command, request);
  return next();
}

void Rig::pass(std::chrono::milliseconds time) {
  const vk::Moment until = now + time;
  for (int turns = 0; turns < 100'000; ++turns) {
    const auto wake = device->wake();
    now = wake ? std::clamp(*wake, now, until) : until;
    device->tick(now);
    if (now >= until) return;
  }
  throw std::runtime_error("the key wants to be woken again and again without doing anything");
}

void Rig::power_cycle() {
  device->replug(now);
  closed = false;
}

vk::SharedSecret Rig::agree(PinProtocol protocol, Value& own_key) {
  const Value body = cbor(0x06, Value::map({{1, static_cast<int>(protocol)}, {2, 2}})).body();
  const vk::KeyAgreement own;
  own_key = own.cose_public();
  return *own.decapsulate(protocol, *body.map_at(1));
}

namespace {

Bytes padded(std::string_view pin) {
  Bytes bytes(pin.begin(), pin.end());
  bytes.resize(64);
  return bytes;
}

Bytes pin_hash(std::string_view pin) {
  const auto digest = crypto::sha256(as_bytes(pin));
  return {digest.begin(), digest.begin() + 16};
}

// The platform's authenticate() with the shared secret: what verify() of ours accepts, found by its
// definition.
Bytes signature(PinProtocol protocol, BytesView key, BytesView message) {
  const Secret tag = crypto::hmac_sha256(key.first(32), message);
  const BytesView view = protocol == PinProtocol::one ? tag.expose().first(16) : tag.expose();
  return {view.begin(), view.end()};
}

}  // namespace

Bytes Rig::authenticate(const Token& token, BytesView message) {
  return signature(token.protocol, token.value.expose(), message);
}

vk::Status Rig::set_pin(std::string_view pin, PinProtocol protocol) {
  Value own;
  const vk::SharedSecret shared = agree(protocol, own);
  const Bytes encrypted = shared.encrypt(padded(pin));
  return cbor(0x06, Value::map({{1, static_cast<int>(protocol)},
                                {2, 3},
                                {3, own},
                                {4, signature(protocol, shared.raw(), encrypted)},
                                {5, encrypted}}))
      .status();
}

vk::Status Rig::change_pin(std::string_view old_pin, std::string_view new_pin,
                           PinProtocol protocol) {
  Value own;
  const vk::SharedSecret shared = agree(protocol, own);
  const Bytes encrypted = shared.encrypt(padded(new_pin));
  const Bytes hash = shared.encrypt(pin_hash(old_pin));
  Bytes both = encrypted;
  both.insert(both.end(), hash.begin(), hash.end());
  return cbor(0x06, Value::map({{1, static_cast<int>(protocol)},
                                {2, 4},
                                {3, own},
                                {4, signature(protocol, shared.raw(), both)},
                                {5, encrypted},
                                {6, hash}}))
      .status();
}

Rig::Token Rig::token(std::string_view pin, int permissions, std::string_view rp_id,
                      PinProtocol protocol) {
  Value own;
  const vk::SharedSecret shared = agree(protocol, own);
  Value::Map request{{1, static_cast<int>(protocol)},
                     {2, 9},
                     {3, own},
                     {6, shared.encrypt(pin_hash(pin))},
                     {9, permissions}};
  if (!rp_id.empty()) request.push_back({10, rp_id});
  const Answered answer = cbor(0x06, Value::map(std::move(request)));
  if (answer.status() != vk::Status::ok) return {answer.status(), {}, protocol};
  auto value = shared.decrypt(*answer.body().bytes_at(2));
  return {vk::Status::ok, std::move(value.value()), protocol};
}

Value make_request(std::string_view user, Value::Map more, int algorithm) {
  Value::Map request{{1, client_data_hash},
                     {2, Value::map({{"id", "example.org"}})},
                     {3, Value::map({{"id", as_bytes(user)}, {"name", user}})},
                     {4, Value::array({Value::map({{"alg", algorithm}, {"type", "public-key"}})})}};
  request.insert(request.end(), more.begin(), more.end());
  return Value::map(std::move(request));
}

Value assert_request(const std::optional<Bytes>& id, Value::Map more, std::string_view rp_id) {
  Value::Map request{{1, rp_id}, {2, client_data_hash}};
  if (id) request.push_back({3, Value::array({Value::map({{"id", *id}, {"type", "public-key"}})})});
  request.insert(request.end(), more.begin(), more.end());
  return Value::map(std::move(request));
}

Bytes credential_id(const Value& made) {
  const Bytes& data = *made.bytes_at(2);
  const auto size = static_cast<std::ptrdiff_t>(std::size_t{data.at(53)} << 8U | data.at(54));
  return {data.begin() + 55, data.begin() + 55 + size};
}

Byte flags_of(const Value& body) { return body.bytes_at(2)->at(32); }

std::uint32_t counter_of(const Value& body) {
  std::uint32_t counter = 0;
  for (std::size_t i = 33; i < 37; ++i) counter = counter << 8U | body.bytes_at(2)->at(i);
  return counter;
}

}  // namespace countersign::test
