"""Look at disks without waiting for one that doesn't answer, such as a network share that has gone."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from threading import Lock, Thread
from time import monotonic
from typing import Any, Generic, TypeVar

T = TypeVar("T")
PATIENCE = 2.0  # seconds


class _Look(Thread, Generic[T]):
    """A look at a disk. It ends when the disk answers, maybe never."""

    def __init__(self, look: Callable[[], T]) -> None:
        super().__init__(daemon=True, name="look at a disk")
        self._look = look
        self._found: T
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._found = self._look()
        except BaseException as error:
            self._error = error

    def result(self, seconds: float) -> T:
        self.join(max(0.0, seconds))
        if self.is_alive():
            raise TimeoutError
        if self._error is not None:
            raise self._error
        return self._found


_looks: dict[Hashable, _Look[Any]] = {}
_lock = Lock()


def within(what: Hashable, look: Callable[[], T], seconds: float = PATIENCE) -> T:
    """Return what `look` returns. Raises TimeoutError if it takes longer.

    `what` names the look: while an earlier one of this name hangs, no further thread is started. `look` must not use the
    database.
    """
    return _begun(what, look).result(seconds)


def all_within(looks: Mapping[Hashable, Callable[[], T]], seconds: float = PATIENCE) -> dict[Hashable, T]:
    """Return what several looks return, all at once. Those that take longer are left out."""
    until = monotonic() + seconds
    begun = {what: _begun(what, look) for what, look in looks.items()}
    found = {}
    for what, look in begun.items():
        with suppress(TimeoutError):
            found[what] = look.result(until - monotonic())
    return found


def _begun(what: Hashable, look: Callable[[], T]) -> _Look[T]:
    with _lock:
        for name in [name for name, known in _looks.items() if not known.is_alive()]:
            del _looks[name]
        hanging = _looks.get(what)
        if hanging is None:
            hanging = _looks[what] = _Look(look)
            hanging.start()
        return hanging
