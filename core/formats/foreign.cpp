// SPDX-License-Identifier: Apache-2.0
#include "core/formats/foreign.h"

#include <algorithm>

#include "core/base/text.h"

namespace countersign::formats {
namespace {

// What the importers take.
bool pskc(std::string_view text) { return text.starts_with('<') && text.contains("KeyContainer"); }
bool uri(std::string_view text) { return starts_with_ignoring_case(text, "otpauth://"); }
bool migration_uri(std::string_view text) {
  return starts_with_ignoring_case(text, "otpauth-migration://");
}

bool json(std::string_view text) {
  return text.starts_with("{\"") || text.starts_with("[{") || text.starts_with("{\n") ||
         text.starts_with("{\r") || text.starts_with("[\n") || text.starts_with("[\r") ||
         text.starts_with("{ ") || text.starts_with("[ ");
}
bool aegis(std::string_view text) {
  return json(text) && text.contains("\"header\"") && text.contains("\"slots\"");
}
bool twofas(std::string_view text) {
  return json(text) && (text.contains("\"services\"") || text.contains("\"servicesEncrypted\""));
}

bool safenet(std::string_view text) {
  return text.starts_with('<') && text.contains("<Tokens") && text.contains("<Token ");
}

// "HOTP/T30/6<tab>user<tab>PIN<tab>key", also with spaces; comments before it.
bool oath_users(std::string_view text) {
  while (text.starts_with('#')) text = trim(text.substr(std::min(text.find('\n'), text.size())));
  const std::string_view type = text.substr(0, text.find_first_of(" \t\r\n"));
  return type == "HOTP" || type.starts_with("HOTP/") || type == "TOTP" || type.starts_with("TOTP/");
}

// A secret, and below it options that begin with a quote: "" TOTP_AUTH".
bool google_authenticator(std::string_view text) {
  const auto line = text.find('\n');
  return line != std::string_view::npos && line >= 16 && text.substr(line + 1).starts_with("\" ");
}

bool zip(std::string_view text) { return text.starts_with("PK\x03\x04"); }
bool old_excel(std::string_view text) {
  return text.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
}
bool picture(std::string_view text) {
  return text.starts_with("\x89PNG") || text.starts_with("\xFF\xD8\xFF") ||
         text.starts_with("GIF8");
}
bool pgp(std::string_view text) { return text.starts_with("-----BEGIN PGP MESSAGE"); }

struct Foreign {
  bool (*is)(std::string_view);
  std::string_view reader;  // the importer that reads it; empty: none does
  std::string_view advice;
};

constexpr Foreign kinds[] = {
    {zip, "",
     "this is a workbook or an archive, which can't be imported: save the sheet as CSV (UTF-8), "
     "and "
     "import that"},
    {old_excel, "",
     "this is an Excel workbook, which can't be imported: save the sheet as CSV (UTF-8), and "
     "import "
     "that"},
    {picture, "",
     "this is a picture: read its QR code (for instance with zbarimg), and import the URI with "
     "'countersign import otpauth'"},
    {pgp, "",
     "this file is encrypted with PGP: decrypt it with 'gpg --decrypt' first, and import the "
     "result"},
    {aegis, "",
     "this is a backup of Aegis, which can't be imported: in Aegis export a text file of otpauth "
     "URIs, and import that with 'countersign import otpauth'"},
    {twofas, "",
     "this is a backup of 2FAS, which can't be imported: take it into Aegis, export a text file of "
     "otpauth URIs there, and import that with 'countersign import otpauth'"},
    {json, "",
     "this is JSON, which can't be imported: export otpauth URIs for 'countersign import otpauth', "
     "or "
     "CSV for 'countersign import csv'"},
    {safenet, "",
     "this is a SafeNet (Thales) seed file, which can't be imported: ask for the tokens as PSKC "
     "for "
     "'countersign import pskc', or write serial, secret_hex and type as CSV"},
    {pskc, "pskc", "this is PSKC: import it with 'countersign import pskc'"},
    {oath_users, "",
     "this is a users file of pam_oath, which can't be imported: write it as CSV with the columns "
     "user, secret_hex, type, digits and period (HOTP/T30/6 is totp, 6 digits, 30 seconds), and "
     "import that with 'countersign import csv'"},
    {google_authenticator, "",
     "this is a file of pam_google_authenticator, which can't be imported: put its first line, the "
     "secret, into a file of its own, and enrol it with 'countersign enroll totp --user NAME "
     "--secret-file FILE'"},
    {migration_uri, "migration",
     "this is a migration URI of Google Authenticator: import it with 'countersign import "
     "migration'"},
    {uri, "otpauth", "these are otpauth URIs: import them with 'countersign import otpauth'"},
};

// Refuses such lines by their number itself.
bool names_its_own(std::string_view importer, std::string_view reader) {
  return importer == reader || (importer == "otpauth" && reader == "migration");
}

}  // namespace

std::string_view advice_on(std::string_view beginning, std::string_view importer) {
  if (beginning.starts_with("\xEF\xBB\xBF")) beginning.remove_prefix(3);
  const std::string_view text = trim(beginning);
  const auto* const found =
      std::ranges::find_if(kinds, [&](const Foreign& kind) { return kind.is(text); });
  if (found == std::ranges::end(kinds) || names_its_own(importer, found->reader)) return {};
  return found->advice;
}

}  // namespace countersign::formats
