// SPDX-License-Identifier: Apache-2.0
// A web server that lets in by a receipt and tells the application who it is: Debian's nginx and
// Caddy, configured as countersignd(8) says, in front of the daemon's own socket (T47).
#include <boost/test/unit_test.hpp>

#include "tests/e2e/support/key_house.h"
#include "tests/e2e/support/processes.h"

using namespace countersign::test;

namespace {

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
  // A configuration with this site's places.
  [[nodiscard]] std::string filled(std::string text) const {
    for (const auto& [word, place] :
         {std::pair("FOLDER", house.folder.path()), std::pair("SOCKET", daemon().socket())})
      for (auto at = text.find(word); at != std::string::npos; at = text.find(word))
        text.replace(at, std::string_view(word).size(), place);
    return text;
  }
  // As an application for this service gets it.
  [[nodiscard]] std::string receipt(const std::string& service) const {
    const std::string id = text(told(daemon(),
                                     {"sign-in", "begin", "--user", "anna maria", "--primary",
                                      "password", "--service", service},
                                     10),
                                "id");
    return text(told(daemon(), {"sign-in", "verify", id, "--code", fresh_code(daemon(), anna)}),
                "receipt");
  }
  // The status and body that a browser gets of the page at this socket.
  [[nodiscard]] static std::string page(const std::string& socket,
                                        const std::vector<std::string>& headers) {
    std::vector<std::string> words = {"curl",
                                      "-s",
                                      "--max-time",
                                      "20",
                                      "--unix-socket",
                                      socket,
                                      "-w",
                                      " %{http_code}",
                                      "http://shop.example/page?audience=bank"};
    for (const std::string& each : headers) words.insert(words.end(), {"-H", each});
    return run(words).out;
  }
  void judge(const std::string& socket) const {
    BOOST_TEST_REQUIRE(becomes_true([&] { return page(socket, {}).ends_with(" 401"); }, 20'000),
                       page(socket, {}));
    const std::string good = "Authorization: Bearer " + receipt("shop");
    BOOST_TEST(page(socket, {good}) == "anna%20maria|2|pwd otp mfa|verified 200");
    // What a browser says of itself is not what the application is told.
    BOOST_TEST(page(socket, {good, "X-Countersign-User: root", "X-Countersign-AAL: 3",
                             "X-Countersign-Method: hwk", "X-Countersign-Because: x"}) ==
               "anna%20maria|2|pwd otp mfa|verified 200");
    BOOST_TEST(page(socket, {"Authorization: Bearer " + receipt("bank")})
                   .ends_with(" 401"));  // another application's
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
  const std::string config = site.file("nginx.conf", site.filled(R"(
daemon off;
user root;
pid FOLDER/nginx.pid;
error_log FOLDER/nginx.log;
events {}
http {
  access_log off;
  client_body_temp_path FOLDER/t1;
  proxy_temp_path FOLDER/t2;
  fastcgi_temp_path FOLDER/t3;
  uwsgi_temp_path FOLDER/t4;
  scgi_temp_path FOLDER/t5;
  server {
    listen unix:FOLDER/web;
    location / {
      auth_request /countersign;
      auth_request_set $user $upstream_http_x_countersign_user;
      auth_request_set $aal $upstream_http_x_countersign_aal;
      auth_request_set $method $upstream_http_x_countersign_method;
      auth_request_set $because $upstream_http_x_countersign_because;
      proxy_set_header X-Countersign-User $user;
      proxy_set_header X-Countersign-AAL $aal;
      proxy_set_header X-Countersign-Method $method;
      proxy_set_header X-Countersign-Because $because;
      proxy_pass http://unix:FOLDER/app;
    }
    location = /countersign {
      internal;
      proxy_pass http://unix:SOCKET:/v1/auth?audience=shop;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
    }
  }
  server {
    listen unix:FOLDER/app;
    set $who "$http_x_countersign_user|$http_x_countersign_aal|$http_x_countersign_method";
    location / { return 200 "$who|$http_x_countersign_because"; }
  }
}
)"));
  const Running nginx({"/usr/sbin/nginx", "-e", folder + "/nginx.log", "-p", folder, "-c", config});
  site.judge(folder + "/web");
}

BOOST_AUTO_TEST_CASE(T47_caddy_forward_auth) {
  const Site site;
  const std::string folder = site.house.folder.path();
  const std::string config = site.file("Caddyfile", site.filled(R"(
{
	admin off
}
http:// {
	bind unix/FOLDER/web
	forward_auth unix/SOCKET {
		uri /v1/auth?audience=shop
		copy_headers X-Countersign-User X-Countersign-AAL X-Countersign-Method X-Countersign-Because
	}
	respond "{header.X-Countersign-User}|{header.X-Countersign-AAL}|{header.X-Countersign-Method}|{header.X-Countersign-Because}"
}
)"));
  const Running caddy({"/bin/sh", "-c", "exec \"$@\" 2>/dev/null", "caddy", "/usr/bin/env",
                       "HOME=" + folder, "XDG_DATA_HOME=" + folder, "XDG_CONFIG_HOME=" + folder,
                       "/usr/bin/caddy", "run", "--config", config, "--adapter", "caddyfile"});
  site.judge(folder + "/web");
}

BOOST_AUTO_TEST_SUITE_END()
