#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# complete.sh MODULE SHIM LIST: each function that the module takes from outside is either made to fail by the shim or on the list.
set -euo pipefail
names() { nm -D "$1" "$2" | awk '{ name = $NF; sub("@.*", "", name); print name }' | sort -u; }
mapfile -t patterns < <(grep -v '^#' "$3")
bad=0
injected=$(names --defined-only "$2")
while read -r name; do
  grep -qx -- "$name" <<<"$injected" && continue
  for pattern in "${patterns[@]}"; do
    # shellcheck disable=SC2053
    [[ $name == $pattern ]] && continue 2
  done
  echo "$name is neither made to fail nor said to be harmless" >&2
  bad=1
done < <(names --undefined-only "$1")
exit $bad
