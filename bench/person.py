"""A person with one TorBox account, and what they and the worker do, through the HTTP client and services."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from functools import cached_property
from itertools import count
from typing import Any

import requests
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from django.urls import ResolverMatch, reverse
from django.utils import timezone

from accounts import services
from accounts.models import TorBoxAccount, UpstreamCall, User
from torrents.models import Heartbeat, Torrent
from torrents.services.sync import refreshing

from .library import magnets
from .torbox import TorBox, key_of

PAGE = 1000  # rows per request of the client
CHANGES = re.compile(r'hx-get="([^"]*/changes/[^"]*)"')
_pastes = count(1)


class Bare(ClientHandler):
    """The site with all its middleware, and one view that returns `page`, already rendered."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        request.resolver_match = ResolverMatch(lambda request: HttpResponse(self.page), (), {})
        return request.resolver_match


class Person:
    """A person. `name` is that of their account at the simulator."""

    def __init__(self, torbox: TorBox, name: str) -> None:
        self.torbox, self.key = torbox, key_of(name)
        self.user = User.objects.create_user(username=name.replace(" ", "-"), shown_name=name[:40])
        self.account = services.connect(owner=self.user, api_key=self.key)
        # Browsers ask for compressed pages.
        self.client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_ENCODING="gzip, deflate, br")
        self.client.force_login(self.user)
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {self.key}"
        self.list_url = reverse("torrents:list")
        # A worker seems to run, as usual. Without one, a page looks for torrents that haven't been sent.
        Heartbeat.objects.update_or_create(
            name="worker bench", defaults={"at": timezone.now() + timedelta(days=9)}
        )

    def get(self, url: str, status: int = 200, **headers: str) -> HttpResponse:
        answer = self.client.get(url, headers=headers)
        assert answer.status_code == status, f"{url} answered {answer.status_code}"
        return answer

    @cached_property
    def bare(self) -> Client:
        """Return a client of the same site that answers every URL with the first page of the list as it is now."""
        made = Client(SERVER_NAME="localhost", HTTP_ACCEPT_ENCODING="gzip, deflate, br")
        made.cookies = self.client.cookies
        made.handler = Bare(_text(self.get(self.list_url)))
        return made

    def search(self, query: str) -> HttpResponse:
        """Search as the page does while typing. The response is only the list."""
        return self.get(f"{self.list_url}?q={query}", **{"HX-Request": "true"})

    # -- TorBox's list

    def fetch_bare(self) -> None:
        """Fetch the same pages as a refresh, using only requests and json."""
        offset = 0
        while True:
            query = {"offset": offset, "limit": PAGE, "bypass_cache": "true"}
            answer = self.session.get(f"{self.torbox.url}/v1/api/torrents/mylist", params=query, timeout=120)
            if len(json.loads(answer.content)["data"]) < PAGE:
                return
            offset += PAGE

    def refresh(self) -> None:
        account = TorBoxAccount.objects.get(pk=self.account.pk)
        read = refreshing.refresh(account, fresh=True)
        account.refresh_from_db()
        assert read, (account.health, account.upstream_detail, account.refresh_lease_until)

    def move(self) -> None:
        """Let time pass at TorBox, so that downloads progress and nothing else changes."""
        self.torbox.command("advance", seconds=60)

    def forget(self) -> None:
        """Reset the account as if its list had never been read."""
        Torrent.objects.filter(account=self.account).delete()

    def rest(self) -> None:
        """Delete the calls of the last minute, so that our own limit doesn't throttle the benchmark."""
        UpstreamCall.objects.filter(account=self.account).delete()

    # -- the page

    @property
    def changes_url(self) -> str:
        """Return the URL that the open page polls."""
        found = CHANGES.search(_text(self.get(self.list_url)))
        assert found
        return html.unescape(found[1])

    def touch(self, rows: int = 20) -> None:
        """Change some rows of the first page, as a refresh would."""
        newest = Torrent.objects.filter(account=self.account, removed_at=None).order_by("-added_at", "-pk")
        chosen = list(newest.values_list("pk", flat=True)[:rows])
        self.account.write(Torrent.objects.filter(pk__in=chosen), seeds=F("seeds") + 1)

    def look(self) -> None:
        """Open the page once, so that what it writes now and then has been written."""
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
