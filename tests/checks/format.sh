#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# format.sh [--fix]: every C++ file as .clang-format wants it (clang-format 19). Names the lines that
# differ and fails; with --fix, rewrites the files.
set -euo pipefail
cd "$(dirname "$0")/../.."
type clang-format-19 >/dev/null || { echo "format.sh: install clang-format-19" >&2; exit 2; }
how=(--dry-run -Werror)
[[ ${1-} != --fix ]] || how=(-i)
git ls-files -z '*.cpp' '*.h' | xargs -0 -P "$(nproc)" -n 50 clang-format-19 "${how[@]}"
