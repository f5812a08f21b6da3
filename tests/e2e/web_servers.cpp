// SPDX-License-Identifier: Apache-2.0
// A web server that lets in by a receipt and tells the application who it is: Debian's nginx and Caddy, configured as
// countersignd(8) says, in front of the daemon's own socket (T47).
#include <boost/test/unit_test.hpp>

#include "tests/e2e/key_house.h"
#include "tests/e2e/processes.h"

using namespace countersign::test;

namespace {

const std::string names = "X-Countersign-User X-Countersign-AAL X-Countersign-Method X-Countersign-Because";

struct Site {
  House house;
  Phone anna;

  Site() {
    (void)told(house.daemon, {"user", "add", "anna maria"});
    anna = enroll_totp(house.daemon, "anna maria");
    (void)told(house.daemon, {"policy", "set", "staff", "--yes", "--mode", "required"});
  }
  [[nodiscard]] const DaemonProcess& daemon() const { return house.daemon; }
  [[nodiscard]] std::string file(const std::string& name, const std::string& content) const {
    write_file(house.folder / name, content, 0644);
    return house.folder / name;
  }
  // As an application for this service gets it.
  [[nodiscard]] std::string receipt(const std::string& service) const {
    const std::string id = text(told(daemon(), {"sign-in", "begin", "--user", "anna maria", "--primary", "password", "--service", service}, 10), "id");
    return text(told(daemon(), {"sign-in", "verify", id, "--code", fresh_code(daemon(), anna)}), "receipt");
  }
  // The status and body that a browser gets of the page at this socket.
  [[nodiscard]] static std::string page(const std::string& socket, const std::vector<std::string>& headers) {
    std::vector<std::string> words = {"curl", "-s", "--max-time", "20", "--unix-socket", socket, "-w", " %{http_code}", "http://shop.example/page?audience=bank"};
    for (const std::string& each : headers) words.insert(words.end(), {"-H", each});
    return run(words).out;
  }
  void judge(const std::string& socket) const {
    BOOST_TEST_REQUIRE(becomes_true([&] { return page(socket, {}).ends_with(" 401"); }, 20'000), page(socket, {}));
    const std::string good = "Authorization: Bearer " + receipt("shop");
    BOOST_TEST(page(socket, {good}) == "anna%20maria|2|pwd otp mfa|verified 200");
    // What a browser says of itself is not what the application is told.
    BOOST_TEST(page(socket, {good, "X-Countersign-User: root", "X-Countersign-AAL: 3", "X-Countersign-Method: hwk", "X-Countersign-Because: x"}) ==
               "anna%20maria|2|pwd otp mfa|verified 200");
    BOOST_TEST(page(socket, {"Authorization: Bearer " + receipt("bank")}).ends_with(" 401"));  // another application's
    BOOST_TEST(page(socket, {"X-Countersign-User: root"}).ends_with(" 401"));
    BOOST_TEST(daemon().cli({"user", "suspend", "anna maria"}).exit_code == 0);
    BOOST_TEST(page(socket, {good}).ends_with(" 401"));
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(web_servers)

BOOST_AUTO_TEST_CASE(T47_nginx_auth_request) {
  const Site site;
  const std::string folder = site.house.folder.path();
  const std::string config = site.file("nginx.conf", "daemon off;\nuser root;\npid " + folder + "/nginx.pid;\nerror_log " + folder + "/nginx.log;\nevents {}\nhttp {\naccess_log off;\n"
      "client_body_temp_path " + folder + "/t1; proxy_temp_path " + folder + "/t2; fastcgi_temp_path " + folder + "/t3; uwsgi_temp_path " + folder + "/t4; scgi_temp_path " + folder + "/t5;\n"
      "server {\n  listen unix:" + folder + "/web;\n"
      "  location / {\n    auth_request /countersign;\n"
      "    auth_request_set $user $upstream_http_x_countersign_user;\n    auth_request_set $aal $upstream_http_x_countersign_aal;\n"
      "    auth_request_set $method $upstream_http_x_countersign_method;\n    auth_request_set $because $upstream_http_x_countersign_because;\n"
      "    proxy_set_header X-Countersign-User $user;\n    proxy_set_header X-Countersign-AAL $aal;\n    proxy_set_header X-Countersign-Method $method;\n"
      "    proxy_set_header X-Countersign-Because $because;\n    proxy_pass http://unix:" + folder + "/app;\n  }\n"
      "  location = /countersign {\n    internal;\n    proxy_pass http://unix:" + site.daemon().socket() + ":/v1/auth?audience=shop;\n"
      "    proxy_pass_request_body off;\n    proxy_set_header Content-Length \"\";\n  }\n}\n"
      "server {\n  listen unix:" + folder + "/app;\n  location / { return 200 \"$http_x_countersign_user|$http_x_countersign_aal|$http_x_countersign_method|$http_x_countersign_because\"; }\n}\n}\n");
  const Running nginx({"/usr/sbin/nginx", "-e", folder + "/nginx.log", "-p", folder, "-c", config});
  site.judge(folder + "/web");
}

BOOST_AUTO_TEST_CASE(T47_caddy_forward_auth) {
  const Site site;
  const std::string folder = site.house.folder.path();
  const std::string config = site.file("Caddyfile", "{\n  admin off\n}\nhttp:// {\n  bind unix/" + folder + "/web\n"
      "  forward_auth unix/" + site.daemon().socket() + " {\n    uri /v1/auth?audience=shop\n    copy_headers " + names + "\n  }\n"
      "  respond \"{http.request.header.X-Countersign-User}|{http.request.header.X-Countersign-AAL}|{http.request.header.X-Countersign-Method}|{http.request.header.X-Countersign-Because}\"\n}\n");
  const Running caddy({"/bin/sh", "-c", "exec \"$@\" 2>/dev/null", "caddy", "/usr/bin/env", "HOME=" + folder, "XDG_DATA_HOME=" + folder, "XDG_CONFIG_HOME=" + folder, "/usr/bin/caddy", "run", "--config", config, "--adapter", "caddyfile"},
                      folder + "/caddy.log");
  site.judge(folder + "/web");
}

BOOST_AUTO_TEST_SUITE_END()
