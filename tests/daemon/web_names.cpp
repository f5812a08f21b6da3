// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/web_names.h"

#include <boost/test/unit_test.hpp>

using namespace countersign;

namespace {

std::string said(const Result<void>& held) { return held ? "" : held.error().what; }

}  // namespace

BOOST_AUTO_TEST_SUITE(web_names)

BOOST_AUTO_TEST_CASE(T22_origins_as_browsers_send_them_are_taken) {
  for (const char* origin :
       {"https://example.org", "https://login.example.org", "https://login.example.org:8443",
        "https://example.org:80", "http://localhost", "http://localhost:3000", "https://localhost",
        "http://app.localhost:8080", "https://xn--bcher-kva.example", "https://intranet",
        "android:apk-key-hash:lhCF3vKVXc3EpJSwPEjyMqDCRzOEqCIKHHcDWVUj4Zk",
        "android:apk-key-hash-sha256:lhCF3vKVXc3EpJSwPEjyMqDCRzOEqCIKHHcDWVUj4Zk"})
    BOOST_TEST(said(require_origin(origin)) == "");
}

BOOST_AUTO_TEST_CASE(T22_other_spellings_come_with_the_value_to_write) {
  const std::pair<const char*, const char*> cases[] = {
      {"https://login.example.org/", "\"https://login.example.org\""},
      {"https://login.example.org/signin?x=1#y", "\"https://login.example.org\""},
      {"https://Login.Example.org", "\"https://login.example.org\""},
      {"HTTPS://login.example.org", "\"https://login.example.org\""},
      {"https://login.example.org:443", "\"https://login.example.org\""},
      {"https://login.example.org:0443", "\"https://login.example.org\""},
      {"https://login.example.org:", "\"https://login.example.org\""},
      {"https://login.example.org.", "\"https://login.example.org\""},
      {"https://login.example.org:08443/", "\"https://login.example.org:8443\""},
      {"http://localhost:80", "\"http://localhost\""},
      {"login.example.org", "\"https://login.example.org\""},
      {"login.example.org:8443", "\"https://login.example.org:8443\""},
      {"//login.example.org", "no domain"},
      {"http://login.example.org", "\"https://login.example.org\""},
      {"http://localhost.example.org", "\"https://localhost.example.org\""},
      {" https://login.example.org ", "\"https://login.example.org\""},
      {"https://user:pw@login.example.org", "\"https://login.example.org\""},
      {"ftp://login.example.org", "https://"},
      {"https://192.0.2.7", "IP address"},
      {"https://192.0.2.7:8443", "IP address"},
      {"https://[2001:db8::1]", "IP address"},
      {"https://[2001:db8::1]:8443", "IP address"},
      {"https://0x7f.0x1", "IP address"},
      {"https://b\xC3\xBC"
       "cher.example",
       "xn--"},
      {"https://", "no domain"},
      {"", "no domain"},
      {"*", "no domain"},
      {"https://*.example.org", "no domain"},
      {"https://a..b", "no domain"},
      {"https://example.org:99999", "port"},
      {"https://example.org:x", "port"},
      {"android:apk-key-hash:", "base64url"},
      {"android:apk-key-hash:lhCF3vKVXc3EpJSwPEjyMqDCRzOEqCIKHHcDWVUj4Zk=", "base64url"},
      {"android:apk-key-hash:lh+/", "base64url"}};
  for (const auto& [origin, word] : cases)
    BOOST_TEST(said(require_origin(origin)).contains(word),
               origin << ": " << said(require_origin(origin)));
}

BOOST_AUTO_TEST_CASE(T22_an_rp_id_is_a_domain) {
  for (const char* id : {"example.org", "localhost", "login.example.org", "kiosk1",
                         "xn--bcher-kva.example", "1and1.example"})
    BOOST_TEST(said(require_rp_id(id)) == "");
  const std::pair<const char*, const char*> cases[] = {
      {"https://example.org", "write \"example.org\""},
      {"https://example.org/", "write \"example.org\""},
      {"Example.org", "write \"example.org\""},
      {"example.org:443", "write \"example.org\""},
      {"example.org.", "write \"example.org\""},
      {"example.org/login", "write \"example.org\""},
      {"192.0.2.7", "IP address"},
      {"[2001:db8::1]", "IP address"},
      {"2001:db8::1", "IP address"},
      {"127.1", "IP address"},
      {"", "no domain"},
      {"*.example.org", "no domain"},
      {".example.org", "no domain"},
      {"my_host", "underscore"},
      {"b\xC3\xBC"
       "cher.example",
       "xn--"}};
  for (const auto& [id, word] : cases)
    BOOST_TEST(said(require_rp_id(id)).contains(word), id << ": " << said(require_rp_id(id)));
}

BOOST_AUTO_TEST_CASE(T22_origins_lie_within_the_rp_id) {
  BOOST_TEST(said(require_within({"https://example.org", "https://a.b.example.org:8443",
                                  "android:apk-key-hash:abc"},
                                 "example.org")) == "");
  for (const char* origin : {"https://other.example.net", "https://badexample.org", "https://org",
                             "https://example.org.evil.example"})
    BOOST_TEST(
        said(require_within({"https://example.org", origin}, "example.org")).contains(origin));
  BOOST_TEST(said(require_within({"https://example.org"}, "login.example.org"))
                 .contains("login.example.org"));
}

BOOST_AUTO_TEST_CASE(T22_pages_that_embed_may_have_an_address) {
  for (const char* page : {"https://portal.example", "http://127.0.0.1:8080", "http://localhost:1",
                           "https://192.0.2.7"})
    BOOST_TEST(said(require_top_origin(page)) == "");
  for (const char* page : {"https://portal.example/", "http://portal.example",
                           "https://Portal.example", "android:apk-key-hash:abc"})
    BOOST_TEST(said(require_top_origin(page)) != "");
}

BOOST_AUTO_TEST_SUITE_END()
