"""kombu's filesystem transport, made safe for several processes, and without looking for messages all the time.

In kombu's version a reader may see a message that is still being written, and a broken or missing file ends the
worker. Here messages are written atomically, and unreadable ones are dropped: their rows are still due
(docs/architecture.md#sending). Writers ring a bell, so that readers look only then and every few seconds.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

from .bell import Bell

logger = logging.getLogger(__name__)

LOOK_SECONDS = 2.0  # between looks for messages whose ring nobody heard


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Write a message. Creates a folder that was deleted meanwhile again once. Raises OSError."""
        name = f"{time.time_ns()}_{uuid4().hex}.{queue}.msg"
        try:
            _write(_existing(self.data_folder_out), name, payload)
        except FileNotFoundError:
            _write(_existing(self.data_folder_out), name, payload)
        self.connection.bell.ring()

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Return the oldest message that no other process takes."""
        folder, mine = _existing(self.data_folder_in), _existing(self.processed_folder)
        paths = _messages(folder, queue)
        for place, path in enumerate(paths, 1):
            if message := _take(path, mine / path.name):
                if place < len(paths):
                    self.connection.bell.ring()  # this process may have its hands full now
                return message
        raise Empty

    def _size(self, queue: str) -> int:
        return len(_messages(_existing(self.data_folder_in), queue))

    def _lookup(self, exchange: str, routing_key: str, default: str | None = None) -> list[str]:
        """Route Celery's own exchange without a file, so that it works after the folder was deleted."""
        found = super()._lookup(exchange, routing_key, default)
        return list(found) or ([routing_key] if exchange == routing_key else [])

    def get_table(self, exchange: str) -> list[Any]:
        """Return the queues of an exchange; none while that file is being written."""
        try:
            return list(super().get_table(exchange))
        except ValueError:
            return []


class Transport(filesystem.Transport):
    Channel = Channel
    cycle: Any

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self.bell = Bell(Path(client.transport_options.get("control_folder", "control")) / "bell")

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:  # type: ignore[override]
        """Deliver a message as soon as there is one. Raises TimeoutError."""
        until = float("inf") if timeout is None else time.monotonic() + timeout
        while True:
            can_hear = self.bell.listen()  # before looking, or a message could arrive in between
            with suppress(Empty):
                self.cycle.get(self._deliver, timeout=timeout)
                return
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            if can_hear and all(channel.qos.can_consume() for channel in self.channels):
                self.bell.wait(min(left, LOOK_SECONDS))
            else:
                time.sleep(min(left, self.polling_interval))

    def close_connection(self, connection: Any) -> None:
        super().close_connection(connection)
        self.bell.close()


def _write(folder: Path, name: str, payload: Any) -> None:
    """Write a message atomically. On a full disk, leave no partial file behind."""
    draft = folder / f".{name}"
    try:
        draft.write_text(dumps(payload))
        draft.replace(folder / name)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise


def _messages(folder: Path, queue: str) -> list[Path]:
    """Return the complete messages, oldest first."""
    return sorted(path for path in folder.iterdir() if path.name.partition(".")[2] == f"{queue}.msg")


def _take(path: Path, mine: Path) -> dict[str, Any] | None:
    """Take a message and return it; None if another process was faster or it isn't a message."""
    try:
        path.rename(mine)
        text = mine.read_bytes()
        mine.unlink()
        message = loads(text.decode())
    except (OSError, ValueError):
        logger.debug("Nothing to read in %s.", path.name)
        return None
    return message if isinstance(message, dict) else None


def _existing(folder: str | Path) -> Path:
    Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    return Path(folder)


TRANSPORT_ALIASES["queuefolder"] = "torbox_web.queue.filesystem_broker:Transport"
