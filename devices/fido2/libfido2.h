// SPDX-License-Identifier: Apache-2.0
// For the .cpp files of this folder: libfido2's objects with owners, and its texts as ours.
#pragma once

#include <fido.h>
#include <fido/bio.h>
#include <fido/credman.h>

#include <memory>
#include <string>

#include "core/base/bytes.h"
#include "core/base/text.h"

namespace countersign::devices::fido2 {

template <auto free_object>
struct Freed {
  void operator()(auto* object) const { free_object(&object); }
};

using Dev = std::unique_ptr<fido_dev_t, Freed<&fido_dev_free>>;
using CborInfo = std::unique_ptr<fido_cbor_info_t, Freed<&fido_cbor_info_free>>;
using Cred = std::unique_ptr<fido_cred_t, Freed<&fido_cred_free>>;
using Assert = std::unique_ptr<fido_assert_t, Freed<&fido_assert_free>>;
using CredmanRp = std::unique_ptr<fido_credman_rp_t, Freed<&fido_credman_rp_free>>;
using CredmanRk = std::unique_ptr<fido_credman_rk_t, Freed<&fido_credman_rk_free>>;
using BioTemplates =
    std::unique_ptr<fido_bio_template_array_t, Freed<&fido_bio_template_array_free>>;
using BioTemplate = std::unique_ptr<fido_bio_template_t, Freed<&fido_bio_template_free>>;
using BioEnroll = std::unique_ptr<fido_bio_enroll_t, Freed<&fido_bio_enroll_free>>;

[[nodiscard]] inline Bytes copy_octets(const unsigned char* data, std::size_t size) {
  return data == nullptr ? Bytes() : Bytes(data, data + size);
}

// A text that the token keeps: what is not UTF-8 is escaped, so that it can travel; at most 256
// octets of it.
[[nodiscard]] inline std::string copy_text(const char* text) {
  if (text == nullptr) return {};
  std::string copy(text, std::char_traits<char>::length(text));
  if (!is_utf8(copy)) copy = escape_text(copy);
  if (copy.size() <= 256) return copy;
  std::size_t cut = 256;
  while (cut > 0 && (static_cast<unsigned char>(copy[cut]) & 0xc0U) == 0x80U) --cut;
  return copy.substr(0, cut);
}

}  // namespace countersign::devices::fido2
