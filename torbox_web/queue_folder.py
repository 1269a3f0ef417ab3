"""kombu's filesystem transport, made safe for several processes.

As it comes, a reader may see a message that is still being written, and a broken or missing file ends the
worker. Here a message appears whole or not at all, and what cannot be read is dropped: the rows it hinted at
are still due (docs/architecture.md#sending).
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """When the folder is wiped meanwhile, the message is lost as if that had happened a moment later."""
        name = f"{time.time_ns()}_{uuid4().hex}.{queue}.msg"
        folder = _existing(self.data_folder_out)
        draft = folder / f".{name}"
        try:
            draft.write_text(dumps(payload))
            draft.replace(folder / name)
        except FileNotFoundError:
            logger.debug("The queue folder was wiped while %s was written.", name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """The oldest message that nobody else takes."""
        folder, mine = _existing(self.data_folder_in), _existing(self.processed_folder)
        for path in _messages(folder, queue):
            if message := _take(path, mine / path.name):
                return message
        raise Empty

    def _size(self, queue: str) -> int:
        return len(_messages(_existing(self.data_folder_in), queue))

    def _lookup(self, exchange: str, routing_key: str, default: str | None = None) -> list[str]:
        """Celery's own exchange needs no file that says where it leads: a wiped folder would cut it off."""
        found = super()._lookup(exchange, routing_key, default)
        return list(found) or ([routing_key] if exchange == routing_key else [])

    def get_table(self, exchange: str) -> list[Any]:
        """Who listens to an exchange; nobody while that file is being written."""
        try:
            return list(super().get_table(exchange))
        except ValueError:
            return []


class Transport(filesystem.Transport):
    Channel = Channel


def _messages(folder: Path, queue: str) -> list[Path]:
    """The whole ones, oldest first."""
    return sorted(path for path in folder.iterdir() if path.name.partition(".")[2] == f"{queue}.msg")


def _take(path: Path, mine: Path) -> dict[str, Any] | None:
    """Move a message to us and read it; None when somebody was faster or it is no message."""
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


TRANSPORT_ALIASES["queuefolder"] = "torbox_web.queue_folder:Transport"
