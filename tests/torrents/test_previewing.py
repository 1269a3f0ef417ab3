"""A paste says what it would do before anything is kept, and bad lines cost only themselves."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.factories import make_hash, make_torrent
from torrents.models import AddRequest, Torrent
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
    assert "added by Owner" in shown.rows[2].detail and shown.rows[2].url == old.get_absolute_url()
    assert not AddRequest.objects.exists()


def test_a_paste_of_any_length_is_checked_a_hundred_hashes_at_a_time(cast, sim, sign_in):
    text = "\n".join(make_hash(str(number)) for number in range(250))
    assert preview(sign_in(cast.owner), text).count == 250
    assert sim.control.count("checkcached", cast.key) == 3


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


def test_without_torbox_the_preview_still_comes_and_adding_still_works(cast, sim, sign_in):
    client = sign_in(cast.owner)
    sim.stop()
    shown = preview(client, SINTEL)
    assert chips(shown) == ["Not checked"] and "cannot be asked" in shown.warning
    client.post(reverse("torrents:add"), {"text": SINTEL, "seed": "1"})
    assert Torrent.objects.get().status == Status.WAITING


def test_a_torbox_that_hangs_does_not_hang_the_page(cast, sim, sign_in, settings):
    settings.TORBOX_QUICK_TIMEOUT = (1, 0.2)
    client = sign_in(cast.owner)
    sim.control.fail("checkcached", kind="delay", delay=30, times=9)
    assert chips(preview(client, SINTEL)) == ["Not checked"]
    assert sim.control.count("checkcached", cast.key) == 1


def test_five_thousand_magnets_are_fine_and_more_get_a_sentence(cast, sim, sign_in):
    client = sign_in(cast.owner)
    text = "\n".join(make_hash(str(number)) for number in range(5001))
    client.post(reverse("torrents:add"), {"text": text, "seed": "1"})
    assert Torrent.objects.count() == 5000
    page = client.get(reverse("torrents:list")).content.decode()
    assert "Up to 5,000 torrents at once" in page


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
