#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# boot.sh FOLDER (root): boots a guest under qemu's software emulation, and becomes it. FOLDER/share is what it sees as /run/share; agent.sock
# leads to its agent, console.log has what its kernel says. It ends with the program that started it, and after eight minutes in any case (a busy machine takes four).
set -euo pipefail
PATH=/usr/sbin:/usr/bin:/sbin:/bin
cd "$1"
complain() { echo "$1: .ci/setup test installs what is missing" >&2; exit 1; }
for tool in qemu-system-x86_64 cpio modprobe busybox; do command -v "$tool" >/dev/null || complain "no $tool"; done

version=
while read -r kernel; do
  if modinfo -k "${kernel#/boot/vmlinuz-}" uhid >/dev/null 2>&1; then version=${kernel#/boot/vmlinuz-}; fi
done < <(find /boot -name 'vmlinuz-*' | sort -V)
[[ $version ]] || complain "no kernel with the module uhid"

mkdir -p initramfs/bin initramfs/modules
cp share/init initramfs/init
cp "$(command -v busybox)" initramfs/bin/
number=100
while read -r module; do
  cp "$module" "initramfs/modules/$((number++))-${module##*/}"
done < <(for name in virtio_pci 9pnet_virtio 9p overlay; do modprobe -S "$version" --show-depends "$name"; done | awk '$1 == "insmod" && !seen[$2]++ {print $2}')
(cd initramfs && find . | cpio -o -H newc --quiet) >initramfs.cpio

shared() { printf '%s\n' -fsdev "local,id=$1,path=$2,security_model=passthrough,readonly=on,multidevs=remap" -device "virtio-9p-pci,fsdev=$1,mount_tag=$1"; }
mapfile -t folders < <(shared host /; shared share "$PWD/share")
exec setpriv --pdeathsig TERM timeout --kill-after=5 480 setpriv --pdeathsig KILL \
  qemu-system-x86_64 -accel tcg,thread=multi -machine q35 -cpu max -smp 2 -m 1024 -nodefaults -no-user-config -display none -no-reboot \
  -kernel "/boot/vmlinuz-$version" -initrd initramfs.cpio -append "console=ttyS0 quiet panic=-1 mitigations=off" "${folders[@]}" \
  -chardev file,id=console,path=console.log -serial chardev:console -chardev socket,id=agent,path=agent.sock,server=on,wait=on -serial chardev:agent
