"""`serve.py` keeps processes running: real ones, killed and counted by what they write down."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import serve

ROOT = Path(__file__).parents[1]
KEEP = """
import sys, serve
serve.SETTLED_SECONDS, serve.PAUSE_SECONDS, serve.STOP_SECONDS = float(sys.argv[1]), 0.0, 3.0
names = sys.argv[2:]
raise SystemExit(serve.Keeper(dict(name.split("=", 1) for name in names)).keep())
"""
PATIENCE = 20.0


@pytest.fixture
def keep(tmp_path: Path):
    """Start a keeper of shell lines; each writes the pids of its lives into the file of its name."""
    started = []

    def start(settled: float = 0.0, **lines: str) -> subprocess.Popen[str]:
        told = [f"{name}=echo $$ >> {tmp_path / name} && {line}" for name, line in lines.items()]
        command = [sys.executable, "-c", KEEP, str(settled), *told]
        started.append(subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for keeper in started:
        if keeper.poll() is None:
            keeper.terminate()
        keeper.communicate(timeout=PATIENCE)


def lives(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def wait_for(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        return "Z (zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_what_is_killed_is_started_again_and_the_others_are_left_alone(keep, tmp_path):
    keeper = keep(web="exec sleep 600", worker="exec sleep 600")
    wait_for(lambda: len(lives(tmp_path / "web")) == len(lives(tmp_path / "worker")) == 1)
    os.kill(lives(tmp_path / "worker")[0], signal.SIGKILL)
    wait_for(lambda: len(lives(tmp_path / "worker")) == 2)
    keeper.terminate()
    said = keeper.communicate(timeout=PATIENCE)[1]
    assert keeper.returncode == 0
    assert said == "worker ended with signal 9. It is started again.\n"
    assert len(lives(tmp_path / "web")) == 1
    assert not any(map(is_running, lives(tmp_path / "web") + lives(tmp_path / "worker")))


def test_children_of_a_killed_process_do_not_outlive_it(keep, tmp_path):
    keep(web=f"(echo $$ > /dev/null; sleep 600 & echo $! >> {tmp_path / 'children'}) && exec sleep 600")
    wait_for(lambda: lives(tmp_path / "children") != [])
    os.kill(lives(tmp_path / "web")[0], signal.SIGKILL)
    wait_for(lambda: len(lives(tmp_path / "web")) == 2)
    assert not is_running(lives(tmp_path / "children")[0])


def test_what_fails_at_the_start_ends_everything_with_its_exit_status(keep, tmp_path):
    keeper = keep(
        10.0, worker="exec sleep 600", web=f"while [ ! -s {tmp_path / 'worker'} ]; do :; done && exit 3"
    )
    said = keeper.communicate(timeout=PATIENCE)[1]
    assert keeper.returncode == 3
    assert "web ended with exit status 3. It does not keep running, so everything ends." in said
    assert len(lives(tmp_path / "web")) == 1 and not is_running(lives(tmp_path / "worker")[0])


def test_what_dies_again_and_again_ends_everything_so_that_somebody_notices(keep, tmp_path):
    keeper = keep(worker="exit 4")
    keeper.communicate(timeout=PATIENCE)
    assert keeper.returncode == 4 and len(lives(tmp_path / "worker")) == 5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_what_is_under_way_come_to_its_end(keep, tmp_path, number):
    done = tmp_path / "done"
    line = f"trap 'echo 1 >> {done} && exit' TERM && echo 1 > {tmp_path / 'ready'} && while true; do sleep 0.05; done"
    keeper = keep(worker=line)
    wait_for((tmp_path / "ready").exists)
    keeper.send_signal(number)
    keeper.communicate(timeout=PATIENCE)
    assert keeper.returncode == 0 and lives(done) == [1]


def test_beat_runs_in_the_worker_of_a_single_container_and_by_itself_beside_others():
    for procfile in ("Procfile", "Procfile.demo"):
        lines = serve.lines_of(procfile)
        assert "--with-beat" in lines["worker"] and "beat" not in lines
    separate = serve.lines_of("Procfile", "Procfile.separate")
    assert " beat " in separate["beat"] and "--with-beat" not in separate["worker"]


def test_what_does_not_end_is_killed(keep, tmp_path):
    keeper = keep(worker=f"trap '' TERM && echo 1 > {tmp_path / 'ready'} && while true; do sleep 0.05; done")
    wait_for((tmp_path / "ready").exists)
    keeper.terminate()
    assert "worker has not ended within 3 s and is killed." in keeper.communicate(timeout=PATIENCE)[1]
    assert keeper.returncode == 0 and not is_running(lives(tmp_path / "worker")[0])
