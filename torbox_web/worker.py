from __future__ import annotations

from typing import Any

from care.request_ids import TracedTask

from . import memory


class Task(TracedTask):
    """A task that carries the request's id, and gives back the memory it took."""

    abstract = True

    def after_return(self, *what: Any) -> None:
        super().after_return(*what)
        memory.give_back()
