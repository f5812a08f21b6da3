# SPDX-License-Identifier: Apache-2.0
"""What Python's own mail parser makes of a message: headers, parts and defects as JSON. mail_parts.py FILE (as mail_server.py keeps it)"""
import email, email.policy, json, sys

with open(sys.argv[1], "rb") as f:
    sender, recipients, raw = f.read().split(b"\n", 2)
message = email.message_from_bytes(raw, policy=email.policy.default)
parts = {p.get_content_subtype(): p.get_content() for p in message.walk() if not p.is_multipart()}
print(json.dumps({
    "from": sender.decode(), "to": recipients.decode(),
    "headers": [[k, str(v)] for k, v in message.items()],
    "parts": parts,
    "defects": [repr(d) for p in message.walk() for d in p.defects] + [repr(d) for v in message.values() for d in v.defects],
    "longest": max(len(line) for line in raw.split(b"\r\n")), "bare": raw.replace(b"\r\n", b"").count(b"\n"),
}))
