// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/xml_stream.h"

#include <fmt/format.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include <array>
#include <memory>
#include <vector>

#include "core/base/secret.h"
#include "core/base/text.h"

namespace countersign::formats {
namespace {

constexpr std::size_t chunk_size = 16 * 1024;
constexpr std::size_t longest_silence = 128 * 1024;
constexpr std::size_t deepest = 24;
constexpr int most_attributes = 16;
constexpr std::size_t longest_attribute = 4096;

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

// One parse: libxml2's callbacks get it as their user data. After the first failure everything that
// comes is dropped.
class Parse {
 public:
  explicit Parse(XmlHandler& handler) : handler_(handler) {
    xmlSAXHandler sax{};
    sax.initialized = XML_SAX2_MAGIC;
    sax.startElementNs = [](void* self, const xmlChar* name, const xmlChar*, const xmlChar* uri,
                            int, const xmlChar**, int count, int, const xmlChar** attributes) {
      static_cast<Parse*>(self)->start(view(name), view(uri), count, attributes);
    };
    sax.endElementNs = [](void* self, const xmlChar*, const xmlChar*, const xmlChar*) {
      static_cast<Parse*>(self)->end();
    };
    sax.characters = [](void* self, const xmlChar* text, int size) {
      static_cast<Parse*>(self)->text(text, size);
    };
    sax.ignorableWhitespace = sax.characters;
    sax.cdataBlock = sax.characters;
    sax.internalSubset = [](void* self, const xmlChar*, const xmlChar*, const xmlChar*) {
      static_cast<Parse*>(self)->stop(
          {Code::invalid,
           "the file has a DOCTYPE; files with document types and entities are not accepted"});
    };
    sax.serror = [](void* self, xmlErrorPtr error) { static_cast<Parse*>(self)->report(error); };
    context_.reset(xmlCreatePushParserCtxt(&sax, this, nullptr, 0, nullptr));
    if (context_ == nullptr) {
      error_ = Error{Code::unavailable, "no memory for an XML parser"};
      return;
    }
    // Neither XML_PARSE_HUGE, which lifts libxml2's own limits, nor any option that loads or
    // expands anything.
    xmlCtxtUseOptions(context_.get(), XML_PARSE_NONET | XML_PARSE_COMPACT);
  }

  ~Parse() {
    if (context_ != nullptr && context_->myDoc != nullptr) xmlFreeDoc(context_->myDoc);
  }
  Parse(const Parse&) = delete;
  Parse& operator=(const Parse&) = delete;

  // With nothing: the end of the file.
  [[nodiscard]] Result<void> feed(std::span<const char> chunk) {
    if (!failed()) {
      silence_ += chunk.size();
      const int result = xmlParseChunk(context_.get(), chunk.data(), static_cast<int>(chunk.size()),
                                       chunk.empty() ? 1 : 0);
      if (result != XML_ERR_OK && !failed())
        error_ = Error{Code::corrupt, "the file is not well-formed XML, or it was cut off"};
      if (silence_ > longest_silence && !failed())
        error_ = Error{Code::invalid,
                       fmt::format("the file goes on for more than {} bytes without an element",
                                   longest_silence)};
    }
    if (failed()) return std::unexpected(error_);
    return {};
  }

  [[nodiscard]] std::size_t line() const {
    const bool known =
        context_ != nullptr && context_->input != nullptr && context_->input->line > 0;
    return known ? static_cast<std::size_t>(context_->input->line) : 1;
  }

 private:
  struct FreeContext {
    void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
  };

  [[nodiscard]] bool failed() const { return !error_.what.empty(); }

  void stop(Error error) {
    if (!failed()) error_ = std::move(error);
    xmlStopParser(context_.get());
  }

  void keep(const Result<void>& held) {
    if (!held) stop(held.error());
  }

  void start(std::string_view name, std::string_view uri, int count, const xmlChar** raw) {
    if (failed()) return;
    silence_ = 0;
    if (++depth_ > deepest)
      return stop({Code::invalid, fmt::format("elements are nested more than {} deep", deepest)});
    if (count > most_attributes || name.size() > 100)
      return stop({Code::invalid,
                   fmt::format("an element has more than {} attributes, or a name over 100 bytes",
                               most_attributes)});
    std::array<XmlAttribute, most_attributes> attributes;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count);
         ++i) {  // five pointers each: name, prefix, URI, begin, end
      const auto size = static_cast<std::size_t>(raw[5 * i + 4] - raw[5 * i + 3]);
      attributes[i] = {view(raw[5 * i]), {reinterpret_cast<const char*>(raw[5 * i + 3]), size}};
      if (size > longest_attribute)
        return stop({Code::invalid,
                     fmt::format("an attribute is longer than {} bytes", longest_attribute)});
    }
    keep(handler_.start(name, uri, std::span(attributes).first(static_cast<std::size_t>(count)),
                        line()));
  }

  void end() {
    if (failed()) return;
    silence_ = 0;
    --depth_;
    keep(handler_.end());
  }

  void text(const xmlChar* text, int size) {
    if (failed()) return;
    silence_ = 0;
    keep(handler_.text({reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)}));
  }

  void report(const xmlError* error) {
    if (failed() || error->level < XML_ERR_ERROR) return;
    std::string_view message = view(reinterpret_cast<const xmlChar*>(error->message));
    while (message.ends_with('\n')) message.remove_suffix(1);
    error_ =
        Error{Code::corrupt, fmt::format("the file is not well-formed XML, or it was cut off: {}",
                                         escape_text(message.substr(0, 200)))};
  }

  XmlHandler& handler_;
  std::unique_ptr<xmlParserCtxt, FreeContext> context_;
  Error error_;
  std::size_t depth_ = 0;
  std::size_t silence_ = 0;  // bytes since something came of them
};

}  // namespace

std::string_view find_attribute(std::span<const XmlAttribute> attributes, std::string_view name) {
  for (const XmlAttribute& attribute : attributes)
    if (attribute.name == name) return trim(attribute.value);
  return {};
}

void prepare_xml() { xmlInitParser(); }

Result<void> read_xml(const Source& source, XmlHandler& handler, std::size_t& line) {
  prepare_xml();
  Parse parse(handler);
  std::vector<char> chunk(chunk_size);
  for (;;) {
    const auto got = TRY(source(chunk));
    const auto fed = parse.feed(std::span(chunk).first(got));
    line = parse.line();
    if (!fed || got == 0) {
      wipe(chunk.data(), chunk.size());
      return fed;
    }
  }
}

}  // namespace countersign::formats
