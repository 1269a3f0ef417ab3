"""What carries the queue, and losing all that is in it."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.servers import Redis


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


class PrivateRedis(Redis):
    """A redis-server of our own that forgets everything when told to."""

    def wipe(self) -> None:
        with self.client as client:
            client.flushall()
