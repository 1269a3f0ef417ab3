"""A simulated TorBox with made-up libraries, in its own process: `python -m bench.torbox`."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import requests

from simulator import server

from .library import library

FLEET_LIBRARIES = 20
UNLIMITED = {"calls_per_minute": 10_000_000, "create_per_hour": 10_000_000, "create_per_minute": 0}


def key_of(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"bench {name}"))


@dataclass
class TorBox:
    """The simulator as seen by the rest of the benchmark: its URL, and its commands."""

    url: str

    @cached_property
    def _session(self) -> requests.Session:
        return requests.Session()

    def command(self, name: str, **arguments: Any) -> Any:
        answer = self._session.post(f"{self.url}/_sim/{name}", json=arguments, timeout=300)
        answer.raise_for_status()
        return answer.json()["result"]


@contextmanager
def torbox(
    accounts: dict[str, int], *, fleet: tuple[int, int] = (0, 0), frozen: bool = True
) -> Iterator[TorBox]:
    """Start a simulated TorBox.

    `accounts` is the number of torrents by name. A name with "still" in it has none that change. `fleet` is a number
    of accounts and of torrents in each. With `frozen`, time passes only when it is advanced.
    """
    words = [f"{name}={count}" for name, count in accounts.items()]
    words += [f"--fleet={fleet[0]}x{fleet[1]}"] + (["--frozen"] if frozen else [])
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.torbox", *words], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError("The simulator did not start.")
        yield TorBox(url)
    finally:
        process.terminate()
        process.wait(20)


def main(words: list[str]) -> None:
    done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    running = server.start(speed=0 if "--frozen" in words else 1, **UNLIMITED)
    for word in words:
        if word.startswith("--fleet="):
            accounts, torrents = map(int, word.removeprefix("--fleet=").split("x"))
            fill_fleet(running.control, accounts, torrents)
        elif "=" in word:
            name, count = word.rsplit("=", 1)
            fill(running.control, name, int(count))
    print(running.url, flush=True)
    done.wait()
    running.stop()


def fill(control: Any, name: str, count: int) -> None:
    key = key_of(name)
    control.seed(accounts=[{"key": key, "name": name.replace(" ", "-"), "slots": count}])
    torrents = library(count, seed=count, still="still" in name)
    control.seed(torrents=[{"key": key} | torrent for torrent in torrents])


def fill_fleet(control: Any, accounts: int, torrents: int) -> None:
    """Fill the accounts of a fleet. They have torrents in common, as real ones do, which also saves memory."""
    libraries = [list(library(torrents, seed=number)) for number in range(FLEET_LIBRARIES)]
    for number, held in zip(range(accounts), cycle(libraries), strict=False):
        key = key_of(f"fleet {number}")
        control.seed(accounts=[{"key": key, "name": f"fleet-{number}", "slots": torrents}])
        control.seed(torrents=[{"key": key} | torrent for torrent in held])


if __name__ == "__main__":
    main(sys.argv[1:])
