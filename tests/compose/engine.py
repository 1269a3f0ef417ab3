"""Podman, buildah, and podman-compose as commands, on machines without systemd and without an image registry."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "torbox-web-tested"
IMAGE, ARIA2_IMAGE = "localhost/torbox-web-tested", "localhost/torbox-web-tested-aria2"
FILES = ("docker-compose.yml", "tests/compose/quick.yml")
BASES = {
    f"{name}_IMAGE": f"localhost/base-{image}"
    for name, image in {"BASE": "python", "POSTGRES": "postgres", "REDIS": "redis"}.items()
}
WITHOUT_SYSTEMD = """
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
"""
NOISE = "healthchecks: dial unix"  # podman leaves regular checks to systemd, so without it they run from here


def prepare() -> None:
    """Configure podman to work without systemd where it doesn't run."""
    if not Path("/run/systemd/system").exists():
        conf = Path(tempfile.mkdtemp(prefix="torbox-web-containers-")) / "containers.conf"
        conf.write_text(WITHOUT_SYSTEMD)
        os.environ["CONTAINERS_CONF"] = str(conf)


def run(*command: str, cwd: Path = ROOT, seconds: float = 900, check: bool = True) -> str:
    """Run a command and return its output on both streams. Raises SystemExit with it if it fails."""
    done = subprocess.run(
        command, cwd=cwd, timeout=seconds, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    printed = "\n".join(line for line in done.stdout.splitlines() if NOISE not in line)
    if check and done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{printed[-4000:]}")
    return printed


def build() -> None:
    """Build the base images once, and the others each time. Pip gets this machine's certificates, the images don't."""
    if not all(map(has, BASES.values())):
        run("tests/compose/bases.sh")
    lent = ["--volume", "/etc/ssl/certs:/etc/ssl/certs:ro"]
    base = f"BASE_IMAGE={BASES['BASE_IMAGE']}"
    how = ["--isolation", "chroot", "--format", "docker", *lent, "--build-arg", base]
    for image, folder in ((IMAGE, "."), (ARIA2_IMAGE, "deploy/aria2")):
        run("buildah", "bud", *how, "--tag", image, folder)


def has(image: str) -> bool:
    return subprocess.run(["podman", "image", "exists", image]).returncode == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def manage(container: str, *words: str, line: str = "") -> str:
    """Run a command of manage.py in a container and return what it prints. `line` is what it reads.

    Raises SystemExit with what it says if it fails.
    """
    command = ["podman", "exec", "--interactive", container, "python", "manage.py", *words]
    done = subprocess.run(command, input=line, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stderr[-4000:]}")
    return done.stdout


def inspect(container: str) -> dict[str, object]:
    return json.loads(subprocess.check_output(["podman", "inspect", container], text=True))[0]


def wait_for_page(url: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            return requests.get(f"{url}/sign-in/", timeout=5).raise_for_status()
        except requests.RequestException:
            time.sleep(0.3)
    raise SystemExit(f"{url} isn't responding.")


def until(reached: Callable[[], bool], seconds: float) -> bool:
    """Wait until it holds, and return whether it does."""
    deadline = time.monotonic() + seconds
    while not (holds := reached()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return holds


class Compose:
    """docker-compose.yml with the demo's simulator, run by podman-compose, and `settings` in the .env file next to it.

    `before`: commands of podman-compose to run first. As a context manager it is removed at the end, with its volumes.
    """

    def __init__(
        self,
        settings: Mapping[str, str] | None = None,
        profiles: tuple[str, ...] = (),
        before: Sequence[tuple[str, ...]] = (),
    ) -> None:
        self.port, self.torbox_port = free_port(), free_port()
        self.url, self.torbox = f"http://localhost:{self.port}", f"http://localhost:{self.torbox_port}"
        self.profiles, self.before = profiles, before
        self.settings = BASES | {
            "TORBOX_WEB_IMAGE": IMAGE,
            "ARIA2_IMAGE": ARIA2_IMAGE,
            "PORT": str(self.port),
            "SIMULATOR_PORT": str(self.torbox_port),
            "TORBOX_API_URL": "http://simulator:8765",
        }
        self.settings |= settings or {}

    @property
    def services(self) -> tuple[str, ...]:
        """Return the services that do something for people, without the simulator and the one for secrets."""
        return ("web", "worker", "beat", "saver", "redis", "postgres", *self.profiles)

    def __enter__(self) -> Compose:
        self.folder = Path(tempfile.mkdtemp(prefix="torbox-web-compose-"))
        for file in FILES:
            shutil.copy(ROOT / file, self.folder)
        self._write_settings()
        try:
            for words in self.before:
                self.compose(*words)
            self.up()
        except BaseException:
            self.__exit__(True)
            raise
        return self

    def __exit__(self, *problem: object) -> None:
        if problem[0]:
            print(self.logs()[-8000:])
        self.compose("down", "--volumes", "--timeout", "5")
        run("podman", "volume", "rm", "--force", f"{PROJECT}_data", check=False)
        shutil.rmtree(self.folder)

    def up(self, *profiles: str, **settings: str) -> None:
        """Start everything, also with further profiles and settings."""
        self.profiles += profiles
        self.settings |= settings
        self._write_settings()
        # Named, because the demo's people aren't wanted.
        words = ["--detach", "--no-build", *self.services, "simulator"]
        try:
            # Made anew, because podman-compose doesn't see what has changed in .env, as Docker does.
            self.compose("up", "--force-recreate", *words)
        except SystemExit:
            # Podman before 4.6 doesn't wait for the secrets, and starts nothing while the database restarts for want of
            # them. A moment later, it does.
            self.compose("up", *words)
        wait_for_page(self.url)

    def _write_settings(self) -> None:
        lines = (f"{name}={value}\n" for name, value in self.settings.items())
        (self.folder / ".env").write_text("".join(lines))

    def compose(self, *words: str) -> str:
        files = [word for file in FILES for word in ("--file", Path(file).name)]
        profiles = [word for profile in ("demo", *self.profiles) for word in ("--profile", profile)]
        options = [*files, "--project-name", PROJECT, *profiles]
        return run("podman-compose", *options, *words, cwd=self.folder)

    def name(self, service: str) -> str:
        return f"{PROJECT}_{service}_1"

    def manage(self, *words: str, line: str = "") -> str:
        return manage(self.name("web"), *words, line=line)

    def logs(self) -> str:
        return "".join(run("podman", "logs", self.name(service), check=False) for service in self.services)

    def healthy(self, service: str, seconds: float = 150) -> bool:
        """Run the health check now, as systemd would regularly."""
        command = ["podman", "healthcheck", "run", self.name(service)]
        deadline = time.monotonic() + seconds
        while (well := subprocess.run(command, capture_output=True).returncode == 0) is False:
            if time.monotonic() > deadline:
                break
            time.sleep(1)
        return well

    def pid(self, service: str) -> int:
        """Return the id of its first process. 0 while it isn't running."""
        return int(inspect(self.name(service))["State"]["Pid"])
