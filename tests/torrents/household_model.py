"""What must hold however things go wrong, told apart from how the services do it.

The model knows what is truly at TorBox, what people want, and how often each hash may have been accepted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from accounts.models import TorBoxAccount
from simulator.server import Running
from torrents.models import AddRequest, ControlRequest, RequestState, Torrent
from torrents.states import Status

UNSETTLED = (RequestState.WAITING, RequestState.SENDING, RequestState.UNSURE)
# Book-keeping that no page shows.
HIDDEN = {
    "revision", "row_digest", "files_digest", "missing_since", "remote_updated_at", "sent_at", "old_remote_id",
    "old_queued_id", "old_ids_until", "raw_state", "magnet", "fresh_read_at", "list_digest",
}  # fmt: skip
OLDEST_LIST = timedelta(seconds=600)  # what TorBox's cache may hold
Row = dict[str, Any]


@dataclass
class Expected:
    """What people want of one hash. `wanted` is None when it does not matter: others at TorBox took part."""

    wanted: bool | None = None
    pasted: bool = False
    allowed: int = 0
    """How many creates of it may have been accepted."""
    accepted_before: int = 0
    """How many were accepted when it was last wanted anew."""
    back_at: float | None = None
    """When somebody else put it on the account."""


@dataclass
class Model:
    sim: Running
    account_pk: int
    lag: int
    keys: list[str]
    expected: dict[str, Expected]
    rows: dict[str, Row] = field(default_factory=dict)
    revision: int = 0
    rejected_calls: int | None = None
    """How many calls had been made when the key was refused."""
    refused_at_will: bool = False
    """Whether TorBox has said no to something without a reason."""

    # -- the truth

    @property
    def account(self) -> TorBoxAccount:
        return TorBoxAccount.objects.get(pk=self.account_pk)

    def at_torbox(self) -> dict[str, list[dict[str, Any]]]:
        """By hash; a queued one has no state."""
        (account,) = self.sim.control.state()["accounts"]
        found: dict[str, list[dict[str, Any]]] = {}
        for item in account["torrents"] + account["queue"]:
            found.setdefault(item["hash"], []).append(item)
        return found

    def now(self) -> float:
        return self.sim.control.now()

    def is_unsettled(self, info_hash: str) -> bool:
        expectation = AddRequest.objects.filter(torrent__info_hash=info_hash, state__in=UNSETTLED)
        return expectation.exists()

    # -- what people and others do

    def will_paste(self, info_hash: str) -> None:
        """Whether this begins a new life, in which it may be accepted once more."""
        expectation, row = self.expected[info_hash], Torrent.objects.filter(info_hash=info_hash).first()
        expectation.pasted = expectation.wanted = True
        if row is None or row.ended:
            return self.restart(expectation, info_hash)
        waits = ControlRequest.objects.filter(torrent=row, operation="delete", state=RequestState.WAITING)
        flying = AddRequest.objects.filter(torrent=row, state__in=UNSETTLED[1:])
        if row.removed_at and not waits.exists() and not flying.exists():
            self.restart(expectation, info_hash)
        return None

    def will_delete(self, info_hash: str) -> None:
        """What others added under an id that nobody has seen yet is not what is deleted."""
        expectation = self.expected[info_hash]
        expectation.wanted = False if expectation.back_at is None else None

    def restart(self, expectation: Expected, info_hash: str) -> None:
        expectation.allowed += 1
        expectation.accepted_before = self.sim.control.accepted().get(info_hash, 0)
        expectation.wanted, expectation.back_at = True, None

    def left_torbox(self, info_hash: str) -> None:
        """It went away there; a wish whose answer got lost is then rightly sent once more."""
        if self.is_unsettled(info_hash):
            self.expected[info_hash].allowed += 1

    def came_from_elsewhere(self, info_hash: str) -> None:
        expectation = self.expected[info_hash]
        expectation.back_at = self.now()
        if not expectation.wanted:
            expectation.wanted = None

    # -- after every step

    def check(self) -> None:
        rows = {row["info_hash"]: row for row in Torrent.objects.values()}
        truth = self.at_torbox()
        self._check_rows(rows)
        self._check_acceptance(truth)
        self._check_revision(rows)
        self._check_gone(rows, truth)
        self._check_budgets()
        self._check_refused_key()
        self.rows = rows

    def _check_rows(self, rows: dict[str, Row]) -> None:
        assert Torrent.objects.count() == len(rows), "two rows for one wish"
        requests = dict(AddRequest.objects.values_list("torrent__info_hash", "state"))
        for info_hash, expectation in self.expected.items():
            if not expectation.pasted:
                continue
            assert info_hash in rows, f"{info_hash} is lost"
            row = rows[info_hash]
            if expectation.wanted:
                assert row["removed_at"] is None, f"{info_hash} is wanted and not listed"
            if row["status"] == Status.WAITING and not row["removed_at"]:
                assert requests.get(info_hash) in UNSETTLED, f"{info_hash} waits and nobody will send it"

    def _check_acceptance(self, truth: dict[str, list[dict[str, Any]]]) -> None:
        for info_hash, number in self.sim.control.accepted().items():
            assert number <= self.expected[info_hash].allowed, f"{info_hash} was accepted {number} times"
        assert all(len(items) == 1 for items in truth.values()), "twice at TorBox"

    def _check_revision(self, rows: dict[str, Row]) -> None:
        before, self.revision = self.revision, self.account.revision
        assert self.revision >= before
        changed = [info_hash for info_hash in rows | self.rows if self._looks_different(info_hash, rows)]
        if changed:
            assert self.revision > before, f"a page does not notice that {self._differences(rows)} changed"
        for info_hash in changed:
            if info_hash in rows:
                assert before < rows[info_hash]["revision"] <= self.revision, (
                    f"{self._differences(rows)}: no news"
                )

    def _looks_different(self, info_hash: str, rows: dict[str, Row]) -> bool:
        shown = [
            {name: value for name, value in where.get(info_hash, {}).items() if name not in HIDDEN}
            for where in (self.rows, rows)
        ]
        return shown[0] != shown[1]

    def _differences(self, rows: dict[str, Row]) -> dict[str, list[str]]:
        return {
            info_hash: [
                name
                for name in rows[info_hash]
                if self.rows.get(info_hash, {}).get(name) != rows[info_hash][name]
            ]
            for info_hash in rows
            if self._looks_different(info_hash, rows)
        }

    def _check_gone(self, rows: dict[str, Row], truth: dict[str, list[dict[str, Any]]]) -> None:
        for info_hash, row in rows.items():
            before = self.rows.get(info_hash, {}).get("status")
            if row["status"] == Status.GONE and before != Status.GONE:
                assert self._may_be_gone(info_hash, truth), f"{info_hash} is Gone without proof"

    def _may_be_gone(self, info_hash: str, truth: dict[str, list[dict[str, Any]]]) -> bool:
        if self.is_unsettled(info_hash):
            return False
        if info_hash not in truth:
            return True
        back_at = self.expected[info_hash].back_at
        # Lists that were made while it was away may still come.
        return back_at is not None and self.now() - back_at <= OLDEST_LIST.total_seconds() + self.lag

    def _check_budgets(self) -> None:
        control = self.sim.control
        assert control.refused() == 0, "a call beyond a limit of TorBox"
        limits = self.sim.sim.limits
        made = sorted(at for key in self.keys for at in limits._calls[key, "create_hour"])
        assert all(later - at >= 3600 for at, later in zip(made, made[60:], strict=False))
        assert all(later - at >= 60 for at, later in zip(made, made[10:], strict=False))

    def _check_refused_key(self) -> None:
        calls = self.sim.control.count()
        if not self.account.rejected:
            self.rejected_calls = None
        elif self.rejected_calls is None:
            self.rejected_calls = calls
        else:
            assert calls == self.rejected_calls, "a call with a key that was refused"

    # -- at the end

    def is_settled(self) -> bool:
        waiting = AddRequest.objects.filter(state__in=UNSETTLED, torrent__removed_at=None)
        return not waiting.exists() and not ControlRequest.objects.filter(state__in=UNSETTLED).exists()

    def check_the_end(self) -> None:
        rows, truth = {row.info_hash: row for row in Torrent.objects.all()}, self.at_torbox()
        states = Counter(AddRequest.objects.filter(torrent__removed_at=None).values_list("state", flat=True))
        assert self.is_settled(), f"something is stuck: {states}"
        for info_hash, items in truth.items():
            self._check_agreement(rows.get(info_hash), info_hash, items[0])
        for info_hash, expectation in self.expected.items():
            if expectation.pasted:
                self._check_expectation(expectation, rows[info_hash], truth.get(info_hash))
        assert not any(row.pending for row in rows.values()), "something is pending for ever"

    def _check_agreement(self, row: Torrent | None, info_hash: str, item: dict[str, Any]) -> None:
        """Everything TorBox has is on the list, under its id, and with its word for the main thing."""
        assert row is not None and row.removed_at is None, f"{info_hash} is at TorBox and not listed"
        ids = (None, item["id"]) if "state" not in item else (item["id"], None)
        assert (row.remote_id, row.queued_id) == ids, f"{info_hash} has another id"
        if "state" in item:
            assert (row.status == Status.READY) == item["present"], f"{info_hash}: {row.status}, {item}"
            assert (row.status == Status.FAILED) == item["state"].startswith("failed")

    def _check_expectation(
        self, expectation: Expected, row: Torrent, items: list[dict[str, Any]] | None
    ) -> None:
        if expectation.wanted is False and not self.refused_at_will:
            assert items is None, f"{row.info_hash} was deleted and is at TorBox"
        if not expectation.wanted:
            return
        if items is None:
            assert row.ended, f"{row.info_hash} is {row.status} and TorBox does not have it"
        if row.status == Status.FAILED:
            assert row.reason, f"{row.info_hash} failed without a word"
            accepted = self.sim.control.accepted().get(row.info_hash, 0)
            tried = (
                accepted > expectation.accepted_before
                or expectation.back_at
                or row.request.state == RequestState.FAILED
            )
            assert tried or not row.info_hash, f"{row.info_hash} was never tried again"
