#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# T35: SQL is never built from data. sql::Text is made by a consteval constructor, so the compiler takes constants
# only; what remains to check is that nobody goes around it: SQLite is called in sql.cpp alone, that file passes on
# nothing but Text::chars, and nobody makes a Text of something else.
cd "$1/daemon/store" || exit 2
status=0
refuse() { # MESSAGE PATTERN FILES...
  message=$1 pattern=$2
  shift 2
  if grep -nE "$pattern" "$@"; then
    echo "T35: $message" >&2
    status=1
  fi
}
others=$(ls ./*.cpp ./*.h | grep -v '^./sql\.cpp$')
refuse "SQLite is called outside sql.cpp" 'sqlite3_[a-z0-9_]+\(|<sqlite3' $others
refuse "the constructor of sql::Text is not what it was" '(^|[^e]) *(constexpr|explicit|inline) Text\(' sql.h
grep -q 'consteval Text(const char\* constant)' sql.h || { echo "T35: sql::Text takes more than constants" >&2; status=1; }
refuse "sql.cpp passes SQLite a text that is no sql::Text" 'sqlite3_(exec|prepare[a-z0-9_]*)\(db_, [^t]|sqlite3_(exec|prepare[a-z0-9_]*)\(db_, t[^e]|sqlite3_(exec|prepare[a-z0-9_]*)\([^d]' sql.cpp
refuse "an SQL text is assigned or cast" 'chars *=[^=]|const_cast|bit_cast<.*Text' $others sql.cpp
exit $status
