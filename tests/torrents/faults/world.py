"""What a person and beat do while TorBox misbehaves, and what must hold whatever happens."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts import crypto
from accounts.models import TorBoxAccount
from tests.factories import PASSWORD, Cast, make_hash, make_key
from tests.torrents.codes import wrong_codes
from tests.torrents.faults import kinds
from torrents import tasks
from torrents.models import AddRequest, ControlRequest, RequestState, Torrent
from torrents.services.outbox import controls, sending
from torrents.services.sync import refreshing
from torrents.states import Status

NAME = "Open film"
HASH = make_hash(NAME)
MAGNET = f"magnet:?xt=urn:btih:{HASH}&dn=Open+film"
QUICK, PATIENT = (0.15, 0.15), (5.0, 5.0)  # seconds to connect, to answer; quick only for the fault itself


@dataclass
class World:
    """One household, its TorBox, and a person with the list open. Both clocks stand still until `pass_time`."""

    cast: Cast
    sim: Any
    client: Any
    time_machine: Any
    settings: Any
    row: Torrent | None = None
    trouble: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.keys = [self.cast.key]
        """All that must never be seen."""

    def __enter__(self) -> World:
        return self

    def __exit__(self, *problem: object) -> None:
        self.trouble.close()

    # -- time and misfortune

    def pass_time(self, **span: float) -> None:
        passed = timedelta(**span)
        self.time_machine.move_to(timezone.now() + passed, tick=False)
        self.sim.control.advance(passed.total_seconds())

    def begin(self, endpoint: str, fault: str, *, arrives: bool = False) -> None:
        if fault == "time-out":
            self._wait_no_longer_than(QUICK)
        if (endpoint, fault) == ("torrentinfo", "time-out"):
            # TorBox gets ten seconds more than it asks for there, which no test can wait for.
            self.settings.TORBOX_API_URL = self.trouble.enter_context(kinds.nobody_accepts())
        else:
            kinds.begin(self.sim, endpoint, fault, arrives=arrives)
        self.sim.control.reset_calls()

    def end(self, fault: str) -> None:
        """TorBox is well again; a key that was refused is replaced by its owner, and an hour passes."""
        self.trouble.close()
        kinds.end(self.sim, fault)
        self.settings.TORBOX_API_URL = self.sim.url
        if fault == "time-out":
            self._wait_no_longer_than(PATIENT)
        if self.account.rejected:
            self._enter_a_new_key()
        self.pass_time(hours=1)
        self.sends_adds()  # what is unclear is looked for from now on: nothing could be seen meanwhile
        self.pass_time(minutes=4)

    def _wait_no_longer_than(self, seconds: tuple[float, float]) -> None:
        """As after a restart: clients keep their time-outs, so the stored key is encrypted anew to get others."""
        self.settings.TORBOX_TIMEOUT = self.settings.TORBOX_QUICK_TIMEOUT = seconds
        TorBoxAccount.objects.filter(pk=self.account.pk).update(encrypted_key=crypto.encrypt(self.cast.key))

    def _enter_a_new_key(self) -> None:
        new = make_key(f"after {self.cast.key}")
        self.sim.control.rotate(self.cast.key, new)
        self.keys.append(new)
        self.confirm()
        page = self.client.post(reverse("accounts:replace_key", args=[self.account.pk]), {"api_key": new})
        assert page.status_code == 302, "the new key was not taken"

    # -- what people and beat do

    def confirm(self) -> None:
        """Who it is, as is asked for before keys change."""
        self.client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    def open(self, name: str, *args: Any, **query: Any) -> HttpResponse:
        return self.client.get(reverse(name if ":" in name else f"torrents:{name}", args=args), query)

    def press(self, name: str, *args: Any, **data: Any) -> None:
        """A form is sent and nobody looks at what comes next."""
        self.client.post(reverse(f"torrents:{name}", args=args), data)

    def send(self, name: str, *args: Any, **data: Any) -> HttpResponse:
        return self.client.post(reverse(f"torrents:{name}", args=args), data, follow=True)

    def place(self, state: str = "completed", **spec: Any) -> None:
        """A torrent that TorBox has and that is in the list."""
        work = self.sim.control.make_work(NAME, {"film.mkv": 40_000})
        self.sim.control.seed(torrents=[{"key": self.cast.key, "work": work, "state": state, **spec}])
        assert refreshing.refresh(self.account, fresh=True)
        self.row = Torrent.objects.get()

    def paste(self) -> None:
        self.press("add", text=MAGNET, seed="1")
        self.row = Torrent.objects.get()

    def sends_adds(self) -> None:
        for account_id in sending.account_ids_with_due():
            tasks.send_adds(account_id)

    def sends_controls(self) -> None:
        for account_id in controls.account_ids_with_due():
            tasks.send_controls(account_id)

    def reads_lists(self) -> None:
        for account_id in refreshing.due_account_ids():
            tasks.refresh_account(account_id)

    def beats(self, rounds: int = 2) -> None:
        """What beat and a worker do in a few rounds."""
        for _ in range(rounds):
            self.reads_lists()
            self.sends_adds()
            self.sends_controls()
            self.pass_time(seconds=30)

    # -- what is there

    @property
    def account(self) -> TorBoxAccount:
        return TorBoxAccount.objects.get(pk=self.cast.account.pk)

    @property
    def request(self) -> str:
        """The state of what somebody asked for last; `-` when nothing was."""
        request = ControlRequest.objects.last() or AddRequest.objects.last()
        return str(request.state) if request else "-"

    @property
    def health(self) -> str:
        return str(self.account.health)

    @property
    def at_torbox(self) -> dict[str, str]:
        """State by info hash, the queue included."""
        told = self.sim.control.state()["accounts"]
        account = next(each for each in told if set(self.keys) & set(each["keys"]))
        queue = {item["hash"]: "queued" for item in account["queue"]}
        return queue | {torrent["hash"]: torrent["state"] for torrent in account["torrents"]}

    def asked(self, endpoint: str) -> int:
        """How many calls reached TorBox since the fault began."""
        return int(self.sim.control.count(endpoint))

    def rows(self) -> dict[str, bool]:
        """Every torrent anybody wants, and whether a person took it off the list."""
        return {row.info_hash: row.removed_at is not None for row in Torrent.objects.all()}

    def is_whole(self, page: HttpResponse) -> bool:
        """Nothing is gone or stuck, no call was one too many, columns for codes hold codes, no key is seen."""
        assert not Torrent.objects.filter(status=Status.GONE).exists(), "a torrent is called gone"
        for kind in (AddRequest, ControlRequest):
            assert not kind.objects.filter(state=RequestState.SENDING).exists(), "a wish is stuck"
        assert wrong_codes() == [], "a column for codes holds something else"
        leases = self.account.refresh_lease_until, self.account.send_lease_until
        assert leases == (None, None), "a lease is left behind"
        assert self.sim.control.refused() == 0, "a call was beyond a limit of TorBox"
        shown = text_of(page) + str(page.headers)
        assert not any(key in shown for key in self.keys), "a key is in the page"
        return True


def outcome(world: World, page: HttpResponse, expected: str) -> str:
    """As a line of the tables; in place of a sentence that is not there, what is there."""
    _, request, health, sentence = expected.split(" | ")
    text = text_of(page)
    return " | ".join(
        (
            str(page.status_code),
            world.request if request != "-" else "-",
            world.health if health != "-" else "-",
            sentence if sentence in text else _readable(text),
        )
    )


def text_of(page: HttpResponse) -> str:
    return html.unescape(page.content.decode(errors="replace"))


def _readable(text: str) -> str:
    body = re.sub(r"(?s)<(script|style|svg|nav|header)\b.*?</\1>", " ", text)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).strip()[:1500]


@dataclass(frozen=True)
class Situation:
    """One thing that is asked of TorBox. `act` and `again` give a page, or None where nobody waits for one.

    `again` is one more go after the fault, and `ended` whether everything is as it was wanted then.
    """

    endpoint: str
    prepare: Callable[[World], None]
    act: Callable[[World], HttpResponse | None]
    table: str
    again: Callable[[World], HttpResponse | None]
    ended: Callable[[World, HttpResponse], bool]
