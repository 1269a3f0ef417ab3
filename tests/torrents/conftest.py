from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.torrents.open_tabs import Household
from torrents.models import Torrent
from torrents.services.sync import refreshing


@pytest.fixture
def at_torbox(cast, sim) -> Callable[..., Torrent]:
    """Put a torrent on the account at TorBox and read it: the row as the list shows it."""

    def place(state: str = "completed", **spec) -> Torrent:
        (placed,) = sim.control.seed(torrents=[{"key": cast.key, "state": state, **spec}])["torrents"]
        cast.account.refresh_from_db()
        assert refreshing.refresh(cast.account, fresh=True)
        return Torrent.objects.get(account=cast.account, info_hash=placed["hash"])

    return place


@pytest.fixture
def household(cast, sim, time_machine) -> Callable[[int], Household]:
    def live(tabs: int) -> Household:
        sim.control.freeze()
        time_machine.move_to(timezone.now(), tick=False)
        clients = [Client() for _ in range(tabs)]
        for number, client in enumerate(clients):
            person = [cast.owner, cast.member, cast.viewer][number % 3]
            client.force_login(person)
        return Household(sim, cast, clients, time_machine)

    return live


@pytest.fixture
def two_people(cast, household):
    """The owner and the member on one key, each with the list open in a browser of their own."""

    def live():
        home = household(tabs=2)
        people = {client.get(reverse("torrents:list")).context["user"] for client in home.clients}
        assert people == {cast.owner, cast.member}
        return home

    return live
