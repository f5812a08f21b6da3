#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server of Yubico's validation protocol 2.0, written from its description alone, that can misbehave.

validation_server.py FOLDER CLIENT KEY: listens on a free port of localhost, which it writes to FOLDER/port. Each request's path names a file
FOLDER/mode-PATH, which says how it is answered; without one it is good. It counts the OTPs that it was never shown before, and asks no key.
"""

import base64
import hashlib
import hmac
import http.server
import os
import sys
import time
import urllib.parse

folder, client, key = sys.argv[1], sys.argv[2], base64.b64decode(sys.argv[3])
seen = {}


def signature(parameters, with_key):
    text = "&".join(f"{name}={value}" for name, value in sorted(parameters.items()) if name != "h")
    return base64.b64encode(hmac.new(with_key, text.encode(), hashlib.sha1).digest()).decode()


def answer_to(query, mode):
    said = {"t": "2026-01-01T00:00:00Z0000", "otp": query.get("otp", ""), "nonce": query.get("nonce", "")}
    if query.get("id") != client:
        said["status"] = "NO_SUCH_CLIENT"
    elif not hmac.compare_digest(signature(query, key), query.get("h", "")):
        said["status"] = "BAD_SIGNATURE"
    elif not 16 <= len(query["nonce"]) <= 40 or not query["nonce"].isalnum():
        said["status"] = "MISSING_PARAMETER"
    else:
        said["status"] = {"replayed": "REPLAYED_OTP", "bad-otp": "BAD_OTP", "backend": "BACKEND_ERROR", "replayed-request": "REPLAYED_REQUEST"}.get(mode, "OK")
    if said["status"] == "OK":
        count = seen.setdefault(said["otp"], len(seen) + 1)
        said |= {"sl": "100", "timestamp": "1", "sessioncounter": str(count), "sessionuse": "0"}
    if mode == "no-counters":
        del said["sessioncounter"]
    if mode == "wild-counters":
        said["sessioncounter"] = "99999999999999"
    if mode == "wrong-nonce":
        said["nonce"] = "0123456789abcdef0123456789abcdef"
    if mode == "wrong-otp":
        said["otp"] = said["otp"][:-1] + ("c" if said["otp"][-1] != "c" else "b")
    if mode != "unsigned":
        said["h"] = signature(said, b"another key that signs" if mode == "wrong-signature" else key)
    if mode == "changed":  # after it was signed
        said["sessioncounter"] = "32000"
    lines = [f"{name}={value}" for name, value in said.items()]
    if mode == "twice":
        lines.append("status=OK")
    if mode == "huge":
        lines.append("more=" + "x" * 100000)
    return "\r\n".join(lines) + "\r\n\r\n"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True, strict_parsing=True))
        try:
            with open(os.path.join(folder, "mode-" + url.path.strip("/"))) as file:
                mode = file.read().strip()
        except FileNotFoundError:
            mode = "good"
        if mode == "slow":
            time.sleep(60)
        if mode == "silent":
            return
        body = (b"\xff\x00 no answer" if mode == "nonsense" else answer_to(query, mode).encode())
        self.send_response(500 if mode == "error" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(os.path.join(folder, "port.new"), "w") as file:
    file.write(str(server.server_address[1]))
os.rename(os.path.join(folder, "port.new"), os.path.join(folder, "port"))
server.serve_forever()
