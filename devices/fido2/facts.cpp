// SPDX-License-Identifier: Apache-2.0
#include "devices/fido2/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "devices/fido2/failure.h"
#include "devices/fido2/libfido2.h"

namespace countersign::devices::fido2 {
namespace {

constexpr std::size_t most_items = 64;  // of any list: more is a token that plays with us

std::vector<std::string> texts(char** list, std::size_t count) {
  std::vector<std::string> copies;
  for (std::size_t i = 0; list != nullptr && i < std::min(count, most_items); ++i)
    copies.push_back(copy_text(list[i]));
  return copies;
}

bool option(const fido_cbor_info_t* from, std::string_view name) {
  char** names = fido_cbor_info_options_name_ptr(from);
  const bool* values = fido_cbor_info_options_value_ptr(from);
  for (std::size_t i = 0; i < fido_cbor_info_options_len(from); ++i)
    if (name == names[i]) return values[i];
  return false;
}

bool has_option(const fido_cbor_info_t* from, std::string_view name) {
  char** names = fido_cbor_info_options_name_ptr(from);
  return std::any_of(names, names + fido_cbor_info_options_len(from),
                     [&](const char* there) { return name == there; });
}

Fido2Info info_of(const fido_cbor_info_t* from) {
  Fido2Info info;
  info.versions = texts(fido_cbor_info_versions_ptr(from), fido_cbor_info_versions_len(from));
  info.extensions = texts(fido_cbor_info_extensions_ptr(from), fido_cbor_info_extensions_len(from));
  info.aaguid = copy_octets(fido_cbor_info_aaguid_ptr(from), fido_cbor_info_aaguid_len(from));
  for (std::size_t i = 0; i < std::min(fido_cbor_info_algorithm_count(from), most_items); ++i)
    info.algorithms.push_back(fido_cbor_info_algorithm_cose(from, i));
  if (info.algorithms.empty()) info.algorithms = {COSE_ES256};
  info.resident_keys = option(from, "rk");
  info.pin_set = option(from, "clientPin");
  info.can_pin = has_option(from, "clientPin");
  info.built_in_uv = option(from, "uv");
  info.always_uv = option(from, "alwaysUv");
  if (const auto least = fido_cbor_info_minpinlen(from); least > 4 && least <= 63)
    info.min_pin_length = static_cast<std::int64_t>(least);
  if (const auto places = fido_cbor_info_rk_remaining(from); places >= 0)
    info.free_resident = places;
  return info;
}

// Not every token answers these; then nothing is known.
std::optional<std::int64_t> retries(fido_dev_t* dev, int (*ask)(fido_dev_t*, int*)) {
  int left = 0;
  if (ask(dev, &left) != FIDO_OK || left < 0) return std::nullopt;
  return left;
}

std::size_t bounded(std::uint64_t told, std::size_t otherwise, std::size_t most) {
  return told == 0 ? otherwise : static_cast<std::size_t>(std::min<std::uint64_t>(told, most));
}

std::string version_of(const fido_dev_t* dev) {
  if (fido_dev_major(dev) == 0) return {};
  return fmt::format("{}.{}.{}", fido_dev_major(dev), fido_dev_minor(dev), fido_dev_build(dev));
}

}  // namespace

std::expected<Facts, reader::Failed> ask_facts(fido_dev* dev, const Link& link) {
  Facts facts;
  facts.firmware = version_of(dev);
  facts.fido2 = fido_dev_is_fido2(dev);
  if (!facts.fido2) {
    facts.info.versions = {"U2F_V2"};
    facts.info.aaguid = Bytes(16);
    facts.info.algorithms = {COSE_ES256};
    facts.longest_id = 255;  // U2F raw messages v1.2 §4.3: one octet of length
    return facts;
  }
  const CborInfo from(fido_cbor_info_new());
  if (from == nullptr) return std::unexpected(failed(FIDO_ERR_INTERNAL, LinkTrouble::none));
  if (const int error = fido_dev_get_cbor_info(dev, from.get()); error != FIDO_OK)
    return std::unexpected(failed(error, link.trouble()));
  facts.info = info_of(from.get());
  facts.make_needs_no_uv = option(from.get(), "makeCredUvNotRqd");
  facts.manages_credentials =
      option(from.get(), "credMgmt") || option(from.get(), "credentialMgmtPreview");
  facts.manages_fingerprints =
      has_option(from.get(), "bioEnroll") || has_option(from.get(), "userVerificationMgmtPreview");
  facts.longest_list = bounded(fido_cbor_info_maxcredcntlst(from.get()), 8, most_items);
  facts.longest_id = bounded(fido_cbor_info_maxcredidlen(from.get()), 1023, 1023);
  facts.longest_message = bounded(fido_cbor_info_maxmsgsiz(from.get()), 1024,
                                  7609);  // CTAP 2.1 §11.2.4: what fits into packets
  if (facts.info.pin_set) facts.info.pin_retries = retries(dev, &fido_dev_get_retry_count);
  if (facts.info.built_in_uv) facts.info.uv_retries = retries(dev, &fido_dev_get_uv_retry_count);
  if (link.trouble() != LinkTrouble::none)
    return std::unexpected(failed(FIDO_ERR_RX, link.trouble()));
  return facts;
}

}  // namespace countersign::devices::fido2
