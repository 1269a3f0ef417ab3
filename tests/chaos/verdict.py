"""Whether everything came out right: what is at the simulated TorBox against what was wanted and what our rows say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import TorBoxAccount
from simulator.control import Control
from torrents.models import AddRequest, ControlRequest, RequestState, Torrent
from torrents.states import Status

from .plan import Holder

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
    """Counts in the order in which they are printed, and a line for each thing that is wrong."""

    counts: dict[str, object] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def count(self, name: str, things: Iterable[str], *, fine: bool = False) -> None:
        """How many there are; unless that is fine, each is one too many."""
        found = list(things)
        self.counts[name] = len(found)
        self.wrong += [] if fine else [f"{name}: {thing}" for thing in found]

    def __str__(self) -> str:
        width = max(map(len, self.counts))
        return "\n".join(f"  {name:<{width}}  {count}" for name, count in self.counts.items())


def settled(holders: list[Holder], control: Control) -> bool:
    """Whether nothing is left to be sent or found out. It may be settled wrongly, see `judge`."""
    rows = Torrent.objects.filter(remote_id=None, queued_id=None)
    if rows.exists() or AddRequest.objects.exclude(state=RequestState.DONE).exists():
        return False
    return all(control.accepted(holder.key).keys() >= holder.wanted for holder in holders)


def judge(holders: list[Holder], control: Control) -> Verdict:
    """Compare the three; the simulator's clock stands still and its lists have been read since."""
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
    verdict.count("stuck", stuck())
    return verdict


def stuck() -> list[str]:
    """Requests that are not over, and leases that somebody still holds."""
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
    """Logs, queue, database: whatever holds an API key as it is."""
    keys = [holder.key.encode() for holder in holders]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(key in path.read_bytes() for key in keys)]


def tracebacks_in(data: Path) -> list[str]:
    """The last line of each traceback in the logs: dying is no excuse for an exception that nobody expected."""
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
    verdict.count("rows of nobody’s wish", (_said(pair) for pair in shown.keys() - wanted))


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
    """Empty when the row says what is true, else both."""
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
