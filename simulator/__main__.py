"""Run a simulated TorBox for demos and tests: python -m simulator."""

from __future__ import annotations

import argparse
import signal
import threading

from simulator import scenarios
from simulator.errors import Unsupported
from simulator.options import SWITCHES
from simulator.server import Running, start

SETTINGS = ("count", "files")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    made.add_argument("--port", type=int, default=8765)
    made.add_argument("--host", default="127.0.0.1")
    made.add_argument("--scenario", default="household", choices=sorted(scenarios.SCENARIOS))
    made.add_argument("--speed", type=float, default=1.0, help="virtual seconds per real second")
    made.add_argument(
        "--option", action="append", default=[], metavar="NAME=VALUE", help="a switch, or count=N"
    )
    made.add_argument("--list-options", action="store_true", help="print every switch and exit")
    return made


def main() -> int:
    given = parser().parse_args()
    if given.list_options:
        return _list_options()
    pairs = dict(pair.split("=", 1) if "=" in pair else (pair, "true") for pair in given.option)
    settings = {name: int(pairs.pop(name)) for name in SETTINGS if name in pairs}
    place = {"port": given.port, "host": given.host, "speed": given.speed}
    try:
        running = start(scenario=given.scenario, settings=settings, **place, **pairs)
    except (Unsupported, OSError) as error:
        print(f"simulator: {error}")
        return 2
    _serve(running, given.scenario)
    return 0


def _serve(running: Running, scenario: str) -> None:
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    print(f"TorBox simulator, scenario {scenario}: {running.url}", flush=True)
    for name, key in scenarios.DEMO_KEYS.items():
        print(f"  demo key for {name:<6} {key}", flush=True)
    done.wait()
    running.stop()
    print("stopped", flush=True)


def _list_options() -> int:
    for option in SWITCHES.values():
        choices = f" one of {option.allowed}" if option.allowed else ""
        print(f"{option.name} = {option.default!r}{choices}: {option.meaning}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
