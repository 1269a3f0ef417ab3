"""A PostgreSQL and a Redis of the bench's own, on free ports of this machine, gone with everything in them at the end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

HOME = "/usr/lib/postgresql"
STARTS_WITHIN = 30  # seconds


@contextmanager
def private_servers() -> Iterator[dict[str, str]]:
    """Variables that put an instance on them. DATABASE_URL and REDIS_URL of the environment go first."""
    given = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
    with ExitStack() as running:
        if "DATABASE_URL" not in given:
            given["DATABASE_URL"] = running.enter_context(postgresql())
        if "REDIS_URL" not in given:
            given["REDIS_URL"] = running.enter_context(redis())
        yield given


@contextmanager
def postgresql() -> Iterator[str]:
    """A fresh cluster. PostgreSQL refuses to run as root, so it then runs as the user that came with it."""
    found = sorted(Path(HOME).glob("*/bin")) or [Path(shutil.which("postgres") or "/missing").parent]
    place, port = Path(tempfile.mkdtemp(prefix="torbox-web-bench-pg-")), free_port()
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(place, user)
    options = {"user": user, "cwd": place, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    data = place / "data"
    subprocess.run(
        [found[-1] / "initdb", "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8"], check=True, **options
    )
    words = ["-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", place]
    process = subprocess.Popen([found[-1] / "postgres", *words], **options)
    try:
        wait_for(port, process)
        yield f"postgres://bench@127.0.0.1:{port}/postgres"
    finally:
        end(process, place)


@contextmanager
def redis() -> Iterator[str]:
    place, port = Path(tempfile.mkdtemp(prefix="torbox-web-bench-redis-")), free_port()
    words = [
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        str(place),
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    process = subprocess.Popen(["redis-server", *words], stdout=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        end(process, place)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    process.kill()
    raise RuntimeError(f"{process.args} did not start.")


def end(process: subprocess.Popen[bytes], place: Path) -> None:
    process.send_signal(2)  # PostgreSQL then asks nobody who is still connected
    process.wait(STARTS_WITHIN)
    shutil.rmtree(place, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
