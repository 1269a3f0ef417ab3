"""Saving on the Status page and in `manage.py doctor`."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta
from html import unescape
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from care.status import status_for
from care.status.markup import plain
from tests.factories import make_torrent, sign_in
from tests.saving.factories import make_folder, make_job, where_is
from torrents.models import Heartbeat
from torrents.saving_states import SavingState
from torrents.services.upkeep import heartbeats

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _saver(db) -> None:
    """A saver runs."""
    heartbeats.saver_is_alive()


@pytest.fixture
def mara(cast) -> User:
    """An owner of the household."""
    return cast.owner


def status(person: User) -> str:
    """Return what the Status page says to a person, without markup."""
    page = sign_in(Client(), person).get("/status/").content.decode()
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def doctor() -> str:
    printed = StringIO()
    with suppress(CommandError):  # there is no worker here
        call_command("doctor", stdout=printed)
    return printed.getvalue()


def problems(user: User | None = None) -> list[str]:
    """Return the problems of folders and of the saver."""
    found = [f"{plain(problem.what)} {plain(problem.remedy)}" for problem in status_for(user).problems]
    return [line for line in found if "folder" in line or "saver" in line]


def test_without_a_folder_owners_read_how_to_switch_it_on(mara, settings):
    settings.SAVE_DIR = None
    words = "Set SAVE_DIR to a folder on this server to save torrents there."
    assert f"Saving to disk Off {words}" in status(mara)
    assert f"ok     Saving to disk: Off ({words})" in doctor()


def test_only_owners_read_about_saving(cast, save_dir):
    User.objects.filter(pk=cast.owner.pk).update(role=User.Role.MEMBER)
    where_is(make_folder()).rmdir()
    cast.owner.refresh_from_db()
    page = status(cast.owner)
    assert "Saving to disk" not in page and "Films" not in page


def test_the_jobs_are_counted_with_their_progress_and_speed(mara, cast, save_dir):
    folder = make_folder()
    for number, state in enumerate(("running", "waiting", "waiting", "paused", "failed")):
        running = {"speed": 2_000_000, "bytes_done": 1_000_000} if state == "running" else {}
        job = make_job(make_torrent(cast.account, f"Film {number}"), folder, state=state, **running)
        type(job).objects.filter(pk=job.pk).update(bytes_total=10_000_000)
    assert "1 saving 2 waiting · 1 paused · 1 failed · 1 MB of 50.0 MB · 2.0 MB/s" in status(mara)
    assert not problems()


def test_folders_are_listed_with_their_space(mara, save_dir):
    make_folder()
    assert re.search(rf"Films [\d.]+ .B of [\d.]+ .B free {save_dir}/films", status(mara))
    assert re.search(rf"ok     Films: [\d.]+ .B of .* free \({save_dir}/films\)", doctor())


def test_a_folder_whose_disk_is_gone_is_a_problem(mara, save_dir):
    where_is(make_folder("<i>Films", "films")).rmdir()
    (found,) = problems()
    assert "<i>Films" in found and "isn’t available. Check that its disk is mounted." in found
    assert "<i>Films" not in sign_in(Client(), mara).get("/status/").content.decode()
    assert "WRONG  Needs attention: The folder" in doctor()


@pytest.mark.parametrize(
    ("state", "cause", "words"),
    [
        ("denied", "denied", "TorBox Web can’t write to the folder"),
        ("denied", "read_only", "is read-only. 1 torrent is waiting for it."),
        ("disk_full", "full", "is full. 1 torrent is waiting for it. Free some space."),
    ],
)
def test_a_folder_that_jobs_wait_for_is_a_problem(cast, save_dir, state, cause, words):
    make_job(make_torrent(cast.account), make_folder(), state=state, cause=cause)
    (found,) = problems()
    assert words in found


def test_little_space_is_a_problem_only_once_something_waits_for_it(cast, save_dir):
    folder = make_folder(floor=10**18)
    assert not problems()
    make_job(make_torrent(cast.account), folder, state="disk_full", cause="floor")
    (found,) = problems()
    assert re.search(r"has [\d.]+ .B free and needs 1,?000 PB\. 1 torrent is waiting for it\.", found)


def test_jobs_that_no_saver_takes_are_a_problem(cast, save_dir):
    long_ago = timezone.now() - timedelta(minutes=5)
    job = make_job(make_torrent(cast.account), make_folder(), created_at=long_ago)
    (found,) = problems()
    assert "the saver isn’t picking them up. Nothing is lost. Start the saver." in found
    type(job).objects.filter(pk=job.pk).update(
        state=SavingState.RUNNING, claimed_until=timezone.now() + timedelta(seconds=60)
    )
    assert not problems()


@pytest.mark.parametrize("state", ["waiting", "running", "scheduled", "disk_full", "no_folder", "denied"])
def test_work_without_a_saver_is_a_problem(mara, cast, save_dir, state):
    job = make_job(make_torrent(cast.account), make_folder(), state=state)
    assert not [line for line in problems() if "saver" in line]
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=5))
    (found,) = [line for line in problems() if "saver" in line]
    assert re.fullmatch(
        r"No heartbeat from the saver since .+\. Nothing is being saved, and nothing is lost\. "
        r"Start the saver\. If it’s already running, check its log\.",
        found,
    )
    assert "Saving to disk No heartbeat Last heartbeat: 5 minutes ago" in status(mara)
    assert "WRONG  Needs attention: No heartbeat from the saver" in doctor()
    Heartbeat.objects.all().delete()
    (found,) = [line for line in problems() if "saver" in line]
    assert found.startswith("The saver hasn’t started yet. Nothing is being saved, and nothing is lost.")
    assert "! " in next(line for line in doctor().splitlines() if "Saving to disk: No heartbeat" in line)
    heartbeats.saver_is_alive()
    assert not [line for line in problems() if "saver" in line] and job.state == state


@pytest.mark.parametrize("state", ["paused", "failed", "saved"])
def test_without_work_no_saver_is_needed(cast, save_dir, state):
    Heartbeat.objects.all().delete()
    ended_at = timezone.now() if state == "saved" else None
    make_job(make_torrent(cast.account), make_folder(), state=state, ended_at=ended_at)
    assert not problems()


def test_deleting_what_was_saved_needs_a_saver_too(cast, save_dir):
    make_job(
        make_torrent(cast.account), make_folder(), state="paused", ended_at=timezone.now(), deleting=True
    )
    assert not problems()
    Heartbeat.objects.all().delete()
    (found,) = problems()
    assert found.startswith("The saver hasn’t started yet.")


def test_where_saving_is_off_no_saver_is_needed(cast, save_dir, settings):
    make_job(make_torrent(cast.account), make_folder())
    Heartbeat.objects.all().delete()
    settings.SAVE_DIR = None
    assert not problems()


def test_jobs_that_wait_for_their_hours_are_no_problem(cast, save_dir):
    long_ago = timezone.now() - timedelta(hours=5)
    make_job(make_torrent(cast.account), make_folder(), created_at=long_ago, state="scheduled")
    assert not problems()
