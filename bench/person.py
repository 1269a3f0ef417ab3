"""Somebody with one TorBox account, and what they and the worker do, through the HTTP client and the services."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from itertools import count
from typing import Any

import requests
from django.db.models import F
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.models import TorBoxAccount, UpstreamCall, User
from torrents.models import Heartbeat, Torrent
from torrents.services import refreshing

from .library import magnets
from .torbox import TorBox, key_of

PAGE = 1000  # rows, as the client asks for them
CHANGES = re.compile(r'hx-get="([^"]*/changes/[^"]*)"')
_pastes = count(1)


class Person:
    """`name` says which of the simulator's accounts is theirs."""

    def __init__(self, torbox: TorBox, name: str) -> None:
        self.torbox, self.key = torbox, key_of(name)
        self.user = User.objects.create_user(username=name.replace(" ", "-"), shown_name=name[:40])
        self.account = services.connect(owner=self.user, api_key=self.key)
        # Nobody's browser asks for pages that are not compressed.
        self.client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_ENCODING="gzip, deflate, br")
        self.client.force_login(self.user)
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {self.key}"
        self.list_url = reverse("torrents:list")
        # A worker is there, as in life; without one a page asks whether something lies about unsent.
        Heartbeat.objects.update_or_create(
            name="worker bench", defaults={"at": timezone.now() + timedelta(days=9)}
        )

    def get(self, url: str, status: int = 200, **headers: str) -> HttpResponse:
        answer = self.client.get(url, headers=headers)
        assert answer.status_code == status, f"{url} answered {answer.status_code}"
        return answer

    def search(self, query: str) -> HttpResponse:
        """As the page does while one types; the answer is the list alone."""
        return self.get(f"{self.list_url}?q={query}", **{"HX-Request": "true"})

    # -- TorBox's list

    def fetch_bare(self) -> None:
        """The same pages as a refresh, with nothing but requests and json."""
        offset = 0
        while True:
            query = {"offset": offset, "limit": PAGE, "bypass_cache": "true"}
            answer = self.session.get(f"{self.torbox.url}/v1/api/torrents/mylist", params=query, timeout=120)
            if len(json.loads(answer.content)["data"]) < PAGE:
                return
            offset += PAGE

    def refresh(self) -> None:
        account = TorBoxAccount.objects.get(pk=self.account.pk)
        assert refreshing.refresh(account, fresh=True)

    def move(self) -> None:
        """Time passes at TorBox: what downloads is further, everything else as it was."""
        self.torbox.command("advance", seconds=60)

    def forget(self) -> None:
        """As if the list had never been read."""
        Torrent.objects.filter(account=self.account).delete()

    def rest(self) -> None:
        """The calls of the last minute are over: the bench must not be held back by our own limit."""
        UpstreamCall.objects.filter(account=self.account).delete()

    # -- the page

    @property
    def changes_url(self) -> str:
        """What the page that is open now asks for."""
        found = CHANGES.search(_text(self.get(self.list_url)))
        assert found
        return html.unescape(found[1])

    def touch(self, rows: int = 20) -> None:
        """Some of the first page's rows change, as a refresh would change them."""
        revision = self.account.next_revision()
        newest = Torrent.objects.filter(account=self.account, removed_at=None).order_by("-added_at", "-pk")
        chosen = list(newest.values_list("pk", flat=True)[:rows])
        Torrent.objects.filter(pk__in=chosen).update(revision=revision, seeds=F("seeds") + 1)

    def look(self) -> None:
        """Somebody has had the page open a while: what that writes now and then is written."""
        TorBoxAccount.objects.filter(pk=self.account.pk).update(seen_at=timezone.now())

    def largest(self) -> Torrent:
        found = Torrent.objects.filter(account=self.account).order_by("-file_count").first()
        assert found
        return found

    # -- adding

    def paste(self, number: int = 1000) -> str:
        return magnets(number, seed=next(_pastes))

    def preview(self, text: str) -> None:
        self._post("torrents:preview", text)

    def add(self, text: str) -> None:
        self._post("torrents:add", text)

    def _post(self, name: str, text: str) -> None:
        form = {"text": text, "seed": "1", "allow_zip": "on", "allow_zip_shown": "1"}
        answer = self.client.post(
            reverse(name), form, HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL="http://localhost/"
        )
        assert answer.status_code == 200, f"{name} answered {answer.status_code}"

    def leave(self) -> None:
        self.forget()
        self.account.delete()
        self.user.delete()


def _text(answer: Any) -> str:
    import gzip

    content = answer.content
    return (gzip.decompress(content) if answer.get("Content-Encoding") == "gzip" else content).decode()
