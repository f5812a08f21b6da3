// SPDX-License-Identifier: Apache-2.0
// authenticatorBioEnrollment (CTAP 2.1 §6.7): fingerprints that a touch stands for.
#include <algorithm>

#include "core/crypto/system_random.h"
#include "devices/virtual/key/commands.h"
#include "devices/virtual/key/parameters.h"

namespace countersign::virtual_key {
namespace {

using cbor::Value;

constexpr std::int64_t fingerprint = 1;  // modality
constexpr int samples = 3;
constexpr std::size_t longest_name = 64;
constexpr int sample_good = 0x00;
constexpr int sample_none = 0x0d;  // CTAP2_ENROLL_FEEDBACK_NO_USER_ACTIVITY

// §6.7: modality | subCommand | subCommandParams.
Status authorized(Key& key, const Value& request, Byte subcommand) {
  const auto given = authorization(request, 5, 4);
  if (!given) return given.error();
  if (!*given) return Status::puat_required;
  Bytes message{static_cast<Byte>(fingerprint), subcommand};
  if (const Value* const parameters = request.map_at(3)) {
    const Bytes encoded = cbor::encode(*parameters);
    message.insert(message.end(), encoded.begin(), encoded.end());
  }
  return key.session.token.authorizes(Permission::bio_enrollment, (*given)->protocol, message,
                                      (*given)->signature, "", key.now)
             ? Status::ok
             : Status::pin_auth_invalid;
}

// One finger on the sensor; the last one keeps the fingerprint.
Step capture(Key& key, Enrolling enrolling, bool first) {
  return Ask{Want::touch, [&key, enrolling = std::move(enrolling), first](Answer given) mutable {
               if (given == Answer::cancelled) return end(status_of(given));
               const bool good = given == Answer::given;
               if (good) --enrolling.remaining;
               Value::Map body{{5, good ? sample_good : sample_none}, {6, enrolling.remaining}};
               if (first) body.push_back({4, enrolling.template_id});
               if (enrolling.remaining > 0) {
                 key.session.going_on = std::move(enrolling);
                 return answer(Value::map(std::move(body)));
               }
               key.state.fingerprints.push_back({enrolling.template_id, ""});
               key.session.going_on = {};
               const Status saved = key.save();
               return saved == Status::ok ? answer(Value::map(std::move(body))) : end(saved);
             }};
}

Step begin(Key& key) {
  if (key.state.fingerprints.size() >= most_fingerprints) return end(Status::key_store_full);
  Enrolling enrolling{Bytes(8), samples};
  crypto::SystemRandom().fill(enrolling.template_id);
  return capture(key, std::move(enrolling), true);
}

Fingerprint* named(Key& key, const Value& request) {
  const Value* const parameters = request.map_at(3);
  const Bytes* const id = parameters == nullptr ? nullptr : parameters->bytes_at(1);
  if (id == nullptr) return nullptr;
  const auto found = std::ranges::find(key.state.fingerprints, *id, &Fingerprint::id);
  return found == key.state.fingerprints.end() ? nullptr : &*found;
}

Step go_on(Key& key, const Value& request) {
  const auto* const enrolling = std::get_if<Enrolling>(&key.session.going_on);
  const Value* const parameters = request.map_at(3);
  const Bytes* const id = parameters == nullptr ? nullptr : parameters->bytes_at(1);
  if (enrolling == nullptr) return end(Status::not_allowed);
  if (id == nullptr) return end(Status::missing_parameter);
  if (*id != enrolling->template_id) return end(Status::invalid_option);
  return capture(key, *enrolling, false);
}

Step list(const Key& key) {
  if (key.state.fingerprints.empty()) return end(Status::invalid_option);
  Value::Array infos;
  for (const Fingerprint& each : key.state.fingerprints)
    infos.push_back(Value::map({{1, each.id}, {2, each.name}}));
  return answer(Value::map({{7, Value::array(std::move(infos))}}));
}

Step rename(Key& key, const Value& request) {
  Fingerprint* const found = named(key, request);
  if (found == nullptr) return end(Status::invalid_option);
  const std::string* const name = request.map_at(3)->text_at(2);
  if (name == nullptr) return end(Status::missing_parameter);
  if (name->size() > longest_name) return end(Status::invalid_length);
  found->name = *name;
  return end(key.save());
}

Step remove(Key& key, const Value& request) {
  const Fingerprint* const found = named(key, request);
  if (found == nullptr) return end(Status::invalid_option);
  key.state.fingerprints.erase(key.state.fingerprints.begin() +
                               (found - key.state.fingerprints.data()));
  return end(key.save());
}

}  // namespace

Step bio_enrollment(Key& key, const Value& request) {
  if (!key.profile.built_in_uv) return end(Status::invalid_command);
  if (request.boolean_at(6) == true) return answer(Value::map({{1, fingerprint}}));  // getModality
  const auto modality = need_integer(request, 1);
  const auto subcommand = need_integer(request, 2);
  if (!modality) return end(modality.error());
  if (!subcommand) return end(subcommand.error());
  if (*modality != fingerprint) return end(Status::invalid_parameter);
  constexpr int touch_sensor = 1;
  if (*subcommand == 0x07)  // getFingerprintSensorInfo
    return answer(Value::map(
        {{2, touch_sensor}, {3, samples}, {8, static_cast<std::int64_t>(longest_name)}}));
  if (*subcommand == 0x03) {  // cancelCurrentEnrollment: needs no authorization
    key.session.going_on = {};
    return end(Status::ok);
  }
  if (*subcommand < 0x01 || *subcommand > 0x06) return end(Status::invalid_subcommand);
  if (const Status status = authorized(key, request, static_cast<Byte>(*subcommand));
      status != Status::ok)
    return end(status);
  switch (*subcommand) {
    case 0x01:
      return begin(key);
    case 0x02:
      return go_on(key, request);
    case 0x04:
      return list(key);
    case 0x05:
      return rename(key, request);
    default:
      return remove(key, request);
  }
}

}  // namespace countersign::virtual_key
