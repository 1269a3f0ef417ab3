"""What carries the queue, and losing all that is in it."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import redis

from .processes import STOPS_WITHIN, free_port


class QueueFolder:
    """The folder the app uses without Redis."""

    url = ""

    def __init__(self, data: Path) -> None:
        self.folder = data / "queue"

    def __enter__(self) -> QueueFolder:
        return self

    def __exit__(self, *problem: object) -> None:
        """Nothing was started."""

    def wipe(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class PrivateRedis:
    """A redis-server of our own that keeps nothing on disk."""

    def __init__(self, data: Path) -> None:
        self.port, self.data = free_port(), data
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> PrivateRedis:
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.data)]
        self.process = subprocess.Popen(["redis-server", *words], stdout=subprocess.DEVNULL)
        self.client = redis.Redis.from_url(self.url)
        deadline = time.monotonic() + STOPS_WITHIN
        while not self._answers():
            if time.monotonic() > deadline:
                self.__exit__()
                raise RuntimeError("redis-server did not start")
            time.sleep(0.05)
        return self

    def __exit__(self, *problem: object) -> None:
        self.process.kill()
        self.process.wait(STOPS_WITHIN)

    def wipe(self) -> None:
        self.client.flushall()

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.ConnectionError:
            return False
