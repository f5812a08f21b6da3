#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# imports.sh MODULE: what pam_countersign.so links and shows. It goes into login processes: libpam and libc, PAM's functions, no
# environment, no signals, no threads, no programs, nothing that names a file to be opened.
set -eu
module=$1
bad=0
say() { echo "$1" >&2; bad=1; }
for library in $(objdump -p "$module" | awk '$1 == "NEEDED" { print $2 }'); do
  case $library in
    libpam.so.0 | libc.so.6 | libm.so.6 | ld-linux-*) ;;
    *) say "links $library" ;;
  esac
done
for symbol in $(nm -D --defined-only "$module" | awk '{ print $3 }'); do
  case $symbol in
    pam_sm_authenticate | pam_sm_setcred | pam_sm_acct_mgmt | pam_sm_open_session | pam_sm_close_session) ;;
    *) say "shows $symbol" ;;
  esac
done
[ "$(nm -D --defined-only "$module" | wc -l)" -eq 5 ] || say "shows not all of PAM's functions"
for symbol in $(nm -D --undefined-only "$module" | awk '{ sub("@.*", "", $2); print $2 }'); do
  case $symbol in
    getenv | secure_getenv | environ | signal | sigaction | sigprocmask | pthread_create | fork | vfork | execve | posix_spawn | system | popen | \
      open | open64 | openat | fopen | fopen64 | dlopen | getpwnam | setuid | seteuid | chmod | chown | unlink) say "uses $symbol" ;;
  esac
done
readelf -d "$module" | grep -q NODELETE || say "can be unloaded: statics of it would be lost and memory with them"
exit $bad
