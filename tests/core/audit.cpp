// SPDX-License-Identifier: Apache-2.0
#include "core/audit.h"

#include <boost/test/unit_test.hpp>

#include "core/base/text.h"

using namespace countersign;

BOOST_AUTO_TEST_SUITE(audit_chain)

namespace {

std::vector<audit::Record> chain_of(int length) {
  std::vector<audit::Record> chain;
  audit::Digest previous{};
  for (std::int64_t i = 1; i <= length; ++i) {
    const std::string line =
        audit::to_line({.time = from_unix_ms(1000 * i), .action = "verify", .user = "alice"});
    previous = audit::link(previous, i, line);
    chain.push_back({i, line, previous});
  }
  return chain;
}

Result<void> walk(const std::vector<audit::Record>& chain, const audit::Head& head) {
  audit::Verifier verifier{audit::Head{}};
  for (const auto& record : chain)
    if (auto held = verifier.next(record); !held) return held;
  return verifier.finish(head);
}

}  // namespace

BOOST_AUTO_TEST_CASE(T37_every_edit_and_every_cut_is_found) {
  const auto chain = chain_of(12);
  const audit::Head head{12, chain.back().hash, {}};
  BOOST_TEST(walk(chain, head).has_value());
  for (std::size_t i = 0; i < chain.size(); ++i) {
    auto cut = chain;
    cut.erase(cut.begin() + static_cast<std::ptrdiff_t>(i));
    BOOST_TEST(!walk(cut, head).has_value());
    for (std::size_t at = 0; at < chain[i].line.size(); ++at) {
      auto edited = chain;
      edited[i].line[at] = static_cast<char>(edited[i].line[at] ^ 1);
      const auto found = walk(edited, head);
      BOOST_TEST_REQUIRE(!found.has_value());
      BOOST_TEST(found.error().what.starts_with("event " + std::to_string(i + 1) + " "));
    }
  }
  BOOST_TEST(!walk(chain, audit::Head{13, chain.back().hash, {}}).has_value());
}

// Whoever may write the rows can make every hash right again. The signed end is what they can't
// make.
BOOST_AUTO_TEST_CASE(T37_a_chain_that_was_made_anew_does_not_meet_its_signed_end) {
  const auto chain = chain_of(12);
  const audit::Head head{12, chain.back().hash, {}};
  auto forged = chain;
  forged[6].line =
      audit::to_line({.time = from_unix_ms(7000), .action = "verify", .user = "mallory"});
  audit::Digest previous{};
  for (auto& record : forged)
    previous = record.hash = audit::link(previous, record.sequence, record.line);
  const auto found = walk(forged, head);
  BOOST_TEST_REQUIRE(!found.has_value());
  BOOST_TEST(found.error().what.contains("signed end"));
  BOOST_TEST(walk(forged, {12, forged.back().hash, {}})
                 .has_value());  // all that is wrong with it is its end
  // What is signed names the end and its place.
  BOOST_TEST((audit::head_message(12, head.hash) != audit::head_message(12, forged.back().hash)));
  BOOST_TEST((audit::head_message(12, head.hash) != audit::head_message(11, head.hash)));
}

BOOST_AUTO_TEST_CASE(T33_one_event_is_one_line_whatever_the_names) {
  const std::string line = audit::to_line({.time = from_unix_ms(1'700'000'000'123),
                                           .action = "verify",
                                           .user = "a\x1b]8;;http://x\x07\n\xe2\x80\xae\xff",
                                           .details = {{"label", "b\r\n\"\\"}}});
  BOOST_TEST(line.find_first_of("\n\r\x1b\x07") == std::string::npos);
  BOOST_TEST(line.find("\xe2\x80\xae") == std::string::npos);
  BOOST_TEST(line.starts_with(
      R"({"time":"2023-11-14T22:13:20.123Z","action":"verify","user":"a\u001b]8;;http://x\u0007\u000a\u202e\ufffd")"));
  BOOST_TEST(escape_text("a\x1b[31m\n\xe2\x80\xae\xff\xc3\xa4") ==
             "a\\x1b[31m\\n\\u{202e}\\xff\xc3\xa4");
}

BOOST_AUTO_TEST_SUITE_END()
