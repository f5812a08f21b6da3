# SPDX-License-Identifier: Apache-2.0
"""Tries what the services must not be able to do, and says of each whether it was done or denied. Runs inside of their units, and as
root without them, where everything here is possible."""
import ctypes
import json
import mmap
import os
import socket

libc = ctypes.CDLL(None, use_errno=True)


def call(name, *arguments):
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)


def write_to(path):
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    os.unlink(path)


def read(path):
    if os.path.isdir(path):
        return os.listdir(path)
    with open(path, "rb") as file:
        return file.read(1)


def executable_memory():
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def suid_file():
    path = "/tmp/suid"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    try:
        os.chmod(path, 0o4755)
    finally:
        os.unlink(path)


def forked(act):
    """What changes the process for good is tried by a child."""
    child = os.fork()
    if child == 0:
        try:
            act()
        except OSError:
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        raise OSError("denied to the child")


TRIES = {
    "write below /etc": lambda: write_to("/etc/probe"),
    "write below /usr": lambda: write_to("/usr/probe"),
    "write below /var": lambda: write_to("/var/probe"),
    "look into /root": lambda: read("/root"),
    "read the root key's file": lambda: read("/etc/countersign/root.key"),
    "read /etc/shadow": lambda: read("/etc/shadow"),
    "a socket to the network": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close(),
    "a raw packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close(),
    "open /dev/fuse": lambda: read_write("/dev/fuse"),
    "mount": lambda: forked(lambda: (call("unshare", 0x00020000), call("mount", b"probe", b"/tmp", b"tmpfs", 0, None))),
    "a network namespace": lambda: forked(lambda: call("unshare", 0x40000000)),
    "memory to write and execute": executable_memory,
    "a file that is suid": suid_file,
    "become root": lambda: forked(lambda: os.setresuid(0, 0, 0)),
    "trace another process": lambda: forked(lambda: call("ptrace", 0x4206, os.getppid(), None, None)),
    "the kernel's log": lambda: call("klogctl", 10, None, 0),
    "a realtime priority": lambda: forked(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))),
    "another personality": lambda: forked(lambda: call("personality", 0x0008)),
    "the host's name": lambda: forked(lambda: socket.sethostname(socket.gethostname())),
}


def read_write(path):
    os.close(os.open(path, os.O_RDWR))


def tried(act):
    try:
        act()
    except OSError:
        return "denied"
    return "done"


print(json.dumps({what: tried(act) for what, act in TRIES.items()}))
