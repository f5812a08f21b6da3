// SPDX-License-Identifier: Apache-2.0
#include "core/machine/fingerprint.h"

#include <algorithm>

#include "core/crypto/hmac.h"

namespace countersign::machine {
namespace {

constexpr Byte version = 1;
constexpr Byte virtual_flag = 1;
constexpr std::size_t head_size = 3;
constexpr std::size_t mark_size = 1 + Digest{}.size();

std::unexpected<Error> malformed() {
  return fail(Code::invalid, "the machine's fingerprint is malformed");
}

}  // namespace

Fingerprint fingerprint(const Facts& facts, const Secret& site_salt) {
  Fingerprint result{.virtual_machine = facts.virtual_machine};
  crypto::Hmac mac(HashAlgorithm::sha256, site_salt.expose());
  for (const Fact& fact : facts.facts) {
    if (!worthless(fact, facts.virtual_machine).empty()) continue;
    std::string message = "countersign-machine-v1";
    message += '\0';
    message += to_name(fact.component);
    message += '\0';
    message += normalized(fact.value);
    const auto tag = mac.of(as_bytes(message));
    Mark mark{.component = fact.component};
    std::ranges::copy(tag.view().first(mark.digest.size()), mark.digest.begin());
    result.marks.push_back(mark);
  }
  std::ranges::sort(result.marks);
  result.marks.erase(std::ranges::unique(result.marks).begin(), result.marks.end());
  if (result.marks.size() > most_marks) result.marks.resize(most_marks);
  return result;
}

Bytes encode(const Fingerprint& fingerprint) {
  Bytes out = {version, fingerprint.virtual_machine ? virtual_flag : Byte{0},
               static_cast<Byte>(fingerprint.marks.size())};
  for (const Mark& mark : fingerprint.marks) {
    out.push_back(static_cast<Byte>(mark.component));
    out.insert(out.end(), mark.digest.begin(), mark.digest.end());
  }
  return out;
}

Result<Fingerprint> decode_fingerprint(BytesView octets) {
  if (octets.size() < head_size || octets[0] != version || octets[1] > virtual_flag ||
      octets[2] > most_marks)
    return malformed();
  Fingerprint result{.virtual_machine = octets[1] == virtual_flag};
  const std::size_t count = octets[2];
  octets = octets.subspan(head_size);
  if (octets.size() != count * mark_size) return malformed();
  for (; !octets.empty(); octets = octets.subspan(mark_size)) {
    Mark mark{.component = static_cast<Component>(octets[0])};
    if (std::ranges::find(all_components, mark.component) == all_components.end())
      return malformed();
    std::ranges::copy(octets.subspan(1, mark.digest.size()), mark.digest.begin());
    if (!result.marks.empty() && !(result.marks.back() < mark)) return malformed();
    result.marks.push_back(mark);
  }
  return result;
}

}  // namespace countersign::machine
