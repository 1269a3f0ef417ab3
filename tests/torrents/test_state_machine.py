"""Random sequences of what people, TorBox, the network and time do: nothing is lost, doubled or untrue.

Few and always the same examples in the suite; MODEL_EXAMPLES=1000 runs as many new ones.
"""

from __future__ import annotations

import contextlib
import os
import sys
from datetime import UTC, datetime, timedelta

import hypothesis
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.clients import client_for
from accounts.models import Share
from accounts.services import replace_key
from tests.factories import make_account, make_hash, make_key, make_user
from tests.torrents.household_model import Expected, Model
from torbox import TorBoxError
from torbox.magnets import Magnet
from torrents import tasks
from torrents.models import AddRequest, ControlRequest, CreateCall, RequestState, Torrent
from torrents.services.actions import adding, controlling
from torrents.services.actions.adding import NewTorrent, Options
from torrents.services.outbox import budget, controls, due, sending
from torrents.services.sync import refreshing

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "0"))
SETTINGS = hypothesis.settings(
    max_examples=EXAMPLES or 8,
    derandomize=not EXAMPLES,
    stateful_step_count=60 if EXAMPLES else 40,
    database=None,
    deadline=None,
    print_blob=True,
    phases=[Phase.generate] if os.environ.get("MODEL_AS_IS") else [Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HASHES = [make_hash(f"wish {number}") for number in range(14)]
CACHED = HASHES[:4]
NO_ANSWER = [
    "drop",
    "refuse",
    "truncate",
    "html502",
    "500",
    "500_envelope",
    "429",
    "429_headers",
    "wrong_types",
    "not_json",
    "empty",
]
ENDPOINTS = ["createtorrent", "mylist", "getqueued", "checkcached", "controltorrent", "controlqueued", "*"]
OPERATIONS = ["pause", "resume", "reannounce", "stop_seeding", "start"]
MOMENTS = [1, 11, 20, 61, 200, 700, 1000, 3700, 3 * 3600, 26 * 3600]  # seconds
some = st.sets(st.integers(0, len(HASHES) - 1), min_size=1, max_size=5)
one = st.sampled_from(HASHES)


class Household(RuleBasedStateMachine):
    """One account of TorBox, shared by two people. `sim` and `clock` are put in by the test."""

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()

    @initialize(
        plan=st.sampled_from(["essential", "pro"]),
        lag=st.sampled_from([0, 0, 60, 120]),
        skew=st.sampled_from([0, 0, -60, 60]),
        no_slot=st.sampled_from(["queue", "active_limit"]),
        duplicate=st.sampled_from(["same_id", "error", "by_state"]),
        null_create_data=st.booleans(),
    )
    def begin(self, plan, lag, skew, **options) -> None:
        control = self.sim.control
        options |= {"fresh_lag_seconds": lag, "download_seconds": 200}
        control.reset("empty", options=options, now=(START + timedelta(seconds=skew)).timestamp())
        control.clear_faults()
        control.reset_calls()
        control.freeze()
        self.sim.sim.clear()
        self.clock.move_to(START, tick=False)
        key = make_key("model 0")
        control.seed(accounts=[{"key": key, "name": "family", "plan": plan}])
        control.cache(CACHED)
        self.people = [make_user("first"), make_user("second")]
        account = make_account(self.people[0], key)
        Share.objects.create(account=account, user=self.people[1], level=Share.Level.MANAGE)
        new_torrents = {info_hash: Expected() for info_hash in HASHES}
        self.model = Model(self.sim, account.pk, lag, [key], new_torrents, revision=account.revision)

    # -- people

    @rule(picked=some, by=st.integers(0, 1), as_queued=st.booleans())
    def paste(self, picked, by, as_queued) -> None:
        self._want([HASHES[number] for number in picked], by, as_queued)

    @rule(by=st.integers(0, 1))
    def paste_everything(self, by) -> None:
        self._want(HASHES, by, False)

    def _want(self, hashes: list[str], by: int, as_queued: bool) -> None:
        for info_hash in hashes:
            self.model.will_paste(info_hash)
        new_torrents = [NewTorrent(Magnet(info_hash, f"film {info_hash[:4]}")) for info_hash in hashes]
        options = Options(as_queued=as_queued)
        adding.add(
            person=self.people[by], account=self.model.account, new_torrents=new_torrents, options=options
        )

    @rule(picked=some, by=st.integers(0, 1))
    def delete(self, picked, by) -> None:
        rows = self._listed(picked)
        if not rows:
            return
        for row in rows:
            self.model.will_delete(row.info_hash)
        controlling.remove(person=self.people[by], torrents=rows)

    @rule(picked=some)
    def undo(self, picked) -> None:
        hashes = [HASHES[number] for number in picked]
        rows = list(Torrent.objects.removed().filter(info_hash__in=hashes).select_related("account"))
        controlling.restore(rows)
        for row in Torrent.objects.listed().filter(pk__in=[row.pk for row in rows]):
            self.model.expected[row.info_hash].wanted = self.model.expected[row.info_hash].pasted or None

    @rule(info_hash=one, by=st.integers(0, 1))
    def add_again(self, info_hash, by) -> None:
        row = Torrent.objects.listed().filter(info_hash=info_hash).select_related("account").first()
        if row is None or not row.ended:
            return
        expectation = self.model.expected[info_hash]
        expectation.pasted = True
        self.model.restart(expectation, info_hash)
        adding.add_again(person=self.people[by], torrent=row)

    @rule(picked=some, operation=st.sampled_from(OPERATIONS), by=st.integers(0, 1))
    def control(self, picked, operation, by) -> None:
        if rows := self._listed(picked):
            controlling.control(person=self.people[by], torrents=rows, operation=operation)

    @rule(operation=st.sampled_from(["pause", "resume", "reannounce"]))
    def control_everything(self, operation) -> None:
        person, account = self.people[0], self.model.account
        with contextlib.suppress(TorBoxError):  # the person is told
            controlling.control_everything(person=person, account=account, operation=operation)

    def _listed(self, picked) -> list[Torrent]:
        hashes = [HASHES[number] for number in picked]
        return list(Torrent.objects.listed().filter(info_hash__in=hashes).select_related("account"))

    # -- TorBox, and others who use the account there

    @rule(info_hash=one)
    def remove_upstream(self, info_hash) -> None:
        if "state" in self.model.at_torbox().get(info_hash, [{}])[0]:
            self.model.left_torbox(info_hash)
            self.sim.control.remove(self.model.keys[-1], info_hash)

    @rule(info_hash=one, state=st.sampled_from(["completed", "downloading", "failing", "cached", "queued"]))
    def add_upstream(self, info_hash, state) -> None:
        if info_hash not in self.model.at_torbox():
            self.model.came_from_elsewhere(info_hash)
            spec = {"key": self.model.keys[-1], "hash": info_hash, "state": state}
            self.sim.control.seed(torrents=[spec])

    @rule(
        kind=st.sampled_from(NO_ANSWER),
        endpoint=st.sampled_from(ENDPOINTS),
        after=st.booleans(),
        times=st.sampled_from([1, 1, 3]),
    )
    def plan_a_fault(self, kind, endpoint, after, times) -> None:
        self.sim.control.fail(endpoint, kind=kind, after=after, times=times)

    @rule(kind=st.sampled_from(["422", "403_plan"]), endpoint=st.sampled_from(ENDPOINTS), after=st.booleans())
    def plan_a_refusal(self, kind, endpoint, after) -> None:
        self.model.refused_at_will = True
        self.sim.control.fail(endpoint, kind=kind, after=after)

    @rule(
        how=st.sampled_from(["one", "half", "all", "no queue", "twice"]), info_hash=one, fresh=st.booleans()
    )
    def read_an_odd_list(self, how, info_hash, fresh) -> None:
        """Never so that the same row is missing twice in a row: that is what proof looks like."""
        if Torrent.objects.exclude(missing_since=None).exists():
            return
        control, key = self.sim.control, self.model.keys[-1]
        if how == "one":
            control.drop_from_list(key, info_hash)
        elif how == "twice":
            control.repeat_rows(key)
        elif how == "no queue":
            control.thin_list(key, endpoint="getqueued")
        else:
            control.thin_list(key, share=1.0 if how == "all" else 0.5)
        refreshing.refresh(self.model.account, fresh=fresh)
        self.sim.sim.listing.oddities.clear()

    @rule()
    def rotate_the_key(self) -> None:
        new = make_key(f"model {len(self.model.keys)}")
        self.sim.control.rotate(self.model.keys[-1], new)
        self.model.keys.append(new)

    @precondition(lambda self: self.model.account.rejected)
    @rule()
    def enter_the_new_key(self) -> None:
        try:
            replace_key(account=self.model.account, api_key=self.model.keys[-1])
        except Exception:  # a planned fault: it is typed again later
            self.model.rejected_calls = None

    # -- the work

    @rule(fresh=st.booleans())
    def refresh(self, fresh) -> None:
        refreshing.refresh(self.model.account, fresh=fresh)

    @rule()
    def watch(self) -> None:
        refreshing.look([self.model.account], moving=True)
        for account_id in refreshing.watched_account_ids():
            tasks.watch_account(account_id)

    @rule()
    def send_round(self) -> None:
        sending.send_due(self.model.account_pk)

    @rule()
    def control_round(self) -> None:
        controls.send_due(self.model.account_pk)

    @rule(seconds=st.sampled_from(MOMENTS))
    def time_stands_still_for_no_one(self, seconds) -> None:
        self._advance(seconds)

    @rule(minutes=st.sampled_from([1, 3, 10]))
    def some_minutes_pass(self, minutes) -> None:
        for _ in range(minutes):
            self._advance(60)
            self._beat()

    @rule(kind=st.sampled_from(["refresh", "send", "control"]))
    def a_worker_dies_with_a_lease(self, kind) -> None:
        self.model.account.take_lease(kind)

    @rule(made=st.booleans())
    def a_worker_dies_while_sending(self, made) -> None:
        account, now = self.model.account, timezone.now()
        waiting = due.due_requests(now, account).filter(state=RequestState.WAITING)
        request = waiting.select_related("torrent").first()
        paused = (
            account.rejected or account.paused_until("createtorrent") or budget.free_at(account, now) > now
        )
        if request is None or paused or not account.take_lease("send"):
            return
        assert request.claim(expecting=RequestState.WAITING)
        CreateCall.objects.create(account=account)
        if made:
            self._call(lambda client: client.create_torrent(magnet=request.magnet))

    @rule(made=st.booleans())
    def a_worker_dies_while_controlling(self, made) -> None:
        account = self.model.account
        waiting = ControlRequest.objects.filter(state=RequestState.WAITING, due_at__lte=timezone.now())
        request = waiting.exclude(torrent__remote_id=None).select_related("torrent").first()
        sent = (
            ~AddRequest.objects.filter(torrent=request and request.torrent_id).exclude(state="done").exists()
        )
        if request is None or not sent or account.rejected or not account.take_lease("control"):
            return
        assert request.claim(expecting=RequestState.WAITING)
        if made and request.operation != "start":
            self._call(
                lambda client: client.control_torrent(request.operation, torrent_id=request.torrent.remote_id)
            )

    def _call(self, call) -> None:
        with contextlib.suppress(TorBoxError), client_for(self.model.account) as client:
            call(client)

    def _advance(self, seconds: int) -> None:
        self.clock.shift(timedelta(seconds=seconds))
        self.sim.control.advance(seconds)

    def _beat(self) -> None:
        for account_id in refreshing.due_account_ids():
            tasks.refresh_account(account_id)
        for account_id in sending.account_ids_with_due():
            tasks.send_adds(account_id)
        for account_id in controls.account_ids_with_due():
            tasks.send_controls(account_id)

    # -- what must hold

    @invariant()
    def nothing_is_lost_doubled_or_untrue(self) -> None:
        self.model.check()

    def teardown(self) -> None:
        try:
            if hasattr(self, "model") and sys.exc_info()[0] is None:
                self._let_it_settle()
        finally:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    def _let_it_settle(self) -> None:
        """The faults are over, somebody enters the key when it is asked for, and hours pass."""
        self.sim.control.clear_faults()
        for _ in range(60):
            self._live_on(300)
            if self.model.is_settled():
                break
        for _ in range(14):
            self._live_on(310)
        assert refreshing.refresh(self.model.account, fresh=True)
        self.model.check()
        self.model.check_the_end()

    def _live_on(self, seconds: int) -> None:
        self._advance(seconds)
        if self.model.account.rejected:
            self.enter_the_new_key()
        refreshing.look([self.model.account], moving=True)
        self._beat()
        self.model.check()


def test_whatever_happens_in_whatever_order_nothing_is_lost(db, sim, time_machine, settings):
    settings.TORBOX_TIMEOUT = (1, 5)
    machine = type("Household", (Household,), {"sim": sim, "clock": time_machine})
    run_state_machine_as_test(machine, settings=SETTINGS)
