"""Chaos of messages: torrents become ready while workers are killed and the service is down half of the time.

`python -m tests.notifications.chaos`: 200 torrents within a minute, the real worker, and the real clock, which takes about
ten minutes. `--short` moves the workers' clock instead of waiting. `--postgres --redis` picks the stack. The exit
status is 1 if anything was lost or doubled.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import django

from tests.chaos.processes import environment
from tests.notifications.hooks import Hooks, served
from tests.stacks import backing

NO_TORBOX = "http://127.0.0.1:9"  # nothing listens there, so lists don't change


def main(words: list[str]) -> int:
    asked = _parser().parse_args(words)
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(10_000)
    print(f"Chaos of messages, seed {seed}", flush=True)
    signal.signal(signal.SIGTERM, _unwind)
    data = Path(tempfile.mkdtemp(prefix="torbox-web-messages-"))
    try:
        with backing(data, postgres=asked.postgres, redis=asked.redis) as below, served() as hooks:
            env = environment(data, NO_TORBOX, below.variables)
            env |= {
                "DJANGO_SETTINGS_MODULE": "tests.notifications.chaos.quick",
                "HOOKS": json.dumps(hooks.origins),
            }
            return _run(env, data, hooks, asked, seed)
    finally:
        if asked.keep:
            print(f"Kept: {data}")
        else:
            shutil.rmtree(data, ignore_errors=True)


def _unwind(number: int, frame: object) -> None:
    """End the workers and delete the folder, also when the run is ended from outside."""
    raise SystemExit(f"Ended by signal {number}.")


def _run(env: dict[str, str], data: Path, hooks: Hooks, asked: argparse.Namespace, seed: int) -> int:
    os.environ |= env | {"LOG_LEVEL": "ERROR"}
    django.setup()
    from .run import Run

    count = 60 if asked.short else 200
    found = Run(env, data, hooks, count=asked.torrents or count, real=not asked.short, seed=seed).through()
    print("\n".join(found.lines))
    for line in found.wrong:
        print(f"WRONG  {line}")
    print("Nothing lost, nothing doubled." if not found.wrong else "This must not be.", flush=True)
    return 1 if found.wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.notifications.chaos", description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--torrents", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--redis", action="store_true")
    parser.add_argument("--keep", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
