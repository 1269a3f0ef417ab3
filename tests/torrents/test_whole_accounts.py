"""Everything at once: TorBox's own "all" for who owns the account, and for others just what they may control."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.models import Share, User
from tests.factories import make_user
from torrents.models import Torrent
from torrents.services.actions import controlling
from torrents.services.outbox import controls


@pytest.fixture
def manager(cast) -> User:
    person = make_user("manager")
    Share.objects.create(account=cast.account, user=person, level=Share.Level.MANAGE)
    return person


@pytest.fixture
def rows(cast, at_torbox) -> list[Torrent]:
    """Three torrents that download, the last of which only the member and the owner see."""
    found = [at_torbox("downloading", hash=f"{number}" * 40) for number in (1, 2, 3)]
    Torrent.objects.filter(pk=found[-1].pk).update(hidden=True, added_by=cast.member)
    return found


def everything(client, cast, operation: str):
    data = {"operation": operation, "account": cast.account.pk, "confirm": cast.account.label}
    return client.post(reverse("torrents:everything"), data)


def at_torbox_still(sim, cast) -> dict[str, str]:
    (account,) = (found for found in sim.control.state()["accounts"] if cast.key in found["keys"])
    return {torrent["hash"]: torrent["state"] for torrent in account["torrents"]}


def test_who_manages_an_account_deletes_nothing_that_is_hidden_from_them(
    cast, rows, manager, sim, sign_in, settings
):
    settings.UNDO_SECONDS = 0
    everything(sign_in(manager), cast, "delete")
    controls.send_due(cast.account.pk)
    assert list(at_torbox_still(sim, cast)) == [rows[-1].info_hash]
    assert list(Torrent.objects.listed()) == [rows[-1]]


def test_who_manages_an_account_pauses_nothing_that_is_hidden_from_them(cast, rows, manager, sim, sign_in):
    everything(sign_in(manager), cast, "pause")
    controls.send_due(cast.account.pk)
    paused = {info_hash for info_hash, state in at_torbox_still(sim, cast).items() if "paused" in state}
    assert paused == {row.info_hash for row in rows[:2]}


@pytest.mark.parametrize("torbox_is", ["there", "away"])
def test_the_number_told_counts_nothing_hidden(cast, rows, manager, sim, sign_in, torbox_is):
    if torbox_is == "away":
        sim.stop()
    answer = everything(sign_in(manager), cast, "pause")
    (told,) = get_messages(answer.wsgi_request)
    assert str(told) == "Pausing 2 torrents."


def test_a_deletion_of_everything_by_who_manages_the_account_can_be_undone(cast, rows, manager, sign_in):
    client = sign_in(manager)
    (told,) = get_messages(everything(client, cast, "delete").wsgi_request)
    client.post(told.extra_tags)
    assert Torrent.objects.listed().count() == 3


def test_the_owner_reaches_everything_with_one_call(cast, rows, sim):
    sim.control.reset_calls()
    came = controlling.control_everything(person=cast.owner, account=cast.account, operation="pause")
    assert came.done and all("paused" in state for state in at_torbox_still(sim, cast).values())
    assert sim.control.count("controltorrent") == 1
