"""The keys that encrypt API keys: made once, rotated, lost, and checked at start."""

from __future__ import annotations

import io
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.utils import timezone

import torbox
from accounts import crypto, services
from accounts.clients import client_for
from accounts.models import TorBoxAccount
from accounts.problems import ProblemCode
from tests.factories import make_account, make_key, make_user
from torrents.services.sync import refreshing

ROOT = Path(__file__).parents[2]
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def account(db, sim, key, settings):
    settings.ENCRYPTION_KEYS = [OLD]
    return make_account(make_user("mara"), key)


def rotate() -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("rotatekeys", stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def asks_torbox(account: TorBoxAccount) -> bool:
    account.refresh_from_db()
    with client_for(account) as client:
        return bool(client.user().auth_id)


def test_a_new_key_in_front_goes_on_reading_what_the_old_one_wrote(account, settings):
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    assert asks_torbox(account)
    assert crypto.decrypt(account.encrypted_key)


def test_what_is_written_after_that_needs_only_the_new_key(settings):
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    written = crypto.encrypt("an API key")
    settings.ENCRYPTION_KEYS = [NEW]
    assert crypto.decrypt(written) == "an API key"


def test_after_rotatekeys_the_old_key_may_go(account, settings):
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    said, complained = rotate()
    assert (said, complained) == ("Re-encrypted 1 API key.\n", "")
    settings.ENCRYPTION_KEYS = [NEW]
    assert asks_torbox(account)


def test_without_rotatekeys_the_old_key_may_not_go(account, settings):
    settings.ENCRYPTION_KEYS = [NEW]
    with pytest.raises(torbox.AuthError):
        asks_torbox(account)
    account.refresh_from_db()
    assert account.health == "unreadable" and "ENCRYPTION_KEYS" in account.health_sentence


def test_rotatekeys_leaves_what_it_cannot_read_and_names_it(account, settings):
    lost = make_account(account.owner, make_key("lost"), "Lost one")
    TorBoxAccount.objects.filter(pk=lost.pk).update(
        encrypted_key=Fernet(Fernet.generate_key()).encrypt(b"x").decode()
    )
    lost.refresh_from_db()
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    said, complained = rotate()
    assert said == "Re-encrypted 1 API key.\n" and "Lost one: can't be read" in complained
    assert TorBoxAccount.objects.get(pk=lost.pk).encrypted_key == lost.encrypted_key


@pytest.mark.parametrize("rotated", [False, True])
def test_a_key_that_is_connected_is_known_again_during_and_after_a_rotation(account, key, settings, rotated):
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    if rotated:
        rotate()
        settings.ENCRYPTION_KEYS = [NEW]
    with pytest.raises(services.KeyProblem, match=ProblemCode.CONNECTED_TWICE):
        services.connect(owner=make_user("other"), api_key=key)


def test_fingerprints_tell_keys_apart_and_do_not_change_between_two_looks(settings):
    settings.ENCRYPTION_KEYS = [OLD]
    first = crypto.fingerprint("key one")
    assert first == crypto.fingerprint("key one") != crypto.fingerprint("key two")
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    assert first in crypto.fingerprints("key one") and first not in crypto.fingerprints("key two")
    assert crypto.encrypt("key one") != crypto.encrypt("key one")


def test_a_lost_key_sends_nothing_and_says_what_to_do(account, sim, settings, sign_in):
    settings.ENCRYPTION_KEYS = [NEW]
    assert not refreshing.refresh(account)
    account.refresh_from_db()
    assert account.needs_key and not account.rejected
    refreshing.refresh(account)
    assert sim.control.count() == 0
    page = sign_in(account.owner).get(account.get_absolute_url()).content.decode()
    assert "Restore the old value or enter the API key again." in page


def test_putting_the_lost_key_back_is_all_it_takes(account, sim, settings):
    settings.ENCRYPTION_KEYS = [NEW]
    assert not refreshing.refresh(account)
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    account.refresh_from_db()
    assert account in TorBoxAccount.objects.askable(account.next_refresh_at)
    assert refreshing.refresh(account)
    account.refresh_from_db()
    assert account.health == "ok" and sim.control.count() > 0


def test_after_a_lost_key_entering_it_again_is_enough(account, key, settings):
    settings.ENCRYPTION_KEYS = [NEW]
    refreshing.refresh(account)
    services.replace_key(account=account, api_key=key)
    assert asks_torbox(account)


def start() -> str:
    """What `manage.py prepare` complains about."""
    complaints = io.StringIO()
    call_command("prepare", stderr=complaints)
    return complaints.getvalue()


def test_a_lost_key_is_found_at_start_before_any_call_and_the_page_says_what_to_do(
    account, sim, settings, sign_in
):
    settings.ENCRYPTION_KEYS = [NEW]
    complaint = start()
    assert "1 stored API key can't be read" in complaint and "Restore the old value" in complaint
    assert "Family (owner: mara)" in complaint
    page = sign_in(account.owner).get("/").content.decode()
    assert "ENCRYPTION_KEYS has changed" in page and "Enter a new API key" in page
    assert sim.control.count() == 0


def test_with_the_old_key_back_the_next_start_makes_everything_well(account, sim, settings):
    settings.ENCRYPTION_KEYS = [NEW]
    assert start() and not refreshing.refresh(account)
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    assert start() == ""
    account.refresh_from_db()
    assert (account.health, account.health_reason, account.upstream_detail) == ("ok", "", "")
    assert account in TorBoxAccount.objects.due(timezone.now())
    refreshing.refresh_if_due(account.pk)
    assert sim.control.count() > 0


def test_a_start_with_good_keys_says_and_changes_nothing(account):
    account.mark_health(account.Health.UNREACHABLE, "timeout")
    assert start() == ""
    account.refresh_from_db()
    assert account.health == account.Health.UNREACHABLE


def test_a_refused_key_stays_refused_whatever_becomes_of_encryption_keys(account, settings):
    account.mark_health(account.Health.REJECTED, upstream_detail="Bad token.")
    for keys in ([NEW], [NEW, OLD]):
        settings.ENCRYPTION_KEYS = keys
        start()
        account.refresh_from_db()
        assert account.rejected and account.upstream_detail == "Bad token."


def test_a_start_names_a_few_of_many_lost_keys_and_no_label_commands_the_terminal(account, settings):
    for number in range(25):
        make_account(account.owner, make_key(f"lost {number}"), f"\x1b[2JLost {number}")
    settings.ENCRYPTION_KEYS = [NEW]
    complaint = start()
    assert "26 stored API keys" in complaint and "and 6 more" in complaint and "\x1b" not in complaint


def test_keys_are_rotated_while_requests_go_on(account, sim, settings):
    """A process that started before has read the row; it may write and call afterwards."""
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    before = TorBoxAccount.objects.get(pk=account.pk)
    rotate()
    with client_for(before) as client:
        assert client.user().auth_id
    before.mark_health(before.Health.UNREACHABLE, "trouble", "late news of the row as it was")
    settings.ENCRYPTION_KEYS = [NEW]
    assert start() == "" and asks_torbox(account)


STARTING = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from torbox_web.secret_files import read_or_create
sys.stdout.write("here\\n"); sys.stdout.flush()
sys.stdin.readline()
value = read_or_create(Path(sys.argv[1]), lambda: str(id(object())) + sys.argv[3])
sys.stdout.write(value)
"""


def test_processes_that_start_at_once_agree_on_one_secret_that_only_its_owner_reads(tmp_path):
    path = tmp_path / "secret"
    # torbox_web/__init__.py would import Celery; a bare package with the real module starts in a moment.
    (tmp_path / "lib" / "torbox_web").mkdir(parents=True)
    (tmp_path / "lib" / "torbox_web" / "__init__.py").touch()
    source = (ROOT / "torbox_web" / "secret_files.py").read_text()
    (tmp_path / "lib" / "torbox_web" / "secret_files.py").write_text(source)
    starting = [
        subprocess.Popen(
            [sys.executable, "-I", "-c", STARTING, str(path), str(tmp_path / "lib"), f"-{number}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number in range(8)
    ]  # fmt: skip
    assert [process.stdout.readline() for process in starting] == ["here\n"] * 8
    for process in starting:
        process.stdin.write("go\n"), process.stdin.flush()
    values = {process.communicate(timeout=20)[0] for process in starting}
    assert len(values) == 1 and values == {path.read_text().strip()}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(left.name for left in tmp_path.iterdir()) == ["lib", "secret"]


def test_the_secrets_of_this_run_are_files_only_their_owner_reads(settings):
    for name in ("secret-key", "encryption-keys"):
        assert stat.S_IMODE((settings.DATA_DIR / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.DATA_DIR.stat().st_mode) == 0o700
