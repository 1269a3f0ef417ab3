"""Calls that change the account: adding, controlling, editing. None is ever retried automatically."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torbox.api import Api, exactly_one, options
from torbox.fields import TEXT_LIMIT
from torbox.models import Added
from torbox.sanitize import is_blank, plain_text
from torbox.transport import Call

#: Operations on a torrent. TorBox documents the first, second, and last; clients use all five.
OPERATIONS = ("reannounce", "resume", "pause", "stop_seeding", "delete")
QUEUED_OPERATIONS = ("start", "delete")
SEED_CHOICES = (1, 2, 3)  # as the account is set, always, never


class Changing(Api):
    """Endpoints that add and control. After Unavailable with `maybe_done`, check before repeating a call."""

    def create_torrent(
        self,
        *,
        magnet: str | None = None,
        file: bytes | None = None,
        seed: int | None = None,
        allow_zip: bool | None = None,
        name: str | None = None,
        as_queued: bool = False,
        only_if_cached: bool = False,
        not_after: float | None = None,
    ) -> Added:
        """Add a magnet link or the bytes of a .torrent file.

        `seed` is one of SEED_CHOICES; None uses the account's setting. `allow_zip` matters from 100 files on.
        Raises any TorBoxError, such as Duplicate and LimitReached; NotSent if the time `not_after` of `boot_clock` has
        passed; ValueError unless exactly one of `magnet` and `file` is given.
        See docs/torbox-api.md#createtorrent.
        """
        form = _add_form(magnet, file, seed, allow_zip, name, as_queued, only_if_cached)
        return self._add("torrents/createtorrent", form, file, not_after)

    def create_torrent_async(
        self,
        *,
        magnet: str | None = None,
        file: bytes | None = None,
        seed: int | None = None,
        allow_zip: bool | None = None,
        name: str | None = None,
        as_queued: bool = False,
        only_if_cached: bool = False,
    ) -> Added:
        """Add like `create_torrent`, but TorBox responds at once, with an Added without ids."""
        form = _add_form(magnet, file, seed, allow_zip, name, as_queued, only_if_cached)
        return self._add("torrents/asynccreatetorrent", form, file)

    def control_torrent(
        self,
        operation: str,
        *,
        torrent_id: int | None = None,
        everything: bool = False,
        not_after: float | None = None,
    ) -> None:
        """Carry out one of OPERATIONS on a torrent, or with `everything` on all torrents of the account.

        Raises NotFound and Refused; NotSent if the time `not_after` of `boot_clock` has passed; ValueError for another
        operation, or unless there is exactly one target.
        """
        _check_operation(operation, OPERATIONS)
        exactly_one("torrent_id and everything", (torrent_id, everything))
        body = _control_body(operation, everything, torrent_id=torrent_id)
        self._control("torrents/controltorrent", body, not_after)

    def control_queued(
        self,
        operation: str,
        *,
        queued_id: int | None = None,
        everything: bool = False,
        not_after: float | None = None,
    ) -> None:
        """Start or delete a queued item. `everything` is for `delete` only (docs/torbox-api.md#queue)."""
        _check_operation(operation, QUEUED_OPERATIONS if not everything else ("delete",))
        exactly_one("queued_id and everything", (queued_id, everything))
        body = _control_body(operation, everything, queued_id=queued_id)
        self._control("queued/controlqueued", body, not_after)

    def edit_torrent(
        self,
        torrent_id: int,
        *,
        name: str,
        tags: Sequence[str],
        alternative_hashes: Sequence[str],
        airlocked: bool,
        not_after: float | None = None,
    ) -> None:
        """Overwrite all four fields of a stored torrent.

        All are required, because TorBox resets a field that is left out (docs/torbox-api.md#edittorrent). Read the
        torrent by its id first, pass on the fields that stay, and don't edit it if one of them is in its `unread`:
        the value that TorBox has would be lost. A blank `name` gives the torrent its own name back.
        Raises NotFound and Refused, which includes a full AirLock; NotSent if the time `not_after` of `boot_clock`
        has passed.
        """
        body: dict[str, Any] = {
            "torrent_id": torrent_id,
            "tags": list(tags),
            "alternative_hashes": list(alternative_hashes),
            "airlocked": airlocked,
        }
        if (shown := plain_text(name, TEXT_LIMIT)) and not is_blank(shown):
            body["name"] = shown
        call = Call(method="PUT", path="torrents/edittorrent", json=body, not_after=not_after)
        self._transport.fetch(call)

    def _add(
        self, path: str, form: dict[str, str], file: bytes | None, not_after: float | None = None
    ) -> Added:
        call = Call(method="POST", path=path, form=form, upload=file, not_after=not_after)
        answer = self._transport.fetch(call)
        return Added.from_json(answer.data, answer.detail)

    def _control(self, path: str, body: dict[str, Any], not_after: float | None) -> None:
        self._transport.fetch(Call(method="POST", path=path, json=body, not_after=not_after))


def _control_body(operation: str, everything: bool, **target: int | None) -> dict[str, Any]:
    ids = {key: value for key, value in target.items() if value is not None}
    return {"operation": operation, "all": everything, **ids}


def _add_form(
    magnet: str | None,
    file: bytes | None,
    seed: int | None,
    allow_zip: bool | None,
    name: str | None,
    as_queued: bool,
    only_if_cached: bool,
) -> dict[str, str]:
    exactly_one("magnet and file", (magnet, file))
    if seed is not None and seed not in SEED_CHOICES:
        raise ValueError("seed is 1, 2 or 3.")
    return options(
        magnet=magnet,
        seed=seed,
        allow_zip=allow_zip,
        name=plain_text(name) or None if name else None,
        as_queued=as_queued or None,
        add_only_if_cached=only_if_cached or None,
    )


def _check_operation(operation: str, allowed: Sequence[str]) -> None:
    if operation not in allowed:
        raise ValueError(f"The operation must be one of: {', '.join(allowed)}.")
