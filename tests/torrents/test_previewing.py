"""A paste says what it would do before anything is kept, and bad lines cost only themselves."""

from __future__ import annotations

import gzip
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Share, TorBoxAccount
from tests.factories import make_account, make_hash, make_key, make_torrent, make_user
from torrents.models import AddRequest, Torrent
from torrents.pages.url_cache import detail_url
from torrents.states import Status

SINTEL = "08ada5a7a6183aae1e09d831df6748d566095a10"


def preview(client, text: str = "", **more):
    answer = client.post(reverse("torrents:preview"), {"text": text, "seed": "1", **more})
    return answer.context["preview"]


def chips(shown) -> list[str]:
    return [row.chip_label for row in shown.rows]


def test_every_line_gets_exactly_one_chip(cast, sim, sign_in):
    old = make_torrent(cast.account, "An old film", added_by=cast.owner)
    text = f"{SINTEL}\n{make_hash('rare')}\n{old.info_hash}\nnot a magnet"
    shown = preview(sign_in(cast.owner), text)
    assert chips(shown) == ["Cached, instant", "Not cached", "Already in your list", "Skipped"]
    assert (shown.count, shown.button) == (2, "Add 2 torrents")
    assert "Added by <bdi>Owner</bdi>" in shown.rows[2].detail and shown.rows[2].url == detail_url(old)
    assert not AddRequest.objects.exists()


def test_a_paste_of_any_length_is_checked_a_hundred_hashes_at_a_time(cast, sim, sign_in):
    text = "\n".join(make_hash(str(number)) for number in range(250))
    assert preview(sign_in(cast.owner), text).count == 250
    assert sim.control.count("checkcached", cast.key) == 3


def test_thousands_are_counted_but_only_some_of_them_drawn(cast, sim, sign_in):
    text = "\n".join(make_hash(str(number)) for number in range(1500)) + "\nnot a magnet"
    answer = sign_in(cast.owner).post(reverse("torrents:preview"), {"text": text, "seed": "1"})
    shown = answer.context["preview"]
    assert shown.button == "Add 1,500 torrents" and shown.rows[-1].chip_label == "Skipped"
    assert answer.content.decode().count('class="preview-row"') == 301
    assert "1,200 more torrents will be added" in answer.content.decode()
    assert len(shown.uncached.split()) == 1500


def test_only_cached_counts_only_what_is_cached(cast, sim, sign_in):
    shown = preview(sign_in(cast.owner), f"{SINTEL}\n{make_hash('rare')}", only_if_cached="on")
    assert shown.button == "Add 1 torrent"


def test_what_was_taken_out_stays_out_when_it_is_added(cast, sim, sign_in):
    client, rare = sign_in(cast.owner), make_hash("rare")
    shown = preview(client, f"{SINTEL}\n{rare}", without=[rare])
    assert shown.count == 1 and shown.without == [rare]
    client.post(reverse("torrents:add"), {"text": f"{SINTEL}\n{rare}", "seed": "1", "without": [rare]})
    assert Torrent.objects.get().info_hash == SINTEL


def test_files_and_text_go_together(cast, sim, sign_in):
    work = sim.control.make_work("Uploaded", {"film.mkv": 40_000})
    good = SimpleUploadedFile("good.torrent", work.torrent_bytes)
    bad = SimpleUploadedFile("page.torrent", b"<html>not found</html>")
    shown = preview(sign_in(cast.owner), SINTEL, files=[good, bad])
    assert chips(shown) == ["Cached, instant", "Not cached", "Skipped"]
    assert shown.rows[1].title == "Uploaded" and shown.rows[1].size == 40_000


def test_a_gzipped_file_goes_to_torbox_unpacked(cast, sim, sign_in):
    work = sim.control.make_work("Uploaded", {"film.mkv": 40_000})
    upload = SimpleUploadedFile("packed.torrent", gzip.compress(work.torrent_bytes))
    sign_in(cast.owner).post(reverse("torrents:add"), {"text": "", "seed": "1", "files": upload})
    assert bytes(AddRequest.objects.get().torrent_file) == work.torrent_bytes


@pytest.mark.parametrize("page", ["torrents:list", "torrents:add", "torrents:lookup"])
def test_every_file_can_be_chosen_since_ipads_know_no_torrent_files(cast, sim, sign_in, page):
    content = sign_in(cast.owner).get(reverse(page)).content.decode()
    assert 'type="file"' in content and "accept=" not in content


def test_a_file_of_another_kind_is_skipped_with_a_sentence(cast, sim, sign_in):
    film = SimpleUploadedFile("film.mkv", b"\x1aE\xdf\xa3 not a torrent")
    shown = preview(sign_in(cast.owner), "", files=[film])
    assert [(row.title, row.detail) for row in shown.rows] == [
        ("This isn’t a .torrent file, or it’s damaged.", "“<bdi>film.mkv</bdi>”")
    ]


def test_without_torbox_the_preview_still_comes_and_adding_still_works(cast, sim, sign_in):
    client = sign_in(cast.owner)
    sim.stop()
    shown = preview(client, SINTEL)
    assert chips(shown) == ["Not checked"] and "couldn’t check" in shown.warning
    client.post(reverse("torrents:add"), {"text": SINTEL, "seed": "1"})
    assert Torrent.objects.get().status == Status.WAITING


def test_a_torbox_that_hangs_does_not_hang_the_page(cast, sim, sign_in, settings):
    settings.TORBOX_QUICK_TIMEOUT = (1, 0.2)
    client = sign_in(cast.owner)
    sim.control.fail("checkcached", kind="delay", delay=30, times=9)
    assert chips(preview(client, SINTEL)) == ["Not checked"]
    assert sim.control.count("checkcached", cast.key) == 1


def test_five_thousand_magnets_are_fine_and_more_get_a_sentence_whatever_else_was_no_use(cast, sim, sign_in):
    client = sign_in(cast.owner)
    text = "\n".join(make_hash(str(number)) for number in range(5001))
    page = client.post(reverse("torrents:add"), {"text": text, "seed": "1"}, follow=True).content.decode()
    assert Torrent.objects.count() == 5000
    assert "up to 5,000 torrents at once" in page
    text = f"hello\nagain\n{text}"
    page = client.post(reverse("torrents:add"), {"text": text, "seed": "1"}, follow=True).content.decode()
    assert "up to 5,000 torrents at once" in page and "Skipped 2 lines" in page


def test_bad_lines_are_said_and_cost_only_themselves(cast, sim, sign_in):
    client = sign_in(cast.owner)
    client.post(reverse("torrents:add"), {"text": f"hello\n{SINTEL}\nmagnet:?xt=nonsense", "seed": "1"})
    assert Torrent.objects.get().info_hash == SINTEL
    assert "Skipped 2 lines" in client.get(reverse("torrents:list")).content.decode()


def test_nobody_is_told_about_torrents_they_may_not_see(cast, sim, sign_in):
    make_torrent(cast.account, "A secret film")
    shown = preview(sign_in(cast.outsider), make_hash("A secret film"))
    assert chips(shown) == ["Not checked"]


def test_somebody_without_an_account_is_led_to_connecting_one(cast, sim, sign_in):
    answer = sign_in(cast.outsider).post(reverse("torrents:add"), {"text": SINTEL, "seed": "1"})
    assert answer["Location"] == reverse("accounts:connect")


def test_a_viewer_cannot_add_to_the_account_by_naming_it(cast, sim, sign_in):
    sign_in(cast.viewer).post(
        reverse("torrents:add"), {"text": SINTEL, "seed": "1", "account": cast.account.pk}
    )
    assert not Torrent.objects.exists()


@pytest.fixture
def shared(cast) -> TorBoxAccount:
    """A second TorBox account that the owner of the first may look at."""
    account = make_account(make_user("friend"), make_key("friend"), "Friend’s")
    Share.objects.create(account=account, user=cast.owner, level=Share.Level.VIEW)
    return account


def test_what_stands_on_another_account_one_can_see_is_not_added_again(cast, sim, sign_in, shared):
    there = make_torrent(shared, "On the other account")
    client, text = sign_in(cast.owner), f"{there.info_hash}\n{SINTEL}"
    assert preview(client, text).button == "Add 1 torrent"
    client.post(reverse("torrents:add"), {"text": text, "seed": "1"})
    assert [row.info_hash for row in cast.account.torrents.all()] == [SINTEL]
    assert "1 torrent is already in your list" in client.get(reverse("torrents:list")).content.decode()


def test_what_failed_on_another_account_may_be_added_to_ones_own(cast, sim, sign_in, shared):
    failed = make_torrent(shared, "Failed there", status=Status.FAILED)
    client = sign_in(cast.owner)
    assert preview(client, failed.info_hash).count == 1
    client.post(reverse("torrents:add"), {"text": failed.info_hash, "seed": "1"})
    assert cast.account.torrents.get().info_hash == failed.info_hash


def test_only_cached_adds_exactly_what_the_preview_counted(cast, sim, sign_in):
    client, text = sign_in(cast.owner), f"{SINTEL}\n{make_hash('rare')}"
    shown = preview(client, text, only_if_cached="on")
    data = {"text": text, "seed": "1", "only_if_cached": "on", "uncached": shown.uncached}
    client.post(reverse("torrents:add"), data)
    assert [row.info_hash for row in Torrent.objects.all()] == [SINTEL] and shown.count == 1
    assert "Left out 1 torrent that isn’t cached." in client.get(reverse("torrents:list")).content.decode()


def test_only_cached_counts_everything_while_nobody_can_say_what_is_cached(cast, sim, sign_in):
    client = sign_in(cast.owner)
    sim.stop()
    assert preview(client, SINTEL, only_if_cached="on").count == 1


def test_what_is_there_already_offers_its_download_and_says_who_added_it(cast, sim, sign_in):
    old = make_torrent(cast.account, "An old film", added_by=cast.member)
    client = sign_in(cast.owner)
    row = preview(client, old.info_hash).rows[0]
    assert "Ready · Added by <bdi>Member</bdi>" in row.detail
    assert row.download_url == reverse("links:download_file", args=[old.pk, old.files.get().pk])


def lines_to_fill(shown) -> list[str]:
    return [row.fill_url for row in shown.rows if row.fill_url]


def test_an_uncached_hash_is_filled_in_once_by_a_look_up_of_its_own(cast, sim, sign_in):
    name = f"Rare film {uuid4().hex}"  # what was looked up is remembered beyond this test
    work = sim.control.make_work(name, {"film.mkv": 60_000, "film.srt": 900})
    client = sign_in(cast.owner)
    (url,) = lines_to_fill(preview(client, work.info_hash))
    assert sim.control.count("torrentinfo") == 0
    row = client.get(url).context["row"]
    assert (row.title, row.size, row.chip_label) == (name, 60_900, "Not cached")
    assert "2 files" in row.detail and "seed" in row.detail
    again = preview(client, work.info_hash)
    assert again.rows[0].title == name and again.total_size == 60_900 and not lines_to_fill(again)
    assert sim.control.count("torrentinfo") == 1


def test_at_most_thirty_lines_are_looked_up(cast, sim, sign_in):
    text = "\n".join(make_hash(f"rare {number}") for number in range(80))
    assert len(lines_to_fill(preview(sign_in(cast.owner), text))) == 30


def test_cached_existing_and_unchecked_lines_are_not_looked_up(cast, sim, sign_in):
    old, client = make_torrent(cast.account, "An old film"), sign_in(cast.owner)
    assert not lines_to_fill(preview(client, f"{SINTEL}\n{old.info_hash}\nnonsense"))
    sim.stop()
    assert not lines_to_fill(preview(client, make_hash("rare")))


def test_a_line_nobody_knows_or_torbox_is_silent_about_stays_as_it_is(cast, sim, sign_in):
    client, rare = sign_in(cast.owner), make_hash(uuid4().hex)
    (url,) = lines_to_fill(preview(client, f"magnet:?xt=urn:btih:{rare}&dn=Rare"))
    sim.stop()
    assert client.get(url).status_code == 204
    sim.restart()
    assert preview(client, f"magnet:?xt=urn:btih:{rare}&dn=Rare").rows[0].title == "Rare"


def test_a_link_leads_to_the_preview_and_adds_nothing(cast, sim, sign_in):
    magnet = f"magnet:?xt=urn:btih:{SINTEL}&dn=Sintel&tr=udp%3A%2F%2Ftracker.example"
    answer = sign_in(cast.owner).get(reverse("torrents:add"), {"url": magnet})
    assert chips(answer.context["preview"]) == ["Cached, instant"] and not Torrent.objects.exists()
    assert answer.context["form"].cleaned_data["allow_zip"]


def test_what_a_phone_shares_leads_to_the_preview_without_a_token_and_adds_nothing(cast, sim):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner)
    work = sim.control.make_work("Shared", {"film.mkv": 40_000})
    upload = SimpleUploadedFile("shared.torrent", work.torrent_bytes)
    shared = {"title": "Look", "text": f"magnet:?xt=urn:btih:{SINTEL}", "url": "", "files": upload}
    answer = client.post(reverse("torrents:share"), shared)
    assert chips(answer.context["preview"]) == ["Cached, instant", "Not cached"]
    assert not Torrent.objects.exists()
    data = {"text": shared["text"], "seed": "1", "kept": answer.context["form"].kept}
    assert client.post(reverse("torrents:add"), data).status_code == 403
    client.post(
        reverse("torrents:add"), data | {"csrfmiddlewaretoken": client.cookies["torbox-web-csrf"].value}
    )
    assert {row.info_hash for row in Torrent.objects.all()} == {SINTEL, work.info_hash}


def test_files_survive_the_preview_page_as_they_are(cast, sim, sign_in):
    work = sim.control.make_work("Uploaded", {"film.mkv": 40_000})
    client = sign_in(cast.owner)
    upload = SimpleUploadedFile("good one.torrent", work.torrent_bytes)
    answer = client.post(reverse("torrents:preview"), {"text": "", "seed": "1", "files": upload})
    kept = answer.context["form"].kept
    assert all(field in answer.content.decode() for field in kept)
    client.post(reverse("torrents:add"), {"text": "", "seed": "1", "kept": [*kept, "!! broken", "bm8= bad"]})
    assert bytes(AddRequest.objects.get().torrent_file) == work.torrent_bytes


def test_files_too_large_for_a_page_are_said(cast, sim, sign_in):
    upload = SimpleUploadedFile("huge.torrent", b"d" * 7_000_000)
    answer = sign_in(cast.owner).post(reverse("torrents:preview"), {"text": "", "seed": "1", "files": upload})
    assert "too large to keep on this page" in answer.content.decode() and len(answer.content) < 100_000


def test_adding_from_another_page_leads_to_the_list(cast, sim, sign_in):
    client = sign_in(cast.owner)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/add/?url=x"}
    answer = client.post(reverse("torrents:add"), {"text": SINTEL, "seed": "1"}, headers=headers)
    assert answer["HX-Redirect"] == reverse("torrents:list")
    assert "list-changed" not in answer.headers.get("HX-Trigger", "")
    assert "Added 1 torrent." in client.get(reverse("torrents:list")).content.decode()
