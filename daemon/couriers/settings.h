// SPDX-License-Identifier: Apache-2.0
// What countersign.toml says of sending: [email], [sms], [[sms.gateway]].
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace countersign::couriers {

enum class Tls {
  required,  // STARTTLS, or from the first octet with smtps://
  none,      // this machine's own mail server alone
};

// Placeholders as in countersign.toml(5): {code}, {name}, {user}, {service}, {minutes}, {issuer},
// {what}, {time}.
struct Templates {
  std::string code_subject = "{issuer}: your code";
  std::string code_text =
      "{code} is your code for {issuer}{for_service}.\n\n"
      "It works once, for {minutes} minutes. Nobody from {issuer} will ever ask you for it.\n\n"
      "You did not ask for a code? Then somebody else may know your password: tell your helpdesk, "
      "who can also stop these messages.\n";
  std::string code_html =
      "<p style=\"font-size:1.6em\"><b>{code}</b></p><p>is your code for {issuer}{for_service}.</p>"
      "<p>It works once, for {minutes} minutes. Nobody from {issuer} will ever ask you for it.</p>"
      "<p>You did not ask for a code? Then somebody else may know your password: tell your "
      "helpdesk, who can also stop these messages.</p>";
  std::string notice_subject = "{issuer}: {what}";
  std::string notice_text =
      "Hello {name},\n\n{what} ({user}, {time}).\n\nIf that was not you, tell your helpdesk now.\n";
  std::string notice_html =
      "<p>Hello {name},</p><p><b>{what}</b> ({user}, {time}).</p><p>If that was not you, tell your "
      "helpdesk now.</p>";
  std::string sms_text =
      "{code} is your code for {issuer}{for_service}. {minutes} minutes, once. Not you? Tell your "
      "helpdesk.";
  std::string sms_notice = "{issuer}: {what} ({user}, {time}). Not you? Tell your helpdesk.";
};

struct Email {
  std::string url;   // smtp://host:port or smtps://host:port; empty: no e-mail
  std::string from;  // an address, or "Name <address>"
  std::string username;
  std::string credential_file;  // the password, in a file of its own
  std::string ca_file;          // instead of the system's
  Tls tls = Tls::required;
  std::string file;  // demo stores: messages go into this file instead
  bool notices = true;
};

// How the parts that are filled into a body are written there.
enum class Escape { none, form, json, xml };

struct Gateway {
  std::string name;
  std::string preset;
  std::string method = "POST";
  std::string url;
  std::vector<std::string> headers;  // "Name: value"
  std::string body;
  Escape escape = Escape::form;
  std::string from;
  std::string username;
  std::string credential_file;
  std::string ca_file;
  std::vector<int> success_status = {200, 201, 202};
  std::vector<std::string>
      success_text;  // one of them stands in the answer; none: the status says it all
  std::chrono::seconds timeout{10};
  std::string file;  // demo stores: messages go into this file instead
};

struct Settings {
  Email email;
  std::vector<Gateway> sms;  // in order: the next one when one fails
  Templates templates;
};

}  // namespace countersign::couriers
