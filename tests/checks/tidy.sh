#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tidy.sh [BASE | --all]: clang-tidy 19 over the .cpp files of the programs that have changed since BASE
# (the commit before by default), or over all of them, which takes half an hour or more; so more than
# forty changed ones are left to --all. Uses the compile commands of the fuzz preset.
set -euo pipefail
cd "$(dirname "$0")/../.."
type clang-tidy-19 >/dev/null || { echo "tidy.sh: install clang-tidy-19" >&2; exit 2; }
folders=(core devices daemon cli)
if [[ ${1-} == --all ]]; then
  mapfile -t files < <(git ls-files "${folders[@]}" | grep '\.cpp$')
else
  base=${1:-HEAD~1}
  if ! git rev-parse --quiet --verify "$base^{commit}" >/dev/null; then
    echo "tidy.sh: there is no commit $base here, so nothing has changed since"
    exit 0
  fi
  mapfile -t files < <(git diff --name-only --diff-filter=d "$base" -- "${folders[@]}" | grep '\.cpp$' || true)
fi
echo "clang-tidy: ${#files[@]} files"
if [[ ${1-} != --all ]] && ((${#files[@]} > 40)); then
  echo "tidy.sh: these are too many for a check; run tidy.sh --all"
  exit 0
fi
((${#files[@]})) || exit 0
cmake --preset fuzz -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >/dev/null
printf '%s\0' "${files[@]}" | nice xargs -0 -P "$(nproc)" -n 1 clang-tidy-19 -p build/fuzz --quiet 2>/dev/null
