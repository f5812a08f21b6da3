// SPDX-License-Identifier: Apache-2.0
#include "devices/protocol/codec.h"

#include <algorithm>
#include <concepts>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "core/encoding/cbor.h"

namespace countersign::reader {
namespace {

namespace cbor = formats::cbor;

// The messages' names, in the order of the variants.
constexpr auto request_names = std::to_array<std::string_view>(
    {"watch", "open", "fido2-holds", "select", "fido2-make", "fido2-get", "fido2-manage",
     "fido2-list", "card-holds", "card-list", "card-sign", "card-manage", "slot-holds",
     "slot-respond", "slot-write", "card-generate", "card-attest", "card-install", "cancel"});
constexpr auto reply_names = std::to_array<std::string_view>(
    {"present", "opened", "prompt", "held", "fido2-made", "fido2-got", "fido2-listed",
     "card-listed", "card-signed", "slot-responded", "slot-written", "card-generated",
     "card-attested", "card-installed", "done", "failed"});
static_assert(request_names.size() == std::variant_size_v<Request> &&
              reply_names.size() == std::variant_size_v<Reply>);

constexpr std::size_t head_size = 5;
constexpr cbor::Limits limits{.depth = 6, .items = 16384};

enum class FrameType : Byte { message = 0, secret = 1 };

template <class T>
constexpr bool is_vector = false;
template <class T>
constexpr bool is_vector<std::vector<T>> = true;
template <class T>
constexpr bool is_optional = false;
template <class T>
constexpr bool is_optional<std::optional<T>> = true;
template <class T>
concept Nested = requires { T::fields([](auto...) {}); };

// --- values → CBOR ---

template <class T>
cbor::Value to_value(const T& field);

template <Nested T>
void append_fields(cbor::Value::Array& out, const T& nested) {
  T::fields([&](auto... member) { (out.push_back(to_value(nested.*member)), ...); });
}

template <class T>
cbor::Value to_value(const T& field) {
  if constexpr (std::same_as<T, Bytes> || std::same_as<T, std::string> || std::same_as<T, bool>)
    return field;
  else if constexpr (std::integral<T>)
    return cbor::Value(static_cast<std::int64_t>(field));
  else if constexpr (std::is_enum_v<T>)
    return cbor::Value(to_name(field));
  else if constexpr (is_optional<T>)
    return field ? to_value(*field) : cbor::Value();
  else {
    cbor::Value::Array items;
    if constexpr (is_vector<T>)
      for (const auto& item : field) items.push_back(to_value(item));
    else
      append_fields(items, field);
    return cbor::Value::array(std::move(items));
  }
}

void write_head(std::span<Byte> out, std::size_t payload, FrameType type) {
  const std::size_t length = payload + 1;
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<Byte>(length >> (24 - 8 * i));
  out[4] = std::to_underlying(type);
}

template <class Variant>
Bytes message_frame(const Variant& message, std::string_view name) {
  cbor::Value::Array items{cbor::Value(name)};
  std::visit([&](const auto& alternative) { append_fields(items, alternative); }, message);
  const Bytes payload = cbor::encode(cbor::Value::array(std::move(items)));
  Bytes frame(head_size + payload.size());
  write_head(frame, payload.size(), FrameType::message);
  std::ranges::copy(payload, frame.begin() + head_size);
  return frame;
}

// --- CBOR → values; false: refused ---

template <class T>
bool from_value(const cbor::Value& value, T& field);

bool take_octets(const auto* from, auto& field, std::size_t longest) {
  if (from == nullptr || from->size() > longest) return false;
  field = *from;
  return true;
}

template <std::integral T>
bool take_number(const cbor::Value& value, T& field) {
  const auto number = value.integer();
  if (!number || !std::in_range<T>(*number)) return false;
  field = static_cast<T>(*number);
  return true;
}

template <class T>
bool take_enum(const cbor::Value& value, T& field) {
  const auto found = value.text() != nullptr ? from_name<T>(*value.text()) : std::nullopt;
  if (found) field = *found;
  return found.has_value();
}

template <class T>
bool take_list(const cbor::Value& value, std::vector<T>& field) {
  const auto* items = value.array();
  if (items == nullptr || items->size() > longest_list) return false;
  field.resize(items->size());
  for (std::size_t i = 0; i < items->size(); ++i)
    if (!from_value((*items)[i], field[i])) return false;
  return true;
}

template <Nested T>
bool take_fields(std::span<const cbor::Value> items, T& nested) {
  return T::fields([&]([[maybe_unused]] auto... member) {
    [[maybe_unused]] std::size_t i = 0;
    return items.size() == sizeof...(member) && (... && from_value(items[i++], nested.*member));
  });
}

template <class T>
bool from_value(const cbor::Value& value, T& field) {
  if constexpr (std::same_as<T, Bytes>)
    return take_octets(value.bytes(), field, longest_bytes);
  else if constexpr (std::same_as<T, std::string>)
    return take_octets(value.text(), field, longest_text);
  else if constexpr (std::same_as<T, bool>) {
    const auto flag = value.boolean();
    field = flag.value_or(false);
    return flag.has_value();
  } else if constexpr (std::integral<T>)
    return take_number(value, field);
  else if constexpr (std::is_enum_v<T>)
    return take_enum(value, field);
  else if constexpr (is_optional<T>)
    return value.is_null() || from_value(value, field.emplace());
  else if constexpr (is_vector<T>)
    return take_list(value, field);
  else
    return value.array() != nullptr &&
           take_fields(std::span<const cbor::Value>(*value.array()), field);
}

// Tries each alternative's name; the one that fits takes the fields.
template <class Variant, std::size_t... I>
std::optional<Variant> decode_named(std::string_view name, std::span<const cbor::Value> items,
                                    std::span<const std::string_view> names,
                                    std::index_sequence<I...>) {
  std::optional<Variant> decoded;
  const auto attempt = [&]<std::size_t N>(std::integral_constant<std::size_t, N>) {
    if (name != names[N]) return;
    std::variant_alternative_t<N, Variant> message;
    if (take_fields(items, message)) decoded.emplace(std::move(message));
  };
  (attempt(std::integral_constant<std::size_t, I>()), ...);
  return decoded;
}

template <class Variant>
Result<Variant> decode(BytesView payload, std::span<const std::string_view> names) {
  const auto value = TRY(cbor::parse(payload, limits));
  const auto* items = value.array();
  const std::string* name = items != nullptr && !items->empty() ? items->front().text() : nullptr;
  if (name == nullptr) return fail(Code::corrupt, "a message without a name");
  auto decoded =
      decode_named<Variant>(*name, std::span<const cbor::Value>(*items).subspan(1), names,
                            std::make_index_sequence<std::variant_size_v<Variant>>());
  if (!decoded)
    return fail(Code::corrupt,
                "a message that is unknown, or whose fields are not what they should be");
  return std::move(*decoded);
}

}  // namespace

Bytes to_frame(const Request& request) {
  return message_frame(request, request_names[request.index()]);
}
Bytes to_frame(const Reply& reply) { return message_frame(reply, reply_names[reply.index()]); }

Secret to_frame(const Secret& secret) {
  Secret frame(head_size + secret.size());
  write_head(frame.expose_mutable(), secret.size(), FrameType::secret);
  std::ranges::copy(secret.expose(), frame.expose_mutable().begin() + head_size);
  return frame;
}

Result<Request> decode_request(BytesView payload) {
  return decode<Request>(payload, request_names);
}
Result<Reply> decode_reply(BytesView payload) { return decode<Reply>(payload, reply_names); }

std::span<Byte> FrameReader::room() {
  if (!in_payload_) return std::span(head_).subspan(filled_);
  if (auto* secret = std::get_if<Secret>(&payload_))
    return secret->expose_mutable().subspan(filled_);
  return std::span(std::get<Bytes>(payload_)).subspan(filled_);
}

Result<std::optional<Frame>> FrameReader::got(std::size_t octets) {
  filled_ += octets;
  if (!in_payload_) {
    if (filled_ < head_.size()) return std::nullopt;
    TRY(begin_payload());
  }
  if (filled_ < size_) return std::nullopt;
  return take();
}

Result<void> FrameReader::begin_payload() {
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length = length << 8U | head_[i];
  if (length == 0 || length > longest_frame)
    return fail(Code::corrupt, "a frame of a length that can't be");
  size_ = length - 1;
  if (head_[4] == std::to_underlying(FrameType::secret)) {
    if (size_ > longest_secret) return fail(Code::corrupt, "a secret that is too long");
    payload_.emplace<Secret>(size_);
  } else if (head_[4] == std::to_underlying(FrameType::message)) {
    payload_.emplace<Bytes>(size_);
  } else {
    return fail(Code::corrupt, "a frame of unknown type");
  }
  in_payload_ = true;
  filled_ = 0;
  return {};
}

Frame FrameReader::take() {
  in_payload_ = false;
  filled_ = 0;
  return std::exchange(payload_, Frame());
}

}  // namespace countersign::reader
