from __future__ import annotations

from typing import Any

import requests

from simulator.server import Running

NOON = 1_777_716_000.0  # 2026-05-02T10:00:00Z
KEY = "key-of-the-tests"


class Api:
    """A person with a key and a connection."""

    def __init__(self, running: Running, key: str | None = KEY) -> None:
        self.running, self.key = running, key
        self.http = requests.Session()
        if key:
            self.http.headers["Authorization"] = f"Bearer {key}"

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.http.request(method, f"{self.running.url}/v1/api/{path}", timeout=10, **more)

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.call("GET", path, params=params)

    def create(self, magnet: str | None = None, **data: Any) -> requests.Response:
        form = {"magnet": magnet, **data} if magnet else data
        return self.call("POST", "torrents/createtorrent", data=form)

    def upload(self, torrent: bytes, **data: Any) -> requests.Response:
        files = {"file": ("file", torrent, "application/x-bittorrent")}
        return self.call("POST", "torrents/createtorrent", files=files, data=data)

    def control(self, torrent_id: int | None, operation: str, **more: Any) -> requests.Response:
        body = {"torrent_id": torrent_id, "operation": operation, **more}
        return self.call("POST", "torrents/controltorrent", json=body)

    def rows(self, bypass: bool = True, **params: Any) -> list[dict[str, Any]]:
        text = "true" if bypass else "false"
        rows: list[dict[str, Any]] = self.get("torrents/mylist", bypass_cache=text, **params).json()["data"]
        return rows

    def row(self, torrent_id: int) -> dict[str, Any]:
        answer = self.get("torrents/mylist", id=torrent_id, bypass_cache="true")
        row: dict[str, Any] = answer.json()["data"]
        return row

    def queued(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.get("queued/getqueued", bypass_cache="true").json()["data"]
        return rows

    def link(self, torrent_id: int, **params: Any) -> requests.Response:
        return self.get("torrents/requestdl", token=self.key, torrent_id=torrent_id, **params)


def magnet(number: int) -> str:
    """One of any number of hashes nobody knows."""
    return f"magnet:?xt=urn:btih:{hash_of(number)}"


def hash_of(number: int) -> str:
    return f"{number + 0xABCDEF:040x}"
