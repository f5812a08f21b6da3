#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# pam_installed.sh BIN MODULE PROFILE (root): the profile goes in by Debian's pam-auth-update, and Debian's own stacks and programs ask for
# the second factor: login, sudo, su, sshd. Then the daemon goes, and root gets in at the machine itself alone. All that is changed are
# copies in an own mount namespace.
set -euo pipefail
[[ ${1:-} == inside ]] || exec unshare --mount --propagation private "$0" inside "$@"
bin=$2 module=$3 profile=$4
((EUID == 0)) || { echo "this test needs root: it mounts over /etc" >&2; exit 1; }
folder=$(mktemp -d)
# shellcheck source=tests/e2e/logins.sh
source "$(dirname "$0")/logins.sh"
finish() {
  for pid in "${running[@]}"; do kill "$pid" 2>/dev/null || true; done
  for place in /etc /usr/share/pam-configs "$security" /var/lib/pam /var/cache/debconf /run; do umount -l "$place" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap finish EXIT

security=$(dirname "$(find /lib /usr/lib -name pam_unix.so -print -quit)")
for place in /etc /usr/share/pam-configs "$security" /var/lib/pam /var/cache/debconf; do
  own=$folder/copy$place
  mkdir -p "$own"
  cp -a "$place/." "$own/"
  mount --bind "$own" "$place"
done
mkdir "$folder/run"
mount --bind "$folder/run" /run
mkdir /run/countersign
cp "$profile" /usr/share/pam-configs/countersign
cp "$module" "$security/"
DEBIAN_FRONTEND=noninteractive pam-auth-update --enable countersign
check "the module stands behind the password" 1 "$(grep -c '^auth.*required.*pam_countersign.so first=passed' /etc/pam.d/common-auth)"
add_person alice 61001
add_person bob 61002
sed -i "s|^root:[^:]*:|root:$(openssl passwd -6 "root's password"):|" /etc/shadow

socket=/run/countersign/api.sock
api() { curl --silent --show-error --unix-socket $socket "http://localhost$1" "${@:2}"; }
"$bin/countersignd" --state "$folder/state" --socket $socket --demo >"$folder/log" 2>&1 &
running+=($!)
for _ in {1..200}; do api /v1/status >/dev/null 2>&1 && break; sleep 0.05; done
change=$(api /v1/policies/staff -X PATCH -d '{"mode":"required","force":true,"dry_run":true}' | jq -r .change)
check "policy asks everybody" true "$(api /v1/policies/staff -X PATCH -d "{\"mode\":\"required\",\"force\":true,\"confirm\":\"$change\",\"recovery\":true}" | jq .applied)"
findings=$("$bin/countersign" --socket $socket doctor 2>&1 || true)
check "doctor looks at the stacks" 1 "$(grep -c 'PAM' <<<"$findings" | sed 's/[1-9][0-9]*/1/')"
check "T51: doctor finds nobody who gets past the password" 0 "$(grep -cE 'says first=|lets people in' <<<"$findings" || true)"
api /v1/users -d '{"name":"alice.person","login":"alice"}' >/dev/null
secret=$(api /v1/enrollments -d '{"user":"alice.person","kind":"totp","confirm":false}' | jq -r .secret)
code() { # one that was never shown before
  api /v1/demo/clock -X PUT -d '{"advance":60}' >/dev/null
  oathtool --totp -b --now "$(api /v1/status | jq -r .time)" "$secret"
}
lets_in() { # lets_in SERVICE USER TERMINAL: what is typed comes by standard input
  if pamtester -I tty="$3" "$1" "$2" authenticate acct_mgmt >/dev/null 2>&1; then echo yes; else echo no; fi
}
account() { # account SERVICE USER [PAMTESTER'S OPTIONS]
  if pamtester "${@:3}" "$1" "$2" acct_mgmt >/dev/null 2>&1; then echo yes; else echo no; fi
}

check "login with password and code" yes "$({ echo "alice's password"; code; } | lets_in login alice tty1)"
check "login with the password alone" no "$({ echo "alice's password"; echo 000000; } | lets_in login alice tty1)"
check "login with the code alone" no "$({ echo "another password"; code; } | lets_in login alice tty1)"

api /v1/users -d '{"name":"bob.person","login":"bob"}' >/dev/null
shown=$(printf '%s\n' "another password" enroll | pamtester -I tty=tty1 login bob authenticate 2>&1 || true)
check "T51: a stranger is shown no secret" 0 "$(grep -c 'authenticator app' <<<"$shown" || true)"
shown=$(printf '%s\n' "bob's password" 000000 | pamtester -I tty=tty1 login bob authenticate 2>&1 || true)
check "T51: behind the password bob is" 1 "$(grep -c 'authenticator app' <<<"$shown" || true)"

printf 'Defaults passwd_tries=1\nalice ALL=(ALL) ALL\n' >/etc/sudoers
check "sudo with password and code" 0 "$({ echo "alice's password"; code; } | as 61001 sudo -k -S id -u)"
check "sudo with the password alone" "" "$({ echo "alice's password"; echo 000000; } | as 61001 sudo -k -S id -u)"
check "su with password and code" 61001 "$({ echo "alice's password"; code; } | as 61002 su alice -c 'id -u')"
check "su with the password alone" "" "$({ echo "alice's password"; echo 000000; } | as 61002 su alice -c 'id -u')"

start_sshd "$folder/ssh"
once=$(code)
check "ssh with password and code" in "$(over_ssh alice "alice's password" "$once")"
check "T01: ssh with a code that was used" "" "$(over_ssh alice "alice's password" "$once")"
check "ssh with the password alone" "" "$(over_ssh alice "alice's password" "")"
check "ssh with the code alone" "" "$(over_ssh alice "another password" "$(code)")"
check "T46: over ssh no key is spoken of" 0 "$(grep -c 'key' "$folder/ssh/prompts" || true)"

without_a_daemon() { # without_a_daemon HOW
  check "$1: root at the machine itself does" yes "$(echo "root's password" | lets_in login root tty1)"
  check "$1: with the right password only" no "$(echo "another password" | lets_in login root tty1)"
  check "$1: cron's jobs of root run" yes "$(account cron root)"
  check "$1: cron's jobs of alice run" yes "$(account cron alice)"
  check "$1: root's su goes on" 61001 "$(su alice -c 'id -u' 2>/dev/null)"
  check "$1: a key over ssh does not do for alice" no "$(account sshd alice -I rhost=192.0.2.7)"
  check "$1: for root it does" yes "$(account sshd root -I rhost=192.0.2.7)"
}
kill -STOP "${running[0]}"
without_a_daemon "the daemon hangs"
kill -CONT "${running[0]}"
kill "${running[0]}"
wait "${running[0]}" 2>/dev/null || true
without_a_daemon "the daemon is gone"
check "T19: without a daemon nobody gets in" no "$(echo "alice's password" | lets_in login alice tty1)"
check "from elsewhere root does not" no "$(echo "root's password" | lets_in login root pts/0)"
check "by another service root does not" no "$(echo "root's password" | lets_in sudo root tty1)"
exit $failed
