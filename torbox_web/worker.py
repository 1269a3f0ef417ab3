from __future__ import annotations

import os
from typing import Any

from celery import bootsteps

from care.request_ids import TracedTask

from . import memory

NICE = 5


class GiveWay(bootsteps.Step):  # type: ignore[misc]
    """People come first: reading a large list takes a core for a second or two, and pages need not wait for that."""

    def create(self, worker: Any) -> None:
        os.nice(NICE)


class Task(TracedTask):
    """A task that carries the request's id, and gives back the memory it took."""

    abstract = True

    def after_return(self, *what: Any) -> None:
        super().after_return(*what)
        memory.give_back()
