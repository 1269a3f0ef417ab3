"""Check the image and the compose file: only the web port is published, no secrets inside, health checks."""

from __future__ import annotations

import re
import stat
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.utils import timezone
from ruamel.yaml import YAML

from care.management.commands.alive import WORKER
from torbox_web import make_secrets
from torrents.models import Heartbeat
from torrents.services.upkeep import heartbeats

ROOT = Path(__file__).parents[1]
COMPOSE = YAML(typ="safe", pure=True).load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
RUN = re.compile(r"docker compose (?P<options>[\w -]*)run --rm (?P<service>\w+)")
ALWAYS = {name: service for name, service in SERVICES.items() if "profiles" not in service}


def test_compose_runs_six_services_and_the_one_that_creates_their_secrets():
    assert set(ALWAYS) == {"web", "worker", "beat", "saver", "redis", "postgres", "secrets"}
    profiles = {name: service["profiles"] for name, service in SERVICES.items() if name not in ALWAYS}
    assert profiles == {
        "simulator": ["demo"],
        "sample-people": ["demo"],
        "aria2": ["aria2"],
        "chown": ["chown"],
    }


def test_everything_that_saves_sees_the_same_folder_as_the_same_user():
    saving = [SERVICES[name] for name in ("web", "worker", "saver", "aria2")]
    assert all("${SAVE_PATH:-save}:/save" in service["volumes"] for service in saving)
    assert {service["user"] for service in saving} == {"${PUID:-10001}:${PGID:-10001}"}
    assert SERVICES["secrets"]["user"] == "${PUID:-10001}:${PGID:-10001}"


def test_the_image_makes_no_volume_for_a_feature_that_is_off():
    """Every container would get an anonymous one. Where saving is on, the folder is mounted by name."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("VOLUME")] == ['VOLUME ["/data"]']
    assert "save" in COMPOSE["volumes"]


@pytest.mark.parametrize("image", ["Dockerfile", "deploy/aria2/Dockerfile"])
def test_everyone_can_write_to_a_new_volume_whichever_image_docker_makes_it_from(image):
    assert "mkdir --mode 1777 /save" in (ROOT / image).read_text()


def test_commands_that_run_a_service_of_a_profile_name_it_because_podman_compose_needs_that():
    texts = [path.read_text() for path in (*ROOT.glob("docs/*.md"), ROOT / "docker-compose.yml")]
    commands = [found for text in texts for found in RUN.finditer(text)]
    assert {found["service"] for found in commands} == {"chown"}
    for found in commands:
        assert f"--profile {SERVICES[found['service']]['profiles'][0]} " in found["options"]


def test_only_the_service_that_changes_owners_has_capabilities_and_it_has_no_network():
    capable = {name for name, service in SERVICES.items() if "cap_add" in service}
    assert capable == {"chown"} and SERVICES["chown"]["network_mode"] == "none"
    assert SERVICES["chown"]["restart"] == "no"


def test_only_the_web_port_is_published_and_the_demos_on_this_machine():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"web", "simulator"} and len(published["web"]) == 1
    assert all(port.startswith("127.0.0.1:") for port in published["simulator"])
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["redis"]["networks"] == SERVICES["postgres"]["networks"] == ["inside"]


@pytest.mark.parametrize("name", ALWAYS)
def test_every_service_has_a_health_check_limits_and_a_restart_policy(name):
    service = ALWAYS[name]
    assert service["restart"] == "unless-stopped" and service["mem_limit"]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert "no-new-privileges:true" in service["security_opt"]
    kept = [volume.rpartition(":/")[0] for volume in service["volumes"]]
    assert kept and set(kept) - {"${SAVE_PATH:-save}"} <= set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "postgres"])
def test_all_services_but_the_database_have_a_read_only_root_and_no_capabilities(name):
    assert SERVICES[name]["read_only"] is True and SERVICES[name]["cap_drop"] == ["ALL"]


def test_secrets_are_files_that_only_the_app_can_read():
    named = {name for service in SERVICES.values() for name in service.get("environment", {})}
    secret = {
        name for name in named if any(word in name for word in ("SECRET", "KEY", "PASSWORD", "DATABASE_URL"))
    }
    assert secret == {
        "SECRET_KEY_FILE",
        "ENCRYPTION_KEYS_FILE",
        "DATABASE_URL_FILE",
        "POSTGRES_PASSWORD_FILE",
        "ARIA2_RPC_SECRET",
    }
    sees = {
        name for name, service in ALWAYS.items() if any(v.startswith("secrets:") for v in service["volumes"])
    }
    assert sees == {"web", "worker", "beat", "saver", "secrets"}


def test_the_secrets_are_created_once_and_private(tmp_path):
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


def test_the_image_contains_every_package_of_the_app():
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert packages | {"templates", "static", "requirements.txt", "Procfile*", "*.py"} <= allowed
    assert not allowed & {".env", "data", "tests", ".git"}


@pytest.mark.django_db
def test_the_health_check_of_a_worker_needs_its_own_heartbeat():
    with pytest.raises(CommandError):
        call_command("alive", "worker")
    Heartbeat.sign("worker of another host")
    with pytest.raises(CommandError):
        call_command("alive", "worker")
    Heartbeat.sign(WORKER)
    call_command("alive", "worker")


@pytest.mark.django_db
def test_one_of_several_workers_may_go_longer_without_a_heartbeat():
    late = timezone.now() - timedelta(seconds=100)
    Heartbeat.objects.create(name=WORKER, at=late)
    with pytest.raises(CommandError):
        call_command("alive", "worker")
    Heartbeat.sign("worker of another host")
    call_command("alive", "worker")


@pytest.mark.django_db
def test_the_health_check_of_beat_needs_a_heartbeat_within_a_minute():
    with pytest.raises(CommandError):
        call_command("alive", "beat")
    Heartbeat.sign("beat")
    call_command("alive", "beat")


@pytest.mark.django_db
def test_the_health_check_of_a_saver_needs_its_own_heartbeat():
    Heartbeat.sign("saver of another host")
    Heartbeat.sign(WORKER)
    with pytest.raises(CommandError):
        call_command("alive", "saver")
    heartbeats.saver_is_alive()
    call_command("alive", "saver")


@pytest.mark.parametrize("name", ["secret-key", "encryption-keys", "database-url", "postgres-password"])
def test_a_secret_emptied_by_a_power_cut_ends_it_with_one_sentence(tmp_path, capsys, monkeypatch, name):
    own, shared = tmp_path / "secrets", tmp_path / "database"
    own.mkdir(), shared.mkdir()
    make_secrets.make(own, shared)
    (file,) = tmp_path.glob(f"*/{name}")
    file.chmod(0o600)
    file.write_text("")
    monkeypatch.setattr("sys.argv", ["make_secrets", str(own), str(shared)])
    with pytest.raises(SystemExit) as ended:
        make_secrets.main()
    said = capsys.readouterr().err
    assert ended.value.code == 1 and said.startswith(
        f"{file} is empty. Restore it from a backup, or delete it: "
    )
    assert said.count("\n") == 1 and file.read_text() == ""
