"""TorBox's address of an item is asked for once for a visitor, kept while it works, and within a budget."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import requests
from django.db import connection
from django.utils import timezone

from accounts.models import UpstreamCall
from links.endings import NoSuchItem, NotNow
from links.models import KeptAddress
from links.services import addresses, downloading
from links.services.addresses import address_of, fresh_address
from links.services.contents import LinkFile, files_of, main_item
from links.services.opening import Opened
from tests.links.factories import make_share
from tests.links.passing_time import age_addresses, pass_time
from torrents.models import Torrent
from torrents.states import Status

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 3600


def ask(opened: Opened, file: LinkFile | None = None, visitor: str = "a player") -> str:
    return address_of(opened, file or main_item(opened), visitor=visitor, user_ip=None)


def all_at_once(jobs: list[Callable[[], str]]) -> list[str]:
    """Return what the jobs return or the name of what they raise, from threads that start together."""
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], str]) -> str:
        try:
            connection.ensure_connection()
            barrier.wait()
            return job()
        except (NotNow, NoSuchItem) as problem:
            return type(problem).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def works(address: str) -> bool:
    return requests.get(address, timeout=5).ok


def test_an_address_leads_to_the_file(film, sim):
    file = main_item(film)
    body = requests.get(ask(film), timeout=5).content
    assert body == sim.control.expected_bytes(file.torrent.info_hash, file.path)


def test_requests_of_a_visitor_share_an_address_for_ten_minutes(film, sim):
    first = ask(film)
    for _ in range(5):
        age_addresses(100)
        assert ask(film) == first
    assert sim.control.count("requestdl") == 1
    age_addresses(101)
    assert ask(film) != first
    assert sim.control.count("requestdl") == 2


def test_visitors_files_and_links_have_addresses_of_their_own(cast, at_torbox, sim):
    torrent = at_torbox({"a.mkv": 1000, "b.mkv": 1000})
    links = [make_share(cast.member, torrent), make_share(cast.owner, torrent)]
    asked = [
        ask(link, file, visitor)
        for link in links
        for file in files_of(link)
        for visitor in ("one", "another")
    ]
    assert len(set(asked)) == 8 == sim.control.count("requestdl")


def test_an_address_is_encrypted_where_it_is_kept(film):
    address = ask(film)
    (kept,) = KeptAddress.objects.values()
    token = address.rpartition("=")[2]
    assert kept["encrypted_address"] and token not in str(kept)


def test_an_address_that_cannot_be_decrypted_is_asked_for_again(film, sim):
    ask(film)
    KeptAddress.objects.update(encrypted_address="gAAAAA-from-before")
    assert works(ask(film))
    assert sim.control.count("requestdl") == 2


def test_first_requests_at_the_same_time_ask_torbox_once(film, sim):
    sim.control.options(latency=0.3)
    found = all_at_once([lambda: ask(film)] * 8)
    assert len(set(found)) == 1 and works(found[0])
    assert sim.control.count("requestdl") == 1


def test_requests_at_the_same_time_renew_a_dead_address_once(film, sim):
    ask(film)
    sim.control.advance(HOUR + 1)
    age_addresses(10)
    sim.control.options(latency=0.2)
    found = all_at_once([lambda: ask(film)] * 8)
    assert len(set(found)) == 1 and works(found[0])
    assert sim.control.count("requestdl") == 2


def test_those_who_wait_for_a_request_that_fails_do_not_repeat_it(film, sim):
    sim.control.fail("requestdl", kind="500", times=10, delay=0.5)
    assert all_at_once([lambda: ask(film)] * 4) == ["NotNow"] * 4
    assert sim.control.count("requestdl") == 1
    sim.control.clear_faults()
    assert works(ask(film))


def test_a_request_whose_process_died_is_made_again_after_half_a_minute(film, sim, monkeypatch):
    monkeypatch.setattr(addresses, "WAIT_SECONDS", 0.2)
    item = main_item(film).ref
    KeptAddress.objects.create(link=film.link, item=item, visitor="a player")
    with pytest.raises(NotNow):
        ask(film)
    assert sim.control.count("requestdl") == 0
    age_addresses(31)
    assert works(ask(film))


def test_an_answer_that_comes_too_late_does_not_replace_a_newer_one(film, sim, time_machine):
    """The request took so long that another one took its place."""
    sim.control.options(latency=1)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(lambda: (ask(film), connection.close()))
        while not KeptAddress.objects.exists():
            pass
        age_addresses(31)
        sim.control.options(latency=0)
        newer = ask(film)
        slow.result()
    assert ask(film) == newer
    assert sim.control.count("requestdl") == 2


def test_a_dead_address_is_replaced_before_it_is_handed_out(film, sim):
    first = ask(film)
    sim.control.advance(HOUR + 1)
    age_addresses(2)
    second = ask(film)
    assert second != first and works(second)


@pytest.mark.parametrize("life", [1, 5])
def test_addresses_that_die_early_are_kept_for_a_shorter_time(film, sim, life):
    sim.control.options(link_seconds=life)
    ask(film)
    pass_time(sim, life)
    ask(film)
    (kept,) = KeptAddress.objects.all()
    assert kept.worked_for is not None and kept.worked_for < life
    age_addresses(life / 2)
    assert works(ask(film))
    assert sim.control.count("requestdl") == 3 and sim.control.count("cdn") == 2


def test_after_a_pause_addresses_are_kept_for_long_again(film, sim):
    ask(film)
    KeptAddress.objects.update(worked_for=1)
    age_addresses(HOUR)
    ask(film)
    assert KeptAddress.objects.get().worked_for is None


def test_a_check_is_good_for_three_seconds_at_most(film, sim):
    ask(film)
    age_addresses(120)
    ask(film)
    assert sim.control.count("cdn") == 1
    age_addresses(2)
    ask(film)
    assert sim.control.count("cdn") == 1
    age_addresses(1.5)
    ask(film)
    assert sim.control.count("cdn") == 2


def test_checks_at_the_same_time_are_one(film, sim):
    ask(film)
    age_addresses(60)
    sim.control.fail("cdn", kind="delay", delay=0.3)
    all_at_once([lambda: ask(film)] * 5)
    assert sim.control.count("cdn") == 1


@pytest.mark.parametrize("fault", [{"kind": "429"}, {"kind": "drop"}, {"kind": "status", "status": 405}])
def test_an_address_is_handed_out_unless_the_cdn_refuses_it(film, sim, fault):
    first = ask(film)
    age_addresses(60)
    sim.control.fail("cdn", **fault)
    assert ask(film) == first
    assert sim.control.count("requestdl") == 1


def test_an_address_on_a_broken_server_is_replaced_but_others_are_kept_for_long(film, sim):
    first = ask(film)
    age_addresses(60)
    sim.control.fail("cdn", kind="503")
    assert ask(film) != first
    assert KeptAddress.objects.get().worked_for is None


def test_a_server_that_does_not_answer_is_asked_once_a_minute(film, sim):
    ask(film)
    sim.control.fail("cdn", kind="drop", times=9)
    for _ in range(3):
        age_addresses(60)
        ask(film)
    assert sim.control.count("cdn") == 1


def test_the_budget_holds_with_many_visitors_at_once_and_leaves_room_for_people(cast, film, sim, monkeypatch):
    monkeypatch.setattr(addresses, "MOST_PER_MINUTE", 10)
    found = all_at_once([lambda n=n: ask(film, visitor=f"visitor {n}") for n in range(30)])
    assert found.count("NotNow") == 20 and sim.control.count("requestdl") == 10
    torrent = Torrent.objects.get()
    assert works(downloading.link_for(person=cast.owner, torrent=torrent))


def test_clicks_of_people_count_against_the_budget_of_links(cast, film, sim):
    torrent = Torrent.objects.get()
    now = timezone.now()
    UpstreamCall.objects.bulk_create(
        UpstreamCall(account=cast.account, endpoint="requestdl", at=now - timedelta(seconds=20))
        for _ in range(addresses.MOST_PER_MINUTE)
    )
    with pytest.raises(NotNow) as held_back:
        ask(film)
    assert 35 < held_back.value.retry_after <= 40
    assert sim.control.count("requestdl") == 0
    assert works(downloading.link_for(person=cast.owner, torrent=torrent))


def test_links_never_make_more_than_80_calls_a_minute():
    assert addresses.MOST_PER_MINUTE == 80


def test_a_few_slow_requests_leave_threads_to_others(film, sim, monkeypatch):
    monkeypatch.setattr(addresses, "LANE_SECONDS", 0.1)
    sim.control.options(latency=1)
    found = all_at_once([lambda n=n: ask(film, visitor=f"visitor {n}") for n in range(8)])
    assert found.count("NotNow") == 4 and sim.control.count("requestdl") == 4


def test_a_kept_address_needs_no_free_thread(film, sim, monkeypatch):
    monkeypatch.setattr(addresses, "LANE_SECONDS", 0.1)
    first = ask(film)
    KeptAddress.objects.update(checked_at=timezone.now() + timedelta(seconds=30))
    sim.control.options(latency=1)
    jobs = [lambda n=n: ask(film, visitor=f"visitor {n}") for n in range(4)]
    assert all_at_once([*jobs, lambda: ask(film)])[-1] == first


def test_no_transaction_is_open_while_torbox_is_asked(film, sim):
    """SQLite has one writer, and everyone would wait for TorBox."""
    sim.control.options(latency=1)
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(lambda: (ask(film), connection.close()))
        while not sim.control.count("requestdl"):
            pass
        began = timezone.now()
        Torrent.objects.update(name="Written meanwhile")
        assert timezone.now() - began < timedelta(seconds=0.8) and not asking.done()
        asking.result()


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        ({"kind": "429_headers"}, 37),
        ({"kind": "429"}, 60),
        ({"kind": "403_key"}, 300),
        ({"kind": "403_plan"}, 60),
        ({"kind": "422"}, 60),
        ({"kind": "500"}, 5),
        ({"kind": "drop"}, 5),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_trouble_says_when_to_try_again(film, sim, fault, seconds):
    sim.control.fail("requestdl", **fault)
    with pytest.raises(NotNow) as trouble:
        ask(film)
    assert trouble.value.retry_after == seconds
    assert not KeptAddress.objects.exists()


def test_nothing_is_sent_with_a_rejected_key(cast, film, sim):
    cast.account.mark_health(cast.account.Health.REJECTED)
    film.link.refresh_from_db()
    with pytest.raises(NotNow):
        ask(film)
    assert sim.control.count("requestdl") == 0


@pytest.mark.parametrize("file", [False, True])
def test_a_new_address_needs_no_link(at_torbox, sim, file):
    torrent = at_torbox({"a.mkv": 1000, "b.mkv": 2000})
    wanted = torrent.files.get(path__endswith="b.mkv")
    address = fresh_address(torrent, wanted.remote_id) if file else fresh_address(torrent)
    body = requests.get(address, timeout=5).content
    expected = sim.control.expected_bytes(torrent.info_hash, wanted.path)
    assert (body == expected) if file else body.startswith(b"PK")


@pytest.mark.parametrize(
    ("status", "problem"),
    [(Status.DOWNLOADING, NotNow), (Status.GONE, NoSuchItem), (Status.FAILED, NoSuchItem)],
)
def test_a_torrent_without_files_at_torbox_has_no_address(film, sim, status, problem):
    Torrent.objects.update(status=status)
    with pytest.raises(problem):
        fresh_address(Torrent.objects.get())
    assert sim.control.count("requestdl") == 0


def test_what_torbox_no_longer_has_is_not_there(film, sim):
    (account,) = (one for one in sim.control.state()["accounts"] if one["torrents"])
    sim.control.remove(account["keys"][0], account["torrents"][0]["hash"])
    with pytest.raises(NoSuchItem):
        ask(film)
