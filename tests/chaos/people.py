"""People with a browser, who paste, look at the list, and paste again whatever is missing or was refused."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import requests

from tests import cookies

from .plan import Thing

PASSWORD = "a long enough password"
PATIENCE = 15.0  # seconds for a page
GLANCE = 2.0  # seconds between two visits of the list


@dataclass(frozen=True)
class Paste:
    """A text for the add bar at `at` seconds, for the account with this id."""

    at: float
    account: int
    things: Sequence[Thing]


@dataclass
class Person:
    """A person with a browser, in a thread. `problems` are results that no person would accept."""

    name: str
    url: str
    pastes: list[Paste]
    rng: Random
    enough: threading.Event
    problems: list[str] = field(default_factory=list)
    again: int = 0
    """How often something was pasted again because there was no response."""
    retried: int = 0
    pasting: threading.Event = field(default_factory=threading.Event)
    """Set while a paste has no response yet."""

    def sit_down(self) -> threading.Thread:
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Connection"] = (
            "close"  # otherwise a request may use a connection that is being closed
        )
        self.began = time.monotonic()
        thread = threading.Thread(target=self._live, name=self.name, daemon=True)
        thread.start()
        return thread

    def _live(self) -> None:
        self._sign_in()
        for paste in sorted(self.pastes, key=lambda paste: paste.at):
            while time.monotonic() < self.began + paste.at and not self.enough.is_set():
                self._look()
                self.enough.wait(min(GLANCE, max(0.05, self.began + paste.at - time.monotonic())))
            self._paste(paste.account, paste.things)
        while not self.enough.wait(GLANCE):
            self._look()
            self._try_again_what_failed()

    def _sign_in(self) -> None:
        while not self.enough.is_set():
            self._get("/sign-in/")
            self._post("/sign-in/", {"login": self.name, "password": PASSWORD})
            if cookies.value(self.session.cookies, "session"):
                return
            self.enough.wait(0.5)

    def _paste(self, account: int, things: Sequence[Thing]) -> None:
        """Paste until the app has accepted it, or its list shows everything. Impatient people click twice."""
        for _ in range(1 + (self.rng.random() < 0.1)):
            missing = list(things)
            while missing and not self.enough.is_set() and not self._add(account, missing):
                self.enough.wait(0.5)
                missing = [thing for thing in missing if not self._is_listed(thing)]
                self.again += bool(missing)

    def _add(self, account: int, things: Sequence[Thing]) -> bool:
        """Add as the add bar does: first the preview, which checks the cache, then the add."""
        text = "\n".join(thing.magnet for thing in things if not thing.torrent_file)
        files = [("files", ("a.torrent", thing.torrent_file)) for thing in things if thing.torrent_file]
        fields: dict[str, object] = {"text": text, "account": account, "seed": 3, "allow_zip": "on"}
        self._post("/preview/", fields, files)
        self.pasting.set()
        answer = self._post("/add/", fields, files)
        self.pasting.clear()
        return answer is not None and answer.status_code == 302 and answer.headers["location"] == "/"

    def _is_listed(self, thing: Thing) -> bool:
        while not self.enough.is_set():
            page = self._get("/", q=thing.info_hash)
            if page is not None:
                return 'id="torrent-' in page
            self.enough.wait(0.3)
        return False

    def _look(self) -> None:
        self._get("/")

    def _try_again_what_failed(self) -> None:
        page = self._get("/", tab="failed") or ""
        for row in page.split('<li class="row"')[1:]:
            menu = re.search(r'data-menu="([^"]+)"', row)
            retry = (
                ">Failed<" in row and menu and re.search(r"/torrents/\d+/retry/", self._get(menu[1]) or "")
            )
            if retry:
                self.retried += self._post(retry[0], {}) is not None

    def refresh(self) -> None:
        """Press *Refresh now*."""
        self._post("/refresh/", {})

    def _get(self, path: str, **query: str) -> str | None:
        """Return the page, or None if the app isn't running."""
        try:
            answer = self.session.get(self.url + path, params=query, timeout=PATIENCE)
        except requests.RequestException:
            return None
        return answer.text if self._is_fine(answer) else None

    def _post(self, path: str, data: dict[str, object], files: object = None) -> requests.Response | None:
        fields = data | {"csrfmiddlewaretoken": cookies.value(self.session.cookies, "csrf")}
        try:
            answer = self.session.post(
                self.url + path, fields, files=files or None, timeout=PATIENCE, allow_redirects=False
            )
        except requests.RequestException:
            return None
        return answer if self._is_fine(answer) else None

    def _is_fine(self, answer: requests.Response) -> bool:
        """Return whether a response is acceptable. An error page from the app is a bug, because a killed process sends none.

        There is one exception: a process that dies while counting a sign-in delays those of the same address by 10 s.
        """
        held_up = answer.status_code == 429 and answer.request.path_url == "/sign-in/"
        if answer.status_code >= 400 and not held_up:
            self.problems.append(
                f"{answer.request.method} {answer.request.path_url[:60]}: {answer.status_code}"
            )
        return answer.status_code < 400
