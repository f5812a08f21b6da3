// SPDX-License-Identifier: Apache-2.0
// 'countersign machine show': what a machine is recognized by, explained; without a daemon.
#include <boost/test/unit_test.hpp>

#include "tests/daemon/machine_tree.h"
#include "tests/e2e/support/story.h"

using namespace countersign::test;

namespace {

struct Recorded {
  explicit Recorded(const std::string& name) {
    unpack_machine(std::string(COUNTERSIGN_TEST_DATA) + "/machines/" + name + ".tree",
                   folder.path());
  }
  [[nodiscard]] Ran show(std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {program("countersign"), "machine", "show", "--root",
                                      folder.path()};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  TemporaryFolder folder;
};

Json component(const Json& view, std::string_view name) {
  for (const auto& row : view.at("components").as_array())
    if (text(row.as_object(), "component") == name) return row.as_object();
  throw std::runtime_error("no component " + std::string(name));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(machine_show)

BOOST_AUTO_TEST_CASE(each_component_has_its_value_its_weight_and_a_reason) {
  const Recorded laptop("laptop");
  const Json view = object_in(laptop.show({"--json"}).out);
  BOOST_TEST(view.at("enough").as_bool());
  BOOST_TEST(view.at("points").as_int64() == 115);
  BOOST_TEST(text(component(view, "root-disk"), "value") == "s3x9nf0k904523");
  BOOST_TEST(component(view, "product-uuid").at("weight").as_int64() == 30);
  BOOST_TEST(component(view, "cpu-model").at("weight").as_int64() == 0);
  BOOST_TEST(component(view, "cpu-model").at("against").as_int64() == 10);
  const Ran told = laptop.show();
  BOOST_TEST(told.exit_code == 0);
  BOOST_TEST(told.out.contains("Physical machine, 115 points"));
}

BOOST_AUTO_TEST_CASE(what_a_maker_left_in_weighs_nothing_and_says_why) {
  const Json view = object_in(Recorded("white-box").show({"--json"}).out);
  BOOST_TEST(component(view, "product-uuid").at("weight").as_int64() == 0);
  BOOST_TEST(text(component(view, "product-uuid"), "note") == "the same on many machines");
  BOOST_TEST(text(component(view, "board-serial"), "note") == "a maker's filler");
  BOOST_TEST(view.at("points").as_int64() == 60);
}

BOOST_AUTO_TEST_CASE(a_machine_that_can_not_be_recognized_again_is_told_so) {
  const Ran told = Recorded("container").show();
  BOOST_TEST(told.exit_code == 0);
  BOOST_TEST(told.out.contains("can't be recognized again"));
}

BOOST_AUTO_TEST_CASE(T33_a_serial_with_control_characters_is_shown_escaped) {
  const Recorded laptop("laptop");
  set_machine_file(laptop.folder.path(), "etc/hostname", "a\x1b]8;;http://x\x07name\n");
  BOOST_TEST(!laptop.show().out.contains('\x1b'));
}

BOOST_AUTO_TEST_SUITE_END()
