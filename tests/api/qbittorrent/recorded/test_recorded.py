"""Programs find what they need: their calls, as recorded, against a server on a socket."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import User
from api.models import ApiToken
from saving.engine import runner
from saving.models import Job
from saving.services import automatic, deleting
from tests.api.factories import basic, make_token
from tests.saving.factories import make_folder, where_is
from torrents.models import ControlRequest, Torrent
from torrents.services.outbox import controls, sending
from torrents.states import Status

from . import arr, others
from .replaying import Happens, Recording

pytestmark = pytest.mark.django_db(transaction=True)
RECORDINGS: dict[str, Recording] = {
    "Sonarr 4": arr.SONARR_4,
    "Sonarr 5, HTTP Basic in advance": arr.SONARR_5_BASIC,
    "Sonarr 5, API key": arr.SONARR_5_BEARER,
    "Radarr": arr.RADARR,
    "Prowlarr": arr.PROWLARR,
    "*arr with a wrong password": arr.WRONG_PASSWORD,
    "autobrr": others.AUTOBRR,
    "autobrr, API key": others.AUTOBRR_WITH_KEY,
    "qBitController": others.QBITCONTROLLER,
    "Transdroid": others.TRANSDROID,
    "torrent-control": others.TORRENT_CONTROL,
}


class World:
    """A member of the household with a token, the simulated TorBox, and what happens there and here."""

    def __init__(self, cast, sim, url: str) -> None:
        self.cast, self.sim = cast, sim
        self.member: User = cast.member
        self.work = sim.control.make_work("A.Show.S01E01", {"A.Show.S01E01.mkv": 200_000, "A.Show.nfo": 50})
        sim.control.cache([self.work.info_hash])
        token = make_token(self.member)
        self.values: dict[str, str | bytes] = {
            "url": url,
            "name": self.member.username,
            "token": token.text,
            "basic": basic(self.member.username, token.text),
            "hash": self.work.info_hash,
            "magnet": self.work.magnet,
            "torrent": self.work.torrent_bytes,
            "broken": b"<html>Sign in first</html>",
        }
        self.happenings: dict[str, Callable[[], object]] = {
            "it is sent to TorBox": self.send,
            "it is saved": self.save,
            "the session is lost": self.lose_session,
        }

    def send(self) -> None:
        sending.send_due(self.cast.account.pk)
        assert Torrent.objects.get(info_hash=self.work.info_hash).status == Status.READY

    def save(self) -> None:
        assert automatic.apply_rules() == 1
        runner.run(Job.objects.get().pk)

    def lose_session(self) -> None:
        """Let the cookie be one of a token that was made anew, as after a restart of qBittorrent."""
        for token in ApiToken.objects.all():
            token.delete()
        made = make_token(self.member)
        self.values |= {"token": made.text}


@pytest.fixture
def world(cast, sim, save_dir, live_server) -> World:
    for name in ("tv-sonarr", "radarr", "phone"):
        make_folder(name)
    return World(cast, sim, live_server.url)


@pytest.mark.parametrize("program", RECORDINGS)
def test_a_program_gets_what_it_needs(world, program):
    RECORDINGS[program].play(world.values["url"], world.values, world.happenings)


@pytest.mark.parametrize("program", ["Sonarr 4", "Radarr"])
def test_what_arr_removed_is_gone_here_at_torbox_and_from_the_disk(world, program, settings):
    settings.UNDO_SECONDS = 0
    recording = RECORDINGS[program]
    recording.play(world.values["url"], world.values, world.happenings)
    assert ControlRequest.objects.filter(operation="delete").count() == 1
    controls.send_due(world.cast.account.pk)
    assert not any(account["torrents"] for account in world.sim.control.state()["accounts"])
    (job,) = Job.objects.all()
    root = where_is(job.folder)
    assert any(root.rglob("*.mkv"))
    deleting.delete_due()
    assert not any(root.rglob("*.mkv")) and not Job.objects.exists()


def test_every_step_of_every_recording_says_what_the_program_needs():
    steps = [step for recording in RECORDINGS.values() for step in recording.steps]
    assert all(step.needs for step in steps if not isinstance(step, Happens))
