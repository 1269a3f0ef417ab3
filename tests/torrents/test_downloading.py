"""One click, one link: asked for when clicked, kept nowhere, never TorBox's permalink."""

from __future__ import annotations

import pytest
import requests
from django.urls import reverse

from torrents.models import Activity, Torrent


def place_work(sim, cast, **files: int) -> Torrent:
    from torrents.services import refreshing

    work = sim.control.make_work(
        "An open film", {name.replace("_", "."): size for name, size in files.items()}
    )
    sim.control.seed(torrents=[{"key": cast.key, "work": work, "state": "completed"}])
    refreshing.refresh(cast.account, fresh=True)
    return Torrent.objects.get(info_hash=work.info_hash)


def test_one_click_gives_the_bytes_of_the_file(cast, sim, sign_in):
    row = place_work(sim, cast, film_mkv=50_000, notes_txt=300)
    file = row.files.get(path__endswith="film.mkv")
    answer = sign_in(cast.viewer).get(reverse("torrents:download_file", args=[row.pk, file.pk]))
    assert answer.status_code == 302
    assert answer["Cache-Control"] == "no-store" and answer["Referrer-Policy"] == "no-referrer"
    body = requests.get(answer["Location"], timeout=5).content
    assert body == sim.control.expected_bytes(row.info_hash, file.path)


def test_the_zip_holds_every_file(cast, sim, sign_in, tmp_path):
    import io
    import zipfile

    row = place_work(sim, cast, film_mkv=50_000, notes_txt=300)
    answer = sign_in(cast.owner).get(reverse("torrents:download_zip", args=[row.pk]))
    archive = zipfile.ZipFile(io.BytesIO(requests.get(answer["Location"], timeout=5).content))
    assert sorted(info.file_size for info in archive.infolist()) == [300, 50_000]


def test_a_single_file_is_downloaded_as_itself(cast, sim, sign_in):
    row = place_work(sim, cast, film_mkv=50_000)
    shown = Torrent.objects.for_display(cast.owner).get(pk=row.pk)
    assert shown.download_url == reverse("torrents:download_file", args=[row.pk, row.files.get().pk])


def test_a_browser_that_only_prefetches_spends_no_link(cast, sim, sign_in):
    row = place_work(sim, cast, film_mkv=50_000)
    url = reverse("torrents:download_zip", args=[row.pk])
    assert sign_in(cast.owner).get(url, headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 204
    assert sim.control.count("requestdl") == 0


def test_the_public_address_of_the_caller_goes_along_and_a_private_one_does_not(cast, sim, sign_in):
    row, client = place_work(sim, cast, film_mkv=50_000), sign_in(cast.owner)
    url = reverse("torrents:download_zip", args=[row.pk])
    client.get(url, REMOTE_ADDR="192.168.1.20")
    client.get(url, REMOTE_ADDR="93.184.216.34")
    (account,) = (a for a in sim.control.state()["accounts"] if cast.key in a["keys"])
    assert [ip for ip in account["user_ips"] if ip] == ["93.184.216.34"]


def test_a_forwarded_address_counts_only_from_a_trusted_proxy(cast, sim, sign_in, settings):
    row, client = place_work(sim, cast, film_mkv=50_000), sign_in(cast.owner)
    url = reverse("torrents:download_zip", args=[row.pk])
    forwarded = {"X-Forwarded-For": "10.9.9.9, 93.184.216.34"}
    client.get(url, REMOTE_ADDR="127.0.0.1", headers=forwarded)
    settings.TRUSTED_PROXIES = ["127.0.0.0/8"]
    client.get(url, REMOTE_ADDR="127.0.0.1", headers=forwarded)
    (account,) = (a for a in sim.control.state()["accounts"] if cast.key in a["keys"])
    assert [ip for ip in account["user_ips"] if ip] == ["93.184.216.34"]


def test_a_copied_link_works_and_says_for_how_long(cast, sim, sign_in):
    row = place_work(sim, cast, film_mkv=5_000)
    url = reverse("torrents:link_file", args=[row.pk, row.files.get().pk])
    answer = sign_in(cast.owner).post(url)
    (link,) = answer.context["links"]
    assert requests.head(link.url, timeout=5).status_code == 200
    assert "within the hour" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"


def test_all_links_are_honest_about_those_that_could_not_be_had(cast, sim, sign_in):
    row = place_work(sim, cast, a_mkv=5_000, b_mkv=5_000, c_mkv=5_000)
    body = {"success": False, "error": "ITEM_NOT_FOUND", "detail": "No such file.", "data": None}
    sim.control.fail("requestdl", kind="status", status=404, body=body)
    answer = sign_in(cast.owner).post(reverse("torrents:links", args=[row.pk]))
    assert [bool(link.url) for link in answer.context["links"]] == [False, True, True]
    assert "No such file." in answer.content.decode()


def test_taking_a_link_is_part_of_the_story(cast, sim, sign_in):
    row, client = place_work(sim, cast, film_mkv=5_000), sign_in(cast.viewer)
    client.get(reverse("torrents:download_zip", args=[row.pk]))
    assert (
        Activity.objects.filter(torrent=row, kind=Activity.Kind.LINK_TAKEN, person=cast.viewer).count() == 1
    )
    assert "Viewer took a link" in client.get(row.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("html502", 502, "could not be reached"),
        ("429", 429, "slow down"),
        ("403_plan", 409, "TorBox refused this"),
        ("403_key", 409, "does not accept"),
    ],
)
def test_torbox_refusing_is_a_readable_page_with_an_honest_status(cast, sim, sign_in, kind, status, words):
    row, client = place_work(sim, cast, film_mkv=5_000), sign_in(cast.owner)
    sim.control.fail("requestdl", kind=kind)
    answer = client.get(reverse("torrents:download_zip", args=[row.pk]))
    assert (answer.status_code, words in answer.content.decode()) == (status, True)


def test_what_is_not_ready_has_no_link(cast, at_torbox, sim, sign_in):
    row = at_torbox("downloading", download_seconds=1000)
    assert sign_in(cast.owner).get(reverse("torrents:download_zip", args=[row.pk])).status_code == 404
    assert sim.control.count("requestdl") == 0
