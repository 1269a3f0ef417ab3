"""`make bench`: what the app costs and how that grows, against the simulator. Nothing here is a test.

Each part runs in a process and with a database of its own, on SQLite and on a PostgreSQL and Redis that the bench
starts itself (those of DATABASE_URL and REDIS_URL when these are set). Figures are medians of at least five runs
with their bars beside them, and depend on the machine: leave it alone meanwhile. Everything together takes about
an hour, `--quick` five minutes; a part is given up after half an hour. The result of the whole, and of nothing
less unless `--results` says so, is bench/results.md; docs/performance.md explains it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from . import machine
from .reports import Report, load, markdown
from .servers import Missing, private_servers

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results.md"
PATIENCE = 1800  # seconds for one part
PARTS = ("core", "fleet", "stack", "reaction")
NAMES = {"sqlite": "SQLite, no Redis", "postgresql": "PostgreSQL and Redis"}
QUICK = {"sizes": [100, 1000], "fleet": (50, 20), "hours": 0.5, "people": 20, "minutes": 0.25}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        "python -m bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    made.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all of them unless named"
    )
    made.add_argument("--on", nargs="+", choices=NAMES, default=list(NAMES), help="databases")
    made.add_argument(
        "--sizes", nargs="+", type=int, default=[100, 1000, 10_000, 50_000], help="torrents of an account"
    )
    made.add_argument("--runs", type=int, default=5, help="of each figure")
    made.add_argument("--fleet", nargs=2, type=int, default=(1000, 100), metavar=("ACCOUNTS", "TORRENTS"))
    made.add_argument("--hours", type=float, default=2, help="virtual ones for the fleet")
    made.add_argument("--people", type=int, default=100, help="with open tabs")
    made.add_argument("--minutes", type=float, default=3, help="a tab is left alone")
    made.add_argument("--quick", action="store_true", help="small sizes, to see that it works")
    made.add_argument(
        "--profile", metavar="SCENARIO", help="of part core, at the largest size: where its time goes"
    )
    made.add_argument("--pasted", type=int, default=1000, help="magnets of a paste")
    made.add_argument("--results", type=Path, help="where to write")
    return made


def main() -> None:
    given = parser().parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser().error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    whole = not (given.parts or given.quick or given.profile)
    if given.quick:
        vars(given).update(QUICK)
    if given.profile:
        given.parts, given.on = ["core"], given.on[:1]
    failed: list[str] = []
    found = {name: run_on(name, given, failed) for name in given.on}
    if path := given.results or (RESULTS if whole else None):
        path.write_text(written(found, failed))
        print(f"\nWritten to {path}.")
    sys.exit(1 if failed else 0)


def run_on(name: str, given: argparse.Namespace, failed: list[str]) -> Report:
    """A part that fails is told, and the others go on."""
    report = Report()
    for part in given.parts or PARTS:
        print(f"\n{NAMES[name]}: {part}", flush=True)
        try:
            with place(name) as (data, variables):
                run_part(part, given, data, variables)
                report.extend(load(data / "report.json"))
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired, Missing) as problem:
            failed.append(f"{part} on {NAMES[name]}")
            print(f"{failed[-1]} did not end well: {problem}", file=sys.stderr)
    return report


def run_part(part: str, given: argparse.Namespace, data: Path, variables: dict[str, str]) -> None:
    left_out = ("results", "on", "parts", "quick")
    options = {name: value for name, value in vars(given).items() if name not in left_out}
    words = [part, json.dumps(options), str(data / "report.json")]
    command = [sys.executable, "-m", "bench.stages", *words]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | variables) as process:
        try:
            if process.wait(PATIENCE):
                raise subprocess.CalledProcessError(process.returncode, command)
        finally:
            process.terminate()


@contextmanager
def place(name: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder and variables of an instance that has never run."""
    data = Path(tempfile.mkdtemp(prefix="torbox-web-bench-"))
    variables = {"DATA_DIR": str(data), "STATIC_ROOT": str(data / "static"), "LOG_LEVEL": "ERROR"}
    sqlite = {"DATABASE_URL": f"sqlite:///{data / 'torbox-web.sqlite3'}", "REDIS_URL": ""}
    try:
        if name == "sqlite":
            yield data, variables | sqlite
        else:
            with private_servers() as servers:
                yield data, variables | servers
    finally:
        shutil.rmtree(data, ignore_errors=True)


def written(found: dict[str, Report], failed: list[str]) -> str:
    parts = [
        "# Results of `make bench`",
        "",
        "Written by the run; what the figures mean, and why some fall short, is in "
        "[docs/performance.md](../docs/performance.md).",
        "",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC. {machine.described()}",
    ]
    if failed:
        parts += ["", f"Did not end well: {', '.join(failed)}."]
    for name, report in found.items():
        parts += ["", f"## {NAMES[name]}", "", markdown(report)]
    return "\n".join(parts).rstrip() + "\n"


if __name__ == "__main__":
    main()
