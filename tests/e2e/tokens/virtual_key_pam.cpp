// SPDX-License-Identifier: Apache-2.0
// pam_u2f with its pamu2fcfg on the virtual key, under pamtester. Needs root: a PAM service is a
// file in /etc/pam.d.
#include <unistd.h>

#include <cstdio>

#include "tests/e2e/support/virtual_key.h"

using namespace countersign::test;

namespace {

// A service of its own in /etc/pam.d, gone with this object.
class Service {
 public:
  Service(const VirtualKey& key, const std::string& options)
      : name_("countersign-virtual-key-" + std::to_string(::getpid())) {
    write_text(path(),
               "auth required pam_u2f.so authfile=" + key.file("mapping") +
                   " origin=pam://test appid=pam://test " + options +
                   "\naccount required pam_permit.so\n",
               0644);
  }
  ~Service() { (void)std::remove(path().c_str()); }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  [[nodiscard]] std::string path() const { return "/etc/pam.d/" + name_; }
  std::string name_;
};

void enrol(const VirtualKey& key, std::vector<std::string> flags, const std::string& pin = {}) {
  std::vector<std::string> words{"pamu2fcfg", "-u", "root", "-o", "pam://test", "-i", "pam://test"};
  words.insert(words.end(), flags.begin(), flags.end());
  const std::string mapping = key.hold(words, pin);
  BOOST_TEST(mapping.starts_with("root:"), mapping);
  write_text(key.file("mapping"), mapping + "\n");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(virtual_key_pam)

BOOST_AUTO_TEST_CASE(a_touch_lets_in_and_nothing_else_does) {
  BOOST_REQUIRE_MESSAGE(::geteuid() == 0, "this test writes to /etc/pam.d: run it as root");
  const VirtualKey key("no-pin");
  enrol(key, {});
  const Service service(key, "");
  key.hold({"pamtester", service.name(), "root", "authenticate"});
  BOOST_TEST(key.run({"pamtester", service.name(), "root", "authenticate"}, {},
                     {"--touch", "never", "--action-timeout", "300"})
                 .exit_code != 0);
  BOOST_TEST(
      key.run({"pamtester", service.name(), "root", "authenticate"}, {}, {"--fault", "up-cleared"})
          .exit_code != 0);
  const VirtualKey another("no-pin");
  BOOST_TEST(another.run({"pamtester", service.name(), "root", "authenticate"}).exit_code != 0);
}

BOOST_AUTO_TEST_CASE(with_a_pin) {
  BOOST_REQUIRE_MESSAGE(::geteuid() == 0, "this test writes to /etc/pam.d: run it as root");
  const VirtualKey key("pin");
  key.hold({"fido2-token", "-S", hidraw}, "1234\n1234\n");
  enrol(key, {"-N"}, "1234\n");
  const Service service(key, "pinverification=1");
  key.hold({"pamtester", service.name(), "root", "authenticate"}, "1234\n");
  BOOST_TEST(key.run({"pamtester", service.name(), "root", "authenticate"}, "4321\n").exit_code !=
             0);
}

BOOST_AUTO_TEST_SUITE_END()
