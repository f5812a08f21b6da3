// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/decode.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>

#include <array>

namespace countersign::api {
namespace {

// Blocks from the heap that are wiped before they go back; large requests only.
class WipingResource final : public boost::json::memory_resource {
  void* do_allocate(std::size_t size, std::size_t align) override { return ::operator new(size, std::align_val_t(align)); }
  void do_deallocate(void* memory, std::size_t size, std::size_t align) override {
    wipe(memory, size);
    ::operator delete(memory, std::align_val_t(align));
  }
  bool do_is_equal(const boost::json::memory_resource& other) const noexcept override { return this == &other; }
};

}  // namespace

struct Document::Memory {
  struct Block {
    std::array<unsigned char, 4096> octets;  // most requests fit
    ~Block() { wipe(octets.data(), octets.size()); }
  };
  Block first;
  WipingResource heap;
  boost::json::monotonic_resource arena{first.octets.data(), first.octets.size(), &heap};
  boost::json::value value;
};

Result<Document> Document::parse(std::string_view text) {
  Document document(new Memory);
  boost::json::parse_options options;
  options.max_depth = 16;
  std::array<unsigned char, 1024> scratch;
  boost::json::parser parser({}, options, scratch.data(), scratch.size());
  parser.reset(&document.memory_->arena);
  boost::json::error_code error;
  const std::size_t read = parser.write(text.data(), text.size(), error);
  if (!error) document.memory_->value = parser.release();
  wipe(scratch.data(), scratch.size());
  if (error) return fail(Code::invalid, "not valid JSON at byte " + std::to_string(read) + ": " + error.message());
  return document;
}

Document::Document(Document&& other) noexcept : memory_(std::exchange(other.memory_, nullptr)) {}
Document::~Document() { delete memory_; }
const boost::json::value& Document::value() const { return memory_->value; }

}  // namespace countersign::api
