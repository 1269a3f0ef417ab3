"""Podcasts of ready media, read by an independent parser as podcast apps and Kodi do."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest
import requests
from django.test import Client

from links.models import LastingLink, LinkUse
from links.services import making
from links.services.opening import Opened
from links.views.media_lists import MAX_EPISODES
from tests.factories import give_files, make_torrent, tag
from tests.links.factories import make_list, make_share, set_link
from torrents.models import TorrentFile

pytestmark = pytest.mark.django_db
PODCAST = LastingLink.Kind.PODCAST
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"


def address(opened: Opened) -> str:
    return f"/l/{opened.token}/feed.xml"


def body(opened: Opened) -> bytes:
    answer = Client().get(address(opened))
    assert answer.status_code == 200
    return answer.content


def parsed(opened: Opened) -> feedparser.FeedParserDict:
    """Return the feed as feedparser reads it, which notices what isn't well-formed."""
    answer = Client().get(address(opened))
    found = feedparser.parse(answer.content, response_headers={"content-type": answer["Content-Type"]})
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "rss20"
    return found


@pytest.fixture
def library(cast):
    """An album of a year ago and a film of today."""
    then = datetime(2025, 6, 1, 12, tzinfo=UTC)
    for number, (name, paths) in enumerate(
        {
            "An album": ["An album/1 First.flac", "An album/2 Second.flac", "An album/10 Last.flac"],
            "A film": ["A film/film.mkv", "A film/film.en.srt"],
        }.items()
    ):
        at = then + timedelta(days=365 * number)
        give_files(make_torrent(cast.account, name, file_count=0, remote_id=number + 1, added_at=at), paths)
    return cast


def test_a_podcast_app_finds_episodes_with_what_it_needs(library):
    opened = make_list(library.member, PODCAST, name="Film night")
    found = parsed(opened)
    assert (found.feed.title, found.feed.language) == ("Film night", "en")
    assert {link.href for link in found.feed.links if link.rel == "self"} == {found.feed.link}
    assert urlsplit(found.feed.link).path == address(opened)
    assert [episode.title for episode in found.entries] == ["film", "1 First", "2 Second", "10 Last"]
    (enclosure,) = found.entries[0].enclosures
    assert (enclosure.length, enclosure.type) == ("1000", "video/x-matroska")
    assert found.entries[1].enclosures[0].type == "audio/flac"
    assert found.entries[0].summary == "A film"
    assert len({episode.id for episode in found.entries}) == 4
    assert not found.entries[0].guidislink


def test_apps_that_sort_by_date_keep_the_order(library):
    dates = [episode.published_parsed for episode in parsed(make_list(library.member, PODCAST)).entries]
    assert dates == sorted(dates, reverse=True) and len(set(dates)) == 4


def test_the_episodes_can_be_downloaded(at_torbox, cast, sim):
    torrent = at_torbox({"film.mp4": 50_000}, name="A film")
    (episode,) = parsed(make_list(cast.viewer, PODCAST)).entries
    (enclosure,) = episode.enclosures
    answer = Client().get(urlsplit(enclosure.href).path)
    data = requests.get(answer["Location"], timeout=5).content
    assert len(data) == int(enclosure.length) == torrent.files.get().size
    assert sim.control.count("requestdl") == 1


def test_directories_of_podcasts_leave_it_out(library):
    channel = ElementTree.fromstring(body(make_list(library.member, PODCAST)))[0]
    assert channel.findtext(f"{ITUNES}block") == "Yes"


def test_the_same_episode_keeps_its_identity_and_says_nothing_of_its_hash(library):
    opened = make_list(library.member, PODCAST)
    before = {episode.title: episode.id for episode in parsed(opened).entries}
    album = library.account.torrents.get(name="An album")
    give_files(album, ["An album/0 New.flac", "An album/1 First.flac", "An album/2 Second.flac"])
    after = {episode.title: episode.id for episode in parsed(opened).entries}
    assert after["1 First"] == before["1 First"] and after["0 New"] not in before.values()
    assert album.info_hash.encode() not in body(opened)


def test_a_torrent_without_a_name_does_not_show_its_hash(cast):
    torrent = make_torrent(cast.account, "x", file_count=0)
    torrent.set_name("")
    torrent.save()
    give_files(torrent, ["talk.mp3"])
    assert torrent.info_hash.encode() not in body(make_list(cast.member, PODCAST, name=""))


HOSTILE = [
    "a\x00\x01\x0b\x1f\x7f\x85b.mp3",
    "]]><script>alert(1)</script>&amp;&bogus;.mp3",
    "\ufffe\uffff\ufdd0 not characters.mp3",
    "\u202egnp.mp3",
    "\ud83d half of an emoji.mp3",
    "𝔲𝔫𝔦 🎬.mp3",
    "\n\r\t.mp3",
    ".mp3",
]


def test_hostile_names_make_no_broken_feed(cast):
    torrent = make_torrent(cast.account, "<b>]]>\x1b\ufffe & co", file_count=0)
    rows = [
        TorrentFile(
            torrent=torrent,
            remote_id=number,
            path=f"{number}/{name}".encode("utf-8", "replace").decode(),
            size=1,
        )
        for number, name in enumerate(HOSTILE)
    ]
    rows = [row for row in rows if "\x00" not in row.path]  # PostgreSQL stores none
    TorrentFile.objects.bulk_create(rows)
    opened = make_list(cast.member, PODCAST, name="A & B <i>\x1b\ufffe")
    found = parsed(opened)
    assert len(found.entries) == len(rows)
    assert all(episode.title for episode in found.entries)
    ElementTree.fromstring(body(opened))
    assert b"<script" not in body(opened) and b"\xe2\x80\xae" not in body(opened)


def test_apps_that_poll_get_a_short_answer_while_nothing_is_new(library):
    opened, client = make_list(library.member, PODCAST), Client()
    first = client.get(address(opened))
    same = client.get(address(opened), headers={"if-none-match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    make_torrent(library.account, "Newer", remote_id=50)
    assert client.get(address(opened), headers={"if-none-match": first["ETag"]}).status_code == 200


def test_an_empty_podcast_reads_the_same_each_time(cast):
    opened, client = make_list(cast.member, PODCAST), Client()
    first = client.get(address(opened))
    assert feedparser.parse(first.content).entries == []
    again = client.get(address(opened), headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304


def test_a_compressed_feed_is_the_same_feed(library):
    opened, client = make_list(library.member, PODCAST), Client()
    answer = client.get(address(opened), headers={"accept-encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content) == body(opened)
    known = {"accept-encoding": "gzip", "if-none-match": answer["ETag"]}
    assert client.get(address(opened), headers=known).status_code == 304


def test_a_head_request_describes_the_feed(library):
    opened, client = make_list(library.member, PODCAST), Client()
    whole, head = client.get(address(opened)), client.head(address(opened))
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", whole["ETag"])
    assert whole["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert "noindex" in whole["X-Robots-Tag"] and "no-store" in whole["Cache-Control"]


def test_reading_a_podcast_asks_torbox_for_nothing_and_is_no_use(library, sim):
    opened = make_list(library.member, PODCAST)
    set_link(opened, max_uses=1)
    for _ in range(3):
        parsed(opened)
    assert sim.control.count("requestdl") == 0 and not LinkUse.objects.exists()


def test_a_podcast_has_the_newest_episodes_of_its_filter(library):
    torrent = tag(make_torrent(library.account, "Many", file_count=0, remote_id=60), "Talks")
    TorrentFile.objects.bulk_create(
        TorrentFile(torrent=torrent, remote_id=number, path=f"{number}.mp3", size=1)
        for number in range(MAX_EPISODES + 5)
    )
    found = parsed(make_list(library.member, PODCAST, query={"tag": ["Talks"]}))
    assert len(found.entries) == MAX_EPISODES and found.entries[0].title == "0"


def test_only_podcasts_have_a_feed_and_they_have_a_playlist_as_well(library):
    film = library.account.torrents.get(name="A film")
    for opened in (make_list(library.member), make_share(library.member, film)):
        assert Client().get(address(opened)).status_code == 404
    opened = make_list(library.member, PODCAST)
    assert Client().get(f"/l/{opened.token}/playlist.m3u8").content.count(b"#EXTINF") == 4


def test_apps_send_the_password_with_each_request(library, live_server):
    opened = make_list(library.member, PODCAST)
    making.change(person=library.member, link=opened.link, password="open sesame")
    url = f"{live_server.url}{address(opened)}"
    asked = requests.get(url, timeout=5)
    assert asked.status_code == 401 and asked.headers["WWW-Authenticate"].startswith("Basic ")
    assert b"Film night" not in asked.content and "ETag" not in asked.headers
    answer = requests.get(url, auth=("anyone", "open sesame"), timeout=5)
    assert len(feedparser.parse(answer.content).entries) == 4
    known = {"If-None-Match": answer.headers["ETag"]}
    assert requests.get(url, headers=known, timeout=5).status_code == 401
    assert requests.get(url, headers=known, auth=("x", "open sesame"), timeout=5).status_code == 304
