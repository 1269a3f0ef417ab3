"""The player of people who are signed in: subtitles beside the video, and playlists that last."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests
from django.db import connection
from django.test import Client
from django.urls import reverse

from links.endings import NotNow
from links.models import LastingLink, LinkPolicy
from links.services import policy
from links.services.subtitles import WAIT, subtitles_of
from tests.factories import give_files, make_torrent
from torrents.models import Activity, Torrent, TorrentFile
from torrents.states import Status

pytestmark = pytest.mark.django_db
TRACK = re.compile(r'<track kind="subtitles" src="([^"]*)" srclang="([^"]*)"\s+label="([^"]*)">')


@pytest.fixture
def film(at_torbox) -> Torrent:
    """A ready film with subtitles in three formats, at TorBox too."""
    files = {
        "film.mkv": 5_000,
        "film.en.srt": 4_000,
        "Subs/film.de.vtt": 3_000,
        "Subs/film.fr.forced.srt": 2_000,
        "other/notes.srt": 50,
        "poster.jpg": 100,
    }
    return at_torbox(files, name="An open film")


def of(torrent: Torrent, view: str, name: str) -> str:
    file = torrent.files.get(path__endswith=f"/{name}")
    return reverse(f"links:{view}", args=[torrent.pk, file.pk])


def tracks(client, torrent: Torrent, name: str = "film.mkv") -> list[tuple[str, str, str]]:
    page = client.get(of(torrent, "play", name)).content.decode()
    found = TRACK.findall(page)
    assert page.count("<track") == len(found)
    return found


def test_the_player_offers_the_subtitles_beside_a_video(film, cast, sign_in):
    found = tracks(sign_in(cast.viewer), film)
    assert [(language, label) for _, language, label in found] == [
        ("de", "German"), ("fr", "French (forced)"), ("en", "English"),
    ]  # fmt: skip
    assert found[0][0] == of(film, "subtitles", "film.de.vtt")


def test_labels_are_in_the_language_of_the_page(film, cast, sign_in):
    client = sign_in(cast.viewer)
    page = client.get(of(film, "play", "film.mkv"), headers={"accept-language": "de"}).content.decode()
    assert "Deutsch" in [label for _, _, label in TRACK.findall(page)]


def test_the_tracks_are_webvtt_from_the_own_site(film, cast, sim, sign_in):
    client = sign_in(cast.viewer)
    for url, _language, _label in tracks(client, film):
        answer = client.get(url)
        assert answer.status_code == 200 and answer["Content-Type"] == "text/vtt; charset=utf-8"
        text = answer.content.decode()
        assert text.startswith("WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nLine 1 of film.")
        assert answer["Cache-Control"] == "no-store" and answer["X-Content-Type-Options"] == "nosniff"
    assert sim.control.count("requestdl") == 3


def test_the_page_may_load_tracks_from_the_own_site_alone(film, cast, sign_in):
    page = sign_in(cast.viewer).get(of(film, "play", "film.mkv"))
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert "media-src 'self' https: " in page["Content-Security-Policy"]


def test_reading_subtitles_is_no_download_of_anyone(film, cast, sign_in):
    sign_in(cast.viewer).get(of(film, "subtitles", "film.en.srt"))
    assert not Activity.objects.filter(kind=Activity.Kind.LINK_TAKEN).exists()
    film.refresh_from_db()
    assert film.taken_at is None


@pytest.mark.parametrize("name", ["film.mkv", "poster.jpg"])
def test_other_files_are_no_subtitles(film, cast, sim, sign_in, name):
    assert sign_in(cast.viewer).get(of(film, "subtitles", name)).status_code == 404
    assert sim.control.count("requestdl") == 0


def test_subtitles_of_what_a_person_does_not_see_are_not_there(film, cast, client, sign_in):
    url = of(film, "subtitles", "film.en.srt")
    assert Client().get(url).status_code == 302  # to sign in
    assert sign_in(cast.outsider).get(url).status_code == 404


@pytest.mark.parametrize("size", [8_000_000, 2_097_153])
def test_a_file_that_is_too_large_is_not_even_asked_for(at_torbox, cast, sim, sign_in, size):
    torrent = at_torbox({"film.mkv": 50, "film.srt": size})
    assert sign_in(cast.viewer).get(of(torrent, "subtitles", "film.srt")).status_code == 404
    assert sim.control.count("requestdl") == 0


def test_a_cdn_that_fails_is_no_error_of_ours(film, cast, sim, sign_in):
    sim.control.options(link_seconds=0)
    answer = sign_in(cast.viewer).get(of(film, "subtitles", "film.en.srt"))
    assert answer.status_code == 404 and sim.url.encode() not in answer.content


def test_without_torbox_the_page_of_the_player_still_opens(film, cast, sim, sign_in):
    client = sign_in(cast.viewer)
    sim.control.fail("requestdl", times=50, status=500)
    assert len(tracks(client, film)) == 3
    assert client.get(of(film, "subtitles", "film.en.srt")).status_code == 502


def test_hostile_names_of_subtitles_stay_in_their_attribute(cast, sign_in):
    torrent = make_torrent(cast.account, "Odd", file_count=0)
    give_files(torrent, ["F/film.mkv", 'F/"><script>alert(1)<|script>\u202e.srt', "F/\n'.ass"])
    page = sign_in(cast.viewer).get(of(torrent, "play", "film.mkv")).content.decode()
    assert "<script>alert" not in page and "\u202e" not in page and page.count("<track ") == 2


def test_what_is_not_ready_or_no_video_has_no_tracks(cast, sign_in):
    torrent = make_torrent(cast.account, "Film", file_count=0, status=Status.DOWNLOADING)
    give_files(torrent, ["F/film.mkv", "F/film.srt", "F/song.mp3"])
    client = sign_in(cast.viewer)
    assert tracks(client, torrent) == []
    Torrent.objects.update(status=Status.READY)
    assert len(tracks(client, torrent)) == 1 and tracks(client, torrent, "song.mp3") == []


def test_open_in_vlc_saves_a_link_that_lasts(film, cast, sim, sign_in):
    answer = sign_in(cast.viewer).get(of(film, "playlist", "film.mkv"))
    title, comment, entry, url = answer.content.decode().splitlines()
    assert (title, entry) == ("#EXTM3U", "#EXTINF:-1,film.mkv")
    assert comment.startswith("# These links work until ") and sim.control.count("requestdl") == 0
    assert url.endswith("/film.mkv") and urlsplit(url).path.startswith("/l/")
    address = Client().get(urlsplit(url).path)["Location"]
    file = film.files.get(path__endswith="film.mkv")
    assert requests.get(address, timeout=5).content == sim.control.expected_bytes(film.info_hash, file.path)


def test_open_in_vlc_saves_a_link_of_torbox_where_lasting_ones_are_off(film, cast, sim, sign_in):
    policy.set_policy(LinkPolicy.MadeBy.NOBODY)
    answer = sign_in(cast.viewer).get(of(film, "playlist", "film.mkv"))
    *_, comment, _entry, url = answer.content.decode().splitlines()
    assert comment.startswith("# Start these downloads before ") and url.startswith(sim.url)
    assert not LastingLink.objects.exists()


def test_the_link_of_one_file_lasts_if_chosen(film, cast, sim, sign_in):
    client, url = sign_in(cast.viewer), of(film, "link_file", "film.mkv")
    (link,) = client.post(url, {"lasting": "on"}).context["links"]
    assert urlsplit(link.url).path.startswith("/l/") and sim.control.count("requestdl") == 0
    (link,) = client.post(url).context["links"]
    assert link.url.startswith(sim.url)
    policy.set_policy(LinkPolicy.MadeBy.NOBODY)
    (link,) = client.post(url, {"lasting": "on"}).context["links"]
    assert link.url.startswith(sim.url)


@pytest.mark.django_db(transaction=True)
def test_only_two_subtitle_files_are_fetched_at_a_time(film, sim):
    """The threads of a web process are for pages, so a slow CDN takes two of them at most."""
    sim.control.fail("cdn", kind="delay", delay=WAIT + 1.5, times=2)
    files = film.files.filter(path__regex=r"film\.\w+\.")

    def read(file: TorrentFile) -> str:
        try:
            return subtitles_of(film, file)[:6]
        except NotNow:
            return "busy"
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(read, files))
    assert sorted(found) == ["WEBVTT", "WEBVTT", "busy"]
    assert sim.control.count("cdn") == 2
    assert subtitles_of(film, files[0]).startswith("WEBVTT")
