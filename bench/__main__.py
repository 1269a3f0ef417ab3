"""Benchmarks (`make bench`): what the app costs, and how that grows, measured against the simulator.

Each part runs in its own process with its own database, on SQLite and on a PostgreSQL and Redis that the benchmark
starts (or those of DATABASE_URL and REDIS_URL). Figures are medians of at least five runs, with the limits they must
meet. They depend on the machine, so leave it idle. A full run takes about an hour, `--quick` five minutes, and a part is
stopped after half an hour. Only a full run is written to bench/results.md, unless `--results` names another file.
docs/performance.md explains the results.
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

from serve import MALLOC

from . import machine
from .reports import Report, load, markdown
from .servers import Missing, private_servers

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results.md"
PATIENCE = 1800  # seconds for one part
PARTS = ("core", "fleet", "players", "saving", "api", "stack", "reaction")
NAMES = {"sqlite": "SQLite, no Redis", "postgresql": "PostgreSQL and Redis"}
QUICK = {
    "sizes": [100, 1000],
    "fleet": (50, 20),
    "hours": 0.5,
    "people": 20,
    "minutes": 0.25,
    "seeks": 200,
    "saved": 20,
}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        "python -m bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    made.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)} (default: all)")
    made.add_argument("--on", nargs="+", choices=NAMES, default=list(NAMES), help="databases to measure with")
    made.add_argument(
        "--sizes",
        nargs="+",
        type=int,
        default=[100, 1000, 10_000, 50_000],
        help="numbers of torrents of an account",
    )
    made.add_argument("--runs", type=int, default=5, help="runs of each figure")
    made.add_argument("--fleet", nargs=2, type=int, default=(1000, 100), metavar=("ACCOUNTS", "TORRENTS"))
    made.add_argument("--hours", type=float, default=2, help="virtual hours of the fleet")
    made.add_argument("--players", type=int, default=20, help="players that seek through a link")
    made.add_argument("--seeks", type=int, default=1000, help="seeks of all players together")
    made.add_argument("--saved", type=int, default=400, help="MB of each of the films that are saved to disk")
    made.add_argument("--people", type=int, default=100, help="people with open tabs")
    made.add_argument("--minutes", type=float, default=3, help="minutes for which a tab is left open")
    made.add_argument("--quick", action="store_true", help="use small sizes, to check that everything runs")
    made.add_argument(
        "--profile",
        metavar="SCENARIO",
        help="print where the time of a scenario of core goes, at the largest size",
    )
    made.add_argument("--pasted", type=int, default=1000, help="magnets in a paste")
    made.add_argument("--results", type=Path, help="the file to write")
    return made


def main() -> None:
    given = parser().parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser().error(f"unknown part {', '.join(unknown)}, choose from {', '.join(PARTS)}")
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
    """Run the parts. One that fails is reported, and the others continue."""
    report = Report()
    for part in given.parts or PARTS:
        print(f"\n{NAMES[name]}: {part}", flush=True)
        try:
            with place(name) as (data, variables):
                run_part(part, given, data, variables)
                report.extend(load(data / "report.json"))
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired, Missing) as problem:
            failed.append(f"{part} on {NAMES[name]}")
            print(f"{failed[-1]} failed: {problem}", file=sys.stderr)
    return report


def run_part(part: str, given: argparse.Namespace, data: Path, variables: dict[str, str]) -> None:
    left_out = ("results", "on", "parts", "quick")
    options = {name: value for name, value in vars(given).items() if name not in left_out}
    words = [part, json.dumps(options), str(data / "report.json")]
    command = [sys.executable, "-m", "bench.stages", *words]
    with (
        place_to_save(part) as saves,
        subprocess.Popen(command, cwd=ROOT, env=MALLOC | os.environ | variables | saves) as process,
    ):
        try:
            if process.wait(PATIENCE):
                raise subprocess.CalledProcessError(process.returncode, command)
        finally:
            process.terminate()


@contextmanager
def place(name: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """Return the folder and the environment of a new instance."""
    data = Path(tempfile.mkdtemp(prefix="torbox-web-bench-"))
    variables = {"DATA_DIR": str(data), "STATIC_ROOT": str(data / "static"), "LOG_LEVEL": "ERROR"}
    variables["TORBOX_TIMEOUT_SECONDS"] = "120"  # A busy machine makes long lists slowly.
    sqlite = {"DATABASE_URL": f"sqlite:///{data / 'torbox-web.sqlite3'}", "REDIS_URL": ""}
    try:
        if name == "sqlite":
            yield data, variables | sqlite
        else:
            with private_servers() as servers:
                yield data, variables | servers
    finally:
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def place_to_save(part: str) -> Iterator[dict[str, str]]:
    """Turn saving to disk on for the parts that measure it, and off for the others."""
    if part not in ("saving", "api"):
        yield {"SAVE_DIR": ""}
        return
    with tempfile.TemporaryDirectory(prefix="torbox-web-bench-save-") as folder:
        yield {"SAVE_DIR": folder, "ARIA2_RPC_URL": ""}


def written(found: dict[str, Report], failed: list[str]) -> str:
    parts = [
        "# Results of `make bench`",
        "",
        "This file is generated. What the figures mean, and why some miss their limit, is in "
        "[docs/performance.md](../docs/performance.md).",
        "",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC. {machine.described()}",
    ]
    if failed:
        parts += ["", f"Failed: {', '.join(failed)}."]
    for name, report in found.items():
        parts += ["", f"## {NAMES[name]}", "", markdown(report)]
    return "\n".join(parts).rstrip() + "\n"


if __name__ == "__main__":
    main()
