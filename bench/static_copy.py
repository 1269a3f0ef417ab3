"""A page of the app as a static copy without scripts: what its markup, style sheet, and font cost by themselves."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import requests

SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
KEPT_HEADERS = ("Content-Type", "Content-Encoding", "Cache-Control")


@dataclass
class File:
    headers: dict[str, str]
    body: bytes


@dataclass
class Copy:
    """Files by their path. Static files are fetched from the app when they are first needed."""

    app: str
    files: dict[str, File] = field(default_factory=dict)

    def add(self, path: str, markup: str) -> None:
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "gzip"}
        self.files[path] = File(headers, gzip.compress(SCRIPT.sub("", markup).encode(), 6))

    def get(self, path: str, accepted: str) -> File:
        if path not in self.files:
            with requests.get(self.app + path, headers={"Accept-Encoding": accepted}, stream=True) as answer:
                headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
                self.files[path] = File(headers, answer.raw.read(decode_content=False))
        return self.files[path]


@contextmanager
def static_copy(app: str, pages: dict[str, str]) -> Iterator[str]:
    """Serve the markup of `pages` by path, and yield the URL of the copy."""
    copy = Copy(app)
    for path, markup in pages.items():
        copy.add(path, markup)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            file = copy.get(urlsplit(self.path).path, self.headers.get("Accept-Encoding", ""))
            self.send_response(200)
            for name, value in (file.headers | {"Content-Length": str(len(file.body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(file.body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
