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

// Calls each with every element of Page::*list, all pages.
template <class Page, class Element>
Result<void> walk_pages(Front& front, const std::string& path, const Query& query,
                        std::vector<Element> Page::* list,
                        const std::function<void(const Element&)>& each) {
  const std::string& first_query = query.text();
  std::string target = path + first_query;
  while (true) {
    const auto page = TRY(front.get<Page>(target));
    for (const Element& element : page.*list) each(element);
    if (!page.next) return {};
    target = path + first_query + (first_query.empty() ? "?" : "&") +
             "after=" + client::percent_encode(*page.next);
  }
}

// The same; with --json, prints {"name":[...]} instead.
template <class Page, class Element>
Result<void> all_pages(Front& front, const std::string& path, const Query& query,
                       std::string_view name, std::vector<Element> Page::* list,
                       const std::function<void(const Element&)>& each) {
  if (!front.json) return walk_pages<Page, Element>(front, path, query, list, each);
  std::string json = "{\"" + std::string(name) + "\":[";
  const auto walked = walk_pages<Page, Element>(front, path, query, list,
                                                [&, first = true](const Element& element) mutable {
                                                  if (!std::exchange(first, false)) json += ',';
                                                  api::encode_to(json, element);
                                                });
  if (walked) front.out().object(json + "]}");
  return walked;
}

}  // namespace countersign::cli
