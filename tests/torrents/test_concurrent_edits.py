"""Two of our workers and another app edit the same torrents at the same time: no change is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

import pytest

import torbox
from accounts.models import TorBoxAccount, UpstreamCall
from tests.factories import make_account, make_cast, make_hash, make_key
from tests.torrents.test_two_workers import race
from torrents import tasks
from torrents.models import EditRequest, Torrent, TorrentTag
from torrents.services.actions import editing, keeping, tagging
from torrents.services.outbox import edits
from torrents.services.sync import refreshing
from torrents.services.sync.change_detection import UNSETTLED

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS, TORRENTS = 100, 10


class OtherApp:
    """An app that reads a torrent, changes a field, and writes all of them, as TorBox requires."""

    def __init__(self, url: str, key: str) -> None:
        self.client = torbox.Client(base_url=url, api_key=key)
        self.calls = 0

    def read(self, row: Torrent) -> torbox.Torrent:
        return self.client.get_torrent(row.remote_id, fresh=True)

    def write(self, old: torbox.Torrent, tag: str, name: str = "") -> None:
        self.calls += 1
        self.client.edit_torrent(
            old.id,
            name=name or old.name,
            tags=(*old.tags, tag),
            alternative_hashes=old.alternative_hashes,
            airlocked=old.airlocked,
        )

    def write_late(self, row: Torrent, tag: str, has_read: Event) -> None:
        """Write what was read before our edit, once that edit is there."""
        old = self.read(row)
        has_read.set()
        while self.read(row).tags == old.tags:
            continue
        self.write(old, tag)


@pytest.fixture
def cast(sim, key):
    """Without the database of other tests: here everything is committed."""
    sim.control.options(calls_per_minute=100_000)
    return make_cast(key)


@pytest.fixture
def rows(cast, sim) -> list[Torrent]:
    """Return torrents that two people may change."""
    for number in range(TORRENTS):
        sim.control.seed(
            torrents=[{"key": cast.key, "hash": make_hash(f"film {number}"), "state": "completed"}]
        )
    assert refreshing.refresh(cast.account, fresh=True)
    Torrent.objects.update(added_by=cast.member)
    return list(Torrent.objects.order_by("pk"))


def send(cast) -> None:
    """Let two workers send at the same time, until nothing waits."""
    while EditRequest.objects.filter(state__in=UNSETTLED).exists():
        TorBoxAccount.objects.update(probe_at=None)
        UpstreamCall.objects.all().delete()  # many rounds in a minute
        race(partial(tasks.send_edits, cast.account.pk), times=2)


def before_ours(cast, sim, other: OtherApp, row: Torrent, tag: str, record: list) -> None:
    """The other app edits it between our last list and our call."""
    race(*record, times=1)
    other.write(other.read(row), tag, name=f"Film with {tag}")
    send(cast)


def while_people_edit(cast, sim, other: OtherApp, row: Torrent, tag: str, record: list) -> None:
    """The other app edits it while people do so here."""
    race(*record, lambda: other.write(other.read(row), tag), times=1)
    send(cast)


def after_a_lost_call(cast, sim, other: OtherApp, row: Torrent, tag: str, record: list) -> None:
    """Our first call doesn't reach TorBox, and the other app edits it before the second."""
    race(*record, times=1)
    sim.control.fail("edittorrent", kind="drop")
    race(partial(tasks.send_edits, cast.account.pk), times=2)
    other.write(other.read(row), tag)
    send(cast)


def after_a_lost_answer(cast, sim, other: OtherApp, row: Torrent, tag: str, record: list) -> None:
    """Our first call takes effect, but its answer is lost, and the other app edits it before the second."""
    race(*record, times=1)
    sim.control.fail("edittorrent", kind="drop", after=True)
    race(partial(tasks.send_edits, cast.account.pk), times=2)
    other.write(other.read(row), tag)
    send(cast)


def over_ours(cast, sim, other: OtherApp, row: Torrent, tag: str, record: list) -> None:
    """The other app writes over our edit what it read before."""
    race(*record, times=1)
    sim.control.fail("edittorrent", kind="delay", delay=0.6)
    has_read = Event()
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(other.write_late, row, tag, has_read)
        has_read.wait()
        send(cast)
        late.result()


SITUATIONS = [before_ours, while_people_edit, after_a_lost_call, after_a_lost_answer, over_ours]


def test_nothing_is_lost_in_many_rounds(cast, rows, sim):
    other = OtherApp(sim.url, cast.key)
    wanted: dict[int, set[str]] = {row.pk: set() for row in rows}
    for number in range(ROUNDS):
        row, situation = rows[number % TORRENTS], SITUATIONS[number // TORRENTS % len(SITUATIONS)]
        kept, tags = (
            number // TORRENTS % 2 == 0,
            [f"{name} {number}" for name in ("owner", "member", "other")],
        )
        record = [
            partial(tagging.tag, person=cast.owner, torrents=[row], add=tags[:1]),
            partial(tagging.tag, person=cast.member, torrents=[row], add=tags[1:2]),
            partial(keeping.keep, person=cast.owner, torrents=[row], kept=kept),
        ]
        situation(cast, sim, other, row, tags[2], record)
        wanted[row.pk] |= {*tags}
        has = other.read(row)
        assert (set(has.tags), has.airlocked) == (wanted[row.pk], kept), f"round {number}"
        if situation is before_ours:
            assert has.name == f"Film with {tags[2]}"
    refreshing.refresh(cast.account, fresh=True)
    for row in Torrent.objects.all():
        stored = set(TorrentTag.objects.filter(torrent=row).values_list("name", flat=True))
        assert set(row.tags) == stored == wanted[row.pk] and not row.edit_pending
    ours = sim.control.count("edittorrent", cast.key) - other.calls
    print(f"{ROUNDS} rounds: {ours} calls of ours, {other.calls} of the other app, nothing lost.")
    repeated = [over_ours, after_a_lost_call]
    again = sum(SITUATIONS[number // TORRENTS % len(SITUATIONS)] in repeated for number in range(ROUNDS))
    assert ours == ROUNDS + again, "one call for three edits, and once more if it was lost or overwritten"


def test_two_workers_send_each_edit_once(cast, rows, sim):
    tagging.tag(person=cast.owner, torrents=rows, add=["ours"])
    race(partial(tasks.send_edits, cast.account.pk), times=4)
    assert sim.control.count("edittorrent", cast.key) == TORRENTS
    assert edits.account_ids_with_due() == []


def test_edits_of_several_accounts_lock_them_in_one_order(cast, rows, sim):
    """Two people edit torrents of two accounts at once, each naming them in another order."""
    second = make_second(cast, sim)
    both = [rows[0], second]
    add = [partial(tagging.tag, person=cast.owner, torrents=both, add=[f"a {number}"]) for number in range(4)]
    add += [
        partial(tagging.tag, person=cast.owner, torrents=both[::-1], add=[f"b {number}"])
        for number in range(4)
    ]
    race(*add, times=1)
    for row in Torrent.objects.filter(pk__in=[row.pk for row in both]):
        assert len(row.tags) == 8 == TorrentTag.objects.filter(torrent=row).count()


def make_second(cast, sim) -> Torrent:
    key = make_key("second")
    sim.control.seed(accounts=[{"key": key}])
    sim.control.seed(torrents=[{"key": key, "hash": make_hash("second"), "state": "completed"}])
    account = make_account(cast.owner, key, label="Second")
    assert refreshing.refresh(account, fresh=True)
    return Torrent.objects.get(account=account)


def test_undo_wins_whatever_a_worker_does_at_that_moment(cast, rows, sim):
    for row in rows:
        batch = tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
        undo = partial(editing.undo, person=cast.owner, batch_id=batch.pk)
        race(partial(tasks.send_edits, cast.account.pk), undo, times=1)
        send(cast)
        assert OtherApp(sim.url, cast.key).read(row).tags == ()
    assert not TorrentTag.objects.exists() and not Torrent.objects.filter(edit_pending=True).exists()
