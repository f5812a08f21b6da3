// SPDX-License-Identifier: Apache-2.0
#include "core/factors/sent_code.h"

#include <algorithm>

namespace countersign::sent_code {
namespace {

constexpr Byte unfair = 250;  // octets from here on would make some digits likelier

// No two bindings give the same text: each part stands behind its length.
std::string identity(const Binding& binding) {
  std::string text = "sent-code";
  for (const std::string* part : {&binding.id, &binding.recipient, &binding.bound_to})
    text += '\0' + std::to_string(part->size()) + ':' + *part;
  return text;
}

std::string dots(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "\u2022";
  return text;
}

}  // namespace

Result<Secret> make(Random& random, int digits) {
  if (digits < fewest_digits || digits > most_digits)
    return fail(Code::invalid, "a code that is sent has 4 to 8 digits");
  Secret code(static_cast<std::size_t>(digits));
  for (Byte& digit : code.expose_mutable()) {
    do random.fill({&digit, 1});
    while (digit >= unfair);
    digit = static_cast<Byte>('0' + digit % 10);
  }
  return code;
}

Bytes digest(crypto::Vault& vault, const Binding& binding, const Secret& code) {
  return vault.digest(identity(binding), code.expose());
}

bool matches(crypto::Vault& vault, const Binding& binding, std::string_view typed,
             BytesView digest) {
  return vault.holds(identity(binding), as_bytes(typed), digest);
}

std::string masked_phone(std::string_view phone) {
  constexpr std::size_t shown_first = 3;
  constexpr std::size_t shown_last = 2;
  if (phone.size() < shown_first + shown_last + 3) return dots(phone.size());
  return std::string(phone.substr(0, shown_first)) + dots(phone.size() - shown_first - shown_last) +
         std::string(phone.substr(phone.size() - shown_last));
}

std::string masked_email(std::string_view email) {
  const std::size_t at = email.rfind('@');
  if (at == std::string_view::npos || at == 0) return dots(email.size());
  // A first letter beyond ASCII is several octets; it is hidden, too. The number of dots tells
  // nothing.
  const bool plain = static_cast<signed char>(email[0]) > 0 && at > 1;
  return (plain ? std::string(1, email[0]) : std::string()) + dots(4) +
         std::string(email.substr(at));
}

}  // namespace countersign::sent_code
