"""All calls of the qBittorrent API, for the tables of who may make them."""

from __future__ import annotations

from api.qbittorrent.urls import CHANGES, READS

EVERYONE = 9  # kinds of people in tests/test_permissions.py
OPEN = ("auth/login", "auth/logout")


def url_name(call: str) -> str:
    return f"api:qbittorrent:{call.replace('/', '_')}"


def rows_of_sessions() -> dict[str, list[tuple[str, str, dict[str, str]]]]:
    """Return rows of the table in tests/test_permissions.py: a session of the web app counts for nothing."""
    rows = {url_name(call): [("get", _all("403"), {}), ("post", _all("403"), {})] for call in READS}
    for call in CHANGES:
        posted = "200" if call in OPEN else "403"
        rows[url_name(call)] = [("get", _all("405"), {}), ("post", _all(posted), {})]
    return rows | {"api:qbittorrent:front": [("get", _all("200"), {}), ("post", _all("200"), {})]}


def _all(status: str) -> str:
    return " ".join([status] * EVERYONE)
