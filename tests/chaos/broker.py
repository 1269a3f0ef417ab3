"""Ways to lose every message in the queue."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.servers import Redis


class QueueFolder:
    """The folder that the app uses without Redis."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "queue"

    def wipe(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class RedisQueue:
    """The queue in Redis, which loses everything else too."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis

    def wipe(self) -> None:
        with self.redis.client as client:
            client.flushall()
