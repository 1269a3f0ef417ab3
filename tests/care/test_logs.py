"""Log lines: they have the id of their request, contain no secret, and are not repeated."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery.worker.request import Request
from django.conf import settings
from django.test import Client
from pythonjsonlogger.json import JsonFormatter

from care import request_ids
from care.log_redaction import HIDDEN, HideSecrets, hide
from tests.factories import make_key
from torbox_web.celery import app
from torbox_web.logs import Console, OncePerMinute
from torbox_web.mail_server import MailServer
from torrents import tasks
from torrents.queueing import messages_waiting

ROOT = Path(__file__).parents[2]
KEY = make_key("a key")
SECRETS = {
    f"calling with {KEY}": KEY,
    f"Authorization: Bearer {KEY}": KEY,
    "Authorization: Bearer sk-something-else": "sk-something-else",
    f'"GET /v1/api/torrents/requestdl?token={KEY.upper()}&torrent_id=1"': KEY.upper(),
    "retrying /requestdl?token=not-a-uuid&zip_link=true": "not-a-uuid",
    "https://store-031.weur.tb-cdn.io/dld/abc123?token=t0": "abc123",
    "link: <http://cdn.example/a/Some%20film.mkv>": "film",
    "postgres://torbox:hunter22@db/torbox": "hunter22",
    "Not Found: /setup/uX2-k_9/": "uX2-k_9",
    "Not Found: /join/uX2-k_9/passkey/": "uX2-k_9",
    "Not Found: /l/dGhlIHNlY3JldCB0b2tlbg/": "dGhlIHNlY3JldCB0b2tlbg",
    "GET https://torbox.example/box/l/dGhlIHNlY3JldCB0b2tlbg/dGhpcyBpcyBpdA/Sintel.mkv": "dGhpcyBpcyBpdA",
    "Cookie: torbox-web-session=s3ss10n; torbox-web-csrf=f0rg3": "s3ss10n",
    "Not Found: /api/v1/torrents/tbw_h6Qm2vXr9KcZ4pLtY8nBs3WdJf7GaE5u": "h6Qm2vXr9KcZ4pLtY8nBs3WdJf7GaE5u",
    "Cookie: theme=dark; SID=eyJ0IjoxfQ:1sYx9w:abc_-3; path=/qbittorrent/": "eyJ0IjoxfQ:1sYx9w:abc_-3",
    "stored gAAAAABk1234567890_-abcdefghijkl==": "gAAAAABk1234567890",
}


class Kept(Console):
    """The console's handler with its filters and format, which keeps lines instead of printing them."""

    def __init__(self, format_: str) -> None:
        super().__init__()
        made = settings.LOGGING["formatters"][format_]
        plain = {key: value for key, value in made.items() if key not in ("()", "format", "style")}
        kind = JsonFormatter if "()" in made else logging.Formatter
        self.setFormatter(kind(made["format"], style="{", **plain))
        for filter_ in (HideSecrets(), request_ids.AddRequestId()):
            self.addFilter(filter_)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += self.format(record).split("\n")


@pytest.fixture(params=["line", "json"])
def log(request):
    handler, logger = Kept(request.param), logging.getLogger("somebody")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    handler.logger = logger
    yield handler
    logger.removeHandler(handler)


@pytest.mark.parametrize("text", SECRETS)
def test_anything_that_looks_like_a_secret_is_redacted(text):
    assert text.count(SECRETS[text]) == 1
    assert SECRETS[text] not in hide(text) and HIDDEN in hide(text)


@pytest.mark.parametrize("name", ["SECRET_KEY", "METRICS_TOKEN", "ENCRYPTION_KEYS"])
def test_configured_secrets_are_redacted_everywhere(settings, name):
    secret = "correct horse battery staple"
    setattr(settings, name, [secret] if name == "ENCRYPTION_KEYS" else secret)
    assert hide(f"it is <{secret}>.") == f"it is <{HIDDEN}>."


def test_the_password_of_the_mail_server_is_redacted(settings):
    settings.MAIL_SERVER = MailServer("mail.example", 587, "torbox", "correct horse battery")
    assert hide("it is <correct horse battery>.") == f"it is <{HIDDEN}>."


@pytest.mark.parametrize(
    "text",
    [
        "Torrent 7 not read: no such torrent",
        "info hash 3b245504cf5f11bbdbe1201cea6a6bf45aee1bc0 is listed",
        "GET /v1/api/torrents/mylist?offset=0&limit=1000 HTTP/1.1",
        f"{settings.TORBOX_API_URL}/v1/api/torrents/mylist?offset=0 answered 500",
        "Connected to queuefolder://:**@localhost//",
    ],
)
def test_details_needed_for_debugging_stay(text):
    assert hide(text) == text


def test_arguments_tracebacks_and_extra_fields_are_redacted_too(log):
    try:
        raise ValueError(f"bad key {KEY}")
    except ValueError:
        log.logger.exception(
            "with %s", KEY, extra={"header": f"Bearer {KEY}", "data": {"key": KEY}}, stack_info=True
        )
    text = "\n".join(log.lines)
    assert KEY not in text and "ValueError: bad key [hidden]" in text


def test_other_handlers_get_the_original_record(log, caplog):
    with caplog.at_level(logging.WARNING):
        log.logger.warning("with %s", KEY)
    assert caplog.messages == [f"with {KEY}"] and KEY not in log.lines[0]


def test_a_message_of_two_lines_is_written_as_one(log):
    log.logger.warning("named %s", "a\n2026-01-01 00:00:00,000 CRITICAL root: forged\x1b[31m\u2028b")
    (line,) = log.lines
    assert "\\x0a2026" in line.replace("\\\\", "\\") and "\x1b" not in line


def test_lines_can_be_json_and_an_unknown_format_is_refused_at_startup(tmp_path):
    code = "import django; django.setup(); import logging; logging.getLogger('a').warning('hello %s', 'you')"
    env = os.environ | {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "torbox_web.settings"}
    command = [sys.executable, "-c", code]
    json_ = subprocess.run(
        command, env=env | {"LOG_FORMAT": "json"}, cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    said = json.loads(json_.stderr)
    assert said | {"time": "", "process": 0} == {
        "time": "", "level": "WARNING", "logger": "a", "message": "hello you", "request_id": "-", "process": 0,
    }  # fmt: skip
    xml = subprocess.run(
        command, env=env | {"LOG_FORMAT": "xml"}, cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert xml.returncode and "LOG_FORMAT can't be “xml”. Write line or json." in xml.stderr


@pytest.mark.parametrize("given", ["proxy-123.A_b", "a" * 64, KEY])
def test_a_well_formed_request_id_is_kept(db, given):
    assert Client().get("/sign-in/", headers={"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given", ["short", "a" * 65, "with space", "a\r\nSet-Cookie: x=y", "<script>alert", "", None]
)
def test_any_other_is_replaced_by_a_new_one(db, given):
    headers = {} if given is None else {"X-Request-ID": given}
    first, second = (Client().get("/sign-in/", headers=headers)["X-Request-ID"] for _ in range(2))
    assert request_ids.WELL_FORMED.fullmatch(first) and first != second and first != given


def test_all_lines_of_a_request_have_its_id_including_those_of_django(db):
    handler, root = Kept("line"), logging.getLogger()
    root.addHandler(handler)
    Client().get("/no/such/page", headers={"X-Request-ID": "proxy-12345"})
    root.removeHandler(handler)
    (line,) = [line for line in handler.lines if "Not Found" in line]
    assert " WARNING django.request [proxy-12345]: Not Found: /no/such/page" in line


@pytest.fixture
def work_off():
    """Run the tasks in the queue, as a worker does, also those that earlier tests have left there."""
    app.loader.import_default_modules()

    def work() -> None:
        with app.connection_for_read() as broker, broker.SimpleQueue(app.conf.task_default_queue) as queue:
            while messages_waiting():
                message = queue.get(timeout=5)
                message.ack()
                Request(message, app=app).execute()

    work()
    return work


@pytest.mark.django_db(transaction=True)
def test_the_id_is_passed_in_headers_to_tasks_and_to_the_tasks_they_queue(cast, sim, sign_in, work_off):
    lines, root = Kept("line"), logging.getLogger()
    client = sign_in(cast.owner)
    root.addHandler(lines)
    calls = logging.getLogger("urllib3.connectionpool")
    calls.setLevel(logging.DEBUG)
    client.post("/refresh/", headers={"X-Request-ID": "proxy-12345"})
    request_ids._current.set("")
    work_off()
    calls.setLevel(logging.NOTSET)
    root.removeHandler(lines)
    read = [line for line in lines.lines if "/torrents/mylist" in line]
    assert read and all("[proxy-12345]" in line for line in read)
    assert request_ids.current() == "", "after a task there is none"


@pytest.mark.django_db(transaction=True)
def test_the_id_is_not_an_argument_of_tasks(work_off):
    request_ids._current.set("proxy-12345")
    tasks.refresh_account.delay(7)
    request_ids._current.set("")
    with app.connection_for_read() as broker, broker.SimpleQueue(app.conf.task_default_queue) as queue:
        message = queue.get(timeout=5)
        message.ack()
    assert message.headers["request_id"] == "proxy-12345" and "proxy-12345" not in json.dumps(message.payload)


@pytest.mark.django_db(transaction=True)
def test_a_task_of_beat_has_an_id_that_the_tasks_it_queues_share(cast, sim, work_off):
    tasks.refresh_due_accounts.apply_async(headers={"celery_beat_task": True})
    request_ids._current.set("")
    lines, root, calls = Kept("line"), logging.getLogger(), logging.getLogger("urllib3.connectionpool")
    root.addHandler(lines)
    calls.setLevel(logging.DEBUG)
    work_off()
    calls.setLevel(logging.NOTSET)
    root.removeHandler(lines)
    ids = {line.partition("[")[2].partition("]")[0] for line in lines.lines if "/v1/api/torrents/" in line}
    assert len(ids) == 1 and "-" not in ids


def test_a_failing_store_is_logged_once_a_minute_for_each_cause():
    once = OncePerMinute()

    def is_written(name: str, text: str, **extra: object) -> bool:
        record = logging.LogRecord(name, logging.WARNING, __file__, 1, text, None, None)
        vars(record).update(extra)
        return once.filter(record)

    assert is_written("torrents.queueing", "first", cause="broker full")
    assert not is_written("torrents.queueing", "second", cause="broker full")
    assert is_written("torrents.queueing", "third", cause="broker gone")
    assert is_written("django.request", "Service Unavailable: /", status_code=503)
    assert not is_written("django.request", "Service Unavailable: /changes/", status_code=503)
    assert all(is_written("django.request", "Internal Server Error: /", status_code=500) for _ in range(2))
    assert is_written("celery.worker.consumer.consumer", "Cannot connect to %s")
    assert not is_written("celery.worker.consumer.consumer", "Cannot connect to %s")
    assert all(is_written("torrents.services.outbox.sending", "sent") for _ in range(2))
