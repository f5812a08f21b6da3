// SPDX-License-Identifier: Apache-2.0
// Policies as they are stored: CBOR with small integers as keys; a key that is missing has its
// default.
#include "core/encoding/cbor.h"
#include "core/policy/policy.h"

namespace countersign {
namespace {

namespace cbor = formats::cbor;
using cbor::Value;

enum Key : std::int64_t {
  mode_key = 1,
  ask_key,
  methods_key,
  skip_days_key,
  enroll_key,
  sso_key,
  backup_key,
  length_key,
  uv_key,
  unknown_key,
  everyone_key,
  after_key,
  recognition_services_key,
  disuse_key,
  maximum_key,
  hardware_key,
  grace_hours_key,
  grace_services_key,
  since_key
};
constexpr std::int64_t audiences_key = 1;
constexpr std::int64_t machines_since_key = 2;

Value texts(const ServiceList& list) {
  Value::Array items;
  for (const std::string& text : list) items.emplace_back(text);
  return Value::array(std::move(items));
}

Value to_value(const Policy& policy) {
  const auto number = [](auto value) { return Value(static_cast<std::int64_t>(value)); };
  const auto key = [](Key name) { return Value(static_cast<std::int64_t>(name)); };
  return Value::map({{key(mode_key), number(policy.mode)},
                     {key(ask_key), number(policy.ask)},
                     {key(methods_key), number(policy.methods.bits())},
                     {key(skip_days_key), number(policy.skip_days)},
                     {key(enroll_key), Value(policy.enroll_at_sign_in)},
                     {key(sso_key), Value(policy.ask_sso)},
                     {key(backup_key), Value(policy.backup_codes)},
                     {key(length_key), number(policy.code_length)},
                     {key(uv_key), number(policy.uv)},
                     {key(unknown_key), number(policy.unknown_users)},
                     {key(everyone_key), Value(policy.recognition.for_everyone)},
                     {key(after_key), number(policy.recognition.after.bits())},
                     {key(recognition_services_key), texts(policy.recognition.services)},
                     {key(disuse_key), number(policy.recognition.disuse_days)},
                     {key(maximum_key), number(policy.recognition.maximum_days)},
                     {key(hardware_key), Value(policy.recognition.hardware_bound)},
                     {key(grace_hours_key), number(policy.grace.hours)},
                     {key(grace_services_key), texts(policy.grace.services)},
                     {key(since_key), number(unix_ms(policy.enrolled_since))}});
}

// Reads what to_value wrote; anything else spoils the whole.
class Reader {
 public:
  explicit Reader(const Value& map) : map_(map) {}
  template <class T>
  void number(Key key, T& into, std::int64_t most) {
    const auto value = map_.integer_at(std::int64_t{key});
    good_ = good_ && value && *value >= 0 && *value <= most;
    if (good_) into = static_cast<T>(*value);
  }
  void flag(Key key, bool& into) {
    const auto value = map_.boolean_at(std::int64_t{key});
    good_ = good_ && value;
    if (good_) into = *value;
  }
  void kinds(Key key, KindSet& into) {
    std::int64_t bits = 0;
    number(key, bits, KindSet::all().bits());
    into = KindSet::from_bits(bits);
  }
  void list(Key key, ServiceList& into) {
    const auto* items = map_.array_at(std::int64_t{key});
    good_ = good_ && items != nullptr;
    if (!good_) return;
    into.clear();
    for (const Value& item : *items) {
      good_ = good_ && item.text() != nullptr;
      if (good_) into.push_back(*item.text());
    }
  }
  [[nodiscard]] bool good() const { return good_; }

 private:
  const Value& map_;
  bool good_ = true;
};

bool read_policy(const Value& map, Policy& policy) {
  Reader in(map);
  in.number(mode_key, policy.mode, 2);
  in.number(ask_key, policy.ask, 1);
  in.kinds(methods_key, policy.methods);
  in.number(skip_days_key, policy.skip_days, INT32_MAX);
  in.flag(enroll_key, policy.enroll_at_sign_in);
  in.flag(sso_key, policy.ask_sso);
  in.flag(backup_key, policy.backup_codes);
  in.number(length_key, policy.code_length, 8);
  in.number(uv_key, policy.uv, 2);
  in.number(unknown_key, policy.unknown_users, 1);
  in.flag(everyone_key, policy.recognition.for_everyone);
  in.kinds(after_key, policy.recognition.after);
  in.list(recognition_services_key, policy.recognition.services);
  in.number(disuse_key, policy.recognition.disuse_days, INT32_MAX);
  in.number(maximum_key, policy.recognition.maximum_days, INT32_MAX);
  in.flag(hardware_key, policy.recognition.hardware_bound);
  in.number(grace_hours_key, policy.grace.hours, INT32_MAX);
  in.list(grace_services_key, policy.grace.services);
  std::int64_t since = 0;
  in.number(since_key, since, INT64_MAX);
  policy.enrolled_since = from_unix_ms(since);
  return in.good();
}

}  // namespace

Bytes encode(const Policy& policy) { return cbor::encode(to_value(policy)); }

Bytes encode(const Policies& policies) {
  Value::Map audiences;
  for (const auto& [audience, policy] : policies.by_audience)
    audiences.push_back({Value(audience), to_value(policy)});
  return cbor::encode(Value::map({{audiences_key, Value::map(std::move(audiences))},
                                  {machines_since_key, unix_ms(policies.machines_since)}}));
}

Result<Policies> decode_policies(BytesView stored) {
  const auto damaged = [] {
    return fail(Code::corrupt, "the stored policies are damaged; put back a backup");
  };
  const Result<Value> map = cbor::parse(stored, {.depth = 8, .items = 1'000'000});
  if (!map) return damaged();
  const Value* audiences = map->map_at(audiences_key);
  const auto since = map->integer_at(machines_since_key);
  if (audiences == nullptr || !since) return damaged();
  Policies policies{.machines_since = from_unix_ms(*since)};
  for (const cbor::Entry& entry : *audiences->map()) {
    const std::string* audience = entry.key.text();
    if (audience == nullptr || !read_policy(entry.value, policies.by_audience[*audience]))
      return damaged();
  }
  return policies;
}

}  // namespace countersign
