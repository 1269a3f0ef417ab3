"""Ask before adding: the BitTorrent network about one torrent, TorBox's cache about many."""

from __future__ import annotations

import gzip
import json
from contextlib import ExitStack, suppress

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts import clients
from tests.factories import make_hash
from torrents.services.actions import cache_check, looking_up

SINTEL = "08ada5a7a6183aae1e09d831df6748d566095a10"


def look_up(client, **data):
    return client.post(reverse("torrents:lookup"), data)


def test_a_hash_is_looked_up_with_name_size_files_and_swarm(cast, sim, sign_in):
    info = look_up(sign_in(cast.owner), hash=SINTEL, timeout=15).context["info"]
    assert "Sintel" in info.name and info.size and info.files and info.seeds is not None


def test_a_link_looks_up_at_once(cast, sim, sign_in):
    answer = sign_in(cast.owner).get(reverse("torrents:lookup"), {"hash": SINTEL})
    assert answer.context["info"].info_hash == SINTEL


def test_a_torrent_file_is_looked_up(cast, sim, sign_in):
    work = sim.control.make_work("Uploaded", {"film.mkv": 40_000})
    answer = look_up(sign_in(cast.owner), file=SimpleUploadedFile("a.torrent", work.torrent_bytes))
    assert answer.context["info"].info_hash == work.info_hash


def test_a_gzipped_torrent_file_is_looked_up(cast, sim, sign_in):
    work = sim.control.make_work("Uploaded", {"film.mkv": 40_000})
    file = SimpleUploadedFile("a.torrent", gzip.compress(work.torrent_bytes))
    assert look_up(sign_in(cast.owner), file=file).context["info"].info_hash == work.info_hash


def test_a_magnet_with_very_many_trackers_is_looked_up(cast, sim, sign_in):
    trackers = "".join(f"&tr=udp%3A%2F%2Ftracker{number}.example%3A80" for number in range(1500))
    answer = look_up(sign_in(cast.owner), hash=f"magnet:?xt=urn:btih:{SINTEL}{trackers}")
    assert answer.context["info"].info_hash == SINTEL


@pytest.mark.parametrize("options", [{"use_cache_lookup": "on"}, {"peers_only": "on"}, {"timeout": "60"}])
def test_every_option_is_taken(cast, sim, sign_in, options):
    assert look_up(sign_in(cast.owner), hash=SINTEL, **options).context["problem"] == ""


def test_nobody_answering_in_time_is_said_plainly(cast, sim, sign_in):
    answer = look_up(sign_in(cast.owner), hash=make_hash("nobody has it"), timeout=3)
    assert answer.status_code == 200
    assert answer.context["info"] or answer.context["problem"]


def test_nonsense_gets_one_sentence(cast, sim, sign_in):
    answer = look_up(sign_in(cast.owner), hash="certainly no hash")
    assert answer.status_code == 422 and sim.control.count("torrentinfo") == 0
    assert look_up(sign_in(cast.owner)).status_code == 422


@pytest.mark.parametrize(("answer", "kind"), [("object", dict), ("list", list)])
def test_many_hashes_are_checked_and_answered_as_asked(cast, sim, sign_in, answer, kind):
    hashes = [SINTEL, *(make_hash(str(number)) for number in range(150))]
    data = {"text": "\n".join(hashes), "list_files": "on", "answer": answer}
    context = sign_in(cast.owner).post(reverse("torrents:check"), data).context
    assert context["sentence"] == "Cached: 1 of 151 torrents"
    assert sim.control.count("checkcached", cast.key) == 2
    assert context["results"][0]["files"]
    raw = json.loads(context["raw"])
    assert isinstance(raw, kind) and len(raw) == 1 and (raw[SINTEL] if kind is dict else raw[0])["files"]


def test_a_check_of_more_than_one_request_may_ask_for_says_so(cast, sim, sign_in, monkeypatch):
    monkeypatch.setattr(cache_check, "MAX_HASHES", 2)
    data = {"text": "\n".join(make_hash(str(number)) for number in range(3))}
    context = sign_in(cast.owner).post(reverse("torrents:check"), data).context
    assert context["sentence"] == "Cached: 0 of 2 torrents" and len(context["results"]) == 2
    assert context["not_checked"] == ["We checked the first 2 torrents. Paste the rest afterward."]


def test_a_check_ends_although_torbox_is_slow(cast, sim, sign_in, monkeypatch):
    """Thousands of hashes take many calls, and meanwhile the request holds a thread."""
    monkeypatch.setattr(cache_check, "MAX_SECONDS", 0.5)
    sim.control.options(latency=0.4)
    data = {"text": "\n".join(make_hash(str(number)) for number in range(1000))}
    context = sign_in(cast.owner).post(reverse("torrents:check"), data).context
    assert "TorBox isn’t responding" in context["sentence"]
    assert sim.control.count("checkcached") == 2
    cast.account.refresh_from_db()
    assert cast.account.health == cast.account.Health.OK


def test_an_outage_is_a_sentence_not_an_error(cast, sim, sign_in):
    client = sign_in(cast.owner)
    sim.stop()
    assert look_up(client, hash=SINTEL).context["problem"]
    answer = client.post(reverse("torrents:check"), {"text": SINTEL})
    assert "TorBox isn’t responding" in answer.context["sentence"]


def test_lookups_leave_threads_for_others(cast, sim, sign_in):
    """A lookup holds a thread for up to 70 seconds, and programs and previews have the same places."""
    client, places = sign_in(cast.owner), 0
    with ExitStack() as running:
        with suppress(looking_up.TooManyLookups):
            while True:
                running.enter_context(looking_up.lane())
                places += 1
        assert "Too many requests" in str(look_up(client, hash=SINTEL).context["problem"])
        assert sim.control.count("torrentinfo") == 0
    assert 0 < places < clients.MAX_WAITING
    assert look_up(client, hash=SINTEL).context["info"]


def test_requests_that_wait_for_torbox_leave_threads_for_others(cast, sim, sign_in, monkeypatch):
    monkeypatch.setattr(clients, "WAIT_SECONDS", 0.05)
    client = sign_in(cast.owner)
    with ExitStack() as running:
        for _ in range(clients.MAX_WAITING):
            running.enter_context(clients.client_for(cast.account, somebody_waits=True))
        answer = client.post(reverse("torrents:check"), {"text": SINTEL})
        assert "TorBox isn’t responding" in answer.context["sentence"]
        with clients.client_for(cast.account) as of_a_worker:
            assert of_a_worker.user()
    cast.account.refresh_from_db()
    assert cast.account.health == cast.account.Health.OK
    assert "Cached" in client.post(reverse("torrents:check"), {"text": SINTEL}).context["sentence"]


def test_files_are_listed_as_people_count(cast, sim, sign_in):
    work = sim.control.make_work("Parts", {f"part {number}.mkv": 1000 for number in (10, 2, 1)})
    sim.control.cache([work.info_hash])
    client, ordered = sign_in(cast.owner), [f"Parts/part {number}.mkv" for number in (1, 2, 10)]
    assert [file.path for file in look_up(client, hash=work.info_hash).context["files"]] == ordered
    form = {"text": work.info_hash, "list_files": "on", "answer": "object"}
    (row,) = client.post(reverse("torrents:check"), form).context["results"]
    assert [file.path for file in row["files"]] == ordered


def odd_answer(sim, endpoint: str, data: object) -> None:
    body = {"success": True, "error": None, "detail": "", "data": data}
    sim.control.fail(endpoint, kind="body", body=body, times=1)


def test_an_odd_value_costs_its_field_and_one_is_one(cast, sim, sign_in):
    files = [5, {"name": "a/b.mkv", "size": "big"}, {"name": "a/.pad/77", "size": 7}]
    odd_answer(
        sim,
        "torrentinfo",
        {"name": "\u200bA", "hash": 5, "size": [], "files": files, "seeds": 1, "peers": {}},
    )
    page = look_up(sign_in(cast.owner), hash=SINTEL).content.decode()
    assert "· 1 seed</p>" in page
    assert "a/b.mkv" in page and ".pad" not in page and SINTEL in page


def test_a_name_nobody_can_see_gives_way_to_the_hash(cast, sim, sign_in):
    info = {"name": "\u2800", "hash": SINTEL, "size": 5, "files": [], "trackers": []}
    odd_answer(sim, "torrentinfo", info)
    assert f"<bdi>{SINTEL}</bdi>" in look_up(sign_in(cast.owner), hash=SINTEL).content.decode()


def test_an_entry_of_the_cache_that_cannot_be_read_costs_itself(cast, sim, sign_in):
    other = make_hash("other")
    odd_answer(
        sim, "checkcached", {SINTEL: {"hash": [], "name": "Sintel", "size": "x"}, other: 5, "nonsense": {}}
    )
    data = {"text": f"{SINTEL}\n{other}", "answer": "object"}
    context = sign_in(cast.owner).post(reverse("torrents:check"), data).context
    assert context["sentence"] == "Cached: 1 of 2 torrents"
