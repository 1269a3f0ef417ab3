from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time

import pytest
import requests

from simulator.scenarios import DEMO_KEYS
from simulator.server import Running, start
from tests.simulator.support import KEY, NOON, Api, magnet


def test_a_stopped_simulator_refuses_and_a_restarted_one_remembers() -> None:
    with start(speed=0, now=NOON) as running:
        running.control.seed(accounts=[{"key": KEY}])
        api = Api(running)
        api.create(magnet(1))
        running.stop()
        with pytest.raises(requests.ConnectionError):
            api.get("torrents/mylist")
        running.restart()
        assert len(api.rows()) == 1


def test_restart_without_stop_drops_the_open_connections() -> None:
    with start(speed=0, now=NOON) as running:
        api = Api(running)
        assert api.get("stats").status_code == 200
        port = running.port
        running.restart()
        assert running.port == port
        assert Api(running).get("stats").status_code == 200


def test_connections_are_kept_alive(sim: Running) -> None:
    connection = http.client.HTTPConnection(sim.host, sim.port)
    connection.connect()
    local_ports = set()
    for _ in range(20):
        connection.request("GET", "/v1/api/stats")
        assert connection.getresponse().read()
        local_ports.add(connection.sock.getsockname()[1])
    connection.close()
    assert len(local_ports) == 1


def test_the_command_prints_where_it_is_and_ends_cleanly() -> None:
    command = [
        sys.executable,
        "-m",
        "simulator",
        "--port",
        "0",
        "--scenario",
        "empty",
        "--option",
        "no_slot=queue",
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(1 + len(DEMO_KEYS))]
    url = lines[0].rsplit(" ", 1)[1].strip()
    assert requests.get(f"{url}/").json()["success"] is True
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=5)[0] == "stopped\n"
    assert process.returncode == 0
    assert [key in line for key, line in zip(DEMO_KEYS.values(), lines[1:], strict=True)] == [True] * 3
    assert time.monotonic() - started < 3
