"""Chaos test (`make chaos`): people paste while calls fail, processes die, and the queue is lost. Then all is counted.

`python -m tests.chaos --seconds 60 --seed 7 --postgres --redis --keep`: counts are proportional to the seconds,
PostgreSQL and Redis are private servers, and what the processes wrote is kept. `--restore postgres` restores a backup
from the middle of the run there (or on sqlite, or on both) and continues with the same TorBox. The exit status is 1 if
anything is wrong.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import django

import simulator.server
from tests.stacks import NAMES, Backing, backing

from .plan import FULL_SECONDS, Scale
from .processes import environment
from .waiting import MAX_SECONDS


def main(words: list[str]) -> int:
    asked = _parser().parse_args(words)
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(10_000)
    print(f"Chaos run of {asked.seconds} s, seed {seed}, {_stack(asked)}", flush=True)
    _end_in_any_case(asked.seconds + (100 + MAX_SECONDS) * (1 + len(asked.restore)))
    data = Path(tempfile.mkdtemp(prefix="torbox-web-chaos-"))
    try:
        with backing(data, postgres=asked.postgres, redis=asked.redis) as below:
            return _run(data, Scale(asked.seconds), seed, below, asked.restore)
    finally:
        if asked.keep:
            print(f"Kept: {data}")
        else:
            shutil.rmtree(data, ignore_errors=True)


def _run(data: Path, scale: Scale, seed: int, below: Backing, restore_to: list[str]) -> int:
    with simulator.server.start(scenario="empty") as torbox:
        env = environment(data, torbox.url, below.variables)
        os.environ |= env | {"LOG_LEVEL": "ERROR"}
        django.setup()
        from .run import Run, report

        found = Run(torbox.control, env, data, scale, seed).through(below, restore_to)
        report(found)
        return 1 if found.wrong else 0


def _stack(asked: argparse.Namespace) -> str:
    return f"{'PostgreSQL' if asked.postgres else 'SQLite'} and {'Redis' if asked.redis else 'a folder'}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=int, default=FULL_SECONDS)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--redis", action="store_true")
    parser.add_argument("--restore", action="append", choices=NAMES, default=[])
    parser.add_argument("--keep", action="store_true")
    return parser


def _end_in_any_case(seconds: float) -> None:
    """Unwind the stack on SIGTERM or after far too much time, which ends every process that was started."""

    def unwind(number: int, frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one would interrupt the ending
        raise SystemExit(f"Ended by signal {number}.")

    signal.signal(signal.SIGTERM, unwind)
    signal.signal(signal.SIGALRM, unwind)
    signal.alarm(int(seconds * 2) + 30)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
