"""PostgreSQL and Redis servers of one's own, for tests, trials and benchmarks; no Django, no pytest.

    with servers.Postgres() as postgres, servers.Redis() as redis:
        env = {"DATABASE_URL": postgres.create("trial"), "REDIS_URL": redis.url}

They listen on a free port of 127.0.0.1, keep everything in a temporary folder and promise nothing about a power cut.
A server ends with its `with` block, and also when the process that started it dies without a word: it hangs on a pipe
of that process. `Missing` is raised when the machine has no such program.
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
# Below those that Linux gives to whoever does not care which, above the last one that browsers refuse (10080).
PORTS = range(11_000, 32_000)
# Runs "$@" until standard input ends, which the kernel sees to when we are gone.
WHILE_WE_LIVE = 'exec 3<&0; "$@" & server=$!; { read -r _ <&3; kill -s INT $server; } & wait $server'


_given: set[int] = set()
"""Ports that this process has been given."""


class Missing(RuntimeError):
    """The program is not installed; the text is for people."""


class Server(ABC):
    """A process in a folder of its own; `folder` can be read by the unprivileged user that root starts it as."""

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
        """End the process; what it wrote stays in `folder` until the `with` block ends."""
        process, self.process = self.process, None
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(STOPS_WITHIN)

    process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def find(self) -> Path:
        """The program, or `Missing`."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Its address, as the settings want it."""

    @abstractmethod
    def prepare(self) -> None:
        """Make what has to be in the folder before the first start."""

    @abstractmethod
    def words(self) -> list[str]:
        """What follows the program on the command line."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it can be used."""

    def _start(self) -> None:
        """On another port when somebody took the free one before the server did."""
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
    """A PostgreSQL whose superuser has a password only we know. Databases are made by `create`."""

    def find(self) -> Path:
        on_path = shutil.which("initdb")
        folders = [Path(on_path).resolve().parent] if on_path else []
        # Debian keeps them off the path, one folder per version.
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
        """Of the database every server has. Others by `create`."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        return f"postgres://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str = "template1") -> str:
        """A database, empty or like `template`, to which nobody may be connected; its address."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        with self.connect() as connection:
            connection.execute(statement.format(sql.Identifier(database), sql.Identifier(template)))
        return self.url_of(database)

    def drop(self, database: str) -> None:
        """Throw the database away, whoever is still connected to it."""
        with self.connect() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
            )

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(self.url_of(database), autocommit=True, connect_timeout=5)

    def run(self, tool: str, *words: str) -> str:
        """One of PostgreSQL's own tools from beside the server, in its folder and as its user; what it printed."""
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
    """A redis-server that writes to disk only when told to (`client.save()`), into `folder`, and legibly."""

    def find(self) -> Path:
        if found := shutil.which("redis-server"):
            return Path(found)
        raise Missing("redis-server is not installed.")

    def prepare(self) -> None:
        """Nothing has to be there."""

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
    """Whom root runs the servers as, since PostgreSQL refuses root; None for everybody else."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return next(known[name] for name in UNPRIVILEGED if name in known)


def dropped(folder: Path) -> dict[str, Any]:
    """How a program is started in `folder` with no more rights and words of the environment than it needs."""
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


def free_port() -> int:
    """One that nobody listens on, and that nobody gets by chance before its server starts; never the same again."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in _given:
                _given.add(port)
                return port
