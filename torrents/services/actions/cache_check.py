"""Ask which of many hashes TorBox has cached (docs/torbox-api.md#checkcached)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import torbox
from accounts.clients import client_for
from accounts.models import TorBoxAccount

Answer = Literal["object", "list"]


def check(
    account: TorBoxAccount, hashes: Iterable[str], *, list_files: bool = False, answer: Answer = "object"
) -> dict[str, torbox.CachedTorrent]:
    """Return the cached torrents by info hash, asking in batches of 100. Raises `torbox.TorBoxError`."""
    with client_for(account, somebody_waits=True) as client:
        return client.check_cached(hashes, list_files=list_files, answer=answer)


def as_json(cached: Mapping[str, torbox.CachedTorrent], *, list_files: bool, answer: Answer) -> str:
    """Return the result as JSON for scripts: an object by hash, or a list."""
    rows = {info_hash: _plain(item, list_files) for info_hash, item in cached.items()}
    return json.dumps(rows if answer == "object" else list(rows.values()), indent=2, ensure_ascii=False)


def _plain(item: torbox.CachedTorrent, list_files: bool) -> dict[str, Any]:
    plain: dict[str, Any] = {"hash": item.info_hash, "name": item.name, "size": item.size}
    if list_files:
        plain["files"] = [{"name": file.path, "size": file.size} for file in item.files]
    return plain
