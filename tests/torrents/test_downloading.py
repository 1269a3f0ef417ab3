"""Download links: requested at the click, never stored, and never TorBox's permalink."""

from __future__ import annotations

import pytest
import requests
from django.urls import reverse

from links.services.downloading import LinkError
from links.views.responses import ERRORS
from torrents.models import Activity, Torrent
from torrents.pages.url_cache import detail_url, download_url


def place_work(sim, cast, **files: int) -> Torrent:
    from torrents.services.sync import refreshing

    work = sim.control.make_work(
        "An open film", {name.replace("_", "."): size for name, size in files.items()}
    )
    sim.control.seed(torrents=[{"key": cast.key, "work": work, "state": "completed"}])
    refreshing.refresh(cast.account, fresh=True)
    return Torrent.objects.get(info_hash=work.info_hash)


def test_a_click_downloads_the_file(cast, sim, sign_in):
    row = place_work(sim, cast, film_mkv=50_000, notes_txt=300)
    file = row.files.get(path__endswith="film.mkv")
    answer = sign_in(cast.viewer).get(reverse("links:download_file", args=[row.pk, file.pk]))
    assert answer.status_code == 302
    assert answer["Cache-Control"] == "no-store" and answer["Referrer-Policy"] == "no-referrer"
    body = requests.get(answer["Location"], timeout=5).content
    assert body == sim.control.expected_bytes(row.info_hash, file.path)


def test_the_zip_holds_every_file(cast, sim, sign_in, tmp_path):
    import io
    import zipfile

    row = place_work(sim, cast, film_mkv=50_000, notes_txt=300)
    answer = sign_in(cast.owner).get(reverse("links:download_zip", args=[row.pk]))
    archive = zipfile.ZipFile(io.BytesIO(requests.get(answer["Location"], timeout=5).content))
    assert sorted(info.file_size for info in archive.infolist()) == [300, 50_000]


def test_a_single_file_is_downloaded_as_itself(cast, sim, sign_in):
    row = place_work(sim, cast, film_mkv=50_000)
    shown = Torrent.objects.for_display(cast.owner).get(pk=row.pk)
    assert download_url(shown) == reverse("links:download_file", args=[row.pk, row.files.get().pk])


def test_a_browser_that_only_prefetches_gets_no_link(cast, sim, sign_in):
    row = place_work(sim, cast, film_mkv=50_000)
    url = reverse("links:download_zip", args=[row.pk])
    assert sign_in(cast.owner).get(url, headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 204
    assert sim.control.count("requestdl") == 0


def test_torbox_gets_the_callers_public_address_but_no_private_one(cast, sim, sign_in):
    row, client = place_work(sim, cast, film_mkv=50_000), sign_in(cast.owner)
    url = reverse("links:download_zip", args=[row.pk])
    client.get(url, REMOTE_ADDR="192.168.1.20")
    client.get(url, REMOTE_ADDR="93.184.216.34")
    (account,) = (a for a in sim.control.state()["accounts"] if cast.key in a["keys"])
    assert [ip for ip in account["user_ips"] if ip] == ["93.184.216.34"]


def test_a_forwarded_address_counts_only_from_a_trusted_proxy(cast, sim, sign_in, settings):
    row, client = place_work(sim, cast, film_mkv=50_000), sign_in(cast.owner)
    url = reverse("links:download_zip", args=[row.pk])
    forwarded = {"X-Forwarded-For": "10.9.9.9, 93.184.216.34"}
    client.get(url, REMOTE_ADDR="127.0.0.1", headers=forwarded)
    settings.TRUSTED_PROXIES = ["127.0.0.0/8"]
    client.get(url, REMOTE_ADDR="127.0.0.1", headers=forwarded)
    (account,) = (a for a in sim.control.state()["accounts"] if cast.key in a["keys"])
    assert [ip for ip in account["user_ips"] if ip] == ["93.184.216.34"]


def test_a_copied_link_works_and_says_for_how_long(cast, sim, sign_in):
    row = place_work(sim, cast, film_mkv=5_000)
    url = reverse("links:link_file", args=[row.pk, row.files.get().pk])
    answer = sign_in(cast.owner).post(url)
    (link,) = answer.context["links"]
    assert requests.head(link.url, timeout=5).status_code == 200
    assert "within an hour" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"


def test_links_that_could_not_be_created_are_named(cast, sim, sign_in):
    row = place_work(sim, cast, a_mkv=5_000, b_mkv=5_000, c_mkv=5_000)
    body = {"success": False, "error": "ITEM_NOT_FOUND", "detail": "No such file.", "data": None}
    sim.control.fail("requestdl", kind="status", status=404, body=body)
    answer = sign_in(cast.owner).post(reverse("links:links", args=[row.pk]))
    assert [bool(link.url) for link in answer.context["links"]] == [False, True, True]
    assert "No such file." in answer.content.decode()


def test_every_error_of_a_link_has_words():
    assert ERRORS.keys() == {*LinkError}


def test_a_download_link_is_an_event_of_the_torrent(cast, sim, sign_in):
    row, client = place_work(sim, cast, film_mkv=5_000), sign_in(cast.viewer)
    client.get(reverse("links:download_zip", args=[row.pk]))
    assert (
        Activity.objects.filter(torrent=row, kind=Activity.Kind.LINK_TAKEN, person=cast.viewer).count() == 1
    )
    assert "got a download link" in client.get(detail_url(row)).content.decode()


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("html502", 502, "couldn’t reach TorBox"),
        ("429", 429, "Too many requests"),
        ("403_plan", 409, "TorBox refused this"),
        ("403_key", 409, "API key rejected"),
    ],
)
def test_a_refusal_by_torbox_is_a_readable_page_with_a_fitting_status(
    cast, sim, sign_in, kind, status, words
):
    row, client = place_work(sim, cast, film_mkv=5_000), sign_in(cast.owner)
    sim.control.fail("requestdl", kind=kind)
    answer = client.get(reverse("links:download_zip", args=[row.pk]))
    assert (answer.status_code, words in answer.content.decode()) == (status, True)


def test_a_torrent_that_is_not_ready_has_no_link(cast, at_torbox, sim, sign_in):
    row = at_torbox("downloading", download_seconds=1000)
    assert sign_in(cast.owner).get(reverse("links:download_zip", args=[row.pk])).status_code == 404
    assert sim.control.count("requestdl") == 0
