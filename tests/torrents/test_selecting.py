"""Operations on several torrents: the ticked ones, or all that match the tab and the search."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests
from django.urls import reverse
from django.utils import timezone

from links.target_paths import safe_path
from tests.factories import make_torrent
from torbox import magnets
from torrents.models import Torrent
from torrents.pages.url_cache import detail_url
from torrents.services.sync import refreshing
from torrents.states import Status

BULK, LINKS = reverse("torrents:bulk"), reverse("links:several")
LEFT_OUT = "# 1 torrent was left out because it isn’t ready."


def listed() -> set[str]:
    return set(Torrent.objects.listed().values_list("name", flat=True))


@pytest.fixture
def many(cast):
    """120 ready films, one of them added by the member, and a book."""
    for number in range(120):
        by = cast.member if number == 5 else cast.owner
        make_torrent(cast.account, f"Film {number}", file_count=0, remote_id=number, added_by=by)
    make_torrent(cast.account, "A book", file_count=0, remote_id=1000, added_by=cast.owner)
    return cast


@pytest.fixture
def three(cast, sim):
    """Three torrents on TorBox: two ready ones with two files each, and one that is downloading."""
    for name, state in [("One", "completed"), ("Two", "completed"), ("Three", "downloading")]:
        work = sim.control.make_work(name, {"film.mkv": 4_000, "film.srt": 40})
        sim.control.seed(torrents=[{"key": cast.key, "work": work, "state": state, "download_seconds": 1000}])
    refreshing.refresh(cast.account, fresh=True)
    return Torrent.objects.order_by("-status", "name")


def ids(rows) -> str:
    return ",".join(str(row.pk) for row in rows)


def test_all_that_match_are_deleted_and_restored_with_one_undo(many, sign_in):
    client = sign_in(many.owner)
    matching = client.get("/", {"q": "film"}).context["listing"].matching_query
    question = client.post(BULK, {"action": "ask-delete", "matching": matching})
    assert "Delete 120 torrents?" in question.content.decode()
    client.post(BULK, {"action": "delete", "ids": question.context["ids"]})
    assert listed() == {"A book"}
    undo = [message.extra_tags for message in client.get("/").context["messages"]]
    assert len(undo[0]) < 200
    client.post(undo[0])
    assert len(listed()) == 121


def test_only_listed_torrents_are_deleted_even_if_more_match_by_then(many, sign_in):
    client = sign_in(many.owner)
    question = client.post(BULK, {"action": "ask-delete", "matching": "tab=all&q=film"})
    make_torrent(many.account, "Film that came meanwhile", file_count=0)
    client.post(BULK, {"action": "delete", "ids": question.context["ids"]})
    assert listed() == {"A book", "Film that came meanwhile"}


def test_matching_leaves_out_torrents_the_user_may_not_change(many, sign_in):
    client = sign_in(many.member)
    client.post(BULK, {"action": "delete", "matching": "tab=all&q=film"})
    assert len(listed()) == 120 and "Film 5" not in listed()
    sign_in(many.viewer).post(BULK, {"action": "delete", "matching": "tab=all"})
    sign_in(many.outsider).post(BULK, {"action": "delete", "matching": "tab=all"})
    assert len(listed()) == 120


def test_matching_includes_the_tab(many, sign_in):
    Torrent.objects.filter(name="Film 7").update(status=Status.FAILED)
    question = sign_in(many.owner).post(BULK, {"action": "ask-delete", "matching": "tab=failed&q="})
    assert "Film 7" in question.content.decode() and "Delete this torrent?" in question.content.decode()


@pytest.mark.parametrize("removed", ["", "nonsense", "2020-13-45", "2026-01-01T00:00:00"])
def test_an_invalid_undo_restores_nothing(many, sign_in, removed):
    Torrent.objects.filter(name="A book").update(removed_at=timezone.now() - timedelta(days=1))
    sign_in(many.owner).post(reverse("torrents:restore_several") + f"?removed={removed}")
    assert "A book" not in listed()


def test_an_empty_selection_is_reported(many, sign_in):
    answer = sign_in(many.owner).post(BULK, {"action": "ask-delete"}, headers={"HX-Request": "true"})
    assert answer.status_code == 204 and "any of the selected torrents" in answer["HX-Trigger"]


def test_links_to_all_files_of_what_is_ready_and_a_word_about_the_rest(three, cast, sim, sign_in):
    answer = sign_in(cast.viewer).post(LINKS, {"action": "links", "ids": ids(three)})
    assert len(answer.context["links"]) == 4 and answer.context["title"] == "Links to 4 files"
    assert "1 torrent was left out because it isn’t ready." in answer.context["note"]
    assert {requests.head(link.url, timeout=5).status_code for link in answer.context["links"]} == {200}


def test_links_are_honest_when_torbox_gives_only_some(three, cast, sim, sign_in):
    body = {"success": False, "error": "ITEM_NOT_FOUND", "detail": "No such file.", "data": None}
    sim.control.fail("requestdl", kind="status", status=404, body=body, times=1)
    answer = sign_in(cast.owner).post(LINKS, {"action": "links", "ids": ids(three)})
    assert answer.context["title"] == "3 of 4 links" and "No such file." in answer.content.decode()


def test_when_torbox_stops_answering_half_way_it_is_left_in_peace_and_what_was_had_is_given(
    cast, sim, sign_in
):
    work = sim.control.make_work("Parts", {f"{number:02}.mkv": 1000 for number in range(60)})
    sim.control.seed(torrents=[{"key": cast.key, "work": work, "state": "completed"}])
    refreshing.refresh(cast.account, fresh=True)
    sim.control.reset_calls()
    sim.control.every(20, ["html502"], "requestdl", after=False)
    answer = sign_in(cast.owner).post(LINKS, {"action": "links", "ids": ids(Torrent.objects.all())})
    had = [link for link in answer.context["links"] if link.url]
    assert 15 < len(had) < 25 and answer.context["title"] == f"{len(had)} of 60 links"
    assert "more links couldn’t be created" in answer.content.decode()
    assert sim.control.count("requestdl") < 25
    cast.account.refresh_from_db()
    assert cast.account.health == cast.account.Health.UNREACHABLE


def test_no_link_at_all_is_an_honest_status(three, cast, sim, sign_in):
    sim.control.fail("requestdl", kind="html502", times=20)
    answer = sign_in(cast.owner).post(LINKS, {"action": "export-text", "ids": ids(three)})
    assert answer.status_code == 502 and "couldn’t reach TorBox" in answer.content.decode()


def test_one_go_is_bounded_and_says_what_is_left(three, cast, sim, sign_in):
    row = three[0]
    for number in range(1, 101):
        row.files.create(remote_id=1000 + number, path=f"One/{number:03}.srt", size=1)
    answer = sign_in(cast.owner).post(LINKS, {"action": "export-text", "ids": ids(three)})
    assert sim.control.count("requestdl") == 80
    assert "# 24 more files were left out. You can get 80 links at a time." in answer.content.decode()


def test_the_link_files_hold_links_that_work_and_what_is_missing(three, cast, sim, sign_in):
    client = sign_in(cast.viewer)
    text = client.post(LINKS, {"action": "export-text", "ids": ids(three)}).content.decode().splitlines()
    assert "Start these downloads before" in text[0] and text[1] == LEFT_OUT
    assert [requests.head(url, timeout=5).status_code for url in text[2:]] == [200] * 4
    m3u = client.post(LINKS, {"action": "export-m3u", "ids": ids(three)}).content.decode()
    assert m3u.startswith("#EXTM3U\n") and m3u.count("#EXTINF:-1,film.mkv\n") == 2 and ".srt" not in m3u
    aria2 = client.post(LINKS, {"action": "export-aria2", "ids": ids(three)}).content.decode()
    assert "  out=One/film.mkv\n" in aria2 and "  out=Two/film.srt\n" in aria2
    assert cast.key not in m3u + aria2 + "".join(text)


def test_magnets_come_from_what_is_kept_without_asking_torbox(three, cast, sim, sign_in):
    sim.control.reset_calls()
    client = sign_in(cast.viewer)
    lines = client.post(LINKS, {"action": "export-magnets", "ids": ids(three)}).content.decode().split()
    assert {magnets.parse(line).info_hash for line in lines} == {row.info_hash for row in three}
    assert sim.control.count() == 0


def test_several_zips_are_one_each_and_that_is_said(three, cast, sim, sign_in):
    client = sign_in(cast.viewer)
    page = client.post(LINKS, {"action": "zips", "ids": ids(three)}).content.decode()
    assert "one zip per torrent" in page and "1 torrent was left out because it isn’t ready." in page
    assert page.count("/download/") == 2 and sim.control.count("requestdl") == 0
    links = client.post(LINKS, {"action": "zip-links", "ids": ids(three)}).context["links"]
    assert [requests.head(link.url, timeout=5).headers["content-type"] for link in links] == [
        "application/zip"
    ] * 2


def test_the_zip_of_a_single_torrent_starts_at_once(three, cast, sign_in):
    answer = sign_in(cast.viewer).post(
        LINKS, {"action": "zips", "ids": ids(three[:1])}, headers={"HX-Request": "true"}
    )
    assert answer["HX-Redirect"] == reverse("links:download_zip", args=[three[0].pk])


def test_going_back_keeps_tab_search_and_page(many, sign_in):
    client, at = sign_in(many.owner), "http://testserver/?tab=ready&q=film&page=2"
    answer = client.post(BULK, {"action": "reannounce", "matching": "q=film"}, headers={"Referer": at})
    assert answer.url == "/?tab=ready&q=film&page=2"
    row = Torrent.objects.get(name="Film 3")
    page = client.get(detail_url(row), headers={"Referer": at}).content.decode()
    assert 'href="/?tab=ready&amp;q=film&amp;page=2"' in page
    elsewhere = client.get(detail_url(row), headers={"Referer": "http://evil.example/?x"})
    assert elsewhere.context["back_url"] == "/"


@pytest.mark.parametrize(
    ("path", "safe"),
    [
        ("Films/one.mkv", "Films/one.mkv"),
        ("../../.ssh/authorized_keys", "ssh/authorized_keys"),
        ("/etc/passwd", "etc/passwd"),
        ("a\n  dir=/etc\n.mkv", "a dir=/etc .mkv"),
        ("C:\\Windows\\x.dll", "C__Windows_x.dll"),
        ("..", "file"),
    ],
)
def test_paths_in_an_aria2_file_stay_below_the_folder_and_on_their_line(path, safe):
    assert safe_path(path) == safe
