# SPDX-License-Identifier: Apache-2.0
# The daemon's API from Python. Run what imports this with python3 -B: nothing is written beside the sources.
import http.client
import socket


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def post(path, target, body):
    """One request to the socket at path; its status and the octets of its answer. body: octets of JSON."""
    daemon = UnixConnection(path)
    try:
        daemon.request("POST", target, body, {"Content-Type": "application/json"})
        answer = daemon.getresponse()
        return answer.status, answer.read()
    finally:
        daemon.close()
