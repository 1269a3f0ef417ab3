"""Everything, including the simulator, in one container with at most 512 MB."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import requests

from tests import cookies
from tests.compose.engine import IMAGE, free_port, inspect, manage, run, wait_for_page

LIMIT = 512 * 1024 * 1024
SCENARIOS = {"demo": {}, "thousands": {"SCENARIO": "thousands", "SCENARIO_OPTIONS": "--option count=1000"}}
PEOPLE, ROUNDS = 4, 12
PAGES = (
    "/",
    "/?page=2",
    "/?q=a",
    "/?tab=ready",
    "/?tab=failed",
    "/status/",
    "/activity/",
    "/people/",
    "/me/",
)
PASSWORD = "demo-demo-demo"


class Group:
    """The control group of a container, of either version, in bytes as counted by the kernel."""

    def __init__(self, pid: int) -> None:
        lines = [line.split(":", 2) for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines()]
        paths = {names: path.lstrip("/") for _, names, path in lines}
        self.v1 = "memory" in paths
        root = Path("/sys/fs/cgroup")
        self.folder = root / "memory" / paths["memory"] if self.v1 else root / paths[""]

    def limit(self) -> int:
        return int((self.folder / ("memory.limit_in_bytes" if self.v1 else "memory.max")).read_text())

    def used(self) -> int:
        """Return the memory in use without the file cache, which the kernel frees when memory is short."""
        stat = dict(line.split() for line in (self.folder / "memory.stat").read_text().splitlines())
        names = ("total_rss", "total_shmem") if self.v1 else ("anon", "shmem")
        return sum(int(stat.get(name, 0)) for name in names)

    def killed(self) -> int:
        name = "memory.oom_control" if self.v1 else "memory.events"
        return int(re.search(r"^oom_kill (\d+)", (self.folder / name).read_text(), re.MULTILINE)[1])


class Alone:
    """`docker run -v data:/data -p 8000:8000` with a read-only root, no capabilities, and a memory limit.

    `more`: further options of `docker run`.
    """

    def __init__(self, name: str, env: dict[str, str], more: Sequence[str] = ()) -> None:
        self.name, self.port, self.torbox_port = f"torbox-web-{name}", free_port(), free_port()
        self.url, self.torbox = f"http://localhost:{self.port}", f"http://localhost:{self.torbox_port}"
        self.env = env | {"PORT": str(self.port), "SIMULATOR_PORT": str(self.torbox_port)}
        self.env["TORBOX_API_URL"] = f"http://127.0.0.1:{self.torbox_port}"  # as --demo does, for commands
        self.more = more

    def __enter__(self) -> Alone:
        variables = [word for pair in self.env.items() for word in ("--env", "=".join(pair))]
        confined = ["--read-only", "--read-only-tmpfs=false", "--tmpfs", "/tmp", "--cap-drop", "all"]
        limits = ["--memory", str(LIMIT), "--memory-swap", str(LIMIT)]
        published = (f"127.0.0.1:{port}:{port}" for port in (self.port, self.torbox_port))
        ports = [word for port in published for word in ("--publish", port)]
        options = ["--detach", "--name", self.name, *variables, *confined, *limits, *ports, *self.more]
        run("podman", "run", *options, IMAGE, "python", "serve.py", "--demo")
        wait_for_page(self.url)
        self.group = Group(int(inspect(self.name)["State"]["Pid"]))
        return self

    def __exit__(self, *problem: object) -> None:
        run("podman", "rm", "--force", "--volumes", self.name)

    def manage(self, *words: str, line: str = "") -> str:
        return manage(self.name, *words, line=line)

    @property
    def logs(self) -> str:
        return run("podman", "logs", self.name)


class Visitor(threading.Thread):
    """A person who visits the pages. `problems` are responses other than 200, `slowest` is in seconds."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.url, self.session = url, requests.Session()
        self.problems: list[str] = []
        self.rows, self.slowest = 0, 0.0

    def run(self) -> None:
        self.session.get(f"{self.url}/sign-in/", timeout=30)
        token = cookies.value(self.session.cookies, "csrf")
        fields = {"login": "mara", "password": PASSWORD, "csrfmiddlewaretoken": token}
        self.session.post(f"{self.url}/sign-in/", fields, timeout=30)
        for _ in range(ROUNDS):
            for page in PAGES:
                self.look(page)

    def look(self, page: str) -> None:
        began = time.monotonic()
        answer = self.session.get(self.url + page, timeout=60)
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.rows = max(self.rows, answer.text.count('class="row"'))
        if answer.status_code != 200 or "/sign-in/" in answer.url:
            self.problems.append(f"{page}: {answer.status_code} {answer.url}")


def wait_for_rows(alone: Alone, wanted: int) -> None:
    """Wait until the list has been read from the simulated TorBox."""
    count = "from torrents.models import Torrent; print(Torrent.objects.count())"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if int(alone.manage("shell", "-v0", "-c", count).split()[-1]) >= wanted:
            return
        time.sleep(1)
    raise SystemExit(f"The list of {wanted} did not come:\n{alone.logs[-3000:]}")


def visit(alone: Alone) -> tuple[list[Visitor], int]:
    """Visit everything at once, and return the peak memory in bytes."""
    visitors = [Visitor(alone.url) for _ in range(PEOPLE)]
    for visitor in visitors:
        visitor.start()
    most = 0
    while any(visitor.is_alive() for visitor in visitors):
        most = max(most, alone.group.used())
        time.sleep(0.2)
    return visitors, most


def fits() -> list[str]:
    """Print everything and return what went wrong."""
    wrong = []
    for name, env in SCENARIOS.items():
        with Alone(name, env) as alone:
            wait_for_rows(alone, 1000 if env else 20)
            visitors, most = visit(alone)
            wrong += judge(alone, visitors, most)
    return wrong


def judge(alone: Alone, visitors: list[Visitor], most: int) -> list[str]:
    killed, limit = alone.group.killed(), alone.group.limit()
    pages, slowest = PEOPLE * ROUNDS * len(PAGES), max(visitor.slowest for visitor in visitors)
    looks = f"while {PEOPLE} people opened {pages} pages, the slowest {slowest:.1f} s"
    memory = f"at most {most >> 20} MB of {limit >> 20} MB in use"
    print(f"  {alone.name}: {memory} {looks}; killed for memory {killed}", flush=True)
    assert limit == LIMIT and all(visitor.rows for visitor in visitors)
    wrong = [problem for visitor in visitors for problem in visitor.problems]
    wrong += [f"{alone.name}: killed for memory"] * bool(killed)
    return wrong + [f"{alone.name}: something died"] * ("ended with" in alone.logs)
