"""Run `serve.py` while its stores fail: every add arrives once, no page is a bare error, and everything recovers.

    python -m tests.chaos.stores                        Redis full for 5 minutes, Redis and PostgreSQL stopped for one
    python -m tests.chaos.stores redis-full=30          one fault, for 30 seconds
    python -m tests.chaos.stores disk-full=60           on SQLite and a folder, on a small disk of its own (needs root)
    python -m tests.chaos.stores clock-ahead=60         tomorrow, and back (needs libfaketime)

Before, during, and after each fault a signed-in person opens every page and pastes torrents, and a monitor requests
`/health/ready`. The exit status is 1 if anything is wrong, and 77 if this machine can't produce the fault.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import django

import simulator.server
from tests.stacks import backing

from . import faults
from .__main__ import _end_in_any_case
from .processes import environment
from .waiting import MAX_SECONDS

DEFAULT = ("redis-full=300", "redis-stopped=60", "postgres-stopped=60")
NOT_POSSIBLE = 77


def main(words: list[str]) -> int:
    keep = "--keep" in words
    asked = dict(word.split("=") for word in words if "=" in word) or dict(
        word.split("=") for word in DEFAULT
    )
    seconds = {name: float(value) for name, value in asked.items()}
    servers = not ("disk-full" in seconds or "--sqlite" in words)
    _end_in_any_case(sum(seconds.values()) + 60 * len(seconds) + 120 + MAX_SECONDS)
    data = Path(tempfile.mkdtemp(prefix="torbox-web-stores-"))
    try:
        with backing(data, postgres=servers, redis=servers) as below:
            return _run(data, below.variables, seconds, below)
    except faults.NotPossible as reason:
        print(f"Not possible here: {reason}")
        return NOT_POSSIBLE
    finally:
        if keep:
            print(f"Kept: {data}")
        else:
            shutil.rmtree(data, ignore_errors=True)


def _run(data: Path, variables: dict[str, str], seconds: dict[str, float], below: object) -> int:
    with simulator.server.start(scenario="empty") as torbox:
        env = environment(data, torbox.url, variables) | {"LOG_LEVEL": "WARNING"}
        os.environ |= env | {"LOG_LEVEL": "ERROR"}
        if "disk-full" in seconds:
            with faults.small_disk(data / "disk"):
                database = {"DATABASE_URL": f"sqlite:///{data / 'disk' / 'torbox-web.sqlite3'}"}
                env |= {"DATA_DIR": str(data / "disk"), **database}
                os.environ |= {"DATA_DIR": env["DATA_DIR"], **database}
                return _through(torbox, env, data, seconds, below)
        return _through(torbox, env, data, seconds, below)


def _through(
    torbox: object, env: dict[str, str], data: Path, seconds: dict[str, float], below: object
) -> int:
    django.setup()
    from .outage import Outage

    found = Outage(torbox.control, env, data, below).through(seconds)  # type: ignore[attr-defined]
    print(found)
    for line in found.wrong[:60]:
        print(f"WRONG  {line}")
    print("Nothing lost, nothing doubled, nothing down." if not found.wrong else "This must not be.")
    sys.stdout.flush()
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
