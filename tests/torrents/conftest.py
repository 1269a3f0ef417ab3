from __future__ import annotations

from collections.abc import Callable

import pytest

from torrents.models import Torrent
from torrents.services import refreshing


@pytest.fixture
def at_torbox(cast, sim) -> Callable[..., Torrent]:
    """Put a torrent on the account at TorBox and read it: the row as the list shows it."""

    def place(state: str = "completed", **spec) -> Torrent:
        (placed,) = sim.control.seed(torrents=[{"key": cast.key, "state": state, **spec}])["torrents"]
        cast.account.refresh_from_db()
        assert refreshing.refresh(cast.account, fresh=True)
        return Torrent.objects.get(account=cast.account, info_hash=placed["hash"])

    return place
