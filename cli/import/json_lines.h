// SPDX-License-Identifier: Apache-2.0
// What the helper writes: one JSON object a line.
//   {"line":N,"user":"","serial":"","label":"","issuer":"","kind":"totp","secret":"BASE32","algorithm":"SHA1","digits":6,
//    "period":30,"epoch":0,"counter":0,"drift":0} a token
//   {"line":N,"name":"","display_name":"","audience":"","location":"","phone":"","email":"","role":"","login":""}
//   a user
//   {"line":N,"refused":"reason"}
//   {"end":true,"rows":N,"refused_rows":M}            last, when the whole file was read: without
//   it nothing counts (T44)
//    with "passed_over":["COLUMN"]             where the file has unknown columns
//   {"error":"reason","line":N}                  last, when it could not be
#pragma once

#include <string>

#include "core/formats/token_record.h"
#include "core/formats/users_csv.h"

namespace countersign::import {

// Gathers lines and writes them in large pieces. The buffer never moves and is wiped after each
// write: lines hold secrets.
class JsonLines {
 public:
  explicit JsonLines(int descriptor);
  ~JsonLines();
  JsonLines(const JsonLines&) = delete;
  JsonLines& operator=(const JsonLines&) = delete;

  void token(const formats::TokenRecord& record);
  void user(const formats::UserRecord& record);
  void refused(const formats::Refused& refused);
  void end(const formats::Tally& tally);
  void error(const Error& error, const formats::Tally& tally);
  [[nodiscard]] bool flush();  // false: the reader is gone

 private:
  void finish_line();
  void member(std::string_view name, std::string_view text);
  void member(std::string_view name, std::int64_t number);

  int descriptor_;
  std::string buffer_;
  bool failed_ = false;
};

class TokenLines final : public formats::TokenSink {
 public:
  explicit TokenLines(JsonLines& lines) : lines_(lines) {}
  void row(formats::TokenRecord&& record) override { lines_.token(record); }
  void refused(formats::Refused&& refused) override { lines_.refused(refused); }

 private:
  JsonLines& lines_;
};

class UserLines final : public formats::UserSink {
 public:
  explicit UserLines(JsonLines& lines) : lines_(lines) {}
  void row(formats::UserRecord&& record) override { lines_.user(record); }
  void refused(formats::Refused&& refused) override { lines_.refused(refused); }

 private:
  JsonLines& lines_;
};

}  // namespace countersign::import
