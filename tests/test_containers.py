"""What the image and the compose file promise: nothing published but the web's port, no secret in them, health checks."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.utils import timezone
from ruamel.yaml import YAML

from torbox_web import make_secrets
from torrents.management.commands.alive import WORKER
from torrents.models import Heartbeat

ROOT = Path(__file__).parents[1]
COMPOSE = YAML(typ="safe", pure=True).load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
ALWAYS = {name: service for name, service in SERVICES.items() if "profiles" not in service}


def test_compose_runs_the_five_services_and_what_makes_their_secrets():
    assert set(ALWAYS) == {"web", "worker", "beat", "redis", "postgres", "secrets"}
    assert {name for name in SERVICES if name not in ALWAYS} == {"simulator", "sample-people"}
    assert all(service["profiles"] == ["demo"] for name, service in SERVICES.items() if name not in ALWAYS)


def test_no_port_is_published_but_the_webs_and_for_the_demo_one_on_this_machine_only():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"web", "simulator"} and len(published["web"]) == 1
    assert all(port.startswith("127.0.0.1:") for port in published["simulator"])
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["redis"]["networks"] == SERVICES["postgres"]["networks"] == ["inside"]


@pytest.mark.parametrize("name", ALWAYS)
def test_every_service_is_watched_limited_and_started_again(name):
    service = ALWAYS[name]
    assert service["restart"] == "unless-stopped" and service["mem_limit"]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert "no-new-privileges:true" in service["security_opt"]
    kept = [volume.split(":")[0] for volume in service["volumes"]]
    assert kept and set(kept) <= set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "postgres"])
def test_all_but_the_database_run_with_a_read_only_root_and_without_capabilities(name):
    assert SERVICES[name]["read_only"] is True and SERVICES[name]["cap_drop"] == ["ALL"]


def test_secrets_are_files_and_only_who_needs_them_sees_them():
    named = {name for service in SERVICES.values() for name in service.get("environment", {})}
    secret = {
        name for name in named if any(word in name for word in ("SECRET", "KEY", "PASSWORD", "DATABASE_URL"))
    }
    assert secret == {
        "SECRET_KEY_FILE",
        "ENCRYPTION_KEYS_FILE",
        "DATABASE_URL_FILE",
        "POSTGRES_PASSWORD_FILE",
    }
    sees = {
        name for name, service in ALWAYS.items() if any(v.startswith("secrets:") for v in service["volumes"])
    }
    assert sees == {"web", "worker", "beat", "secrets"}


def test_the_secrets_are_made_once_for_the_eyes_of_those_who_need_them(tmp_path):
    own, shared = tmp_path / "secrets", tmp_path / "database"
    own.mkdir(), shared.mkdir()
    make_secrets.make(own, shared)
    made = {path.name: path.read_text() for path in [*own.iterdir(), *shared.iterdir()]}
    make_secrets.make(own, shared)
    assert made == {path.name: path.read_text() for path in [*own.iterdir(), *shared.iterdir()]}
    url = urlsplit(made["database-url"].strip())
    assert (url.hostname, url.username, url.path) == ("postgres", "torbox", "/torbox")
    assert url.password == made["postgres-password"].strip() and len(url.password) > 40
    assert Fernet(made["encryption-keys"].strip()) and len(made["secret-key"].strip()) >= 50
    assert {stat.S_IMODE(path.stat().st_mode) for path in own.iterdir()} == {0o600}


def test_whatever_the_app_imports_is_let_into_the_image():
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert packages | {"templates", "static", "requirements.txt", "Procfile*", "*.py"} <= allowed
    assert not allowed & {".env", "data", "tests", ".git"}


@pytest.mark.django_db
def test_the_health_check_of_a_worker_asks_for_its_own_sign_of_life():
    with pytest.raises(CommandError):
        call_command("alive", "worker")
    Heartbeat.sign("worker of another host")
    with pytest.raises(CommandError):
        call_command("alive", "worker")
    Heartbeat.sign(WORKER)
    call_command("alive", "worker")


@pytest.mark.django_db
def test_a_worker_among_others_may_go_longer_without_a_sign():
    late = timezone.now() - timedelta(seconds=100)
    Heartbeat.objects.create(name=WORKER, at=late)
    with pytest.raises(CommandError):
        call_command("alive", "worker")
    Heartbeat.sign("worker of another host")
    call_command("alive", "worker")


@pytest.mark.django_db
def test_the_health_check_of_beat_asks_for_a_sign_within_a_minute():
    with pytest.raises(CommandError):
        call_command("alive", "beat")
    Heartbeat.sign("beat")
    call_command("alive", "beat")
