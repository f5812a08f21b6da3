#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# logins.sh password | logins.sh factor SECRET COUNTER: alice (uid 61001) logs in by Debian's own sudo and sshd, in a network of its own. With
# `password` nothing else may be asked for. With `factor` a code is, and only a right one that was not used lets her in: of the HOTP token
# with that secret (base32), whose next code is COUNTER's. Beside it lies tests/e2e/logins.sh, as helpers.sh.
set -euo pipefail
[[ ${1:-} == inside ]] || exec unshare --net "$0" inside "$@"
ip link set lo up
folder=$(mktemp -d)
# shellcheck source=tests/e2e/logins.sh
source "$(dirname "$0")/helpers.sh"
finish() {
  for pid in "${running[@]}"; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap finish EXIT

password="alice's password"
by_sudo() { printf '%s\n' "$@" | as 61001 sudo -k -S id -u; } # by_sudo WHAT-IS-TYPED...
prompts_for_codes() { grep -c 'Code: ' "$folder/ssh/prompts" || true; }
start_sshd "$folder/ssh"

if [[ $2 == password ]]; then
  check "sudo with the password" 0 "$(by_sudo "$password")"
  check "ssh with the password" in "$(over_ssh alice "$password" "")"
  check "nobody asks for a code" 0 "$(prompts_for_codes)"
  exit $failed
fi

code() { oathtool --hotp --base32 --counter "$1" "$secret"; }
secret=$3 first=$(code "$4") second=$(code $(($4 + 1))) third=$(code $(($4 + 2)))
wrong=$(printf '%06d' $(((10#$third + 1) % 1000000)))

check "sudo with the password alone" "" "$(by_sudo "$password")"
check "sudo with a wrong code" "" "$(by_sudo "$password" "$wrong")"
check "sudo with the code" 0 "$(by_sudo "$password" "$first")"
check "T01: sudo with the code once more" "" "$(by_sudo "$password" "$first")"

check "ssh with a wrong code" "" "$(over_ssh alice "$password" "$wrong")"
check "ssh asked for it" 1 "$(prompts_for_codes)"
check "T01: ssh with sudo's code" "" "$(over_ssh alice "$password" "$first")"
check "ssh with the code" in "$(over_ssh alice "$password" "$second")"
check "T01: ssh with the code once more" "" "$(over_ssh alice "$password" "$second")"
check "the code alone" "" "$(over_ssh alice "another password" "$third")"
exit $failed
