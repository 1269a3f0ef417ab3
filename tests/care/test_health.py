"""What container engines, orchestrators, and monitors learn about an instance."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from care import health
from care.status import stores
from torrents.models import Heartbeat

ROOT = Path(__file__).parents[2]
ASK_WITHOUT_DATABASE = """
import django
django.setup()
from django.test import Client
client = Client()
client.cookies["torbox-web-session"] = "somebody"
for path in ("live", "ready", "ready?part=database", "ready?part=broker"):
    answer = client.get(f"/health/{path}", headers={"host": "10.1.2.3"})
    print(answer.status_code, answer.content.decode())
"""


@pytest.fixture(autouse=True)
def _forget_earlier_probes():
    for probe in health.PARTS.values():
        probe.found_at = -float("inf")


@pytest.fixture
def worker(transactional_db):
    """Commit a heartbeat, because stores are tested in threads."""
    Heartbeat.sign("worker nas")


def test_a_working_instance_is_live_and_ready(worker, client):
    assert client.get("/health/live").json() == {"live": True}
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": "ok", "broker": "ok", "data": "ok", "worker": "ok"}
    assert "no-store" in answer["Cache-Control"]


def test_without_a_heartbeat_of_the_worker_it_is_live_but_not_ready(worker, client):
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=3))
    answer = client.get("/health/ready")
    assert answer.status_code == 503 and answer.json()["worker"] == "no heartbeat"
    assert client.get("/health/live").status_code == 200


def test_a_load_balancer_can_ask_for_the_database_alone(transactional_db, client):
    answer = client.get("/health/ready?part=database")
    assert answer.status_code == 200 and answer.json() == {"ready": True, "database": "ok"}
    assert client.get("/health/ready?part=nonsense").status_code == 400


def test_health_checks_work_for_any_host_and_pages_do_not(worker):
    client = Client(headers={"host": "172.17.0.9:8000"})
    assert client.get("/health/live").status_code == client.get("/health/ready").status_code == 200
    assert client.get("/sign-in/").status_code == 400


def test_health_checks_need_no_session(worker, client, django_assert_num_queries):
    client.cookies["torbox-web-session"] = "somebody"
    with django_assert_num_queries(0):
        client.get("/health/ready")  # the probes have connections of their own
        client.get("/health/live")


def test_a_store_is_tested_at_most_once_in_three_seconds(worker, client):
    client.get("/health/ready")
    first = Heartbeat.objects.get(name=stores.PROBE).at
    for _ in range(20):
        assert client.get("/health/ready").status_code == 200
    assert Heartbeat.objects.get(name=stores.PROBE).at == first


def test_an_unresponsive_store_is_slow_within_two_seconds_and_tested_once(worker, client):
    waiting, asked = threading.Event(), []

    def never() -> dict[str, str]:
        asked.append(1)
        waiting.wait(30)
        return {"broker": "ok"}

    probe = health.Probe(never, {"broker": "slow"})
    began = time.monotonic()
    assert [probe.result(), probe.result()] == [{"broker": "slow"}] * 2
    assert time.monotonic() - began < 4 and len(asked) == 1
    waiting.set()


def test_an_unresponsive_database_is_reported_without_an_error_page(tmp_path):
    env = os.environ | {
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/no/folder/db.sqlite3",
        "REDIS_URL": "",
        "DJANGO_SETTINGS_MODULE": "torbox_web.settings",
    }
    command = [sys.executable, "-c", ASK_WITHOUT_DATABASE]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)
    live, ready, database, broker = done.stdout.splitlines()
    assert live.startswith("200"), done.stderr
    assert ready == (
        '503 {"ready": false, "database": "not responding", "broker": "ok", "data": "ok", "worker": "unknown"}'
    )
    assert database.startswith("503") and broker.startswith("200")
    assert str(tmp_path) not in done.stdout
