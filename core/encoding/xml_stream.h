// SPDX-License-Identifier: Apache-2.0
// A hostile XML file as a stream of elements, by libxml2's push parser: no tree is built, nothing
// is fetched, and the line of each element is exact (the reader interface runs half a kilobyte
// ahead of what it shows).
#pragma once

#include <span>
#include <string_view>

#include "core/encoding/source.h"

namespace countersign::formats {

struct XmlAttribute {
  std::string_view name;  // without prefix
  std::string_view value;
};

// Its value without white space around; empty where there is none of that name.
[[nodiscard]] std::string_view find_attribute(std::span<const XmlAttribute> attributes,
                                              std::string_view name);

// Views last for the call. What start and end return as an Error ends the reading with it.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  [[nodiscard]] virtual Result<void> start(std::string_view name, std::string_view name_space,
                                           std::span<const XmlAttribute> attributes,
                                           std::size_t line) = 0;
  [[nodiscard]] virtual Result<void> text(std::string_view text) = 0;  // comes in pieces
  [[nodiscard]] virtual Result<void> end() = 0;
};

// Refuses: what is not well-formed or ends early; any DOCTYPE, so no entity is declared, expanded
// or fetched; more than 24 levels, 16 attributes of an element, 4 KiB in an attribute, 128 KiB
// without an element or text. line is kept at where the parser stands.
[[nodiscard]] Result<void> read_xml(const Source& source, XmlHandler& handler, std::size_t& line);

// What libxml2 sets up once in a process; for who is about to give up the right to open files.
void prepare_xml();

}  // namespace countersign::formats
