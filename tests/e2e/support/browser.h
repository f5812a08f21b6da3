// SPDX-License-Identifier: Apache-2.0
// Chromium, driven over WebDriver by browser.py, on the page of an application that asks a daemon
// (browser_page.html).
#pragma once

#include <boost/json.hpp>

#include <memory>
#include <string>
#include <string_view>

#include "tests/e2e/support/key_house.h"

namespace countersign::test {

// Which page a ceremony runs on. A page of the same host at another port is of another origin, and
// of the same RP ID.
struct Page {
  std::string url;
  bool in_frame = false;  // in the frame of that page
};

// One browser without a window, in a folder of its own; ended with this object, or when this
// process ends. Each call throws std::runtime_error when the browser can't do it. One thread.
class Browser {
 public:
  Browser();
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  [[nodiscard]] const std::string& origin() const { return origin_; }  // of the application
  [[nodiscard]] const std::string& other() const {
    return other_;
  }  // of a page that looks the same
  [[nodiscard]] Page page() const { return {.url = origin_ + "/"}; }
  [[nodiscard]] Page look_alike() const { return {.url = other_ + "/"}; }
  [[nodiscard]] Page framed() const {
    return {.url = other_ + "/framing", .in_frame = true};
  }  // the application's, in a frame of another origin
  [[nodiscard]] Page by_address() const;  // the application's, not as localhost

  // What the page asks goes to this daemon from now on.
  void relay_to(const DaemonProcess& daemon);
  // The page's function register or sign_in: what was begun, what the browser answered, what the
  // daemon said to that.
  Json ceremony(std::string_view function, const Json& wanted, const Json& change,
                const Page& page);
  // A command of the session, WebDriver's or (path /goog/cdp/execute) Chromium's own.
  boost::json::value webdriver(std::string_view method, const std::string& path,
                               const Json& body = {});

 private:
  boost::json::value tell(const Json& command);
  Json next_line();

  struct Program;

  TemporaryFolder folder_;
  std::unique_ptr<Program> program_;
  std::string read_;  // came after the last line
  std::string origin_, other_;
};

// A virtual authenticator of the browser (WebAuthn L3 §12), plugged in as long as this object
// lives: CTAP2 over USB with resident keys and user verification, whose user is verified. options:
// what is different.
class BrowserKey {
 public:
  explicit BrowserKey(Browser& browser, const Json& options = {});
  ~BrowserKey();
  BrowserKey(const BrowserKey&) = delete;
  BrowserKey& operator=(const BrowserKey&) = delete;

  [[nodiscard]] boost::json::array credentials() const;
  void forget(const std::string& credential_id) const;
  void verify_user(bool verified) const;
  // What Chromium lets a key do wrong: isBogusSignature, isBadUV, isBadUP; signed as it then is.
  void misbehave(const Json& bits) const;

 private:
  [[nodiscard]] std::string path(const std::string& rest = {}) const {
    return "/webauthn/authenticator/" + id_ + rest;
  }

  Browser& browser_;
  std::string id_;
};

}  // namespace countersign::test
