"""What is measured: an owner with one TorBox account, through the HTTP client and the services."""

from __future__ import annotations

import json

import requests
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import TorBoxAccount, User
from simulator.scenarios import DEMO_KEYS
from torrents.services import refreshing

PAGE = 1000


class Bench:
    def __init__(self, url: str) -> None:
        self.url, self.key = url, DEMO_KEYS["mara"]
        self.owner = User.objects.create_user(username=f"owner {url}")
        self.account = services.connect(owner=self.owner, api_key=self.key)
        self.client = Client()
        self.client.force_login(self.owner)
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {self.key}"

    def fetch_bare(self) -> None:
        offset = 0
        while True:
            query = {"offset": offset, "limit": PAGE, "bypass_cache": "true"}
            answer = self.session.get(f"{self.url}/v1/api/torrents/mylist", params=query, timeout=60)
            rows = json.loads(answer.content)["data"]
            offset += PAGE
            if len(rows) < PAGE:
                return

    def refresh(self) -> None:
        account = TorBoxAccount.objects.get(pk=self.account.pk)
        assert refreshing.refresh(account, fresh=True)

    def list_page(self) -> str:
        answer = self.client.get(reverse("torrents:list"))
        assert answer.status_code == 200
        return str(answer.context["listing"].changes_url)

    def search(self) -> None:
        assert self.client.get(reverse("torrents:list"), {"q": "part 7"}).status_code == 200

    def poll(self) -> None:
        if not hasattr(self, "changes_url"):
            self.changes_url = self.list_page()
        assert self.client.get(self.changes_url).status_code == 204

    def poll_changed(self) -> None:
        self.account.next_revision()
        assert self.client.get(self.changes_url).status_code == 200

    def preview(self) -> None:
        text = "\n".join(f"{number:040x}" for number in range(1000))
        assert self.client.post(reverse("torrents:preview"), {"text": text, "seed": "1"}).status_code == 200

    def clear(self) -> None:
        self.account.delete()
