"""Download links and the bytes behind them, on the same server under /cdn/."""

from __future__ import annotations

import hashlib
import math
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import quote, urlsplit

from simulator import content, names, wire, zipstream
from simulator.clock import Clock
from simulator.content_library import Work
from simulator.lifecycle import Torrent
from simulator.options import Options
from simulator.usage import Usage
from simulator.wire import Request, Response

SILENT_SECONDS = 60.0  # real seconds, in case nobody opens the gate again
RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


@dataclass(frozen=True)
class Link:
    kind: str
    """dld, zip, or torrent."""
    token: str
    work: Work
    path: str
    created_at: float
    auth_id: str
    """The account that pays for its traffic."""
    torrent_id: int

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


class Gate:
    """Counts the bytes of all downloads, and lets them fall silent after some."""

    def __init__(self) -> None:
        self.sent = 0
        self._most = math.inf
        self._moved = threading.Condition()

    def through(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the pieces as long as they may be sent. The one that is too much is sent later."""
        for piece in pieces:
            with self._moved:
                self._moved.wait_for(lambda: self.sent < self._most, SILENT_SECONDS)
                self.sent += len(piece)
                self._moved.notify_all()
            yield piece

    def close_after(self, most: float) -> None:
        with self._moved:
            self._most = most
            self._moved.notify_all()

    def clear(self) -> None:
        self.close_after(math.inf)
        self.sent = 0


class Cdn:
    """Hands out links and serves them. `began` is called with a link whenever a download of its content begins."""

    def __init__(self, clock: Clock, options: Options, usage: Usage, began: Callable[[Link], None]) -> None:
        self.clock, self.options, self.usage, self.began = clock, options, usage, began
        self.links: dict[str, Link] = {}
        self.gate = Gate()

    def clear(self) -> None:
        self.links.clear()
        self.gate.clear()

    def link(self, kind: str, torrent: Torrent, work: Work, path: str) -> str:
        """Create a link and return its URL without the host."""
        name, token = str(uuid.uuid4()), str(uuid.uuid4())
        now = self.clock.now()
        self.links[name] = Link(kind, token, work, path, now, torrent.auth_id, torrent.id)
        return f"/cdn/{kind}/{name}?token={token}"

    def file_name(self, url: str) -> str:
        return self.links[urlsplit(url).path.split("/")[3]].name

    def handle(self, request: Request) -> Response:
        link = self._find(request)
        if link is None:
            return wire.html(400, "This download link is not valid any more.")
        if request.method not in ("GET", "HEAD"):
            return wire.html(405, "Method not allowed.")
        if self.options.cdn_lost and self.options.cdn_lost in link.path:
            return wire.html(404, "This file was not found.")
        if link.kind == "torrent":
            return self._torrent(link, request)
        response = self._zip(link) if link.kind == "zip" else self._file(link, request)
        return self._counted(link, response) if request.method == "GET" else response

    def _counted(self, link: Link, response: Response) -> Response:
        """Return the response with its bytes counted as they are sent."""
        if response.stream is None:
            return response
        self.began(link)
        stream = self.usage.counted(link.auth_id, self.clock.now(), self.gate.through(response.stream))
        return replace(response, stream=stream, cut_at=self.options.cdn_cut_bytes)

    def _find(self, request: Request) -> Link | None:
        """Return the link, or None for a wrong token or an expired link. A download in progress isn't interrupted."""
        parts = request.path.split("/")
        link = self.links.get(parts[3]) if len(parts) > 3 else None
        if link is None or link.kind != parts[2] or link.token != request.param("token"):
            return None
        return link if self.clock.now() < link.created_at + self.options.link_seconds else None

    def _file(self, link: Link, request: Request) -> Response:
        size = link.work.file(link.path).size
        headers = _headers(link, names.mime(link.name)) | {"accept-ranges": "bytes"}
        wanted = _wanted(request, headers["etag"], size) if self.options.cdn_ranges else (0, size)
        if wanted is None:
            return Response(416, b"", headers | {"content-range": f"bytes */{size}"})
        start, stop = wanted
        partly = self.options.cdn_ranges and _is_partial(request, headers["etag"], start, stop, size)
        if partly:
            headers["content-range"] = f"bytes {start}-{stop - 1}/{size}"
        body = link.work.read(link.path, start, stop)
        return Response(206 if partly else 200, b"", headers, stream=body, length=stop - start)

    def _zip(self, link: Link) -> Response:
        work = link.work
        entries = [
            zipstream.Entry(
                file.path.encode(),
                file.size,
                partial(content.read, work.seed, file.path, file.size, 0, file.size),
            )
            for file in work.files
        ]
        headers = _headers(link, "application/zip")
        return Response(200, b"", headers, zipstream.stream(entries), zipstream.length(entries))

    def _torrent(self, link: Link, request: Request) -> Response:
        return Response(200, link.work.torrent_bytes or b"", _headers(link, names.mime(".torrent")))


def _headers(link: Link, content_type: str) -> dict[str, str]:
    # A line break here would end the header, and programs such as aria2 refuse what follows.
    plain = re.sub(r'[^ -~]|["?]', "_", link.name)
    mark = hashlib.sha1(f"{link.work.seed}/{link.kind}/{link.path}".encode()).hexdigest()[:20]
    return {
        "content-type": content_type,
        "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(link.name, safe='')}",
        "etag": f'"{mark}"',
    }


def _honoured(request: Request, etag: str) -> bool:
    """Return whether to respect the range. One of another version, or a list, is ignored, as RFC 9110 allows."""
    condition = request.headers.get("if-range")
    return bool(RANGE.match(request.headers.get("range", ""))) and condition in (None, etag)


def _is_partial(request: Request, etag: str, start: int, stop: int, size: int) -> bool:
    return (start, stop) != (0, size) or ("range" in request.headers and _honoured(request, etag))


def _wanted(request: Request, etag: str, size: int) -> tuple[int, int] | None:
    """Return (start, stop) of the requested bytes. None if they don't exist."""
    found = RANGE.match(request.headers.get("range", ""))
    if found is None or not _honoured(request, etag):
        return 0, size
    first, last = found.groups()
    if not first:
        return (max(0, size - int(last)), size) if last and int(last) and size else None
    start, stop = int(first), min(int(last) + 1, size) if last else size
    return (start, stop) if start < min(stop, size) else None
