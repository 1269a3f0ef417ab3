"""The speed limit of all files in a saver, which may change while they are being saved."""

from __future__ import annotations


class Throttle:
    """A token bucket shared by threads. `limit` is in bytes/s; 0 is none."""

    def __init__(self, limit: int = 0) -> None:
        self.limit = limit

    def set(self, limit: int) -> None:
        """Change the limit. Those who wait notice."""
        raise NotImplementedError

    def take(self, size: int) -> None:
        """Wait until `size` more bytes may be read."""
        raise NotImplementedError
