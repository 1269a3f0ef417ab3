"""Stop saving to disk when the worker stops."""

from __future__ import annotations

from typing import Any

from celery import bootsteps

from saving.engine import runner


class StopsSaving(bootsteps.StartStopStep):  # type: ignore[misc]
    """Ask the threads that save files to stop, as soon as the worker is asked to. They keep their partial files."""

    requires = ("celery.worker.components:Pool",)

    def start(self, worker: Any) -> None:
        runner.start()

    def close(self, worker: Any) -> None:
        """Stop them before the pool waits for its threads."""
        runner.stop()

    def stop(self, worker: Any) -> None:
        runner.stop()
