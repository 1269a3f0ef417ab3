"""Private PostgreSQL and Redis servers for tests, trials, and benchmarks, without Django and pytest.

    with servers.Postgres() as postgres, servers.Redis() as redis:
        env = {"DATABASE_URL": postgres.create("trial"), "REDIS_URL": redis.url}

They listen on a free port of 127.0.0.1 and keep everything in a temporary folder, without protection from power cuts.
A server ends with its `with` block, and also when the process that started it is killed, because it watches a pipe of
that process. `Missing` is raised if the program isn't installed.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Self

import psycopg
import redis
from psycopg import sql

STARTS_WITHIN = 60.0  # seconds, on a busy machine
STOPS_WITHIN = 10.0
ATTEMPTS = 3
UNPRIVILEGED = ("postgres", "nobody")
# Below the ports that Linux assigns, above the last one that browsers block (10080).
PORTS = range(11_000, 32_000)
PARTS = 16
# Runs "$@" until standard input ends, which also happens when this process dies.
WHILE_WE_LIVE = 'exec 3<&0; "$@" & server=$!; { read -r _ <&3; kill -s INT $server; } & wait $server'


_given: set[int] = set()
"""Ports that this process has used."""


class Missing(RuntimeError):
    """Raised if a program isn't installed. The message is for people."""


class Server(ABC):
    """A process with its own folder, which the unprivileged user that root starts it as can read."""

    def __init__(self) -> None:
        self.program = self.find()

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix=f"torbox-web-{self.program.name}-"))
        self.log = self.folder / "log"
        if user := unprivileged():
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        try:
            self.prepare()
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *problem: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self) -> None:
        """End the process. Its files stay in `folder` until the `with` block ends."""
        process, self.process = self.process, None
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(STOPS_WITHIN)

    def start_again(self) -> None:
        """Start again after `stop`, on the same port and with the same files."""
        self._launch()
        if not self._waited():
            raise RuntimeError(f"{self.program.name} did not start again: {self.log.read_text()[-2000:]}")

    process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def find(self) -> Path:
        """Return the path of the program. Raises `Missing`."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Return its URL, for the settings."""

    @abstractmethod
    def prepare(self) -> None:
        """Create what the folder needs before the first start."""

    @abstractmethod
    def words(self) -> list[str]:
        """Return the arguments of the program."""

    @abstractmethod
    def answers(self) -> bool:
        """Return whether it can be used."""

    def _start(self) -> None:
        """Start it, on another port if the first one was taken before the server could."""
        for _ in range(ATTEMPTS):
            self.port = free_port()
            self._launch()
            if self._waited():
                return
        raise RuntimeError(f"{self.program.name} did not start: {self.log.read_text()[-2000:]}")

    def _launch(self) -> None:
        command = ["/bin/sh", "-c", WHILE_WE_LIVE, "sh", str(self.program), *self.words()]
        how = {"stdin": subprocess.PIPE, "start_new_session": True, **dropped(self.folder)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, **how)

    def _waited(self) -> bool:
        deadline = time.monotonic() + STARTS_WITHIN
        while self.process and self.process.poll() is None and time.monotonic() < deadline:
            if self.answers():
                return True
            time.sleep(0.02)
        self.stop()
        return False


class Postgres(Server):
    """A PostgreSQL whose superuser has a random password. `create` makes databases."""

    def find(self) -> Path:
        on_path = shutil.which("initdb")
        folders = [Path(on_path).resolve().parent] if on_path else []
        # Debian has them in a folder per version that isn't in PATH.
        folders += sorted(
            Path("/usr/lib/postgresql").glob("*/bin"), key=lambda it: float(it.parent.name), reverse=True
        )
        for folder in folders:
            if (folder / "initdb").exists() and (folder / "postgres").exists():
                return folder / "postgres"
        raise Missing("PostgreSQL is not installed.")

    def prepare(self) -> None:
        self.password = secrets.token_hex(16)
        (self.folder / "password").write_text(self.password)
        words = ["-D", "data", "-U", "postgres", "--auth=scram-sha-256", "--pwfile=password", "--no-sync"]
        words += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
        self.run("initdb", *words)

    def words(self) -> list[str]:
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": 200,
            "shared_buffers": "64MB",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            # Statistics taken while a table is empty between two tests can make queries of the next one slow.
            "autovacuum": "off",
        }
        return [
            "-D",
            "data",
            *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
        ]

    def answers(self) -> bool:
        try:
            with self.connect():
                return True
        except psycopg.OperationalError:
            return False

    @property
    def url(self) -> str:
        """Return the URL of the default database. `create` makes others."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        return f"postgres://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str = "template1") -> str:
        """Create a database, empty or as a copy of `template`, which must have no connections. Returns its URL."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        with self.connect() as connection:
            connection.execute(statement.format(sql.Identifier(database), sql.Identifier(template)))
        return self.url_of(database)

    def drop(self, database: str) -> None:
        """Drop the database even if there are connections to it."""
        with self.connect() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
            )

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(self.url_of(database), autocommit=True, connect_timeout=5)

    def run(self, tool: str, *words: str) -> str:
        """Run one of PostgreSQL's tools in the server's folder and as its user, and return what it printed."""
        done = subprocess.run(
            [str(self.program.with_name(tool)), *words],
            capture_output=True,
            text=True,
            **dropped(self.folder),
        )
        if done.returncode:
            raise RuntimeError(f"{tool} failed: {done.stderr[-2000:]}")
        return str(done.stdout)


class Redis(Server):
    """A redis-server that writes to disk only on `client.save()`, into `folder`, uncompressed."""

    def find(self) -> Path:
        if found := shutil.which("redis-server"):
            return Path(found)
        raise Missing("redis-server is not installed.")

    def prepare(self) -> None:
        """Create nothing."""

    def words(self) -> list[str]:
        port = ["--port", str(self.port), "--bind", "127.0.0.1"]
        return [
            *port,
            "--save",
            "",
            "--appendonly",
            "no",
            "--rdbcompression",
            "no",
            "--dir",
            str(self.folder),
        ]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)

    def answers(self) -> bool:
        with contextlib.suppress(redis.ConnectionError), self.client as client:
            return bool(client.ping())
        return False


def unprivileged() -> pwd.struct_passwd | None:
    """Return the user that root runs the servers as, because PostgreSQL refuses root. None for other users."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return next(known[name] for name in UNPRIVILEGED if name in known)


def dropped(folder: Path) -> dict[str, Any]:
    """Return how to start a program in `folder` with minimal rights and environment."""
    env = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
    options: dict[str, Any] = {"cwd": folder, "env": env}
    if user := unprivileged():
        options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return options


def _own_ports() -> range:
    """Yield the ports reserved for this process of the suite, because a server may listen long after its port was chosen."""
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    part = 2 * int(number if number.isdecimal() else 0) + (os.environ.get("STACK") == "postgres")
    return PORTS[part % PARTS :: PARTS]


def free_port() -> int:
    """Return an unused port that no other process gets before its server starts. Never returns the same one twice."""
    while True:
        port = secrets.choice(_own_ports())
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in _given:
                _given.add(port)
                return port
