# SPDX-License-Identifier: Apache-2.0
"""An SMS gateway that behaves badly, by path: /ok, /refuse (500), /slow (never answers), /endless, /unwilling (200, but says no).
What it took or refused goes into FILE, one JSON line each. With a certificate and key, by TLS. Prints its port. Ends with its input.

sms_gateway.py FILE [CERTIFICATE KEY]
"""
import http.server, json, os, ssl, sys, threading, time

log = open(sys.argv[1], "a", buffering=1)


class Gateway(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        log.write(json.dumps({"method": self.command, "path": self.path, "headers": self.headers.items(), "body": body.decode()}) + "\n")
        if self.path.startswith("/slow"):
            time.sleep(600)
        elif self.path.startswith("/endless"):
            self.send_response(200)
            self.end_headers()
            while True:
                self.wfile.write(b"x" * 65536)
        status = 500 if self.path.startswith("/refuse") else 200
        text = b'{"status":"1"}' if self.path.startswith("/unwilling") else b'{"status":"0"}'
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
server.daemon_threads = True
server.handle_error = lambda *_: None  # clients that hang up are what it is for
if len(sys.argv) > 2:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = tls.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
