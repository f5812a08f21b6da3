// SPDX-License-Identifier: Apache-2.0
// Which command an octet names.
#include "devices/virtual/key/commands.h"

namespace countersign::virtual_key {
namespace {

enum Command : Byte {
  make = 0x01,
  assertion = 0x02,
  info = 0x04,
  pin = 0x06,
  factory_reset = 0x07,
  next_assertion = 0x08,
  bio = 0x09,
  credentials = 0x0a,
  select = 0x0b,
  config = 0x0d,
  bio_preview = 0x40,  // what keys of FIDO_2_1_PRE called them, and older platforms still do
  credentials_preview = 0x41,
};

// Whether it goes on with what an earlier one left.
bool continues(Byte command) {
  return command == next_assertion || command == bio || command == bio_preview ||
         command == credentials || command == credentials_preview;
}

}  // namespace

Step handle_cbor(Key& key, BytesView message) {
  if (message.empty()) return end(Status::invalid_length);
  const Byte command = message[0];
  const BytesView parameters = message.subspan(1);
  cbor::Value request;
  if (!parameters.empty()) {
    auto parsed = cbor::parse(parameters);
    if (!parsed) return end(Status::invalid_cbor);
    if (parsed->map() == nullptr) return end(Status::cbor_unexpected_type);
    request = std::move(*parsed);
  }
  if (!continues(command)) key.session.going_on = {};
  switch (command) {
    case make:
      return make_credential(key, request);
    case assertion:
      return get_assertion(key, request);
    case info:
      return get_info(key);
    case pin:
      return client_pin(key, request);
    case factory_reset:
      return reset_key(key);
    case next_assertion:
      return get_next_assertion(key);
    case bio:
    case bio_preview:
      return bio_enrollment(key, request);
    case credentials:
    case credentials_preview:
      return credential_management(key, request);
    case select:
      return selection(key);
    case config:
      return authenticator_config(key, request);
    default:
      return end(Status::invalid_command);
  }
}

}  // namespace countersign::virtual_key
