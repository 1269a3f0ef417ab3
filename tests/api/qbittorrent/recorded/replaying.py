"""Replay what a program sends, call by call, over a socket, and check that each answer has what the program needs.

A recording has its calls in order, with their methods, encodings, and headers, as the program's source has them. `{hash}`
and the like stand for values of the test (`Recording.play`).
"""

from __future__ import annotations

import gzip
import http.client
import json
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

BOUNDARY = "----recorded7f3a"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    """What came back. `headers` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Need = Callable[[Answer], object]  # raises AssertionError


@dataclass(frozen=True)
class Part:
    """A part of a multipart body: a field, or a file if it has a file name."""

    name: str
    value: str
    filename: str = ""
    kind: str = "application/x-bittorrent"


@dataclass(frozen=True)
class Step:
    """A call, and what the program needs of its answer. `form` is sent as the body, `parts` as multipart."""

    call: str
    method: str = "GET"
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    parts: Sequence[Part] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True)
class Happens:
    """What happens between two calls: the name of a function of the test."""

    what: str


@dataclass(frozen=True)
class Recording:
    """The calls of a program. `headers` go along with each of them; `keeps_cookies`: as soon as there are some."""

    steps: Sequence[Step | Happens]
    headers: Mapping[str, str] = field(default_factory=dict)
    keeps_cookies: bool = True

    def play(
        self,
        url: str,
        values: MutableMapping[str, bytes | str],
        happenings: Mapping[str, Callable[[], object]],
    ) -> None:
        """Make the calls below an address. `values` by the names in braces, `happenings` by the names of `Happens`."""
        player = _Player(url, values)
        player.headers = {name: player.filled(value) for name, value in self.headers.items()}
        for number, step in enumerate(self.steps, 1):
            if isinstance(step, Happens):
                happenings[step.what]()
                continue
            answer = player.call(step, keeps_cookies=self.keeps_cookies)
            for need in step.needs:
                try:
                    need(answer)
                except (AssertionError, ValueError, KeyError, TypeError) as error:
                    said = f"{number}. {step.method} {step.call}: {answer.status} {answer.body[:500]!r}"
                    raise AssertionError(f"{said}\n{getattr(need, '__name__', need)}: {error}") from error


class _Player:
    def __init__(self, url: str, values: MutableMapping[str, bytes | str]) -> None:
        self.url, self.values = urlsplit(url), values  # what happens in between may change them
        self.values["rid"] = "0"
        self.headers: dict[str, str] = {}
        self.cookies: dict[str, str] = {}

    def filled(self, text: str) -> str:
        for name, value in self.values.items():
            if isinstance(value, str):
                text = text.replace(f"{{{name}}}", value)
        return text

    def call(self, step: Step, *, keeps_cookies: bool) -> Answer:
        body, headers = self._body(step)
        if self.cookies and keeps_cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers |= self.headers | {name: self.filled(value) for name, value in step.headers.items()}
        path = f"{self.url.path.rstrip('/')}/qbittorrent/api/v2/{step.call}"
        if step.query:
            path += "?" + urlencode({name: self.filled(value) for name, value in step.query.items()})
        connection = http.client.HTTPConnection(self.url.hostname or "", self.url.port, timeout=20)
        connection.request(step.method, path, body, headers)
        got = connection.getresponse()
        body = gzip.decompress(got.read()) if got.getheader("Content-Encoding") == "gzip" else got.read()
        answer = Answer(got.status, {name.lower(): value for name, value in got.getheaders()}, body)
        connection.close()
        if step.call == "sync/maindata":
            self.values["rid"] = str(answer.json["rid"])
        self._keep(got.msg.get_all("Set-Cookie") or [])
        return answer

    def _keep(self, cookies: Sequence[str]) -> None:
        for cookie in cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value

    def _body(self, step: Step) -> tuple[bytes | None, dict[str, str]]:
        if step.form is not None:
            filled = {name: self.filled(value) for name, value in step.form.items()}
            return urlencode(filled).encode(), {"Content-Type": FORM}
        if step.parts is None:
            return None, {"Content-Length": "0"} if step.method == "POST" else {}
        pieces: list[bytes] = []
        for part in step.parts:
            about = f'Content-Disposition: form-data; name="{part.name}"'
            if part.filename:
                about += f'; filename="{part.filename}"\r\nContent-Type: {part.kind}'
            value = self.values.get(part.value.strip("{}"), "") if part.filename else self.filled(part.value)
            data = value if isinstance(value, bytes) else value.encode()
            pieces += [f"--{BOUNDARY}\r\n{about}\r\n\r\n".encode(), data, b"\r\n"]
        pieces.append(f"--{BOUNDARY}--\r\n".encode())
        return b"".join(pieces), {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
