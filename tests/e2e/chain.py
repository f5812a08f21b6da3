#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The audit chain, checked by somebody who has read its description and none of our code.

chain.py check FILE        an export: every link, and both signatures (by openssl); prints how many events held
chain.py forge DB FROM     what a thief without the signing key can do: recomputes every hash from FROM on
"""
import hashlib
import json
import sqlite3
import subprocess
import sys
import tempfile


def link(previous, sequence, line):
    return hashlib.sha256(previous + sequence.to_bytes(8, "big") + line.encode()).digest()


def signed(key, head):
    message = b"countersign-audit-head-v1\0" + head["sequence"].to_bytes(8, "big") + bytes.fromhex(head["hash"])
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("key", bytes.fromhex("302a300506032b6570032100" + key)), ("message", message), ("signature", bytes.fromhex(head["signature"]))):
            with open(f"{folder}/{name}", "wb") as out:
                out.write(content)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", f"{folder}/key", "-rawin",
                   "-in", f"{folder}/message", "-sigfile", f"{folder}/signature"]
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def check(path):
    lines = [json.loads(line) for line in open(path, encoding="utf-8")]
    first, records, head = lines[0], lines[1:-1], lines[-1]["head"]
    checkpoint = first["checkpoint"]
    if checkpoint["sequence"] != 0 and not signed(first["audit_key"], checkpoint):
        sys.exit("the checkpoint is not signed by the key")
    sequence, previous = checkpoint["sequence"], bytes.fromhex(checkpoint["hash"])
    for record in records:
        sequence += 1
        previous = link(previous, sequence, record["event"])
        if record["sequence"] != sequence or record["hash"] != previous.hex():
            sys.exit(f"event {sequence} does not hold")
    if head["sequence"] != sequence or head["hash"] != previous.hex() or not signed(first["audit_key"], head):
        sys.exit("the end does not hold")
    print(len(records))


def forge(database, begin):
    store = sqlite3.connect(database)
    rows = store.execute("SELECT sequence, line, hash FROM event ORDER BY sequence").fetchall()
    previous = bytes(32)
    for sequence, line, digest in rows:
        if sequence >= begin:
            digest = link(previous, sequence, line)
            store.execute("UPDATE event SET hash = ? WHERE sequence = ?", (digest, sequence))
        previous = digest
    store.execute("UPDATE anchor SET hash = ? WHERE sequence = ?", (previous, rows[-1][0]))
    store.commit()


if sys.argv[1] == "check":
    check(sys.argv[2])
else:
    forge(sys.argv[2], int(sys.argv[3]))
