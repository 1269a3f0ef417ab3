"""The app works without its broker, because messages only speed things up."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import redis

from tests import servers
from tests.needs import lacking

ROOT = Path(__file__).parents[1]
SEND = """
import time, django
django.setup()
from torrents import queueing
began = time.monotonic()
for _ in range(5):
    queueing.enqueue("refresh_account", 1)
print("went on within", "1.5 s" if time.monotonic() - began < 1.5 else "more")
"""
COUNT = """
import django
django.setup()
from torrents import queueing
for ask in (queueing.write_probe, queueing.messages_waiting):
    try:
        print(ask())
    except queueing.BrokerError as error:
        print(error.reason)
"""
LOOK = """
import django
django.setup()
from care.status.machinery import queue
print(queue().word, "|", queue().problem.what, "|", queue().problem.remedy)
"""


def run_with_redis_at(address: str, code: str, data: Path) -> subprocess.CompletedProcess[str]:
    env = os.environ | {
        "DATA_DIR": str(data),
        "REDIS_URL": address,
        "DJANGO_SETTINGS_MODULE": "torbox_web.settings",
    }
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)


@contextmanager
def nobody_there() -> Iterator[str]:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        yield f"redis://127.0.0.1:{silent.getsockname()[1]}/0"


@contextmanager
def never_answers() -> Iterator[str]:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(8)
        yield f"redis://127.0.0.1:{mute.getsockname()[1]}/0"


@contextmanager
def a_redis(spoil: Callable[[redis.Redis], object], number: int = 0) -> Iterator[str]:
    try:
        server = servers.Redis()
    except servers.Missing as missing:
        lacking(str(missing))
    with server:
        spoil(server.client)
        yield server.url.replace("/0", f"/{number}")


def full(client: redis.Redis) -> None:
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", "1mb")


CASES = {
    "gone": (nobody_there, "Unreachable", "Redis isn’t responding."),
    "slow": (never_answers, "Slow", "Redis takes longer than a second to respond."),
    "full": (lambda: a_redis(full), "Full", "Redis is full."),
    "read_only": (
        lambda: a_redis(lambda client: client.replicaof("127.0.0.1", 1)),
        "Read-only",
        "Redis is a read-only replica.",
    ),
    "denied": (
        lambda: a_redis(lambda client: client.config_set("requirepass", "secret")),
        "Access denied",
        "Redis rejected the user or password.",
    ),
    "no_such_database": (
        lambda: a_redis(lambda client: client.ping(), number=99),
        "Not found",
        "Redis has no database with the number in REDIS_URL.",
    ),
}


@pytest.fixture(params=CASES)
def refusal(request):
    """Start a failing Redis and return its URL, the code of the reason, and the words on the Status page."""
    with ExitStack() as opened:
        make, word, sentence = CASES[request.param]
        yield opened.enter_context(make()), request.param, word, sentence


def test_a_failing_redis_costs_one_warning_and_at_most_a_second(tmp_path: Path, refusal):
    address, reason, *_ = refusal
    done = run_with_redis_at(address, SEND, tmp_path)
    assert done.stdout == "went on within 1.5 s\n", done.stderr
    lines = [line for line in done.stderr.splitlines() if "The queue doesn't take messages" in line]
    assert len(lines) == 1 and f"({reason})" in lines[0] and "Traceback" not in done.stderr


def test_every_error_of_redis_becomes_one_exception_with_a_reason(tmp_path: Path, refusal):
    address, reason, *_ = refusal
    done = run_with_redis_at(address, COUNT, tmp_path)
    written, counted = done.stdout.split()
    assert written == reason, done.stderr
    assert counted in {reason, "0"}


def test_the_status_names_the_cause_and_the_remedy(tmp_path: Path, refusal):
    address, _, word, sentence = refusal
    done = run_with_redis_at(address, LOOK, tmp_path)
    assert done.stdout.startswith(f"{word} | {sentence} Torrents are still sent, up to 15 s later. | "), (
        done.stdout + done.stderr
    )


def test_a_working_redis_accepts_the_probe_and_keeps_nothing_of_it(tmp_path: Path):
    with a_redis(lambda client: client.ping()) as address:
        done = run_with_redis_at(address, COUNT, tmp_path)
        assert done.stdout.split() == ["None", "0"], done.stderr
        with redis.Redis.from_url(address) as client:
            assert not [*client.scan_iter("*writable*")]


def test_an_unwritable_queue_folder_is_a_reason_too(tmp_path: Path):
    (tmp_path / "queue").mkdir()
    (tmp_path / "queue" / "messages").symlink_to("/proc/self")  # which not even root can write to
    done = run_with_redis_at("", COUNT, tmp_path)
    assert done.stdout.split()[0] == "gone", done.stderr
