"""The verdict of a run: the simulated TorBox compared with what was added and with our rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import TorBoxAccount
from simulator.control import Control
from torrents.models import AddRequest, ControlRequest, RequestState, Torrent
from torrents.states import Status

from .plan import Holder
from .waiting import wait_while_it_advances

UNSETTLED = [RequestState.WAITING, RequestState.SENDING, RequestState.UNSURE]
TRACEBACK = re.compile(r"^Traceback .*\n(?:[ \n].*\n?)*(\S.*)", re.MULTILINE)
CALLED = {
    "metaDL": Status.METADATA,
    "downloading": Status.DOWNLOADING,
    "uploading": Status.STORING,
    "paused": Status.PAUSED,
}


@dataclass
class Verdict:
    """Counts in the order in which they are printed, and a line for each problem."""

    counts: dict[str, object] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def count(self, name: str, things: Iterable[str], *, fine: bool = False) -> None:
        """Record how many there are, and a problem for each unless they are allowed."""
        found = list(things)
        self.counts[name] = len(found)
        self.wrong += [] if fine else [f"{name}: {thing}" for thing in found]

    def __str__(self) -> str:
        width = max(map(len, self.counts))
        return "\n".join(f"  {name:<{width}}  {count}" for name, count in self.counts.items())


def settled(holders: list[Holder], control: Control) -> bool:
    """Return whether nothing is left to send or resolve. It may still be wrong (see `judge`)."""
    rows = Torrent.objects.filter(remote_id=None, queued_id=None)
    if rows.exists() or AddRequest.objects.exclude(state=RequestState.DONE).exists():
        return False
    return all(control.accepted(holder.key).keys() >= holder.wanted for holder in holders)


def progress(holders: list[Holder], control: Control) -> int:
    """Return a number that rises with every torrent that is pasted, accepted, or done with."""
    done = [
        requests.objects.exclude(state__in=UNSETTLED).count() for requests in (AddRequest, ControlRequest)
    ]
    accepted = [len(control.accepted(holder.key)) for holder in holders]
    return Torrent.objects.count() + sum(done) + sum(accepted)


def wait_until_fresh(stale: QuerySet[TorBoxAccount], refresh: Callable[[], None] = lambda: None) -> list[str]:
    """Wait until no account is stale, and return what is stuck then. `refresh` is called while one is.

    Both are looked at together, because a moment later, the next refresh may hold its lease.
    """
    found: list[str] = []

    def is_over() -> bool:
        if is_stale := stale.exists():
            refresh()
        found[:] = stuck()
        return not (is_stale or found)

    wait_while_it_advances(is_over, lambda: -stale.count())
    return found


def judge(holders: list[Holder], control: Control, still_stuck: list[str]) -> Verdict:
    """Compare all three. The simulator's clock is frozen, and its lists have been read since."""
    verdict = Verdict()
    accepted = {holder.name: control.accepted(holder.key) for holder in holders}
    pairs = [(holder.name, info_hash) for holder in holders for info_hash in holder.wanted]
    took = {(name, info_hash): n for name, found in accepted.items() for info_hash, n in found.items()}
    verdict.counts["wanted"] = len(pairs)
    verdict.count("accepted once", (_said(pair) for pair in pairs if took.get(pair) == 1), fine=True)
    verdict.count("accepted twice or more", (_said(pair) for pair, n in took.items() if n > 1))
    again = [(holder.name, info_hash) for holder in holders for info_hash in control.repeated(holder.key)]
    verdict.count("sent again though there", map(_said, again))
    verdict.count("lost", (_said(pair) for pair in pairs if pair not in took))
    verdict.count("never wanted", (_said(pair) for pair in took.keys() - set(pairs)))
    _compare_rows(verdict, holders, control)
    verdict.count("stuck", still_stuck)
    return verdict


def stuck() -> list[str]:
    """Return unfinished requests and leases that are still held."""
    adds = AddRequest.objects.filter(state__in=UNSETTLED).select_related("torrent")
    controls = ControlRequest.objects.filter(state__in=UNSETTLED).select_related("torrent")
    found = [
        f"{row} {row.torrent.info_hash[:8]} due {row.due_at:%T} attempts {row.attempts}"
        for row in [*adds, *controls]
    ]
    for account in TorBoxAccount.objects.all():
        for lease in ("send_lease_until", "refresh_lease_until"):
            until = getattr(account, lease)
            found += [f"{account} holds {lease} {until:%T}"] if until and until > timezone.now() else []
    return found


def keys_in(folders: list[Path], holders: list[Holder]) -> list[str]:
    """Return the logs, queue files, and databases that contain an API key in plain text."""
    keys = [holder.key.encode() for holder in holders]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(key in path.read_bytes() for key in keys)]


def tracebacks_in(data: Path) -> list[str]:
    """Return the last line of each traceback in the logs. Being killed doesn't excuse an unexpected exception."""
    return [
        f"{path.name}: {line[:200]}"
        for path in data.glob("*.log")
        for line in TRACEBACK.findall(path.read_text(errors="replace"))
    ]


def _compare_rows(verdict: Verdict, holders: list[Holder], control: Control) -> None:
    rows = Torrent.objects.filter(account__in=[holder.pk for holder in holders])
    shown = {(row.account_id, row.info_hash): row for row in rows}
    wanted = {(holder.pk, info_hash) for holder in holders for info_hash in holder.wanted}
    truth = _at_torbox(holders, control.state())
    differences = [(pair, _difference(shown.get(pair), truth.get(pair))) for pair in wanted]
    verdict.counts["rows"] = len(shown)
    verdict.count("rows that agree", (_said(pair) for pair, problem in differences if not problem), fine=True)
    verdict.count(
        "rows that do not", (f"{_said(pair)} {problem}" for pair, problem in differences if problem)
    )
    verdict.count("rows no one added", (_said(pair) for pair in shown.keys() - wanted))


def _at_torbox(holders: list[Holder], state: dict[str, Any]) -> dict[tuple[int, str], dict[str, Any]]:
    by_key = {key: account for account in state["accounts"] for key in account["keys"]}
    found = {}
    for holder in holders:
        for item in by_key[holder.key]["queue"]:
            found[holder.pk, item["hash"]] = {"queued_id": item["id"], "remote_id": None, "status": "queued"}
        for item in by_key[holder.key]["torrents"]:
            status = Status.READY if item["present"] else CALLED.get(item["state"], item["state"])
            found[holder.pk, item["hash"]] = {
                "queued_id": None,
                "remote_id": item["id"],
                "status": str(status),
                "progress": round(item["progress"], 4),
            }
    return found


def _difference(row: Torrent | None, truth: dict[str, Any] | None) -> str:
    """Return an empty string if the row is correct, else both states."""
    if row is None or truth is None:
        return f"row: {row is not None}, TorBox: {truth is not None}"
    ours = {name: getattr(row, name) for name in truth}
    if "progress" in truth:
        ours["progress"] = round(row.progress, 4)
    if row.removed_at or row.missing_since:
        ours |= {"removed_at": row.removed_at, "missing_since": row.missing_since}
    return "" if ours == truth else f"row {ours}, TorBox {truth}"


def _said(pair: tuple[object, str]) -> str:
    return f"{pair[0]} {pair[1][:12]}"
