"""A server on the loopback that misbehaves as it is told, for tests of what is fetched."""

import contextlib
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FAST = {"pause": 0.001, "timeout": 5, "tries": 3}


class Server(ThreadingHTTPServer):
    """Serves ``files`` (address -> bytes) on the loopback; ``behavior`` (a list) changes one answer after another.

    A behavior is a set of words: "drop" breaks off after a third of what was asked for, "wrong" serves other bytes,
    "norange" serves all of it whatever was asked for, "shifted" begins a byte late and says so, "stall" stops sending,
    "chunked" does not tell the length, a number is the status of the answer.
    After the last one all answers are right. ``asked`` lists the address and the Range of each request.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.behavior, self.asked = {}, [], []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_):  # a client that goes away is what some tests are about
        pass


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        asked = self.headers.get("Range")
        self.server.asked.append((self.path, asked))
        words = self.server.behavior.pop(0) if self.server.behavior else {""}
        content = self.server.files.get(self.path)
        status = next((word for word in words if isinstance(word, int)), None if content is not None else 404)
        if status:
            self.send_error(status)
            return
        if "wrong" in words:
            content = bytes(255 - byte for byte in content)
        start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked and "norange" not in words else 0
        if start and start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            start += "shifted" in words
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        rest = content[start:]
        if "chunked" in words:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(rest), rest) + (b"" if "drop" in words else b"0\r\n\r\n"))
            self.close_connection = True
            return
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        if "stall" in words:
            self.wfile.write(rest[: len(rest) // 3])
            self.wfile.flush()
            time.sleep(20)
        self.wfile.write(rest[: len(rest) // 3] if "drop" in words else rest)
        self.close_connection = "drop" in words


@contextlib.contextmanager
def serving(monkeypatch):
    """Give a running Server, which is asked directly and not through a proxy."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    one = Server()
    thread = threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield one
    one.shutdown()
    one.server_close()
