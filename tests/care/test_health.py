"""What a container engine, an orchestrator or a monitor learns about an instance, and from whom it hides nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

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


@pytest.fixture
def worker(db):
    Heartbeat.sign("worker nas")


def test_an_instance_that_works_is_live_and_ready(worker, client):
    assert client.get("/health/live").json() == {"live": True}
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": "ok", "broker": "ok", "worker": "ok"}
    assert "no-store" in answer["Cache-Control"]


def test_without_a_sign_of_the_worker_it_is_live_but_not_ready(worker, client):
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=3))
    answer = client.get("/health/ready")
    assert answer.status_code == 503 and answer.json()["worker"] == "no sign of life"
    assert client.get("/health/live").status_code == 200


def test_a_balancer_that_asks_for_the_database_alone_keeps_the_pages_when_the_worker_is_gone(db, client):
    answer = client.get("/health/ready?part=database")
    assert answer.status_code == 200 and answer.json() == {"ready": True, "database": "ok"}
    assert client.get("/health/ready?part=nonsense").status_code == 400


def test_it_is_answered_for_any_host_and_the_pages_are_not(worker):
    client = Client(headers={"host": "172.17.0.9:8000"})
    assert client.get("/health/live").status_code == client.get("/health/ready").status_code == 200
    assert client.get("/sign-in/").status_code == 400


def test_asking_is_one_query_and_needs_no_session(worker, client, django_assert_num_queries):
    client.cookies["torbox-web-session"] = "somebody"
    with django_assert_num_queries(1):
        client.get("/health/ready")
    with django_assert_num_queries(0):
        client.get("/health/live")


def test_a_database_that_does_not_answer_is_a_word_and_no_error_page(tmp_path):
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
        '503 {"ready": false, "database": "does not answer", "broker": "ok", "worker": "unknown"}'
    )
    assert database.startswith("503") and broker.startswith("200")
    assert str(tmp_path) not in done.stdout
