// SPDX-License-Identifier: Apache-2.0
// JSON from outside (RFC 8259): the one parser for request bodies, client data, metadata and files.
#pragma once

#include <boost/json/memory_resource.hpp>
#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <string_view>

#include "core/base/result.h"

namespace countersign::formats {

// Heap memory that is wiped before it goes back.
class WipedMemory final : public boost::json::memory_resource {
  void* do_allocate(std::size_t size, std::size_t align) override;
  void do_deallocate(void* memory, std::size_t size, std::size_t align) override;
  bool do_is_equal(const boost::json::memory_resource& other) const noexcept override {
    return this == &other;
  }
};

// invalid: the text is not one JSON value, nests deeper than this, or gives a member of an object
// twice. Of two members one reader takes the first and the next one the last, so what a signature
// or a check covered would not be what is used. The value lives in `memory`; whatever else parsing
// needed is wiped.
[[nodiscard]] Result<boost::json::value> parse_json(std::string_view text, std::size_t depth,
                                                    boost::json::storage_ptr memory = {});

}  // namespace countersign::formats
