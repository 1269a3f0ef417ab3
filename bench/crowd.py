"""People with open tabs that poll as live-list.js does: every 5 s while something changes, else every 20 s."""

from __future__ import annotations

import html
import http.client
import random
import statistics
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from accounts.models import Share, TorBoxAccount, User

from .person import CHANGES, Person
from .torbox import TorBox

MOVING, IDLE = 5, 20  # seconds
Answer = tuple[int, str]


class Visitor:
    """A browser reduced to HTTP over one keep-alive connection."""

    def __init__(self, url: str, cookie: str) -> None:
        self.host, self.cookie, self.token = urlsplit(url).netloc, cookie, ""
        self.connection = http.client.HTTPConnection(self.host, timeout=30)

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self._ask("GET", path, headers=headers)

    def post(self, path: str, form: dict[str, str]) -> Answer:
        self.get("/sign-in/") if not self.token else None
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": self.token,
            "HX-Request": "true",
        }
        return self._ask("POST", path, urlencode(form), headers)

    def _ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        session, csrf = (f"torbox-web-{kind}-{self.connection.port}" for kind in ("session", "csrf"))
        cookies = f"{session}={self.cookie}" + (f"; {csrf}={self.token}" if self.token else "")
        answer = self._answer(method, path, body, {"Cookie": cookies, **(headers or {})})
        for line in answer.headers.get_all("Set-Cookie", []):
            if line.startswith(f"{csrf}="):
                self.token = line.partition("=")[2].partition(";")[0]
        return answer.status, answer.read().decode()

    def _answer(self, *words: Any) -> http.client.HTTPResponse:
        """Return the response, on a new connection if the server has closed the old one, as a browser does."""
        try:
            self.connection.request(*words)
            return self.connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            self.connection.close()
            self.connection.request(*words)
            return self.connection.getresponse()


@dataclass
class Polled:
    """The polls of a crowd. `upstream` is how often TorBox's list was read during them."""

    seconds: list[float] = field(default_factory=list)
    changed: int = 0
    errors: int = 0
    upstream: int = 0

    @property
    def answers(self) -> int:
        return len(self.seconds)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds or [0.0])

    @property
    def p95(self) -> float:
        return sorted(self.seconds or [0.0])[int(len(self.seconds) * 0.95)]


def visitors(account: TorBoxAccount, count: int) -> list[str]:
    """Return the cookies of that many signed-in people with a share of the account."""
    from django.test import Client

    found = []
    for number in range(count):
        person = User.objects.create_user(username=f"visitor-{number}")
        Share.objects.create(account=account, user=person, level=Share.Level.ADD)
        client = Client(SERVER_NAME="localhost")
        client.force_login(person)
        found.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    return found


def cookie(person: Person) -> str:
    return str(person.client.cookies[settings.SESSION_COOKIE_NAME].value)


def poll(url: str, cookies: list[str], seconds: float, simulated: TorBox, key: str) -> Polled:
    polled, lock = Polled(), threading.Lock()
    before = _reads(simulated, key)
    until = time.monotonic() + seconds
    tabs = [threading.Thread(target=_tab, args=(Visitor(url, one), until, polled, lock)) for one in cookies]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    polled.upstream = _reads(simulated, key) - before
    return polled


def _tab(visitor: Visitor, until: float, polled: Polled, lock: threading.Lock) -> None:
    """Open the list in the first seconds, then poll for changes until the end."""
    wait, path = random.uniform(0, MOVING), "/"
    while time.monotonic() + wait < until:
        time.sleep(wait)
        began = time.perf_counter()
        try:
            status, text = visitor.get(path)
        except (OSError, http.client.HTTPException):
            status, text = 0, ""
        took = time.perf_counter() - began
        with lock:
            if path != "/":
                polled.seconds.append(took)
                polled.changed += status == 200
            polled.errors += status not in (200, 204)
        if found := CHANGES.search(text):
            path = html.unescape(found[1])
            wait = MOVING if " moving" in text[: text.find("hx-get", text.find("<live-list"))] else IDLE


def _reads(simulated: TorBox, key: str) -> int:
    return int(simulated.command("count", endpoint="mylist", key=key))
