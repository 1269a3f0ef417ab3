"""The parts of the benchmark. `python -m bench.stages` runs one, in its own process with its own database."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from .reports import Report


def core(*, sizes: list[int], runs: int, pasted: int, profile: str | None, **_: Any) -> Report:
    from .core import profiled, run

    return profiled(sizes, profile) if profile else run(sizes, runs, pasted)


def fleet(*, fleet: tuple[int, int], hours: float, **_: Any) -> Report:
    from .fleet import run

    return run(*fleet, hours)


def players(*, players: int, seeks: int, **_: Any) -> Report:
    from .players import run

    return run(players, seeks)


def saving(*, saved: int, runs: int, minutes: float, **_: Any) -> Report:
    from .saving import run

    return run(saved, runs, minutes)


def api(*, sizes: list[int], runs: int, **_: Any) -> Report:
    from .api import run

    return run(sizes, runs)


def stack(**options: Any) -> Report:
    from .stack import run

    return run(**options)


def reaction(**_: Any) -> Report:
    from .reaction import run

    return run()


STAGES = {stage.__name__: stage for stage in (core, fleet, players, saving, api, stack, reaction)}


def prepare() -> None:
    """Prepare settings, database, and static files as the app does at startup."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("prepare")


def main(name: str, options: str, path: str) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # also ends what it started
    os.environ["DJANGO_SETTINGS_MODULE"] = "torbox_web.settings"
    # Playwright leaves its event loop in the thread, but none of our code is asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    prepare()
    STAGES[name](**json.loads(options)).save(Path(path))


if __name__ == "__main__":
    main(*sys.argv[1:])
