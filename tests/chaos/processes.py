"""The processes of an instance, as in the Procfile, but with a separate beat. Each can be killed and restarted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import requests

from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN, STOPS_WITHIN = 180.0, 10.0
MOST_STARVED = 120.0
QUICK = {
    "UNDO_SECONDS": "2",
    "WATCH_SECONDS": "3",
    "REFRESH_SECONDS": "6",
    "TORBOX_TIMEOUT_SECONDS": "1",
    "SETTLE_SECONDS": "4",
}
"""Settings that shorten minutes to seconds."""
LEFT_OUT = ("SECRET_KEY", "ENCRYPTION_KEYS", "ALLOWED_HOSTS", "TRUSTED_PROXIES", "DEBUG")


def environment(data: Path, torbox: str, below: dict[str, str]) -> dict[str, str]:
    """Return the variables of an instance with the folder `data`, a free port, and the stores in `below`."""
    port = str(free_port())
    inherited = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    return (
        inherited
        | QUICK
        | below
        | {
            "DJANGO_SETTINGS_MODULE": "tests.quick_settings",
            "DATA_DIR": str(data),
            "STATIC_ROOT": str(data / "static"),
            "PORT": port,
            "SITE_URL": f"http://127.0.0.1:{port}",
            "TORBOX_API_URL": torbox,
            "LOG_LEVEL": "DEBUG",
            "PYTHONUNBUFFERED": "1",
        }
    )


def waits(pid: int) -> dict[str, float]:
    """Return for each thread of a process and its children the seconds for which it has waited for a processor so far."""
    found = {}
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(OSError):  # it has just ended
            found[str(thread)] = int((thread / "schedstat").read_text().split()[1]) / 1e9
            for child in (thread / "children").read_text().split():
                found |= waits(int(child))
    return found


class Service:
    """A line of the Procfile with its process group, and a log that survives restarts."""

    def __init__(self, name: str, command: list[str], env: dict[str, str], data: Path) -> None:
        self.name, self.command, self.env, self.log = name, command, env, data / f"{name}.log"
        self.kills = 0
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        """Kill the process and its children, as a machine without memory does."""
        self.destroy()
        self.kills += 1

    def destroy(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(STOPS_WITHIN)

    def terminate(self) -> None:
        """Send SIGTERM. Returns at once."""
        self.asked_at, self.waited_before = time.monotonic(), waits(self.process.pid)
        self.process.terminate()

    def stop(self, within: float) -> bool:
        """Return whether it ends within these seconds after SIGTERM. If not, it is killed.

        Seconds in which it had work to do but got no processor don't count.
        """
        while self.running:
            if time.monotonic() > self.asked_at + within + self._starved():
                self.destroy()
                return False
            time.sleep(0.05)
        return True

    def _starved(self) -> float:
        """Return the seconds for which its thread that got least of the processors has waited for one since SIGTERM."""
        now = waits(self.process.pid)
        longest = max((now[thread] - self.waited_before.get(thread, 0.0) for thread in now), default=0.0)
        return min(longest, MOST_STARVED)

    @property
    def running(self) -> bool:
        return self.process.poll() is None


class Instance:
    """Web, worker, and beat. As a context manager it always ends what it started."""

    def __init__(self, env: dict[str, str], data: Path) -> None:
        self.env, self.data, self.url = env, data, env["SITE_URL"]
        self.services: dict[str, Service] = {}

    def __enter__(self) -> Instance:
        try:
            for name, command in commands().items():
                self.services[name] = Service(name, command, self.env, self.data)
            self._wait_for_web()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *problem: object) -> None:
        for service in self.services.values():
            service.destroy()

    def stop(self) -> dict[str, bool]:
        """Send SIGTERM to all, and return for each whether it ended in time."""
        for service in self.services.values():
            service.terminate()
        return {name: service.stop(STOPS_WITHIN) for name, service in self.services.items()}

    def died(self) -> list[str]:
        """Return the processes that ended without having been killed by us."""
        return [name for name, service in self.services.items() if not service.running]

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline and self.services["web"].running:
            try:
                return requests.get(f"{self.url}/sign-in/", timeout=5).raise_for_status()
            except requests.RequestException:
                time.sleep(0.1)
        raise RuntimeError(f"The web process did not start: {self.services['web'].log.read_text()[-2000:]}")


def commands() -> dict[str, list[str]]:
    """Return the commands of the Procfile, with beat as a separate process, and with verbose logs."""
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    lines = {name: line.replace("${TMPDIR:-/tmp}", "/tmp") for name, line in lines.items()}
    worker = lines["worker"].replace(" --with-beat", "").replace("--loglevel warning", "--loglevel debug")
    beat = "celery --quiet --app torbox_web beat --pidfile= --loglevel debug"
    made = {"web": lines["web"], "worker": worker, "beat": beat}
    return {name: [sys.executable, "-m", *line.split()] for name, line in made.items()}
