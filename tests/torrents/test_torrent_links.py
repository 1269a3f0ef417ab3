"""A pasted link to a .torrent file is fetched through the guard and shown like an upload; what fails is one line."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from tests.factories import make_hash
from tests.torbox.support import Reply, Server
from torbox.guarded_fetch import FetchError
from torbox.skip_reasons import SkipReason
from torrents.link_reasons import LINK_WORDS
from torrents.models import AddRequest, Torrent
from torrents.skip_reason_text import WORDS, WORDS_WITH_LINE, skip_sentence

HASH = make_hash("beside a link")


@pytest.fixture
def site(settings) -> Iterator[Server]:
    """A web site with .torrent files. The guard would refuse it, because it is on this computer."""
    server = Server()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    settings.LINK_FETCH_EXEMPT_ORIGIN = server.url
    yield server
    server.forget()
    server.shutdown()
    server.server_close()


@pytest.fixture
def work(sim):
    return sim.control.make_work("Linked", {"film.mkv": 40_000})


def preview(client, text: str, **more):
    return client.post(reverse("torrents:preview"), {"text": text, "seed": "1", **more}).context["preview"]


def reasons(shown) -> list[str]:
    return [row.title for row in shown.rows if row.kind == "skipped"]


def test_a_link_is_fetched_and_shown_like_an_upload(cast, site, work, sign_in):
    site.will(Reply(302, headers={"Location": "/moved?key=1"}), Reply(body=work.torrent_bytes))
    shown = preview(sign_in(cast.owner), f"See {site.url}/a.torrent?key=1&amp;id=2, or {HASH}")
    assert [(row.title, row.size) for row in shown.rows if row.title == "Linked"] == [("Linked", 40_000)]
    assert shown.count == 2 and not AddRequest.objects.exists()
    assert site.requests[0].query == {"key": ["1"], "id": ["2"]}
    assert not {"cookie", "authorization", "referer"} & set(site.last.headers)


def test_what_the_preview_fetched_is_added_without_asking_again(cast, site, work, sign_in):
    client, text = sign_in(cast.owner), f"{site.url}/a.torrent"
    site.will(Reply(body=work.torrent_bytes))
    shown = preview(client, text)
    again = preview(client, text, fetched=shown.fetched)
    client.post(reverse("torrents:add"), {"text": text, "seed": "1", "fetched": again.fetched})
    assert bytes(AddRequest.objects.get().torrent_file) == work.torrent_bytes
    assert len(site.requests) == 1


def test_adding_without_a_preview_fetches_too(cast, site, work, sign_in):
    site.will(Reply(body=work.torrent_bytes))
    sign_in(cast.owner).post(reverse("torrents:add"), {"text": f"{site.url}/a.torrent", "seed": "1"})
    assert Torrent.objects.get().info_hash == work.info_hash


def test_what_does_not_stand_in_the_text_any_more_is_not_added(cast, site, work, sign_in):
    client = sign_in(cast.owner)
    site.will(Reply(body=work.torrent_bytes))
    fetched = preview(client, f"{site.url}/a.torrent").fetched
    client.post(reverse("torrents:add"), {"text": HASH, "seed": "1", "fetched": [*fetched, "!! x", "bm8= x"]})
    assert Torrent.objects.get().info_hash == HASH


def test_the_same_torrent_behind_a_link_and_in_a_magnet_is_one(cast, site, work, sign_in):
    site.will(Reply(body=work.torrent_bytes))
    shown = preview(sign_in(cast.owner), f"{work.magnet}\n{site.url}/a.torrent")
    assert shown.count == 1 and "1 pasted twice" in shown.again_part


FAILURES = [
    (Reply(404), "returned error 404"),
    (Reply(body=b"<!doctype html><title>Sign in</title>"), "leads to a web page"),
    (Reply(body=b""), "sent nothing"),
    (Reply(body=b"hello"), "isn’t a .torrent file, or it’s damaged"),
    (Reply(body=b"d", fault="endless"), "larger than 10 MiB"),
    (Reply(body=b"d", fault="drip"), "took longer than 1 seconds"),
    (Reply(body=b"d", fault="stall"), "took longer than 1 seconds"),
    (Reply(body=b"d", fault="truncate"), "couldn’t reach"),
    (Reply(fault="drop"), "couldn’t reach"),
    (Reply(302, headers={"Location": "/again.torrent"}), "redirects too often"),
    (Reply(302, headers={"Location": "http://10.0.0.1/a.torrent"}), "doesn’t lead to the public internet"),
]


@pytest.mark.parametrize(
    ("reply", "words"), FAILURES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_fails_costs_its_line_and_tells_why(cast, site, sim, sign_in, settings, reply, words):
    settings.LINK_FETCH_SECONDS = 0.6
    site.will(reply)
    shown = preview(sign_in(cast.owner), f"{HASH}\n{site.url}/a.torrent")
    (reason,) = reasons(shown)
    assert reason.startswith("Line 2: ") and words in reason and reason.endswith(".")
    assert shown.count == 1 and not shown.fetched


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/a.torrent", "http://localhost:{port}/a.torrent", "http://[::ffff:127.0.0.1]:{port}/a.torrent",
            "https://169.254.169.254/a.torrent", "http://10.0.0.1/a.torrent"],
)  # fmt: skip
def test_nothing_in_a_private_network_is_fetched(cast, site, sim, sign_in, settings, url):
    """As in life, where no origin is exempt."""
    settings.LINK_FETCH_EXEMPT_ORIGIN = ""
    site.will(Reply(body=b"d"))
    (reason,) = reasons(preview(sign_in(cast.owner), url.format(port=site.server_address[1])))
    assert "public internet" in reason and site.requests == []


def test_a_simulated_or_self_hosted_torbox_is_not_fetched_either(cast, sim, sign_in):
    (reason,) = reasons(preview(sign_in(cast.owner), f"{sim.url}/v1/api/a.torrent"))
    assert "public internet" in reason


def test_five_links_are_fetched_side_by_side_and_the_others_named(cast, site, work, sign_in):
    site.will(*[Reply(body=work.torrent_bytes, fault="late")] * 5)
    shown = preview(sign_in(cast.owner), "\n".join(f"{site.url}/{number}.torrent" for number in range(7)))
    assert len(site.requests) == 5 and shown.count == 1
    assert [reason[:30] for reason in reasons(shown)] == [
        "Line 6: We fetch up to 5 links",
        "Line 7: We fetch up to 5 links",
    ]


def test_slow_links_take_their_time_together_and_not_one_after_the_other(cast, site, sim, sign_in, settings):
    settings.LINK_FETCH_SECONDS = 1.0
    site.will(Reply(fault="stall"))
    client, text = sign_in(cast.owner), "\n".join(f"{site.url}/{number}.torrent" for number in range(5))
    started = time.monotonic()
    assert len(reasons(preview(client, text))) == 5 == len(site.requests)
    assert time.monotonic() - started < 4


def test_what_failed_is_not_asked_for_again_at_every_key(cast, site, sim, sign_in):
    client = sign_in(cast.owner)
    site.will(Reply(404))
    first, second = (preview(client, f"{site.url}/a.torrent") for _ in range(2))
    assert reasons(first) == reasons(second) and len(site.requests) == 1


def test_a_person_may_fetch_only_so_many_links_a_minute(cast, site, work, sign_in, time_machine):
    time_machine.move_to("2030-01-01T12:00:00Z", tick=False)
    client = sign_in(cast.owner)
    site.will(Reply(body=work.torrent_bytes))
    for number in range(20):
        assert preview(client, f"{site.url}/{number}.torrent").count == 1
    (reason,) = reasons(preview(client, f"{site.url}/more.torrent"))
    assert "Wait a minute" in reason and len(site.requests) == 20
    assert preview(sign_in(cast.member), f"{site.url}/more.torrent").count == 1


@pytest.mark.django_db(transaction=True)
def test_only_so_many_threads_are_spent_on_links(cast, site, sim):
    site.will(Reply(fault="stall"))
    with ThreadPoolExecutor(2) as people:
        slow = [people.submit(_page, cast.owner, f"{site.url}/{number}.torrent") for number in range(2)]
        assert site.was_asked(2)
        assert "Too many links are being fetched right now" in _page(cast.member, f"{site.url}/a.torrent")
        site.forget()
        assert all("couldn’t reach the server" in page.result() for page in slow)


def _page(person, text: str) -> str:
    """The preview in a browser of its own, and perhaps in a thread, whose connection to the database ends with it."""
    client = Client()
    client.force_login(person)
    try:
        return client.post(reverse("torrents:preview"), {"text": text, "seed": "1"}).content.decode()
    finally:
        connections.close_all()


@pytest.mark.parametrize("name", ["viewer", "outsider"])
def test_nothing_is_fetched_for_people_who_may_not_add(cast, site, sim, sign_in, name):
    site.will(Reply(body=b"d"))
    (reason,) = reasons(preview(sign_in(getattr(cast, name)), f"{site.url}/a.torrent"))
    assert "only for people who can add" in reason and site.requests == []


def test_nothing_is_fetched_for_strangers(cast, site, client):
    site.will(Reply(body=b"d"))
    for name in ("torrents:preview", "torrents:add", "torrents:share"):
        client.post(reverse(name), {"text": f"{site.url}/a.torrent", "seed": "1"})
    client.get(reverse("torrents:add"), {"url": f"{site.url}/a.torrent"})
    assert site.requests == []


def test_every_code_has_words():
    """The guard's codes are those of its docstring."""
    codes = set(re.findall(r"`(\w+)`", (FetchError.__doc__ or "").partition("`url`")[2])) - {"status"}
    assert {"address", "redirects", "too_large", "too_slow", "tls"} <= codes
    ours = {"url", "status", "web_page", "empty", "too_many", "throttled", "busy", "no_account"}
    assert LINK_WORDS.keys() == codes | ours
    assert "error 403" in skip_sentence("link_status", {"status": "403"}, 1)
    assert skip_sentence("link_new", {}, 1) == skip_sentence("link_unreachable", {}, 1)


def test_every_reason_to_skip_has_words():
    assert {*WORDS, *WORDS_WITH_LINE, SkipReason.MORE_LINES} >= {*SkipReason}
    params = {"limit": 5000, "count": 2, "key": "name"}
    sentences = [skip_sentence(reason, params, 7) for reason in SkipReason]
    assert all("ine 7" in words and words.endswith(".") and "%" not in words for words in sentences)
    assert skip_sentence(SkipReason.MORE_LINES, {"count": 1200}, 201) == (
        "From line 201 on, 1,200 more lines or links can’t be used."
    )
