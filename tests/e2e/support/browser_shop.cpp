// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/support/browser_shop.h"

#include <stdexcept>

namespace countersign::test {
namespace {

std::string config(const std::string& fido2, const std::optional<std::string>& origins) {
  return "[fido2]\nrp_id = \"localhost\"\norigins = " +
         origins.value_or("[\"" + browser().origin() + "\"]") + "\n" + fido2;
}

// A problem's reason stands before its explanation.
std::string reason_in(const std::string& detail) { return detail.substr(0, detail.find(':')); }

}  // namespace

Browser& browser() {
  static Browser one;
  return one;
}

Shop::Shop(const std::string& fido2, const std::optional<std::string>& origins)
    : House(config(fido2, origins)) {
  browser().relay_to(daemon);
  for (const char* name : {"alice", "bob"}) add_user(daemon, name);
}

Shop::Ceremony Shop::register_key(const Json& wanted, const Json& change,
                                  const std::optional<Page>& page) const {
  return {browser().ceremony("register", wanted, change, page.value_or(browser().page()))};
}

Shop::Ceremony Shop::sign_in(const Json& wanted, const Json& change,
                             const std::optional<Page>& page) const {
  return {browser().ceremony("sign_in", wanted, change, page.value_or(browser().page()))};
}

Shop::Ceremony Shop::bind(const Json& wanted, const Json& change) const {
  Ceremony bound = register_key(wanted, change);
  if (bound.outcome() != "bound")
    throw std::runtime_error("not bound: " + boost::json::serialize(bound.said));
  return bound;
}

Json Shop::Ceremony::options() const {
  return said.at("begun").at("body").at("publicKey").as_object();
}

std::string Shop::Ceremony::id() const {
  return text(said.at("begun").at("body").as_object(), "id");
}

Json Shop::Ceremony::judged() const {
  if (!said.contains("judged"))
    throw std::runtime_error("nothing was judged: " + boost::json::serialize(said));
  return said.at("judged").at("body").as_object();
}

int Shop::Ceremony::status() const {
  return static_cast<int>(said.at("judged").at("status").as_int64());
}

std::string Shop::Ceremony::outcome() const {
  if (said.contains("error")) return text(said, "error");
  const Json last = said.contains("judged") ? judged() : said.at("begun").at("body").as_object();
  if (last.contains("detail")) return reason_in(text(last, "detail"));
  if (!last.contains("verdict")) return "bound";
  return text(last, "verdict") == "verified" ? "verified" : text(last, "reason");
}

}  // namespace countersign::test
