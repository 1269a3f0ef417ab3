"""Save files by a real aria2, whatever the CDN, aria2, and people do in the meantime."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from saving.aria2 import engine, limits, rpc, transfers
from saving.aria2.rpc import Aria2Error, Reason
from saving.engine import part_files, runner
from saving.models import Job, JobFile
from saving.services.folders import Unusable
from tests.needs import lacking
from tests.saving import story
from tests.saving.aria2_daemon import SECRET
from tests.saving.factories import make_folder, make_job, where_is
from tests.saving.small_disk import NO_DISK
from tests.saving.steps import (
    contents,
    has_all_bytes,
    in_background,
    limit_to,
    part_of,
    retry,
    run,
    wait_for,
    wait_until_ended,
)
from torrents.models import Torrent
from torrents.saving_states import SavingState as State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("by_aria2")]
committed = pytest.mark.django_db(transaction=True)
MB = 1_000_000
FILES = {"a film.mkv": 3 * MB, "sub/ünïcode [1080p] {x} & 100%.srt": 1234, "empty.txt": 0}


# -- downloads


def test_connections_that_break_are_taken_up_where_they_broke(film, sim):
    sim.control.options(cdn_cut_bytes=200_000)  # more often than aria2 tries by itself
    assert has_all_bytes(run(make_job(film)), sim)
    assert sim.control.count("requestdl") <= 3  # of 15 connections


def test_a_page_in_place_of_the_rest_costs_nothing(film, sim):
    """What has come before stays."""
    whole = sim.control.expected_bytes(film.info_hash, "film.mkv")
    job = make_job(film)
    part_of(job).write_bytes(whole[: 2 * MB])
    sim.control.fail("cdn", kind="body", body="<html>Please wait.</html>", times=2)
    assert has_all_bytes(run(job), sim)


def test_a_torrent_file_is_saved_and_not_followed(at_torbox, sim, daemon):
    assert has_all_bytes(run(make_job(at_torbox({"a.torrent": 5000, "b.meta4": 300}))), sim)
    assert not daemon.gids()


def test_a_cdn_that_is_down_lets_the_job_wait(film, sim):
    sim.control.fail("cdn", status=503, times=1000)
    sim.control.fail("cdn", kind="refuse", times=1000)
    job = run(make_job(film))
    assert (job.state, job.cause) == (State.WAITING, Job.Cause.TORBOX)
    sim.control.clear_faults()
    assert has_all_bytes(retry(job), sim)


# -- partial files


def test_what_the_other_engine_has_saved_is_continued(film, sim, settings):
    whole = sim.control.expected_bytes(film.info_hash, "film.mkv")
    job = make_job(film)
    part_of(job).write_bytes(whole[: 2 * MB])
    sim.control.options(cdn_cut_bytes=1_500_000)
    assert has_all_bytes(run(job), sim)


@committed
def test_what_aria2_has_begun_with_gaps_is_not_continued_by_the_other_engine(film, sim, settings, daemon):
    limit_to(50_000)
    job = make_job(film)
    thread = in_background(job)
    wait_for(lambda: Job.objects.get(pk=job.pk).bytes_done or part_of(job).exists())
    runner.stop()
    wait_until_ended(thread)
    assert not daemon.gids()
    assert set(contents(where_is(job.folder))) == {part_of(job).name, f"{part_of(job).name}.aria2"}
    runner.start()
    limit_to(0)
    settings.ARIA2_RPC_URL = ""
    assert has_all_bytes(run(Job.objects.get(pk=job.pk)), sim)


@committed
def test_a_download_that_a_dead_saver_left_running_is_taken_over(film, sim, daemon):
    job = make_job(film)
    file = job.files.get()
    gid = transfers.gid_of(file)
    limits.follow(rpc.client(), 300_000)
    address = sim.url + sim_address(film, sim)
    transfers.begin(rpc.client(), gid, address, part_of(job))
    wait_for(lambda: transfers.status_of(rpc.client(), gid).done)
    sim.control.reset_calls()
    limit_to(0)
    assert has_all_bytes(run(job), sim)
    assert not sim.control.count("requestdl") and not daemon.gids()


@committed
def test_a_download_that_aria2_finished_without_a_saver_is_not_repeated(film, sim, daemon):
    job = make_job(film)
    gid = transfers.gid_of(job.files.get())
    transfers.begin(rpc.client(), gid, sim.url + sim_address(film, sim), part_of(job))
    wait_for(lambda: transfers.status_of(rpc.client(), gid).status == "complete")
    sim.control.reset_calls()
    assert has_all_bytes(run(job), sim)
    assert not sim.control.count("requestdl") and not daemon.gids()


def sim_address(torrent: Torrent, sim) -> str:
    """Return an address of the torrent's file, without the host."""
    from saving.engine import remote

    file = JobFile.objects.get(job__torrent=torrent)
    return remote.address_of(torrent, file).removeprefix(sim.url)


@committed
def test_the_limit_can_change_while_aria2_downloads(film, daemon):
    limit_to(50_000)
    thread = in_background(make_job(film))
    wait_for(lambda: daemon.call("aria2.getGlobalOption")["max-overall-download-limit"] == "50000")
    limit_to(0)
    wait_for(lambda: daemon.call("aria2.getGlobalOption")["max-overall-download-limit"] == "0")
    wait_until_ended(thread)
    assert Job.objects.get().state == State.SAVED


@committed
def test_an_aria2_that_is_killed_and_started_again_goes_on(film, sim, daemon):
    limit_to(50_000)
    job = make_job(film)
    thread = in_background(job)
    wait_for(lambda: Job.objects.get(pk=job.pk).bytes_done)
    daemon.kill()
    daemon.start()
    limit_to(0)
    wait_until_ended(thread)
    job.refresh_from_db()
    assert job.state == State.SAVED and has_all_bytes(job, sim)


def test_downloads_of_canceled_jobs_are_taken_out_and_those_of_others_stay(film, sim, daemon):
    job = make_job(film)
    limits.follow(rpc.client(), 10_000)
    address = sim.url + sim_address(film, sim)
    ours, stray, theirs = transfers.gid_of(job.files.get()), transfers.new_gid(), "0123456789abcdef"
    for gid in (ours, stray, theirs):
        transfers.begin(rpc.client(), gid, address, where_is(job.folder) / gid)
    engine.tidy()
    assert sorted(daemon.gids()) == sorted([ours, theirs])
    for gid in (ours, theirs):
        transfers.forget(rpc.client(), gid)
    assert not daemon.gids()


@pytest.mark.parametrize("state", [State.PAUSED, State.SCHEDULED, State.FAILED, State.DISK_FULL])
def test_what_a_dead_saver_left_running_stops_if_its_job_should_not_run(film, sim, daemon, state):
    job = make_job(film)
    limits.follow(rpc.client(), 10_000)
    gid = transfers.gid_of(job.files.get())
    transfers.begin(rpc.client(), gid, sim.url + sim_address(film, sim), part_of(job))
    engine.tidy()
    assert daemon.gids() == [gid]  # The next saver takes it over.
    Job.objects.update(state=state)
    engine.tidy()
    assert not daemon.gids()


# -- when aria2 doesn't work


def test_an_aria2_that_does_not_answer_is_waited_for(film, settings, sim, daemon):
    settings.ARIA2_RPC_URL = "http://127.0.0.1:9/jsonrpc"
    job = run(make_job(film))
    assert (job.state, job.cause) == (State.WAITING, Job.Cause.ARIA2)
    assert job.cause_params["reason"] == "no_answer" and job.retry_at > timezone.now()
    settings.ARIA2_RPC_URL = daemon.url
    assert has_all_bytes(retry(job), sim)


def test_a_wrong_secret_is_told(film, settings):
    settings.ARIA2_RPC_SECRET = "wrong"
    job = run(make_job(film))
    assert (job.state, job.cause) == (State.WAITING, Job.Cause.ARIA2)
    assert job.cause_params["reason"] == "secret"


def test_something_else_at_the_address_is_no_aria2(settings, sim):
    settings.ARIA2_RPC_URL = f"{sim.url}/jsonrpc"
    with pytest.raises(Aria2Error) as caught:
        engine.test()
    assert caught.value.reason == Reason.NO_ANSWER


def test_an_aria2_that_writes_elsewhere_is_told(film, settings, tmp_path):
    settings.ARIA2_DIR = str(tmp_path / "elsewhere")
    job = run(make_job(film))
    assert (job.state, job.cause) == (State.DENIED, Job.Cause.ARIA2_FOLDER)
    assert not contents(where_is(job.folder))


def test_a_folder_that_aria2_cannot_make_is_told(film, settings):
    settings.ARIA2_DIR = "/proc/nowhere"
    job = run(make_job(film))
    assert (job.state, job.cause) == (State.DENIED, Job.Cause.ARIA2_FOLDER)


# -- the test button


def test_the_test_leaves_nothing_behind(save_dir, sim, daemon):
    engine.test()
    make_folder("Films"), make_folder("Music")
    engine.test()
    assert not contents(save_dir) and not daemon.gids()


def test_the_test_knows_another_name_for_the_same_folder(save_dir, settings, sim, tmp_path):
    """As when aria2 runs in a container that has the folder elsewhere."""
    (tmp_path / "downloads").symlink_to(save_dir)
    settings.ARIA2_DIR = f"{tmp_path}/downloads/"
    engine.test()


@pytest.mark.parametrize("there", ["{tmp}/other", "/proc/nowhere"])
def test_the_test_fails_if_aria2_sees_another_folder(settings, sim, tmp_path, there):
    (tmp_path / "other").mkdir()
    settings.ARIA2_DIR = there.replace("{tmp}", str(tmp_path))
    with pytest.raises(Unusable) as caught:
        engine.test()
    assert caught.value.cause == Job.Cause.ARIA2_FOLDER


def test_the_test_fails_if_aria2_cannot_reach_torbox(settings, sim):
    settings.TORBOX_API_URL = "http://127.0.0.1:9"
    with pytest.raises(Aria2Error) as caught:
        engine.test()
    assert caught.value.reason == Reason.DOWNLOAD


# -- secrets


def test_neither_the_secret_nor_an_address_is_logged_or_shown(film, sim, settings, caplog):
    caplog.set_level(logging.DEBUG)
    sim.control.fail("cdn", status=400, times=2)
    run(make_job(film))
    settings.ARIA2_RPC_URL = "http://127.0.0.1:9/jsonrpc"
    with pytest.raises(Aria2Error) as caught:
        limits.follow(rpc.client(), 0, is_new=True)
    shown = [caplog.text, repr(rpc.client()), str(rpc.client()), repr(caught.value), str(caught.value)]
    assert not any(SECRET in text or "/cdn/" in text for text in shown)
    assert caught.value.__cause__ is None and caught.value.__context__ is None


def test_a_planted_link_is_not_written_through(film, tmp_path):
    job = make_job(film)
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    part_of(job).symlink_to(victim)
    job = run(job)
    assert (job.state, job.cause) == (State.DENIED, Job.Cause.DENIED)
    assert victim.read_bytes() == b"mine"


def test_names_are_as_long_as_a_file_system_takes(at_torbox, sim):
    job = make_job(at_torbox({f"{'ä' * 125}.mkv": 5000}, "Long names"))
    job = run(job)
    assert has_all_bytes(job, sim)
    assert len(Path(job.files.get().target).name.encode()) > 250
    assert len(part_files.part_name(job.files.get()).encode()) <= 249


def test_nothing_is_lost_in_the_small_story():
    """Odd names, a CDN that breaks off, addresses that expire, two kills of saver and aria2, and a full disk."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.saving.story", "--small", "--aria2"],
        cwd=story.ROOT,
        capture_output=True,
        text=True,
    )
    if NO_DISK in done.stderr:
        lacking(NO_DISK)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
