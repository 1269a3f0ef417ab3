"""The files of a torrent: one level at a time, all of them reachable, to copy, export, and play."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client
from django.urls import reverse

from tests.factories import make_torrent
from torrents.models import TorrentFile
from torrents.pages.url_cache import detail_url

BIG = 20_000


def with_files(account, *paths: str, **fields):
    row = make_torrent(account, "Films", file_count=0, **fields)
    TorrentFile.objects.bulk_create(
        TorrentFile(torrent=row, remote_id=number, path=path, size=10) for number, path in enumerate(paths)
    )
    type(row).objects.filter(pk=row.pk).update(file_count=len(paths))
    return row


def panel(client, row, **query):
    return client.get(reverse("torrents:files", args=[row.pk]), query)


def shown(rows, depth: int = 0) -> list[tuple[int, str, int]]:
    """(depth, name, size) of all rows as they stand on the page."""
    found = []
    for row in rows:
        found += [(depth, row.name, row.size), *shown(row.rows or [], depth + 1)]
    return found


def test_folders_come_first_and_names_are_in_natural_order(cast, sign_in):
    row = with_files(cast.account, "F/part 10.mkv", "F/part 2.mkv", "F/B/3.mkv", "F/B/4.mkv", "F/A/1.mkv")
    level = panel(sign_in(cast.owner), row).context["level"]
    assert shown(level.rows) == [
        (0, "A", 10),
        (1, "1.mkv", 10),
        (0, "B", 20),
        (1, "3.mkv", 10),
        (1, "4.mkv", 10),
        (0, "part 2.mkv", 10),
        (0, "part 10.mkv", 10),
    ]


def test_the_folder_around_everything_is_named_once(cast, sign_in):
    row = with_files(cast.account, "Films/Old/a.mkv", "Films/Old/b.mkv")
    level = panel(sign_in(cast.owner), row).context["level"]
    assert level.shared == "Films/Old" and [r.name for r in level.rows] == ["a.mkv", "b.mkv"]


def test_nested_folders_without_files_are_one_row_however_deep(cast, sign_in):
    deep = "/".join(["x"] * 1500)
    row = with_files(cast.account, f"F/{deep}/a.mkv", "F/b.mkv")
    answer = panel(sign_in(cast.owner), row)
    assert [(depth, name) for depth, name, _ in shown(answer.context["rows"])] == [
        (0, deep),
        (1, "a.mkv"),
        (0, "b.mkv"),
    ]


def test_the_folders_of_a_large_torrent_are_closed_and_loaded_when_opened(cast, sign_in):
    row = with_files(cast.account, *(f"F/{folder}/{n}.mkv" for folder in "AB" for n in range(60)))
    client = sign_in(cast.owner)
    page = panel(client, row).content.decode()
    assert page.count('name="folders"') == 2 and 'name="files"' not in page
    inside = panel(client, row, rows="1", folder="F/B").context["rows"]
    assert [r.path for r in inside[:2]] == ["F/B/0.mkv", "F/B/1.mkv"] and len(inside) == 50


def test_each_of_twenty_thousand_files_can_be_reached_in_pieces(cast, sign_in):
    row = with_files(cast.account, *(f"F/{n}.bin" for n in range(BIG)))
    client, url, seen = sign_in(cast.owner), reverse("torrents:files", args=[row.pk]), []
    for _ in range(4):
        page = client.get(url).content.decode()
        seen += re.findall(r"Select (\d+)\.bin", page)
        url = re.search(r'hx-get="([^"]*start=\d+)"', page)[1].replace("&amp;", "&")
    assert seen == [str(n) for n in range(650)] and len(page) < 600_000
    last = panel(client, row, rows="1", start=str(BIG - 200))
    assert [r.name for r in last.context["rows"]][
        -1
    ] == f"{BIG - 1}.bin" and b"files-more" not in last.content


def test_the_filter_covers_all_files_and_their_folders(cast, sign_in):
    row = with_files(
        cast.account, *(f"F/{folder}/Teil {n}.mkv" for folder in ("Ärger", "Bad") for n in range(60))
    )
    client = sign_in(cast.owner)
    level = panel(client, row, find="ärger").context["level"]
    assert level.found == 60 and {r.within for r in level.rows} == {"Ärger"}
    assert panel(client, row, find="TEIL 59").context["level"].found == 2
    assert "No files match" in panel(client, row, find="no%such_thing").content.decode()


def test_without_script_a_folder_has_an_address_of_its_own(cast, sign_in):
    row = with_files(cast.account, *(f"F/{folder}/{n}.mkv" for folder in "AB" for n in range(60)))
    page = sign_in(cast.owner).get(detail_url(row), {"folder": "F/B"})
    assert [r.path for r in page.context["rows"]][:1] == ["F/B/0.mkv"]
    assert 'aria-label="Folder"' in page.content.decode()


@pytest.mark.parametrize(
    "query", [{"start": "x"}, {"start": "-1"}, {"start": "9" * 30}, {"folder": "../../etc"}]
)
def test_invalid_values_in_the_address_do_no_harm(cast, sign_in, query):
    row = with_files(cast.account, "F/a.mkv", "F/b.mkv")
    assert panel(sign_in(cast.owner), row, **query).status_code == 200


def test_hostile_file_names_are_escaped(cast, sign_in):
    row = with_files(cast.account, 'F/<img src=x>"\u202e.mkv', "F/<b>/x.mkv", "/etc//passwd", "\n")
    page = panel(sign_in(cast.owner), row).content.decode()
    assert "<img" not in page and "<b>" not in page and "\u202e" not in page


@pytest.fixture
def work(cast, sim):
    """A ready torrent with two films in folders and a text, at TorBox too."""
    from torrents.models import Torrent
    from torrents.services.sync import refreshing

    made = sim.control.make_work(
        "Films", {"One/one.mkv": 5_000, "One/one.srt": 50, "Two/two.mp4": 6_000, "notes.txt": 70}
    )
    sim.control.seed(torrents=[{"key": cast.key, "work": made, "state": "completed"}])
    refreshing.refresh(cast.account, fresh=True)
    return Torrent.objects.get()


def names_behind(answer) -> list[str]:
    return [link.name for link in answer.context["links"]]


def test_links_to_ticked_files_and_to_everything_in_ticked_folders(cast, sim, sign_in, work):
    client, url = sign_in(cast.viewer), reverse("links:links", args=[work.pk])
    pks = {file.name: str(file.pk) for file in work.files.all()}
    folder = work.files.get(path__endswith="one.mkv").path.rpartition("/")[0]
    assert names_behind(client.post(url, {"folders": folder})) == ["one.mkv", "one.srt"]
    both = {"files": f"{pks['notes.txt']},{pks['two.mp4']}"}
    assert names_behind(client.post(url, both)) == ["two.mp4", "notes.txt"]
    answer = client.post(url)
    assert len(names_behind(answer)) == 4
    assert {requests.head(link.url, timeout=5).status_code for link in answer.context["links"]} == {200}


def test_files_of_links_say_how_long_the_links_work(cast, sim, sign_in, work):
    client, url = sign_in(cast.viewer), reverse("links:links", args=[work.pk])
    playlist = client.post(url, {"as": "m3u"})
    lines = playlist.content.decode().splitlines()
    assert lines[0] == "#EXTM3U" and "These links work until" in lines[1]
    assert [line for line in lines if line.startswith("#EXTINF")] == [
        "#EXTINF:-1,one.mkv",
        "#EXTINF:-1,two.mp4",
    ]
    assert playlist["Content-Disposition"] == 'attachment; filename="links.m3u"'
    aria2 = client.post(url, {"as": "aria2"}).content.decode()
    assert aria2.startswith("# Start these downloads before")
    assert "  out=Films/One/one.mkv\n" in aria2 and "  out=Films/notes.txt\n" in aria2
    assert cast.key not in aria2 + playlist.content.decode()


def test_a_film_plays_on_a_page_that_allows_torboxs_servers_and_nothing_else(cast, sign_in, work):
    client, file = sign_in(cast.viewer), work.files.get(path__endswith="one.mkv")
    page = client.get(reverse("links:play", args=[work.pk, file.pk]))
    take = reverse("links:download_file", args=[work.pk, file.pk])
    assert f'<video controls autoplay playsinline preload="metadata" src="{take}"' in page.content.decode()
    policy = page["Content-Security-Policy"]
    assert "media-src 'self' https: http://127.0.0.1:" in policy and "script-src 'self';" in policy
    assert "media-src" not in client.get("/")["Content-Security-Policy"]


def test_a_player_gets_a_playlist_with_a_link_that_needs_no_session(cast, sim, sign_in, client, work):
    file = work.files.get(path__endswith="two.mp4")
    answer = sign_in(cast.viewer).get(reverse("links:playlist", args=[work.pk, file.pk]))
    assert answer["Content-Type"].startswith("audio/x-mpegurl") and answer["Cache-Control"] == "no-store"
    link = answer.content.decode().splitlines()[-1]
    address = Client().get(urlsplit(link).path)["Location"]
    assert requests.get(address, timeout=5).content == sim.control.expected_bytes(work.info_hash, file.path)


def test_a_player_that_asks_again_at_every_jump_is_one_event(cast, sign_in, work):
    from torrents.models import Activity

    client, file = sign_in(cast.viewer), work.files.get(path__endswith="two.mp4")
    for _ in range(3):
        assert client.get(reverse("links:download_file", args=[work.pk, file.pk])).status_code == 302
    assert Activity.objects.filter(kind=Activity.Kind.LINK_TAKEN).count() == 1
