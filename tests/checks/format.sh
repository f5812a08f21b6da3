#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# format.sh [--fix] [BASE]: the C++ lines that changed since BASE (main unless given), as
# .clang-format wants them. Shows what differs and fails; with --fix, writes it. Needs Debian's
# clang-format.
set -euo pipefail
cd "$(dirname "$0")/../.."
fix=()
if [[ ${1-} == --fix ]]; then
  fix=(-i)
  shift
fi
base=$(git merge-base HEAD "${1-main}")
type clang-format-diff >/dev/null || { echo "install clang-format" >&2; exit 2; }
wanted=$(git diff -U0 --no-color --no-ext-diff "$base" -- '*.cpp' '*.h' |
  clang-format-diff -p1 "${fix[@]}")
[[ -z $wanted ]] || { printf '%s\n' "$wanted"; exit 1; }
