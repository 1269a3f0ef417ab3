"""Deleted torrents can be added again, long after the time to undo."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from tests.factories import let_waiting_end, make_hash, make_torrent
from torbox.magnets import Magnet
from torrents.models import AddRequest, Torrent
from torrents.services.actions import controlling
from torrents.services.actions.adding import NewTorrent, Options, add
from torrents.services.outbox import controls, sending
from torrents.services.upkeep import pruning

TRACKER = "udp://tracker.example.org:6969"


def delete(cast, row: Torrent) -> None:
    controlling.remove(person=cast.owner, torrents=[row])
    let_waiting_end(cast.account)
    controls.send_due(cast.account.pk)


def test_add_again_sends_the_same_trackers_and_options(cast, sim, sign_in):
    new_torrent = NewTorrent(Magnet(make_hash("film"), "Film", (TRACKER,)))
    add(
        person=cast.owner,
        account=cast.account,
        new_torrents=[new_torrent],
        options=Options(seed=3, allow_zip=False),
    )
    sending.send_due(cast.account.pk)
    delete(cast, Torrent.objects.get())
    client = sign_in(cast.owner)
    assert "Film" in client.get(reverse("torrents:deleted")).content.decode()
    client.post(reverse("torrents:retry", args=[Torrent.objects.get().pk]), headers={"HX-Request": "true"})
    sending.send_due(cast.account.pk)
    row, request = Torrent.objects.get(), AddRequest.objects.get()
    assert row.removed_at is None and row.remote_id
    assert (request.seed, request.allow_zip, "tracker.example.org" in request.magnet) == (3, False, True)
    assert sim.control.accepted(cast.key) == {make_hash("film"): 2}
    assert "Film" not in client.get(reverse("torrents:deleted")).content.decode()


def test_deleted_torrents_are_listed_for_a_month(cast, sign_in):
    lately, long_ago = make_torrent(cast.account, "Lately"), make_torrent(cast.account, "Long ago")
    now = timezone.now()
    Torrent.objects.filter(pk=lately.pk).update(removed_at=now - timedelta(days=29))
    Torrent.objects.filter(pk=long_ago.pk).update(removed_at=now - timedelta(days=31))
    pruning.prune()
    page = sign_in(cast.owner).get(reverse("torrents:deleted")).content.decode()
    assert "Lately" in page and "Long ago" not in page


def test_viewers_see_no_add_again_button(cast, sign_in):
    row = make_torrent(cast.account, "Film", added_by=cast.owner)
    Torrent.objects.update(removed_at=timezone.now())
    page = sign_in(cast.viewer).get(reverse("torrents:deleted")).content.decode()
    assert "Film" in page and "Add again" not in page.replace("Add again sends", "")
    assert sign_in(cast.viewer).post(reverse("torrents:retry", args=[row.pk])).status_code == 404
    assert "Film" not in sign_in(cast.outsider).get(reverse("torrents:deleted")).content.decode()


def test_an_empty_page_explains_itself(cast, sign_in):
    assert "No deleted torrents" in sign_in(cast.owner).get(reverse("torrents:deleted")).content.decode()
