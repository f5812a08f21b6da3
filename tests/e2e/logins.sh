# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by tests of logins (root): people with passwords, and sudo and sshd as they use them. Sets failed=1 when a check fails; what it
# starts is in running, for the script that sources it to end.
failed=0
running=()

check() { # check WHAT WANTED GOT
  if [[ $3 == "$2" ]]; then echo "ok: $1"; else echo "FAILED: $1: wanted '$2', got '$3'" >&2; failed=1; fi
}

add_person() { # add_person NAME UID: the password is "NAME's password"
  echo "$1:x:$2:$2::/:/bin/sh" >>/etc/passwd
  echo "$1:x:$2:" >>/etc/group
  echo "$1:$(openssl passwd -6 "$1's password"):19000:0:99999:7:::" >>/etc/shadow
}

as() { setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}" 2>/dev/null || true; } # as UID PROGRAM...

# start_sshd FOLDER: on a free port of this network namespace's loopback; asks by PAM alone. over_ssh logs its prompts to FOLDER/prompts.
start_sshd() {
  ssh_folder=$1
  ssh_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  mkdir -p "$ssh_folder" /run/sshd
  ssh-keygen -q -t ed25519 -N '' -f "$ssh_folder/host"
  printf '%s\n' "Port $ssh_port" 'ListenAddress 127.0.0.1' "HostKey $ssh_folder/host" 'UsePAM yes' 'PasswordAuthentication no' 'KbdInteractiveAuthentication yes' \
    'PubkeyAuthentication no' 'StrictModes no' 'PidFile none' 'UseDNS no' >"$ssh_folder/config"
  /usr/sbin/sshd -D -e -f "$ssh_folder/config" 2>"$ssh_folder/log" &
  running+=($!)
  for _ in {1..200}; do (exec 3<>"/dev/tcp/127.0.0.1/$ssh_port") 2>/dev/null && break; sleep 0.05; done
}

over_ssh() { # over_ssh USER PASSWORD CODE: "in" when it lets them in
  # shellcheck disable=SC2016
  printf '#!/bin/sh\necho "$1" >>%s\ncase $1 in *assword*) echo "%s" ;; *) echo "%s" ;; esac\n' "$ssh_folder/prompts" "$2" "$3" >"$ssh_folder/ask"
  chmod 0700 "$ssh_folder/ask"
  SSH_ASKPASS=$ssh_folder/ask SSH_ASKPASS_REQUIRE=force ssh -F none -p "$ssh_port" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
    -o PreferredAuthentications=keyboard-interactive -o NumberOfPasswordPrompts=1 "$1@127.0.0.1" 'echo in' 2>/dev/null || true
}
