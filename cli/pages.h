// SPDX-License-Identifier: Apache-2.0
// All pages of a list, one after the other, and as one JSON object.
#pragma once

#include <functional>
#include <string>

#include "cli/front.h"

namespace countersign::cli {

// "?a=b" parameters; empty values are left out.
class Query {
 public:
  void add(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    text_ += (text_.empty() ? "?" : "&") + std::string(name) + "=" + client::percent_encode(value);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Calls each with every element of Page::*list, all pages; then, with --json, prints {"name":[...]}.
template <class Page, class Element>
Result<void> all_pages(Front& front, const std::string& path, Query query, std::string_view name, std::vector<Element> Page::*list,
                       const std::function<void(const Element&)>& each) {
  std::string json = "{\"" + std::string(name) + "\":[";
  const std::string first_query = query.text();
  std::string target = path + first_query;
  bool first = true;
  while (true) {
    const auto page = front.get<Page>(target);
    if (!page) return std::unexpected(page.error());
    for (const Element& element : (*page).*list) {
      if (front.json) {
        if (!std::exchange(first, false)) json += ',';
        api::encode_to(json, element);
      } else {
        each(element);
      }
    }
    if (!page->next) break;
    target = path + first_query + (first_query.empty() ? "?" : "&") + "after=" + client::percent_encode(*page->next);
  }
  front.out().object(json + "]}");
  return {};
}

}  // namespace countersign::cli
