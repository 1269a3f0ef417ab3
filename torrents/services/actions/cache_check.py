"""Ask which of many hashes TorBox has cached (docs/torbox-api.md#checkcached)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from time import monotonic
from typing import Any, Literal

import torbox
from accounts.clients import client_for
from accounts.models import TorBoxAccount

Answer = Literal["object", "list"]
BATCH = 100  # hashes, as many as one call takes
MAX_HASHES = 5000  # of one request
MAX_SECONDS = 25  # A person is waiting, and the request holds a thread.


class TooSlow(torbox.Unavailable):
    """TorBox answers, but not about all hashes in time. It isn't an outage, so it doesn't become the account's health."""


def check(
    account: TorBoxAccount, hashes: Iterable[str], *, list_files: bool = False, answer: Answer = "object"
) -> dict[str, torbox.CachedTorrent]:
    """Return the cached torrents by info hash, asking in batches. Raises `torbox.TorBoxError`, of which one is `TooSlow`."""
    found: dict[str, torbox.CachedTorrent] = {}
    wanted, until = list(dict.fromkeys(hashes)), monotonic() + MAX_SECONDS
    for start in range(0, len(wanted), BATCH):
        if monotonic() > until:
            raise TooSlow
        with client_for(account, somebody_waits=True) as client:
            batch = wanted[start : start + BATCH]
            found |= client.check_cached(batch, list_files=list_files, answer=answer)
    return found


def as_json(cached: Mapping[str, torbox.CachedTorrent], *, list_files: bool, answer: Answer) -> str:
    """Return the result as JSON for scripts: an object by hash, or a list."""
    rows = {info_hash: _plain(item, list_files) for info_hash, item in cached.items()}
    return json.dumps(rows if answer == "object" else list(rows.values()), indent=2, ensure_ascii=False)


def _plain(item: torbox.CachedTorrent, list_files: bool) -> dict[str, Any]:
    plain: dict[str, Any] = {"hash": item.info_hash, "name": item.name, "size": item.size}
    if list_files:
        plain["files"] = [{"name": file.path, "size": file.size} for file in item.files]
    return plain
