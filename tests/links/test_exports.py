"""Exports and copied links that last: made without TorBox, read by the programs they are for, and as before where off."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from datetime import timedelta
from urllib.parse import urlsplit

import m3u8
import pytest
import requests
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from ipytv import playlist

from links.lasting_exports import MAX_LASTING
from links.models import LastingLink, LinkPolicy
from links.services import making, policy
from tests.factories import give_files, make_torrent
from tests.needs import lacking
from torrents.models import Torrent, TorrentFile
from torrents.states import Status

pytestmark = pytest.mark.django_db
SEVERAL = reverse("links:several")
UNTIL = re.compile(
    r"# These links work until \w+ \d+, \d{4} for anyone who has them\. You can revoke them in Settings"
)
HOUR = "# Start these downloads before "


@pytest.fixture
def work(at_torbox) -> Torrent:
    """A ready torrent with two films in folders and a text, at TorBox too."""
    files = {"One/one.mkv": 5_000, "One/one.srt": 50, "Two/two.mp4": 6_000, "notes.txt": 70}
    return at_torbox(files, name="Films")


def of_torrent(torrent: Torrent) -> str:
    return reverse("links:links", args=[torrent.pk])


def ids(rows) -> str:
    return ",".join(str(row.pk) for row in rows)


def addresses(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("http")]


def is_lasting(url: str) -> bool:
    return urlsplit(url).path.startswith("/l/")


def behind(url: str) -> bytes:
    """Return what someone without an account gets from a lasting link."""
    answer = Client().get(urlsplit(url).path)
    assert answer.status_code == 302
    return requests.get(answer["Location"], timeout=5).content


def test_copied_links_that_last_lead_to_their_files_and_cost_nothing(work, cast, sim, sign_in):
    answer = sign_in(cast.viewer).post(of_torrent(work), {"as": "links-lasting"})
    links = answer.context["links"]
    assert answer.context["title"] == "Links to 4 files" and sim.control.count("requestdl") == 0
    assert [link.name for link in links] == ["one.mkv", "one.srt", "two.mp4", "notes.txt"]
    for link in links:
        file = work.files.get(path__endswith=f"/{link.name}")
        assert behind(link.url) == sim.control.expected_bytes(work.info_hash, file.path)
    assert answer["Cache-Control"] == "no-store" and answer["Referrer-Policy"] == "no-referrer"


def test_the_dialog_says_how_long_and_for_whom_they_work(work, cast, sign_in):
    page = (
        sign_in(cast.viewer)
        .post(of_torrent(work), {"as": "links-lasting"}, headers={"hx-request": "true"})
        .content.decode()
    )
    day = timezone.localdate() + making.EXPORT_GOOD_FOR
    assert f"These links work until {day:%B} {day.day}, {day.year} for anyone who has them." in page
    assert "You can revoke them in Settings, under Links." in page


def test_copied_links_stay_those_of_torbox_unless_chosen(work, cast, sign_in):
    links = sign_in(cast.viewer).post(of_torrent(work)).context["links"]
    assert not any(is_lasting(link.url) for link in links)
    several = sign_in(cast.viewer).post(SEVERAL, {"action": "links", "ids": ids([work])}).context["links"]
    assert not any(is_lasting(link.url) for link in several)
    chosen = (
        sign_in(cast.viewer).post(SEVERAL, {"action": "links-lasting", "ids": ids([work])}).context["links"]
    )
    assert all(is_lasting(link.url) for link in chosen) and len(chosen) == 4


@pytest.mark.parametrize(
    ("choice", "lasting"),
    [
        ("m3u", True), ("m3u-lasting", True), ("m3u-torbox", False), ("text", False), ("text-lasting", True),
        ("text-torbox", False), ("aria2", False), ("aria2-lasting", True), ("aria2-torbox", False),
    ],
)  # fmt: skip
def test_a_playlist_lasts_and_other_files_do_if_chosen(work, cast, sim, sign_in, choice, lasting):
    client = sign_in(cast.viewer)
    one = client.post(of_torrent(work), {"as": choice})
    several = client.post(SEVERAL, {"action": f"export-{choice}", "ids": ids([work])})
    for answer in (one, several):
        text = answer.content.decode()
        assert {is_lasting(url) for url in addresses(text)} == {lasting}
        assert len(addresses(text)) == (2 if choice.startswith("m3u") else 4)
        comment = next(line for line in text.splitlines() if line.startswith("# "))
        assert UNTIL.match(comment) if lasting else comment.startswith(HOUR)
        assert cast.key not in text
    assert (sim.control.count("requestdl") == 0) is lasting


def of_m3u8(text: str) -> list[tuple[str, str]]:
    return [(segment.title, segment.uri) for segment in m3u8.loads(text).segments]


def of_ipytv(text: str) -> list[tuple[str, str]]:
    return [(channel.name, channel.url) for channel in playlist.loads(text)]


@pytest.mark.parametrize("read", [of_m3u8, of_ipytv])
def test_two_independent_readers_find_lasting_links_in_a_playlist(work, cast, sign_in, read):
    entries = read(sign_in(cast.viewer).post(of_torrent(work), {"as": "m3u"}).content.decode())
    assert [title for title, _ in entries] == ["one.mkv", "two.mp4"]
    assert all(is_lasting(url) and url.endswith(f"/{title}") for title, url in entries)


@pytest.mark.django_db(transaction=True)
def test_aria2_saves_every_file_under_its_path(work, cast, sim, sign_in, site, tmp_path):
    text = sign_in(cast.viewer).post(of_torrent(work), {"as": "aria2-lasting"}).content.decode()
    saved = tmp_path / "saved"
    (tmp_path / "links.txt").write_text(text)
    words = [
        shutil.which("aria2c") or lacking("aria2 isn’t installed."),
        "-c",
        "-j2",
        "--no-conf",
        "--quiet",
        f"--input-file={tmp_path / 'links.txt'}",
        f"--dir={saved}",
    ]
    plain = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(words, env=plain, timeout=60, check=False)
    assert done.returncode == 0
    found = {str(path.relative_to(saved)): path.read_bytes() for path in saved.rglob("*") if path.is_file()}
    assert found == {
        file.path: sim.control.expected_bytes(work.info_hash, file.path) for file in work.files.all()
    }


def test_aria2_is_told_to_ask_again_while_torbox_is_in_trouble(work, cast, sign_in):
    client = sign_in(cast.viewer)
    lasting = client.post(of_torrent(work), {"as": "aria2-lasting"}).content.decode()
    assert lasting.count("\n  max-tries=0\n  retry-wait=10\n") == 4
    assert "retry-wait" not in client.post(of_torrent(work), {"as": "aria2"}).content.decode()


def test_exporting_again_gives_the_same_addresses_for_30_more_days(work, cast, sign_in):
    client = sign_in(cast.viewer)
    first = client.post(of_torrent(work), {"as": "m3u"}).content.decode()
    week = timezone.now() - timedelta(days=7) + making.EXPORT_GOOD_FOR
    LastingLink.objects.update(expires_at=week)
    again = client.post(SEVERAL, {"action": "links-lasting", "ids": ids([work])}).context["links"]
    assert set(addresses(first)) <= {link.url for link in again}
    assert LastingLink.objects.get().expires_at > week + timedelta(days=6)


def test_two_people_have_addresses_of_their_own(work, cast, sign_in):
    mine = addresses(sign_in(cast.viewer).post(of_torrent(work), {"as": "m3u"}).content.decode())
    theirs = addresses(sign_in(cast.member).post(of_torrent(work), {"as": "m3u"}).content.decode())
    assert not set(mine) & set(theirs)
    assert {link.maker for link in LastingLink.objects.all()} == {cast.viewer, cast.member}


def test_only_ticked_files_are_exported_and_no_address_leads_to_another(work, cast, sign_in):
    client, file = sign_in(cast.viewer), work.files.get(path__endswith="two.mp4")
    (url,) = addresses(
        client.post(of_torrent(work), {"as": "text-lasting", "files": str(file.pk)}).content.decode()
    )
    token = urlsplit(url).path.split("/")[2]
    for path in ("", "playlist.m3u8", "feed.xml", "play/", "Films.zip", "one.mkv"):
        assert Client().get(f"/l/{token}/{path}").status_code == 404


def test_more_than_80_links_are_made_up_to_a_limit_that_is_said(cast, sign_in):
    torrent = make_torrent(cast.account, "Many", file_count=0)
    TorrentFile.objects.bulk_create(
        TorrentFile(torrent=torrent, remote_id=number, path=f"Many/{number}.mp3", size=1)
        for number in range(MAX_LASTING + 24)
    )
    client = sign_in(cast.viewer)
    said = "24 more files were left out. You can get 2,000 links at a time."
    for choice in ("text-lasting", "aria2-lasting", "m3u"):
        for url, sent in (
            (of_torrent(torrent), {"as": choice}),
            (SEVERAL, {"action": f"export-{choice}", "ids": torrent.pk}),
        ):
            text = client.post(url, sent).content.decode()
            assert len(addresses(text)) == MAX_LASTING and f"# {said}" in text
    answer = client.post(of_torrent(torrent), {"as": "links-lasting"})
    assert len(answer.context["links"]) == MAX_LASTING and said in answer.content.decode()


def test_many_torrents_take_as_many_queries_as_two(cast, sign_in, django_assert_max_num_queries):
    client = sign_in(cast.viewer)
    rows = [make_torrent(cast.account, f"Film {number}", remote_id=number) for number in range(60)]
    sent = {"action": "export-m3u", "ids": ids(rows)}
    with django_assert_max_num_queries(30):
        assert len(addresses(client.post(SEVERAL, sent).content.decode())) == 60
    with django_assert_max_num_queries(25):
        assert len(addresses(client.post(SEVERAL, sent).content.decode())) == 60


def test_torrents_that_are_not_ready_are_left_out_with_a_word(work, cast, sign_in):
    later = make_torrent(cast.account, "Later", status=Status.DOWNLOADING)
    client = sign_in(cast.viewer)
    text = client.post(SEVERAL, {"action": "export-m3u", "ids": ids([work, later])}).content.decode()
    assert len(addresses(text)) == 2 and "# 1 torrent was left out because it isn’t ready." in text
    alone = client.post(of_torrent(later), {"as": "text-lasting"}).content.decode()
    assert addresses(alone) == [] and "left out: It isn’t ready yet." in alone


def test_nobody_gets_links_to_what_they_do_not_see(work, cast, sign_in):
    client = sign_in(cast.outsider)
    assert client.post(of_torrent(work), {"as": "links-lasting"}).status_code == 404
    client.post(SEVERAL, {"action": "links-lasting", "ids": ids([work])})
    client.post(SEVERAL, {"action": "export-m3u", "ids": ids([work])})
    assert not LastingLink.objects.exists()


def test_hostile_names_stay_on_their_lines(cast, sign_in):
    torrent = make_torrent(cast.account, "Odd", file_count=0)
    give_files(
        torrent, ["Odd/a\nhttp://evil.example/\n.mkv", "Odd/../../b.mkv", "/etc/c.mkv", "Odd/\u202evkm.d", ""]
    )
    client = sign_in(cast.viewer)
    for choice in ("m3u", "aria2-lasting", "text-lasting"):
        text = client.post(of_torrent(torrent), {"as": choice}).content.decode()
        assert {urlsplit(url).netloc for url in addresses(text)} == {"localhost"}
        assert all(is_lasting(url) for url in addresses(text)) and "\u202e" not in text
        assert "out=/" not in text and ".." not in re.findall(r"out=(.*)", text)


def test_a_file_without_a_name_gets_no_address_because_that_would_be_the_zip(cast, sign_in):
    torrent = make_torrent(cast.account, "Odd", file_count=0)
    give_files(torrent, ["", "a.mkv"])
    text = sign_in(cast.viewer).post(of_torrent(torrent), {"as": "text-lasting"}).content.decode()
    assert len(addresses(text)) == 1 and "left out: TorBox no longer has it." in text


class TestWithoutLinks:
    """Where lasting links are switched off, everything is as it was without them."""

    @pytest.fixture(autouse=True)
    def _off(self, db):
        policy.set_policy(LinkPolicy.MadeBy.NOBODY)

    @pytest.mark.parametrize("choice", ["m3u", "m3u-lasting", "text-lasting", "aria2-lasting"])
    def test_exports_have_links_of_torbox(self, work, cast, sign_in, choice):
        client = sign_in(cast.viewer)
        for url, sent in (
            (of_torrent(work), {"as": choice}),
            (SEVERAL, {"action": f"export-{choice}", "ids": ids([work])}),
        ):
            text = client.post(url, sent).content.decode()
            assert addresses(text) and not any(map(is_lasting, addresses(text))) and HOUR in text
        assert not LastingLink.objects.exists()

    def test_copied_links_are_those_of_torbox(self, work, cast, sign_in):
        client = sign_in(cast.viewer)
        for url, sent in (
            (of_torrent(work), {"as": "links-lasting"}),
            (SEVERAL, {"action": "links-lasting", "ids": ids([work])}),
        ):
            assert not any(is_lasting(link.url) for link in client.post(url, sent).context["links"])

    def test_pages_offer_none(self, work, cast, sign_in):
        client = sign_in(cast.viewer)
        for page in pages_of(work):
            text = client.get(page).content.decode()
            assert "that last" not in text and "to start within an hour" not in text.lower()
        assert client.get("/").content.decode().count('value="export-m3u"') == 1


def pages_of(torrent: Torrent) -> list[str]:
    file = torrent.files.get(path__endswith="one.mkv")
    return [
        "/",
        reverse("torrents:detail", args=[torrent.pk]),
        reverse("torrents:files", args=[torrent.pk]),
        reverse("links:play", args=[torrent.pk, file.pk]),
    ]


def test_pages_offer_links_that_last(work, cast, sign_in):
    client = sign_in(cast.viewer)
    *lists, player = pages_of(work)
    for page in lists:
        text = client.get(page).content.decode()
        assert "Copy links that last" in text and 'aria-label="Links that last 30 days"' in text
    assert "Copy link that lasts" in client.get(player).content.decode()


def test_only_members_are_offered_links_if_guests_may_have_none(work, cast, sign_in):
    policy.set_policy(LinkPolicy.MadeBy.MEMBERS)
    assert "Copy links that last" in sign_in(cast.viewer).get("/").content.decode()
    cast.viewer.role = cast.viewer.Role.GUEST
    cast.viewer.save()
    assert "Copy links that last" not in sign_in(cast.viewer).get("/").content.decode()
