"""`manage.py doctor`: the facts of the Status page for a terminal, and an exit status for a script."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import TorBoxAccount
from torrents.models import Heartbeat
from torrents.services.sync import refreshing
from torrents.services.upkeep import heartbeats, pruning

ROOT = Path(__file__).parents[2]


@pytest.fixture
def fresh(cast, sim):
    Heartbeat.sign("worker nas")
    Heartbeat.sign("beat")
    assert refreshing.refresh(cast.account)
    return cast


def doctor() -> tuple[bool, str]:
    """Whether all is well, and what was printed."""
    out = io.StringIO()
    try:
        call_command("doctor", stdout=out)
    except CommandError as error:
        return False, f"{out.getvalue()}{error}"
    return True, out.getvalue()


def line(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if start in line)


def test_when_everything_works_it_says_so_with_the_facts(fresh, settings):
    well, text = doctor()
    assert well and text.endswith("Everything works.\n") and "WRONG" not in text
    assert f"ok     TorBox: {settings.TORBOX_API_URL} responds" in text
    assert f"{settings.DATA_DIR} is writable" in line(text, "Data folder")
    assert "60 of 60" in line(text, "Adds left this hour")
    assert "Running" in line(text, "Worker") and "Good" in line(text, "Encryption keys")
    assert "last response: just now" in line(text, "Family") and "1 answered" in line(text, "mylist")


def test_it_says_when_the_last_backup_was_made(fresh):
    well, text = doctor()
    assert well and line(text, "Last backup").startswith("!") and "none made" in line(text, "Last backup")
    heartbeats.backup_was_made()
    assert line(doctor()[1], "Last backup") == "ok     Last backup: just now"
    Heartbeat.objects.filter(name="backup").update(at=timezone.now() - timedelta(days=8))
    pruning.prune()
    assert line(doctor()[1], "Last backup").startswith("!")


def test_it_says_whether_metrics_are_on_and_how_logs_are_written(fresh, settings):
    assert "/metrics is off (METRICS_TOKEN isn't set), log format is line" in doctor()[1]
    settings.METRICS_TOKEN, settings.LOG_FORMAT = "a token", "json"
    assert "/metrics is on, log format is json" in doctor()[1] and "a token" not in doctor()[1]


def test_it_makes_no_counted_call_and_shows_no_key(fresh, sim):
    before = sim.control.count(key=fresh.key)
    _, text = doctor()
    assert sim.control.count(key=fresh.key) == before and fresh.key not in text


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("worker", "No heartbeat from the worker since"),
        ("key", "TorBox has rejected the API key for Family since"),
        ("lost key", "Restore the old value and restart"),
        ("torbox", "doesn't respond as TorBox does."),
        ("address", "must look like https://api.torbox.app. Correct TORBOX_API_URL."),
        ("folder", "Make"),
    ],
)
def test_a_problem_is_one_line_with_what_to_do_and_exit_status_1(fresh, settings, tmp_path, what, said):
    if what == "worker":
        late = timezone.now() - timedelta(minutes=3)
        Heartbeat.objects.filter(name="worker nas").update(at=late)
    if what == "key":
        TorBoxAccount.objects.get().mark_health("rejected", upstream_detail="Bad token.")
    if what == "lost key":
        settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    if what == "torbox":
        settings.TORBOX_API_URL = "http://127.0.0.1:9"
    if what == "address":
        settings.TORBOX_API_URL = "api.torbox.app"
    if what == "folder":
        settings.DATA_DIR = tmp_path / "not there"
    well, text = doctor()
    assert not well and text.endswith("1 problem needs attention.")
    assert said in line(text, "WRONG")


@pytest.mark.parametrize(
    ("address", "proxy", "said"),
    [
        ("http://torbox.invalid", "", "This server can’t find TorBox’s address. Check this server’s DNS"),
        ("http://127.0.0.1:9", "", "The connection to TorBox was refused. Check this server’s firewall."),
        (
            "http://torbox.invalid",
            "http://127.0.0.1:9",
            "The proxy between this server and TorBox isn’t working. Check HTTPS_PROXY",
        ),
    ],
)
def test_it_names_the_cause_of_an_outage(fresh, settings, monkeypatch, address, proxy, said):
    monkeypatch.setenv("http_proxy", proxy)
    settings.TORBOX_API_URL = address
    assert said in line(doctor()[1], "WRONG")


def test_a_data_folder_that_others_can_read_is_reported(fresh, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    tmp_path.chmod(0o755)
    assert line(doctor()[1], "Data folder").startswith("!") and "chmod 700" in line(
        doctor()[1], "Data folder"
    )
    tmp_path.chmod(0o700)
    assert line(doctor()[1], "Data folder").startswith("ok")


def test_two_problems_are_two_lines(fresh, settings):
    Heartbeat.objects.all().delete()
    settings.TORBOX_API_URL = "http://127.0.0.1:9"
    well, text = doctor()
    assert not well and text.count("WRONG") == 2 and text.endswith("2 problems need attention.")


def run(data: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """The command as a script would run it, on a database of its own."""
    environment = os.environ | {"DATA_DIR": str(data), "DATABASE_URL": f"sqlite:///{data / 'db.sqlite3'}"}
    command = [sys.executable, "manage.py", "doctor"]
    return subprocess.run(
        command, env=environment | settings, cwd=ROOT, capture_output=True, text=True, timeout=60
    )


def test_on_a_database_that_was_never_prepared_it_says_what_to_run_and_exits_with_1(tmp_path):
    done = run(tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "Run manage.py prepare." in line(done.stdout, "WRONG  Database")


def test_an_unresponsive_database_is_a_sentence_without_a_traceback(tmp_path):
    done = run(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/no/folder/db.sqlite3")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "SQLite: The database isn’t responding. Start the database" in line(done.stdout, "WRONG  Database")
    assert "ok     Data folder" in done.stdout
