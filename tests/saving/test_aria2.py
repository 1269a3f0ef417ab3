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
from saving.engine import part_files, patience, runner
from saving.models import Job, JobFile
from saving.services import controlling
from saving.services.folders import Unusable
from tests.needs import lacking
from tests.saving import story
from tests.saving.aria2_daemon import SECRET, Aria2Daemon
from tests.saving.factories import make_folder, make_job, where_is
from tests.saving.small_disk import NO_DISK
from tests.saving.test_engine import (
    contents,
    has_all_bytes,
    in_background,
    limit_to,
    part_of,
    retry,
    run,
    wait_for,
)
from torrents.models import Torrent
from torrents.saving_states import SavingState as State

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)
MB = 1_000_000
FILES = {"a film.mkv": 3 * MB, "sub/ünïcode [1080p] {x} & 100%.srt": 1234, "empty.txt": 0}


@pytest.fixture(scope="module")
def daemon(tmp_path_factory) -> Aria2Daemon:
    made = Aria2Daemon(tmp_path_factory.mktemp("aria2"))
    yield made
    made.kill()


@pytest.fixture(autouse=True)
def _by_aria2(settings, monkeypatch, daemon, save_dir) -> None:
    """Let aria2 save everything, and wait milliseconds where the engine waits seconds."""
    settings.ARIA2_RPC_URL, settings.ARIA2_RPC_SECRET, settings.ARIA2_DIR = daemon.url, SECRET, ""
    monkeypatch.setattr(patience, "MAX_PAUSE", 0.01)
    monkeypatch.setitem(transfers.OPTIONS, "retry-wait", "0")
    monkeypatch.setattr(engine, "POLL_SECONDS", 0.05)


@pytest.fixture
def film(at_torbox) -> Torrent:
    """Return a torrent of one file."""
    return at_torbox({"film.mkv": 3 * MB}, "A film of one file")


# -- downloads


def test_a_torrent_is_saved_whole(at_torbox, sim, daemon):
    job = run(make_job(at_torbox(FILES)))
    assert (job.state, job.cause) == (State.SAVED, "")
    assert job.bytes_done == job.bytes_total == sum(FILES.values())
    assert has_all_bytes(job, sim)
    assert not daemon.gids() and not JobFile.objects.exclude(gid="").exists()


def test_connections_that_break_are_taken_up_where_they_broke(film, sim):
    sim.control.options(cdn_cut_bytes=200_000)  # more often than aria2 tries by itself
    assert has_all_bytes(run(make_job(film)), sim)
    assert sim.control.count("requestdl") <= 3  # of 15 connections


def test_addresses_that_die_are_replaced(film, sim):
    """The first one works for one connection, which breaks."""
    sim.control.fail("cdn", kind="truncate", after=True)
    sim.control.fail("cdn", status=400, body="<html>This download link is not valid any more.</html>")
    assert has_all_bytes(run(make_job(film)), sim)
    assert sim.control.count("requestdl") == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 500, 502, 503])
def test_an_error_of_the_cdn_is_no_data(film, sim, status):
    sim.control.fail("cdn", status=status, body="<html>No.</html>")
    assert has_all_bytes(run(make_job(film)), sim)


def test_a_page_in_place_of_the_file_is_no_data(film, sim):
    sim.control.fail("cdn", kind="body", body="<html>Please wait.</html>", times=2)
    assert has_all_bytes(run(make_job(film)), sim)


def test_a_page_in_place_of_the_rest_costs_nothing(film, sim):
    """What has come before stays."""
    whole = sim.control.expected_bytes(film.info_hash, "film.mkv")
    job = make_job(film)
    part_of(job).write_bytes(whole[: 2 * MB])
    sim.control.fail("cdn", kind="body", body="<html>Please wait.</html>", times=2)
    assert has_all_bytes(run(job), sim)


def test_a_file_of_another_size_than_listed_is_not_saved(film):
    job = make_job(film)
    job.files.update(size=2 * MB)
    job = run(job)
    assert (job.state, job.cause) == (State.FAILED, Job.Cause.SIZE)
    assert (job.cause_params["expected"], job.cause_params["found"]) == (2 * MB, 3 * MB)
    assert not contents(where_is(job.folder))


def test_the_cdn_says_how_large_a_file_is_if_the_list_does_not(film, sim):
    job = make_job(film)
    job.files.update(size=0)
    Job.objects.filter(pk=job.pk).update(bytes_total=0)
    job = run(job)
    assert has_all_bytes(job, sim) and job.bytes_total == 3 * MB


def test_a_file_with_another_checksum_is_downloaded_once_more_and_then_fails(film, sim, daemon):
    job = make_job(film)
    job.files.update(md5="0" * 32)
    job = run(job)
    assert (job.state, job.cause) == (State.FAILED, Job.Cause.SIZE)
    assert job.cause_params == {"file": film.files.get().path, "files": 1, "wrong": "md5"}
    assert not contents(where_is(job.folder)) and not daemon.gids()
    assert sim.control.count("requestdl") == 2
    assert (job.bytes_done, job.files.get().bytes_done) == (0, 0)
    job.files.update(md5=film.files.get().md5)
    controlling.retry(person=job.person, jobs=[job])
    assert has_all_bytes(run(job), sim)


def test_other_bytes_of_the_right_length_are_downloaded_again(at_torbox, sim):
    job = make_job(at_torbox({"film.mkv": 5000}))
    sim.control.fail("cdn", kind="body", body="x" * 5000)
    assert has_all_bytes(run(job), sim)
    assert sim.control.count("requestdl") == 2


def test_a_file_that_is_never_sent_does_not_hold_up_those_after_it(at_torbox, sim, daemon):
    sim.control.options(cdn_lost="a film")
    job = run(make_job(at_torbox(FILES)))
    assert (job.state, job.cause) == (State.WAITING, Job.Cause.TORBOX)
    assert [file.path for file in job.files.filter(done_at=None)] == ["An open film/a film.mkv"]
    assert not daemon.gids()
    sim.control.options(cdn_lost="")
    assert has_all_bytes(retry(job), sim)


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


def test_another_file_of_the_name_stays_and_ours_gets_a_number(film, sim):
    job = make_job(film)
    theirs = where_is(job.folder) / "film.mkv"
    theirs.write_bytes(b"theirs")
    job = run(job)
    assert theirs.read_bytes() == b"theirs"
    theirs.unlink()
    assert job.files.get().target == "film (2).mkv" and has_all_bytes(job, sim)


# -- partial files


def test_what_the_other_engine_has_saved_is_continued(film, sim, settings):
    whole = sim.control.expected_bytes(film.info_hash, "film.mkv")
    job = make_job(film)
    part_of(job).write_bytes(whole[: 2 * MB])
    sim.control.options(cdn_cut_bytes=1_500_000)
    assert has_all_bytes(run(job), sim)


@committed
def test_what_aria2_has_begun_with_gaps_is_not_continued_by_the_other_engine(film, sim, settings, daemon):
    limit_to(300_000)
    job = make_job(film)
    thread = in_background(job)
    wait_for(lambda: Job.objects.get(pk=job.pk).bytes_done or part_of(job).exists())
    runner.stop()
    thread.join(10)
    assert not daemon.gids()
    assert set(contents(where_is(job.folder))) == {part_of(job).name, f"{part_of(job).name}.aria2"}
    runner.start()
    limit_to(0)
    settings.ARIA2_RPC_URL = ""
    assert has_all_bytes(run(Job.objects.get(pk=job.pk)), sim)


@committed
def test_a_canceled_download_leaves_aria2_and_the_disk(film, daemon):
    limit_to(300_000)
    job = make_job(film)
    part = part_of(job)
    thread = in_background(job)
    wait_for(lambda: Job.objects.get(pk=job.pk).bytes_done)
    Job.objects.filter(pk=job.pk).delete()
    part.unlink()
    thread.join(20)
    assert not thread.is_alive() and not daemon.gids()
    assert not contents(where_is(job.folder))


@committed
def test_a_paused_download_goes_on_where_it_stopped(film, sim, daemon):
    limit_to(500_000)
    job = make_job(film)
    thread = in_background(job)
    wait_for(lambda: Job.objects.get(pk=job.pk).bytes_done)
    Job.objects.filter(pk=job.pk).update(state=State.PAUSED)
    thread.join(20)
    job.refresh_from_db()
    assert job.state == State.PAUSED and not daemon.gids()
    sim.control.options(cdn_cut_bytes=2_500_000)
    sim.control.reset_calls()
    limit_to(0)
    Job.objects.filter(pk=job.pk).update(state=State.WAITING)
    assert has_all_bytes(run(job), sim)


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
    limit_to(300_000)
    thread = in_background(make_job(film))
    wait_for(lambda: daemon.call("aria2.getGlobalOption")["max-overall-download-limit"] == "300000")
    limit_to(0)
    wait_for(lambda: daemon.call("aria2.getGlobalOption")["max-overall-download-limit"] == "0")
    thread.join(20)
    assert Job.objects.get().state == State.SAVED


@committed
def test_an_aria2_that_is_killed_and_started_again_goes_on(film, sim, daemon):
    limit_to(500_000)
    job = make_job(film)
    thread = in_background(job)
    wait_for(lambda: Job.objects.get(pk=job.pk).bytes_done)
    daemon.kill()
    daemon.start()
    limit_to(0)
    thread.join(40)
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
