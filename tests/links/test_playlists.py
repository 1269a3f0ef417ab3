"""Playlists behind lasting links, read by programs that play them: of a torrent, and of media that come and go."""

from __future__ import annotations

from urllib.parse import urlsplit

import m3u8
import pytest
from django.test import Client
from ipytv import playlist

from accounts.models import Share
from links.link_urls import list_url
from links.models import LastingLink, LinkUse
from links.services import making
from links.services.contents import MAX_MEDIA
from links.services.opening import Opened
from links.tokens import item_key
from tests.factories import give_files, make_account, make_torrent, tag
from tests.links.factories import file_named, make_export, make_list, make_share, set_link
from torrents.models import TorrentFile
from torrents.states import Status

pytestmark = pytest.mark.django_db


def address(opened: Opened) -> str:
    return f"/l/{opened.token}/playlist.m3u8"


def read(opened: Opened, **headers: str) -> str:
    answer = Client().get(address(opened), headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def of_m3u8(text: str) -> list[tuple[str, str]]:
    return [(segment.title, segment.uri) for segment in m3u8.loads(text).segments]


def of_ipytv(text: str) -> list[tuple[str, str]]:
    return [(channel.name, channel.url) for channel in playlist.loads(text)]


def titles(opened: Opened) -> list[str]:
    return [title for title, _ in of_m3u8(read(opened))]


@pytest.fixture
def library(cast):
    """Three ready torrents, the newest last, and one that is still downloading."""
    for number, (name, paths) in enumerate(
        {
            "An album": [
                "An album/2 Second.flac",
                "An album/10 Last.flac",
                "An album/1 First.flac",
                "An album/cover.jpg",
            ],
            "A film": ["A film/film.mkv", "A film/film.en.srt"],
            "A text": ["A text/text.pdf"],
        }.items()
    ):
        give_files(make_torrent(cast.account, name, file_count=0, remote_id=number + 1), paths)
    give_files(make_torrent(cast.account, "Later", file_count=0, status=Status.DOWNLOADING), ["later.mkv"])
    return cast


@pytest.mark.parametrize("read_by", [of_m3u8, of_ipytv])
def test_two_independent_readers_find_the_newest_media_first_and_files_in_order(library, read_by):
    opened = make_list(library.member)
    entries = read_by(read(opened))
    assert [title for title, _ in entries] == ["film.mkv", "1 First.flac", "2 Second.flac", "10 Last.flac"]
    assert len({url for _, url in entries}) == 4


def test_each_entry_leads_to_its_file(at_torbox, cast, sim):
    torrent = at_torbox({"film.mkv": 3000, "film.srt": 30}, name="A film")
    opened = make_list(cast.viewer)
    ((_, url),) = of_m3u8(read(opened))
    assert url.startswith("http://") and urlsplit(url).netloc == "localhost"  # SITE_URL of the tests
    answer = Client().get(urlsplit(url).path)
    assert answer.status_code == 302
    file = torrent.files.get(path__endswith="film.mkv")
    assert sim.control.expected_bytes(torrent.info_hash, file.path) == fetched(answer["Location"])


def fetched(url: str) -> bytes:
    import requests

    return requests.get(url, timeout=5).content


def test_a_playlist_grows_and_shrinks_with_its_filter(library):
    opened = make_list(library.member, query={"tag": ["Films"]})
    assert titles(opened) == []
    film = library.account.torrents.get(name="A film")
    tag(film, "Films")
    assert titles(opened) == ["film.mkv"]
    tag(library.account.torrents.get(name="Later"), "Films")
    assert titles(opened) == ["film.mkv"]
    library.account.torrents.filter(name="Later").update(status=Status.READY, remote_id=9)
    assert titles(opened) == ["later.mkv", "film.mkv"]
    tag(film)
    assert titles(opened) == ["later.mkv"]


def test_a_playlist_has_only_what_its_maker_sees_now(library):
    opened = make_list(library.viewer)
    assert len(titles(opened)) == 4
    film = library.account.torrents.get(name="A film")
    film.hidden = True
    film.added_by = library.owner
    film.save(update_fields=["hidden", "added_by"])
    assert len(titles(opened)) == 3
    Share.objects.filter(user=library.viewer).delete()
    assert titles(opened) == []
    assert titles(make_list(library.outsider)) == []


@pytest.mark.parametrize("is_shared_at_first", [True, False])
def test_a_playlist_of_one_account_never_turns_into_one_of_all_accounts(library, is_shared_at_first):
    private = make_account(library.member, "a key of the member", label="Private")
    make_torrent(private, "A private film", remote_id=50)
    if not is_shared_at_first:
        Share.objects.filter(user=library.member).delete()
    opened = make_list(library.member, query={"account": str(library.account.pk)})
    if is_shared_at_first:
        entries = dict(of_m3u8(read(opened)))
        assert len(entries) == 4
        Share.objects.filter(user=library.member).delete()
        assert Client().get(urlsplit(entries["film.mkv"]).path).status_code == 404
    assert titles(opened) == []
    (everything,) = of_m3u8(read(make_list(library.member)))
    key = everything[1].split("/")[-2].split(".")[0]
    ref = f"{key}.{item_key(opened.token, int(key), 'A private film/part 0.mkv')}"
    assert Client().get(f"/l/{opened.token}/{ref}/film.mkv").status_code == 404
    Share.objects.create(account=library.account, user=library.member, level=Share.Level.VIEW)
    assert len(titles(opened)) == 4


def test_reading_a_playlist_asks_torbox_for_nothing_and_is_no_use(library, sim):
    opened = set_max_uses(make_list(library.member), 1)
    for _ in range(3):
        assert len(titles(opened)) == 4
    assert sim.control.count("requestdl") == 0
    assert not LinkUse.objects.exists()


def set_max_uses(opened: Opened, number: int) -> Opened:
    set_link(opened, max_uses=number)
    return opened


def test_the_playlist_of_a_share_link_has_the_media_it_leads_to(library):
    album = library.account.torrents.get(name="An album")
    assert titles(make_share(library.member, album)) == ["1 First.flac", "2 Second.flac", "10 Last.flac"]
    part = make_share(library.member, album, part="file", path="An album/2 Second.flac")
    assert titles(part) == ["2 Second.flac"]


def test_an_address_from_an_export_leads_to_no_list_of_the_others(library):
    opened = make_export(library.member, library.account.torrents.get(name="An album"))
    assert Client().get(address(opened)).status_code == 404
    assert Client().get(f"/l/{opened.token}/feed.xml").status_code == 404


def test_a_playlist_says_how_long_it_works(library):
    opened = make_list(library.member)
    set_link(opened, expires_at="2031-03-03T12:00:00Z")
    assert read(opened).splitlines()[1] == "# This playlist works until March 3, 2031."
    assert "3. März 2031" in read(opened, accept_language="de")
    set_link(opened, expires_at=None)
    assert "works until" not in read(opened)


def test_a_playlist_has_a_limit_and_says_so(cast):
    torrent = make_torrent(cast.account, "Many", file_count=0)
    TorrentFile.objects.bulk_create(
        TorrentFile(torrent=torrent, remote_id=number, path=f"Many/{number}.mp3", size=1)
        for number in range(MAX_MEDIA + 5)
    )
    text = read(make_list(cast.member))
    assert text.count("#EXTINF") == MAX_MEDIA
    assert "# This playlist has 2,000 files. More were left out." in text.splitlines()


def test_hostile_names_are_one_line_each(cast):
    torrent = make_torrent(cast.account, "Odd", file_count=0)
    odd = [
        "a\n#EXTINF:-1,fake\nhttp://evil.example/.mp4",
        "b\u202egpj.mkv",
        "c\x01\x85\u2028d.mp3",
        "e,#, \"'.mkv",
        " .mkv",
    ]
    give_files(torrent, [f"Odd/{number}/{name}" for number, name in enumerate(odd)])
    text = read(make_list(cast.member))
    assert len(of_m3u8(text)) == len(of_ipytv(text)) == len(odd)
    assert {urlsplit(url).netloc for _, url in of_m3u8(text)} == {"localhost"}
    assert "\u202e" not in text and "\x01" not in text and "\nhttp://evil" not in text


def test_who_has_the_playlist_already_gets_no_other_copy(library):
    opened, client = make_list(library.member), Client()
    first = client.get(address(opened))
    same = client.get(address(opened), headers={"if-none-match": first["ETag"]})
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
    give_files(library.account.torrents.get(name="A text"), ["new.mkv"])
    assert client.get(address(opened), headers={"if-none-match": first["ETag"]}).status_code == 200


def test_a_head_request_describes_the_playlist(library):
    opened, client = make_list(library.member), Client()
    whole, head = client.get(address(opened)), client.head(address(opened))
    assert (head.status_code, head.content) == (200, b"")
    for name in ("Content-Type", "ETag", "Content-Disposition", "Cache-Control", "X-Robots-Tag"):
        assert head[name] == whole[name]
    assert whole["Content-Type"] == "audio/x-mpegurl; charset=utf-8"
    assert whole["Content-Disposition"] == 'attachment; filename="Film night.m3u8"'
    assert "no-store" in whole["Cache-Control"]
    assert client.post(address(opened)).status_code == 405


def test_players_send_the_password_with_each_request(library):
    opened = make_list(library.member)
    making.change(person=library.member, link=opened.link, password="open sesame")
    for method in (Client().get, Client().head):
        asked = method(address(opened))
        assert asked.status_code == 401 and asked["WWW-Authenticate"].startswith("Basic ")
        assert b"film" not in asked.content and "Content-Disposition" not in asked
    assert len(of_m3u8(read(opened, authorization=basic("open sesame")))) == 4
    wrong = Client().get(address(opened), headers={"authorization": basic("wrong")})
    assert wrong.status_code == 401


def basic(password: str) -> str:
    from base64 import b64encode

    return f"Basic {b64encode(f'anyone:{password}'.encode()).decode()}"


def test_a_playlist_ends_as_other_links_do(library):
    opened = make_list(library.member)
    making.revoke(person=library.member, links=[opened.link])
    assert Client().get(address(opened)).status_code == 410
    assert Client().get("/l/AAAAAAAAAAAAAAAAAAAAAA/playlist.m3u8").status_code == 404


def test_the_address_of_a_list_is_that_of_its_kind(library):
    assert list_url(make_list(library.member)).endswith("/playlist.m3u8")
    assert list_url(make_list(library.member, LastingLink.Kind.PODCAST)).endswith("/feed.xml")


def test_a_playlist_of_many_torrents_takes_few_queries(cast, django_assert_max_num_queries):
    for number in range(150):
        make_torrent(cast.account, f"Film {number}", remote_id=number)
    opened, client = make_list(cast.member), Client()
    with django_assert_max_num_queries(12):
        assert client.get(address(opened)).content.count(b"#EXTINF") == 150


def test_a_file_keeps_its_address_in_a_list_when_others_come(library):
    opened = make_list(library.member)
    before = dict(of_m3u8(read(opened)))
    make_torrent(library.account, "Newer", remote_id=50)
    after = dict(of_m3u8(read(opened)))
    assert before.items() <= after.items() and len(after) == len(before) + 1
    share = make_share(library.member, library.account.torrents.get(name="A film"))
    assert file_named(share, "film.mkv").ref not in before["film.mkv"]
