"""`serve.py` keeps processes running. The tests kill real ones and count what they write."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

import serve
from tests.servers import free_port

ROOT = Path(__file__).parents[1]
SUPERVISE = """
import sys, serve
serve.SETTLED_SECONDS, serve.PAUSE_SECONDS, serve.STOP_SECONDS = float(sys.argv[1]), 0.1, 3.0
names = sys.argv[2:]
raise SystemExit(serve.Supervisor(dict(name.split("=", 1) for name in names)).run())
"""
BECOME = """
import pathlib, sys, serve
serve.ROOT = pathlib.Path(sys.argv[1])
serve.become("worker")
"""
FRUGAL = ["MALLOC_ARENA_MAX=2", "MALLOC_MMAP_THRESHOLD_=131072", "MALLOC_TRIM_THRESHOLD_=131072"]
PATIENCE = 20.0


@pytest.fixture
def supervise(tmp_path: Path):
    """Start a supervisor of shell lines. Each line appends its process ids to the file with its name."""
    started = []

    def start(settled: float = 0.0, **lines: str) -> subprocess.Popen[str]:
        told = [f"{name}=echo $$ >> {tmp_path / name} && {line}" for name, line in lines.items()]
        command = [sys.executable, "-c", SUPERVISE, str(settled), *told]
        started.append(subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for supervisor in started:
        if supervisor.poll() is None:
            supervisor.terminate()
        supervisor.communicate(timeout=PATIENCE)


def starts(file: Path) -> list[int]:
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


def test_a_killed_process_is_restarted_and_others_keep_running(supervise, tmp_path):
    supervisor = supervise(web="exec sleep 600", worker="exec sleep 600")
    wait_for(lambda: len(starts(tmp_path / "web")) == len(starts(tmp_path / "worker")) == 1)
    os.kill(starts(tmp_path / "worker")[0], signal.SIGKILL)
    wait_for(lambda: len(starts(tmp_path / "worker")) == 2)
    supervisor.terminate()
    said = supervisor.communicate(timeout=PATIENCE)[1]
    assert supervisor.returncode == 0
    assert said == "worker ended with signal 9. Restarting it in 0 s.\n"
    assert len(starts(tmp_path / "web")) == 1
    assert not any(map(is_running, starts(tmp_path / "web") + starts(tmp_path / "worker")))


def test_children_of_a_killed_process_do_not_outlive_it(supervise, tmp_path):
    supervise(web=f"(echo $$ > /dev/null; sleep 600 & echo $! >> {tmp_path / 'children'}) && exec sleep 600")
    wait_for(lambda: starts(tmp_path / "children") != [])
    os.kill(starts(tmp_path / "web")[0], signal.SIGKILL)
    wait_for(lambda: len(starts(tmp_path / "web")) == 2)
    assert not is_running(starts(tmp_path / "children")[0])


def test_a_process_that_fails_at_startup_ends_everything_with_its_exit_status(supervise, tmp_path):
    supervisor = supervise(
        10.0, worker="exec sleep 600", web=f"while [ ! -s {tmp_path / 'worker'} ]; do :; done && exit 3"
    )
    said = supervisor.communicate(timeout=PATIENCE)[1]
    assert supervisor.returncode == 3
    assert "web ended with exit status 3. It never worked, so everything stops." in said
    assert len(starts(tmp_path / "web")) == 1 and not is_running(starts(tmp_path / "worker")[0])


def test_a_process_that_keeps_ending_is_restarted_after_growing_pauses(supervise, tmp_path):
    supervisor = supervise(web="exec sleep 600", worker="exit 4")
    wait_for(lambda: len(starts(tmp_path / "worker")) == 6)
    assert supervisor.poll() is None and len(starts(tmp_path / "web")) == 1
    supervisor.terminate()
    said = supervisor.communicate(timeout=PATIENCE)[1]
    pauses = [float(line.split()[-2]) for line in said.splitlines() if "Restarting it in" in line]
    assert pauses == sorted(pauses) and pauses[-1] > pauses[0] and supervisor.returncode == 0


def test_pauses_grow_to_a_minute_and_reset_after_a_minute_of_work():
    pauses = [0.0]
    for lived in (20, *[1] * 8, 90, 1):
        pauses.append(serve.next_pause(pauses[-1], lived))
    assert pauses[1:] == [1, 2, 4, 8, 16, 32, 60, 60, 60, 1, 2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_current_work_finish(supervise, tmp_path, number):
    done = tmp_path / "done"
    line = f"trap 'echo 1 >> {done} && exit' TERM && echo 1 > {tmp_path / 'ready'} && while true; do sleep 0.05; done"
    supervisor = supervise(worker=line)
    wait_for((tmp_path / "ready").exists)
    supervisor.send_signal(number)
    supervisor.communicate(timeout=PATIENCE)
    assert supervisor.returncode == 0 and starts(done) == [1]


def test_supervised_processes_limit_malloc_unless_the_environment_overrides_it(
    supervise, tmp_path, monkeypatch
):
    monkeypatch.setenv("MALLOC_ARENA_MAX", "5")
    file = tmp_path / "environment"
    supervise(web=f"env > {file}.part && mv {file}.part {file} && exec sleep 600")
    wait_for(file.exists)
    assert {"MALLOC_ARENA_MAX=5", *FRUGAL[1:]} <= set(file.read_text().splitlines())


def test_a_single_process_limits_malloc_too(tmp_path):
    (tmp_path / "Procfile").write_text("worker: env\n")
    (tmp_path / "Procfile.separate").touch()
    told = subprocess.run(
        [sys.executable, "-c", BECOME, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert set(FRUGAL) <= set(told.stdout.splitlines())


def test_beat_runs_in_the_worker_or_as_its_own_container():
    for procfile in ("Procfile", "Procfile.demo"):
        lines = serve.lines_of(procfile)
        assert "--with-beat" in lines["worker"] and "beat" not in lines
    separate = serve.lines_of("Procfile", "Procfile.separate")
    assert " beat " in separate["beat"] and "--with-beat" not in separate["worker"]


def test_the_saver_runs_only_while_saving_is_on(monkeypatch):
    for procfile in ("Procfile", "Procfile.demo"):
        monkeypatch.setenv("SAVE_DIR", " ")
        assert "saver" not in serve.supervised(procfile) and "worker" in serve.supervised(procfile)
        monkeypatch.setenv("SAVE_DIR", "/films")
        lines = serve.supervised(procfile)
        assert "--queues saving" in lines["saver"] and "--queues" not in lines["worker"]
        assert "--with-beat" not in lines["saver"]


def test_a_saver_on_its_own_waits_while_saving_is_off_and_counts_as_well(monkeypatch):
    """So a container of it needn't be taken out of a compose file."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("SAVE_DIR")}
    starting = "import serve; serve.become('saver')"
    saver = subprocess.Popen(
        [sys.executable, "-c", starting], cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True
    )
    assert saver.stderr and saver.stderr.readline() == "Saving to disk is off, because SAVE_DIR isn't set.\n"
    monkeypatch.delenv("SAVE_DIR", raising=False)
    serve.check("saver")
    assert saver.poll() is None
    saver.terminate()
    assert saver.wait(PATIENCE) == 0


def test_a_process_that_does_not_stop_is_killed(supervise, tmp_path):
    supervisor = supervise(
        worker=f"trap '' TERM && echo 1 > {tmp_path / 'ready'} && while true; do sleep 0.05; done"
    )
    wait_for((tmp_path / "ready").exists)
    supervisor.terminate()
    assert "worker didn't stop within 3 s. Killing it." in supervisor.communicate(timeout=PATIENCE)[1]
    assert supervisor.returncode == 0 and not is_running(starts(tmp_path / "worker")[0])


class Live(BaseHTTPRequestHandler):
    """A handler that responds as the web process does to its health check, under /torbox."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/torbox/health/live" else 404)
        self.end_headers()

    def log_message(self, *words: object) -> None:
        """Log nothing."""


def check(port: int, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    given = kept | {"PORT": str(port), "SITE_URL": "https://box.example/torbox/"} | variables
    command = [sys.executable, "serve.py", "--check", "web"]
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=PATIENCE)


@pytest.fixture
def listening():
    """Start a web server that passes the health check, and return its port."""
    started = []

    def listen(address: str) -> int:
        kind = type(
            "Server", (HTTPServer,), {"address_family": socket.AF_INET6 if ":" in address else socket.AF_INET}
        )
        started.append(kind((address, 0), Live))
        Thread(target=started[-1].serve_forever, args=(0.02,), daemon=True).start()
        return int(started[-1].server_address[1])

    yield listen
    for server in started:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("address", "bind"),
    [
        ("127.0.0.1", ""), ("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "0.0.0.0"), ("127.0.0.1", "localhost"),
        ("127.0.0.2", "127.0.0.2"), ("::1", "::"), ("::1", "[::]"), ("::1", " ::1\n"),
    ],
)  # fmt: skip
def test_the_health_check_connects_directly_to_where_the_app_listens(listening, address, bind):
    nowhere = dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy"), "http://127.0.0.1:9")
    done = check(listening(address), BIND=bind, **nowhere)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_health_check_reads_files_and_reports_problems_in_one_line(listening, tmp_path):
    file = tmp_path / "port"
    file.write_text(f"{listening('127.0.0.1')}\n")
    assert check(1, PORT_FILE=str(file)).returncode == 0
    for done in (check(9), check(listening("127.0.0.1"), SITE_URL="https://box.example/other")):
        assert (
            done.returncode == 1
            and "isn't responding as it should" in done.stderr
            and done.stderr.count("\n") == 1
        )


@pytest.mark.parametrize("bind", ["::", "[::1]", "127.0.0.1"])
def test_the_web_process_listens_at_bind_and_port_and_the_check_finds_it(bind, tmp_path):
    port = free_port()
    given = {
        "BIND": bind, "PORT": f" {port} ", "DATA_DIR": str(tmp_path), "STATIC_ROOT": str(tmp_path / "static"),
        "DATABASE_URL": "", "REDIS_URL": "", "SITE_URL": "", "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    line = serve.lines_of("Procfile")["web"].replace("${TMPDIR:-/tmp}", str(tmp_path))
    web = subprocess.Popen([sys.executable, "-m", *line.split()], cwd=ROOT, env=os.environ | given)
    try:
        deadline = time.monotonic() + 60
        while check(port, **given).returncode:
            assert web.poll() is None and time.monotonic() < deadline
    finally:
        web.terminate()
        web.wait(PATIENCE)
