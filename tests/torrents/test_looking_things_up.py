"""Ask before adding: the BitTorrent network about one torrent, TorBox's cache about many."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.factories import make_hash

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
    assert context["sentence"] == "1 of 151 cached."
    assert sim.control.count("checkcached", cast.key) == 2
    assert context["results"][0]["files"]
    raw = json.loads(context["raw"])
    assert isinstance(raw, kind) and len(raw) == 1 and (raw[SINTEL] if kind is dict else raw[0])["files"]


def test_an_outage_is_a_sentence_not_an_error(cast, sim, sign_in):
    client = sign_in(cast.owner)
    sim.stop()
    assert look_up(client, hash=SINTEL).context["problem"]
    assert (
        "could not be asked" in client.post(reverse("torrents:check"), {"text": SINTEL}).context["sentence"]
    )
