// SPDX-License-Identifier: Apache-2.0
// Where codes arrive: a mail server (aiosmtpd), an SMS centre (Kannel with its fake SMSC), a
// gateway that behaves badly. Each is an ordinary process with a folder of its own, on ports of
// 127.0.0.1 that were free, and ends with the test.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/support/key_house.h"

namespace countersign::test {

// Certificates made by openssl: one authority, one certificate of it for 127.0.0.1 and localhost,
// one for another name.
struct Certificates {
  explicit Certificates(const std::string& folder);
  std::string authority, certificate, key, other_certificate, other_key;
};

// A program that prints its port and ends with its input.
class Service {
 public:
  explicit Service(const std::vector<std::string>& words);
  ~Service();
  [[nodiscard]] int port() const { return port_; }
  void end();  // now: nobody listens there any more

 private:
  struct Program;
  std::unique_ptr<Program> program_;
  int port_ = 0;
};

class MailServer {
 public:
  MailServer(const std::string& certificate, const std::string& key);
  [[nodiscard]] int port() const { return service_.port(); }
  void end() { service_.end(); }
  // The n-th message (from 1) as Python's parser sees it; waits for it.
  [[nodiscard]] Json message(int number) const;
  [[nodiscard]] int count() const;
  static constexpr const char* user = "countersign";
  static constexpr const char* password = "corr ect:horse\"";

 private:
  TemporaryFolder folder_;
  Service service_;
};

// bearerbox, smsbox and fakesmsc.
class Kannel {
 public:
  Kannel();
  [[nodiscard]] std::string url() const;
  // The n-th SMS (from 1) that reached the SMSC, as "from to type text"; waits for it.
  [[nodiscard]] std::string sms(std::size_t number) const;
  [[nodiscard]] std::size_t count() const;
  static constexpr const char* user = "tester";
  static constexpr const char* password = "foo&bar=1";

 private:
  TemporaryFolder folder_;
  int sendsms_ = 0;
  std::vector<std::unique_ptr<Running>> running_;
};

// The code of so many digits in a text; "" when there is not exactly one.
[[nodiscard]] std::string code_in(const std::string& text, std::size_t digits = 6);

}  // namespace countersign::test
