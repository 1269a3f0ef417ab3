"""Exporting a torrent: always as a magnet link, and as a .torrent file where there is one."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.factories import make_torrent
from torbox import torrentfiles
from torrents.models import Torrent
from torrents.services.outbox import sending
from torrents.services.sync import refreshing


def magnet_page(client, row) -> str:
    return client.get(reverse("links:export_magnet", args=[row.pk])).content.decode()


def test_torboxs_own_magnet_is_exported_if_it_has_one(cast, at_torbox, sign_in):
    row = at_torbox("completed")
    page = magnet_page(sign_in(cast.owner), row)
    assert (
        f"magnet:?xt=urn:btih:{row.info_hash}" in page
        and "right now" not in page
        and "doesn’t export" not in page
    )


def test_a_cached_torrent_is_exported_with_the_magnet_it_was_added_with(cast, at_torbox, sign_in):
    row = at_torbox("cached")
    page = magnet_page(sign_in(cast.owner), row)
    assert f"magnet:?xt=urn:btih:{row.info_hash}" in page and "doesn’t export this torrent" in page


def test_without_any_magnet_one_is_built_from_the_hash(cast, sim, sign_in):
    row = make_torrent(cast.account, "Old film", remote_id=12345)
    page = magnet_page(sign_in(cast.owner), row)
    assert f"magnet:?xt=urn:btih:{row.info_hash}" in page and "built from its info hash" in page


def test_the_torrent_file_has_the_same_info_hash(cast, sim, sign_in):
    work = sim.control.make_work("An open film", {"film.mkv": 40_000})
    sim.control.seed(torrents=[{"key": cast.key, "work": work, "state": "completed"}])
    refreshing.refresh(cast.account, fresh=True)
    answer = sign_in(cast.owner).get(reverse("links:export_file", args=[Torrent.objects.get().pk]))
    assert torrentfiles.parse(answer.content).info_hash == work.info_hash
    assert answer["Content-Disposition"] == 'attachment; filename="An open film.torrent"'


def test_an_uploaded_file_is_exported_when_torbox_refuses(cast, sim, sign_in):
    work, client = sim.control.make_work("Uploaded", {"film.mkv": 40_000}), sign_in(cast.owner)
    sim.control.cache([work.info_hash])
    upload = SimpleUploadedFile("uploaded.torrent", work.torrent_bytes)
    client.post(reverse("torrents:add"), {"text": "", "files": upload, "seed": "1"})
    sending.send_due(cast.account.pk)
    answer = client.get(reverse("links:export_file", args=[Torrent.objects.get().pk]))
    assert answer.content == work.torrent_bytes


def test_torboxs_older_call_is_tried_when_the_export_is_refused(cast, sim, sign_in):
    work = sim.control.make_work("Cached film", {"film.mkv": 40_000})
    sim.control.seed(torrents=[{"key": cast.key, "work": work, "state": "cached"}])
    refreshing.refresh(cast.account, fresh=True)
    answer = sign_in(cast.owner).get(reverse("links:export_file", args=[Torrent.objects.get().pk]))
    assert torrentfiles.parse(answer.content).info_hash == work.info_hash


def test_when_there_is_no_file_the_page_says_so_and_offers_the_magnet(cast, sim, at_torbox, sign_in):
    sim.control.options(requestdl_torrent_file=False)
    row = at_torbox("cached")
    answer = sign_in(cast.owner).get(reverse("links:export_file", args=[row.pk]))
    assert answer.status_code == 409 and "Copy the magnet link instead" in answer.content.decode()
