# SPDX-License-Identifier: Apache-2.0
# Chromium under chromedriver, and the web application that its pages come from. Usage: browser.py FOLDER
# One JSON object a line in, one out; what went wrong comes back as {"failed": TEXT}. Ends, with all that it started, when its input ends.
#   {"relay": SOCKET}                                /v1/ of the pages goes to the daemon there
#   {"webdriver": [METHOD, PATH, BODY]}              a WebDriver command under /session/ID; its value
#   {"call": [URL, FRAME, FUNCTION, [ARGUMENT...]]}  a function of the page at URL (or of the frame in it); what its promise gives
# The first line out, unasked: {"origin": http://localhost:A, "other": http://localhost:B}. Both serve the page; /framing at B has A's in a frame.
import http.server
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import daemon_socket

HERE = pathlib.Path(__file__).parent
FRAMING = '<!DOCTYPE html><title>Around it</title><iframe src="%s/" allow="publickey-credentials-get *; publickey-credentials-create *"></iframe>'


class Application:
    """What a web application does: gives out pages, and asks the daemon on its socket."""

    def __init__(self):
        self.daemon = None
        self.first, self.second = self.listen(), self.listen()
        self.origin, self.other = ("http://localhost:%d" % server.server_port for server in (self.first, self.second))

    def listen(self):
        application = self

        class Page(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, kind, body):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                if self.path == "/":
                    self.answer(200, "text/html; charset=utf-8", (HERE / "browser_page.html").read_bytes())
                elif self.path == "/framing":
                    self.answer(200, "text/html; charset=utf-8", (FRAMING % application.origin).encode())
                else:
                    self.answer(404, "text/plain", b"")

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if not self.path.startswith(("/v1/webauthn/", "/v1/sign-ins")):
                    return self.answer(404, "application/json", b"{}")
                status, told = daemon_socket.post(application.daemon, self.path, body)
                self.answer(status, "application/json", told)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


class Browser:
    def __init__(self, folder):
        environment = dict(os.environ, HOME=folder, TMPDIR=folder)
        self.log = open(os.path.join(folder, "chromedriver.log"), "w")
        self.driver = subprocess.Popen(["/usr/bin/chromedriver", "--port=0"], env=environment, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=self.log, text=True, start_new_session=True)
        self.session = None
        try:
            self.base = "http://127.0.0.1:%d" % self.port()
            arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-breakpad",
                         "--disable-background-networking", "--disable-component-update", "--disable-sync",
                         "--user-data-dir=" + os.path.join(folder, "profile"),
                         # Nothing outside of this machine is looked up.
                         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"]
            made = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {
                "browserName": "chrome", "webauthn:virtualAuthenticators": True, "timeouts": {"script": 40000},
                "goog:chromeOptions": {"binary": "/usr/bin/chromium", "args": arguments}}}}, 60)
            self.session = "/session/" + made["sessionId"]
        except BaseException:
            self.close()
            raise

    def port(self):
        limit = threading.Timer(30, self.driver.kill)
        limit.start()
        for line in self.driver.stdout:
            if found := re.search(r"started successfully on port (\d+)", line):
                limit.cancel()
                # What else it says must not fill the pipe.
                threading.Thread(target=self.driver.stdout.read, daemon=True).start()
                return int(found[1])
        raise RuntimeError("chromedriver did not start")

    def ask(self, method, path, body=None, seconds=50):
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with self.opener.open(request, timeout=seconds) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise RuntimeError("%s %s: %s: %s" % (method, path, value["error"], value["message"].partition("\n")[0])) from None

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def webdriver(self, method, path, body=None):
        return self.ask(method, self.session + path, body)

    def call(self, url, frame, function, arguments):
        self.webdriver("POST", "/url", {"url": url})
        if frame:
            [inner] = self.webdriver("POST", "/elements", {"using": "css selector", "value": "iframe"})
            self.webdriver("POST", "/frame", {"id": inner})
        script = "const told = arguments[2]; (0, eval)(arguments[0])(...arguments[1]).then(told, error => told({broken: String(error)}))"
        return self.webdriver("POST", "/execute/async", {"script": script, "args": [function, arguments]})

    def close(self):
        try:
            if self.session:
                self.ask("DELETE", self.session, seconds=10)
        except Exception:
            pass  # it is ended below, whatever it says
        finally:
            # The driver and what it started are a process group of their own.
            os.killpg(self.driver.pid, signal.SIGKILL)
            self.driver.wait()
            limit = time.monotonic() + 5
            while time.monotonic() < limit and self.anybody_left():
                time.sleep(0.02)

    def anybody_left(self):
        try:
            os.killpg(self.driver.pid, 0)
            return True
        except ProcessLookupError:
            return False


def main(folder):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    application = Application()
    browser = Browser(folder)
    say = lambda value: print(json.dumps(value), flush=True)
    try:
        say({"origin": application.origin, "other": application.other})
        for line in sys.stdin:
            [(what, value)] = json.loads(line).items()
            try:
                if what == "relay":
                    application.daemon = value
                    say({"value": None})
                elif what == "webdriver":
                    say({"value": browser.webdriver(*value)})
                else:
                    say({"value": browser.call(*value)})
            except Exception as error:
                say({"failed": "%s: %s" % (type(error).__name__, error)})
    finally:
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
