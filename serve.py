#!/usr/bin/env python3
"""Runs the app: prepares the database, starts the lines of a Procfile, and starts again what dies.

    serve.py                     web, worker and beat
    serve.py --demo              the same with a simulated TorBox and sample people
    serve.py web|worker|beat     one process, for containers and systemd, which start it again
    serve.py --check NAME        exit status 0 when that process works

The standard library only and nothing of the app, so that the process that stays is a small one.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
SETTLED_SECONDS = 10.0  # who dies sooner at the start has never worked: wrong settings, a port that is taken
MOST_DEATHS, WITHIN_SECONDS = 5, 60.0
PAUSE_SECONDS = 1.0  # before something that died is started again
STOP_SECONDS = 10.0  # for what is under way, after SIGTERM
LOOK_SECONDS = 0.2


class Process:
    """One line of a Procfile, in a process group of its own; `dead_since` while it waits to be started again."""

    def __init__(self, name: str, command: str) -> None:
        self.name, self.command = name, command
        self.deaths: list[float] = []
        self.start()

    def start(self) -> None:
        self.dead_since: float | None = None
        self.started_at = time.monotonic()
        self.running = subprocess.Popen(in_shell(self.command), cwd=ROOT, start_new_session=True)

    def signal(self, number: int) -> None:
        """To the whole group: children that a killed parent left behind hold its port and its memory."""
        with suppress(ProcessLookupError):
            os.killpg(self.running.pid, number)

    def bury(self) -> bool:
        """It has ended; whether it is to be started again."""
        self.signal(signal.SIGKILL)
        self.dead_since = now = time.monotonic()
        never_worked = not self.deaths and now - self.started_at < SETTLED_SECONDS
        self.deaths = [*(death for death in self.deaths if now - death < WITHIN_SECONDS), now]
        return not never_worked and len(self.deaths) < MOST_DEATHS


class Keeper:
    """Keeps processes running until a signal says stop, or until one of them cannot be kept."""

    def __init__(self, lines: dict[str, str]) -> None:
        self.asked_to_stop = False
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        self.processes = [Process(name, command) for name, command in lines.items()]

    def keep(self) -> int:
        """The exit status: 0 after a signal, else that of the process that could not be kept."""
        status = 0
        while not self.asked_to_stop and not status:
            status = next(filter(None, map(self._look_after, self.processes)), 0)
            self._reap_orphans()
            time.sleep(LOOK_SECONDS)
        self._end()
        return status

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True

    def _look_after(self, process: Process) -> int:
        """Starts it again when that is due; an exit status when that is of no use."""
        if process.dead_since is not None:
            if time.monotonic() - process.dead_since > PAUSE_SECONDS:
                process.start()
            return 0
        code = process.running.poll()
        if code is None or self.asked_to_stop:
            return 0
        again = process.bury()
        then = "It is started again." if again else "It does not keep running, so everything ends."
        say(f"{process.name} ended with {in_words(code)}. {then}")
        return 0 if again else max(code, 1)

    def _reap_orphans(self) -> None:
        """As the first process of a container this one inherits children of the dead."""
        ours = {process.running.pid for process in self.processes}
        with suppress(ChildProcessError):
            while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if found.si_pid in ours:
                    break
                os.waitpid(found.si_pid, 0)

    def _end(self) -> None:
        for process in self.processes:
            process.signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in self.processes:
            try:
                process.running.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                say(f"{process.name} has not ended within {STOP_SECONDS:.0f} s and is killed.")
            process.signal(signal.SIGKILL)


def say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def in_words(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit status {code}"


def lines_of(*procfiles: str) -> dict[str, str]:
    """Commands by name; a later file has the last word."""
    text = "".join((ROOT / procfile).read_text() for procfile in procfiles)
    lines = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {name.strip(): command.strip() for name, _, command in lines}


def in_shell(line: str) -> list[str]:
    """Without a shell that stays between us and the process and would not pass signals on."""
    return ["sh", "-c", line if "&&" in line else f"exec {line}"]


def prepare(*, say_where: bool) -> None:
    """Several containers may do this at once. Then, where the app is, or how to become its owner."""
    for command in ["prepare", "setuplink"] if say_where else ["prepare"]:
        done = subprocess.run([sys.executable, "manage.py", command], cwd=ROOT)
        if done.returncode:
            raise SystemExit(max(done.returncode, 1))


def become(name: str) -> None:
    """This process goes on as that one, which gets all signals."""
    os.chdir(ROOT)
    os.execvp("sh", in_shell(lines_of("Procfile", "Procfile.separate")[name]))


def check(name: str) -> None:
    """Web by the page made for that, worker and beat by their last sign of life."""
    if name != "web":
        os.execv(sys.executable, [sys.executable, str(ROOT / "manage.py"), "alive", name])
    path = urlsplit(os.environ.get("SITE_URL", "")).path.rstrip("/")
    address = f"http://127.0.0.1:{os.environ['PORT']}{path}/health/live"
    with urllib.request.urlopen(address, timeout=4) as answer:
        answer.read()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Runs the app and keeps it running.")
    parser.add_argument("name", nargs="?", choices=["web", "worker", "beat"])
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--check", metavar="NAME", choices=["web", "worker", "beat"])
    return parser.parse_args()


def main() -> int:
    given = arguments()
    here = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", os.defpath)])
    os.environ.setdefault("PORT", "8000")
    if given.demo:
        port = os.environ.setdefault("SIMULATOR_PORT", "8765")
        os.environ["TORBOX_API_URL"] = f"http://127.0.0.1:{port}"
    if given.check:
        check(given.check)
        return 0
    prepare(say_where=given.name in (None, "web") and not given.demo)
    if given.name:
        become(given.name)
    return Keeper(lines_of("Procfile.demo" if given.demo else "Procfile")).keep()


if __name__ == "__main__":
    raise SystemExit(main())
