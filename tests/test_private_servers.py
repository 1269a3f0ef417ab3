"""Servers started by tests end with them, however those end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import servers
from tests.needs import lacking

ROOT = Path(__file__).parents[1]
# Background processes of a shell ignore interrupts, and so would the holder.
HOLD = """
import signal, time
from tests import servers
signal.signal(signal.SIGINT, signal.default_int_handler)
with servers.{kind}() as server:
    print(server.port, server.folder, flush=True)
    time.sleep(60)
"""


pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture(scope="module")
def installed() -> None:
    try:
        servers.Postgres(), servers.Redis()
    except servers.Missing as missing:
        lacking(str(missing))


@pytest.mark.parametrize("kind", ["Postgres", "Redis"])
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_a_server_ends_with_the_process_that_started_it(kind, end):
    command = [sys.executable, "-c", HOLD.format(kind=kind)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as holder:
        port, folder = holder.stdout.readline().split()
        assert answers(int(port))
        holder.send_signal(end)
    eventually_silent(int(port))
    assert end == signal.SIGKILL or not Path(folder).exists()


def test_a_port_is_used_once_and_never_one_the_kernel_assigns():
    """Otherwise another process may get it before its server starts."""
    ports = [servers.free_port() for _ in range(500)]
    from_here_on = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert len(set(ports)) == 500 and max(ports) < from_here_on


def test_servers_share_no_data():
    with servers.Postgres() as postgres, servers.Redis() as redis, servers.Redis() as another:
        postgres.create("original")
        with postgres.connect("original") as connection:
            connection.execute("CREATE TABLE things AS SELECT 7 AS number")
        postgres.create("copy", template="original")
        postgres.drop("original")
        with postgres.connect("copy") as connection:
            assert connection.execute("SELECT number FROM things").fetchone() == (7,)
        redis.client.set("word", "here")
        assert another.client.get("word") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="not run as root")
def test_root_does_not_run_them_as_root():
    with servers.Postgres() as postgres, servers.Redis() as redis:
        for server in (postgres, redis):
            owner = Path(f"/proc/{server.process.pid}").stat().st_uid
            assert owner != 0


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually_silent(port: int) -> None:
    deadline = time.monotonic() + servers.STOPS_WITHIN
    while answers(port):
        assert time.monotonic() < deadline, "The server is still there."
        time.sleep(0.05)
