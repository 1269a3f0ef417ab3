#!/usr/bin/env python3
"""Run the app: prepare the database, start the processes of a Procfile, and restart those that end.

    serve.py                          web, worker, beat, and with SAVE_DIR the saver
    serve.py --demo                   the same with a simulated TorBox and sample people
    serve.py web|worker|beat|saver    one process, for containers and systemd, which restart it
    serve.py --check NAME             exit with status 0 if that process works

It uses only the standard library and nothing of the app, to keep the process that stays small.
"""

from __future__ import annotations

import argparse
import http.client
import os
import select
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
SETTLED_SECONDS = 10.0  # a process that ends sooner never worked, because of wrong settings or a port in use
# Before a process is restarted. The pause doubles each time the process ends.
PAUSE_SECONDS, MAX_PAUSE_SECONDS = 1.0, 60.0
SAVER = "saver"  # the process that runs only while saving to disk is on
STOP_SECONDS = 10.0  # to finish current work after SIGTERM
LOOK_SECONDS = 5.0  # between looks without a signal, which reports the end of a process at once
# By default glibc gives threads up to eight arenas per core, each of which stays at its largest size, and one large list
# teaches it to keep large blocks. It reads these variables when a process starts. Other C libraries ignore them.
MALLOC = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}


class Process:
    """A line of a Procfile, running in its own process group. `dead_since` is set while it waits for its restart."""

    def __init__(self, name: str, command: str) -> None:
        self.name, self.command = name, command
        self.has_worked = False
        self.pause = 0.0  # before the next restart
        self.start()

    def start(self) -> None:
        """Start the process, or restart it."""
        self.dead_since: float | None = None
        self.started_at = time.monotonic()
        self.running = subprocess.Popen(
            in_shell(self.command), cwd=ROOT, env=MALLOC | os.environ, start_new_session=True
        )

    @property
    def seconds_until_restart(self) -> float:
        """Return the seconds until the process is to be restarted. Infinite while it runs."""
        if self.dead_since is None:
            return float("inf")
        return max(0.0, self.dead_since + self.pause - time.monotonic())

    def signal(self, number: int) -> None:
        """Signal the whole group, because children of a killed parent would keep its port and memory."""
        with suppress(ProcessLookupError):
            os.killpg(self.running.pid, number)

    def note_end(self) -> bool:
        """Note that the process has ended, and return whether to restart it: not if it never worked."""
        self.signal(signal.SIGKILL)
        self.dead_since = time.monotonic()
        lived = self.dead_since - self.started_at
        self.has_worked = self.has_worked or lived >= SETTLED_SECONDS
        self.pause = next_pause(self.pause, lived)
        return self.has_worked


class Supervisor:
    """Keep processes running until a signal arrives, or until one ends that never worked.

    A process that keeps ending is restarted after longer and longer pauses. It never affects the others.
    """

    def __init__(self, lines: dict[str, str]) -> None:
        self.asked_to_stop = False
        self.signals = signals_as_bytes()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)  # by default it would not be reported
        self.processes = [Process(name, command) for name, command in lines.items()]

    def run(self) -> int:
        """Run until the end and return the exit status: 0 after a signal, else that of the process that never worked."""
        status = 0
        while not self.asked_to_stop and not status:
            status = next(filter(None, map(self._look_after, self.processes)), 0)
            self._reap_orphans()
            self._wait()
        self._end()
        return status

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True

    def _wait(self) -> None:
        """Wait for a signal, such as that a process has ended, or until one has to be restarted."""
        waits = (process.seconds_until_restart for process in self.processes)
        select.select([self.signals], [], [], min(LOOK_SECONDS, *waits))
        with suppress(BlockingIOError):
            os.read(self.signals, 4096)

    def _look_after(self, process: Process) -> int:
        """Restart the process when that is due. Return an exit status if a restart is useless, else 0."""
        if process.dead_since is not None:
            if not process.seconds_until_restart:
                process.start()
            return 0
        code = process.running.poll()
        if code is None or self.asked_to_stop:
            return 0
        again = process.note_end()
        then = (
            f"Restarting it in {process.pause:.0f} s." if again else "It never worked, so everything stops."
        )
        say(f"{process.name} ended with {in_words(code)}. {then}")
        return 0 if again else max(code, 1)

    def _reap_orphans(self) -> None:
        """Reap orphaned processes, which the first process of a container inherits."""
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
                say(f"{process.name} didn't stop within {STOP_SECONDS:.0f} s. Killing it.")
            process.signal(signal.SIGKILL)


def signals_as_bytes() -> int:
    """Return a pipe that receives a byte for every signal that has a handler."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    return reading


def next_pause(last: float, lived: float) -> float:
    """Return the seconds until the next restart of a process that ran for `lived` seconds after its `last` pause."""
    if not last or lived >= MAX_PAUSE_SECONDS:
        return PAUSE_SECONDS
    return min(2 * last, MAX_PAUSE_SECONDS)


def say(sentence: str) -> None:
    """Write a line to standard error."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def in_words(code: int) -> str:
    """Return how a process ended, from its return code."""
    return f"signal {-code}" if code < 0 else f"exit status {code}"


def lines_of(*procfiles: str) -> dict[str, str]:
    """Return the commands by name. A later file overrides an earlier one."""
    text = "".join((ROOT / procfile).read_text() for procfile in procfiles)
    lines = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {name.strip(): command.strip() for name, _, command in lines}


def in_shell(line: str) -> list[str]:
    """Return the arguments that run a line without a shell in between, which wouldn't pass signals on."""
    return ["sh", "-c", line if "&&" in line else f"exec {line}"]


def prepare(*, say_where: bool) -> None:
    """Prepare the database and print where the app is, or how to become its owner.

    Several containers may do this at once.
    """
    words = ["prepare", "--say-where"] if say_where else ["prepare"]
    done = subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT)
    if done.returncode:
        raise SystemExit(max(done.returncode, 1))


def saves() -> bool:
    """Return whether saving to disk is on."""
    return bool(setting("SAVE_DIR"))


def supervised(procfile: str) -> dict[str, str]:
    """Return the commands of a Procfile that run with these settings."""
    return {name: line for name, line in lines_of(procfile).items() if name != SAVER or saves()}


def become(name: str) -> None:
    """Replace this process by the named one, which then gets all signals. Without SAVE_DIR, the saver does nothing."""
    if name == SAVER and not saves():
        idle("Saving to disk is off, because SAVE_DIR isn't set.")
    os.execvpe("sh", in_shell(lines_of("Procfile", "Procfile.separate")[name]), MALLOC | os.environ)


def idle(reason: str) -> None:
    """Do nothing until a signal arrives, then exit. Blocked signals also reach the first process of a container."""
    numbers = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    say(reason)
    signal.sigwait(numbers)
    raise SystemExit(0)


def check(name: str) -> None:
    """Exit with an error unless the process works: web responds, the others had a recent heartbeat."""
    if name == SAVER and not saves():
        return
    if name != "web":
        os.execv(sys.executable, [sys.executable, str(ROOT / "manage.py"), "alive", name])
    address = f"http://{listening_host()}:{port_of('PORT', '8000')}{site_path()}/health/live"
    # A proxy in http_proxy would respond itself, or look for the app on its own machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=4) as response:
            response.read()
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise SystemExit(f"{address} isn't responding as it should: {error}") from None


def setting(name: str, default: str = "") -> str:
    """Read a setting as torbox_web/env.py does: NAME_FILE takes precedence, white space is stripped, empty is unset.

    This is for settings needed without the app. `manage.py prepare` rejects every value that can't work.
    """
    file = os.environ.get(f"{name}_FILE", "").strip()
    try:
        text = Path(file).read_text() if file else os.environ.get(name, "")
    except (OSError, UnicodeDecodeError) as error:
        problem = getattr(error, "strerror", None) or "not a text file"
        raise SystemExit(f"{name}_FILE names {file}: {problem}. Name a file that holds the value.") from None
    return text.removeprefix("\ufeff").strip() or default


def port_of(name: str, default: str) -> str:
    """Read a setting that must be a port. Exits with an error if it isn't."""
    port = setting(name, default)
    if not (port.isascii() and port.isdecimal() and 1 <= int(port) <= 65535):
        raise SystemExit(f"{name} can't be “{port[:80]}”. Write a whole number from 1 to 65535.")
    return port


def listening_host() -> str:
    """Return the host, as in a URL, at which this machine reaches a process that listens on BIND."""
    bind = setting("BIND", "127.0.0.1").strip("[]")
    try:
        address = ip_address(bind)
    except ValueError:
        return bind
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return f"[{address}]" if address.version == 6 else bind


def site_path() -> str:
    """Return the path of SITE_URL, without a trailing slash."""
    return urlsplit(setting("SITE_URL")).path.rstrip("/")


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description="Run the app and keep it running.")
    names = ["web", "worker", "beat", SAVER]
    parser.add_argument("name", nargs="?", choices=names, help="run only this process")
    parser.add_argument("--demo", action="store_true", help="use a simulated TorBox and sample people")
    parser.add_argument("--check", metavar="NAME", choices=names, help="check that this process works")
    return parser.parse_args()


def simulate() -> None:
    """Point the app at the simulator, which listens where the app does, with the variables of Procfile.demo."""
    port = port_of("SIMULATOR_PORT", "8765")
    os.environ |= {"SIMULATOR_PORT": port, "BIND": setting("BIND", "127.0.0.1").strip("[]")}
    os.environ |= {"SCENARIO": setting("SCENARIO"), "SCENARIO_OPTIONS": setting("SCENARIO_OPTIONS")}
    os.environ["TORBOX_API_URL"] = f"http://{listening_host()}:{port}"
    for name in ("BIND_FILE", "TORBOX_API_URL_FILE"):  # they would take precedence
        os.environ.pop(name, None)
    refuse_unknown_scenario()


def refuse_unknown_scenario() -> None:
    """Exit with an error if the simulator doesn't accept SCENARIO and SCENARIO_OPTIONS."""
    line = in_shell(f"{lines_of('Procfile.demo')['torbox']} --list-options")
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        problem = done.stderr.strip().rpartition("error: ")[2]
        raise SystemExit(f"SCENARIO or SCENARIO_OPTIONS is invalid: {problem}")


def main() -> int:
    """Run what the command line asks for and return the exit status."""
    given = arguments()
    os.chdir(ROOT)  # paths in settings are relative to it
    here = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", os.defpath)])
    if given.demo:
        simulate()
    if given.check:
        check(given.check)
        return 0
    prepare(say_where=given.name in (None, "web") and not given.demo)
    if given.name:
        become(given.name)
    return Supervisor(supervised("Procfile.demo" if given.demo else "Procfile")).run()


if __name__ == "__main__":
    raise SystemExit(main())
