"""A Redis database shared with other apps and instances."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection

from tests import servers
from tests.needs import lacking
from tests.settings_of import DOCUMENTED

ROOT = Path(__file__).parents[1]
SEND = """
import django; django.setup()
from django.core.cache import cache
from torrents import tasks
from torrents.queueing import messages_waiting
cache.set("counter", 1)
for _ in range(2):
    tasks.prune.delay()
print(messages_waiting())
"""
COUNT = """
import django; django.setup()
from torrents.queueing import messages_waiting
print(messages_waiting())
"""
WORKER = [
    "-m", "celery", "--quiet", "--app", "torbox_web", "worker", "--pool", "threads",
    "--without-mingle", "--without-gossip", "--without-heartbeat", "--loglevel", "error",
]  # fmt: skip


@pytest.fixture
def redis() -> Iterator[servers.Redis]:
    try:
        server = servers.Redis()
    except servers.Missing as missing:
        lacking(str(missing))
    with server:
        yield server


@pytest.fixture
def env(redis, tmp_path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in DOCUMENTED}
    own = {
        "DATA_DIR": str(tmp_path), "STATIC_ROOT": str(tmp_path / "static"), "REDIS_URL": redis.url,
        "DJANGO_SETTINGS_MODULE": "torbox_web.settings",
    }  # fmt: skip
    return kept | own


def python(env: dict[str, str], code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    ).stdout


def test_all_keys_have_our_prefix_and_only_our_messages_are_counted(redis, env):
    with Connection(redis.url) as other, other.SimpleQueue("celery") as queue:
        queue.put({"of": "another app"})
    theirs = set(redis.client.keys())
    assert python(env, SEND) == "2\n"
    ours = set(redis.client.keys()) - theirs
    assert ours and all(key.startswith(b"torbox-web:") for key in ours)
    second = env | {"REDIS_PREFIX": "second"}
    assert (python(second, COUNT), python(env, COUNT)) == ("0\n", "2\n")


def test_a_worker_leaves_the_messages_of_another_celery_app_alone(redis, env):
    with Connection(redis.url) as other, other.SimpleQueue("celery") as queue:
        queue.put({"of": "another app"})
    python(env, SEND)
    assert redis.client.llen("torbox-web:torbox-web") == 2
    worker = subprocess.Popen(
        [sys.executable, *WORKER], env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while redis.client.exists("torbox-web:torbox-web"):
            assert worker.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
        assert redis.client.llen("celery") == 1
    finally:
        worker.terminate()
        worker.wait(30)
