"""All torrents that a program sees at a glance: what has changed, and the figures of a status bar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from math import inf
from time import monotonic
from typing import Any, NamedTuple

from django.db.models import QuerySet, Sum

from accounts.models import TorBoxAccount, User
from accounts.prepared_query import Prepared
from saving.models import Folder, Job
from saving.services import folders
from torrents.models import Torrent
from torrents.saving_states import SavingState, saves_to_disk

from .accounts import SeenAccount
from .rows import Seconds, about, seen_on, tags_of

SPACE_KEPT = 60.0  # seconds
PLENTY = 2**50  # bytes, where the free space isn't known
MODULUS = 1 << 64  # of fingerprints
CONNECTED, DISCONNECTED = "connected", "disconnected"


class Glance(NamedTuple):
    """What is read of each torrent. Its columns."""

    pk: int
    account_id: int
    info_hash: str
    revision: int
    tracker: str
    tags: str
    download_speed: int
    upload_speed: int
    total_downloaded: int
    total_uploaded: int


class RemovedRow(NamedTuple):
    """What is read of a torrent that was deleted: its columns, with `removed` for `removed_at`."""

    pk: int
    account_id: int
    info_hash: str
    revision: int
    removed: int


class Overview:
    """All torrents that a person sees on accounts."""

    def __init__(self, person: User, accounts: Sequence[SeenAccount]) -> None:
        self.person, self.accounts = person, accounts
        values = GLANCES.values(*about(person, accounts)) if accounts else []
        self.glances = sorted(Glance(*one) for one in values)
        self.newest = self.glances[-1].pk if self.glances else 0

    @cached_property
    def by_hash(self) -> dict[str, Glance]:
        """Return the oldest torrent of each hash."""
        found: dict[str, Glance] = {}
        for glance in self.glances:
            found.setdefault(glance.info_hash, glance)
        return found

    @cached_property
    def removed(self) -> list[RemovedRow]:
        """Return the torrents that were deleted and not forgotten yet."""
        return (
            [RemovedRow(*one) for one in REMOVED.values(*about(self.person, self.accounts))]
            if self.accounts
            else []
        )

    @cached_property
    def trackers(self) -> dict[str, list[str]]:
        """Return the hashes of each tracker's torrents; under "" those whose tracker isn't known."""
        found: dict[str, list[str]] = {}
        for info_hash, glance in self.by_hash.items():
            found.setdefault(glance.tracker, []).append(info_hash)
        return found

    @property
    def tags(self) -> set[str]:
        """Return all tags of all torrents."""
        return {tag for stored in {glance.tags for glance in self.glances} for tag in tags_of(stored)}

    def transfer(self) -> dict[str, Any]:
        """Return what `transfer/info` says: speeds, at TorBox and of saving, and totals, by TorBox's figures."""
        is_up = any(account.health == TorBoxAccount.Health.OK for account in self.accounts)
        down = sum(glance.download_speed for glance in self.glances) + self._saving_speed()
        return {
            "connection_status": CONNECTED if is_up else DISCONNECTED,
            "dht_nodes": 0,
            "dl_info_data": sum(glance.total_downloaded for glance in self.glances),
            "dl_info_speed": down,
            "dl_rate_limit": 0,
            "last_external_address_v4": "",
            "last_external_address_v6": "",
            "up_info_data": sum(glance.total_uploaded for glance in self.glances),
            "up_info_speed": sum(glance.upload_speed for glance in self.glances),
            "up_rate_limit": 0,
        }

    def server_state(self) -> dict[str, Any]:
        """Return the section of `sync/maindata` with this name."""
        found = self.transfer()
        down, up = found["dl_info_data"], found["up_info_data"]
        return found | {
            "alltime_dl": down,
            "alltime_ul": up,
            "average_time_queue": 0,
            "free_space_on_disk": free_space(self.person),
            "global_ratio": f"{up / down:.2f}" if up and down else "-",
            "queued_io_jobs": 0,
            "queueing": True,
            "read_cache_hits": "0",
            "read_cache_overload": "0",
            "refresh_interval": 2000,
            "total_buffers_size": 0,
            "total_peer_connections": 0,
            "total_queued_size": 0,
            "total_wasted_session": 0,
            "use_alt_speed_limits": False,
            "write_cache_overload": "0",
        }

    def _saving_speed(self) -> int:
        if not saves_to_disk():
            return 0
        running = Job.objects.visible_to(self.person).filter(state=SavingState.RUNNING, ended_at=None)
        return int(running.order_by().aggregate(speed=Sum("speed"))["speed"] or 0)


def fingerprint(hashes: Iterable[str]) -> int:
    """Return a number that tells whether two sets of hashes are the same. That of a part can be taken from it."""
    return sum(int(info_hash[:16], 16) for info_hash in hashes) % MODULUS


_spaces: dict[tuple[int, str], tuple[float, int]] = {}


def free_space(person: User) -> int:
    """Return the free bytes where the first folder of a person is, at most a minute old.

    PLENTY without a folder, because TorBox stores what is added, and for a share without a size or a disk that doesn't
    answer. Programs that see 0 stop adding, and some delete torrents. Such a disk is asked once a minute, because it takes
    two seconds to find out.
    """
    folder = Folder.objects.usable_by(person).first() if saves_to_disk() else None
    if folder is None:
        return PLENTY
    key = (folder.pk, folder.path)
    at, free = _spaces.get(key, (-inf, 0))
    if monotonic() - at >= SPACE_KEPT:
        space = folders.space(folder)
        free = space.free if space.total else PLENTY
        _spaces[key] = (monotonic(), free)
    return free


def _glances(*more: Any) -> QuerySet[Torrent, Any]:
    return seen_on(*more).listed().values_list(*Glance._fields)


def _removed(*more: Any) -> QuerySet[Torrent, Any]:
    rows = seen_on(*more).removed().annotate(removed=Seconds("removed_at"))
    return rows.values_list(*RemovedRow._fields)


GLANCES, REMOVED = Prepared(_glances), Prepared(_removed)
