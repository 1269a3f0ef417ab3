"""What calls of the qBittorrent API answer to someone who is signed in to the web app, and has no token."""

from __future__ import annotations

from api.qbittorrent.urls import CHANGES, READS

ALL_PEOPLE = 9  # columns of a row in tests/test_permissions.py
OPEN = {"auth/login", "auth/logout"}


def rows_of_sessions() -> dict[str, list[tuple[str, str, dict[str, str]]]]:
    """Return rows of the table in tests/test_permissions.py: a session counts for nothing, whoever signed in."""
    rows = {name_of(call): [_row("get", 403), _row("post", 403)] for call in READS}
    rows |= {name_of(call): [_row("get", 405), _row("post", 403)] for call in CHANGES}
    rows |= {name_of(call): [_row("get", 405), _row("post", 200)] for call in OPEN}
    rows["api:qbittorrent:no_call"] = [_row("get", 403), _row("post", 403)]
    return rows | {"api:qbittorrent:front": [_row("get", 200), _row("post", 200)]}


def name_of(call: str) -> str:
    return f"api:qbittorrent:{call.replace('/', '_')}"


def _row(method: str, status: int) -> tuple[str, str, dict[str, str]]:
    return method, " ".join([str(status)] * ALL_PEOPLE), {}
