"""Every setting: empty counts as absent, white space is stripped, a file may hold it, and errors are one sentence."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.settings_of import DOCUMENTED, settings_of
from tests.test_architecture import OURS
from torbox_web.env import UNUSABLE
from torbox_web.mail_server import MailServer

ROOT = Path(__file__).parents[1]
KEY = "4QUPzvgDcwQAX_LhLUSnzTYNqYhSbcmsGlhWD4GtMFs="
PASSWORDS = ("hunter22",)


@dataclass
class Sample:
    """A valid value, its result in the setting `where`, and invalid values."""

    good: str
    where: str
    becomes: Any
    nonsense: tuple[str, ...] = ()


NO_NUMBER = ("abc", "-1", "1.5", "1e3", "99999999999999", "1_0", "٣")
SECONDS = (*NO_NUMBER, "400000000")
SAMPLES = {
    "PORT": Sample("8123", "PORT", 8123, (*NO_NUMBER, "0", "65536", "80 81")),
    "BIND": Sample("[::1]", "BIND", "::1", ("nonsense", "300.1.1.1", "127.0.0.1:8000", "unix:/tmp/x", "*")),
    "SITE_URL": Sample(
        "https://box.example/x/",
        "SITE_URL",
        "https://box.example/x",
        ("box.example", "ftp://box.example", "https://", "https://a:hunter22@box.example", "https://box:x"),
    ),
    "ALLOWED_HOSTS": Sample(
        "one.example, Two.example",
        "ALLOWED_HOSTS",
        ["localhost", "localhost", "127.0.0.1", "[::1]", "one.example", "two.example"],
        ("https://one.example", "one.example:8000", "one/two"),
    ),
    "TRUSTED_PROXIES": Sample(
        "10.0.0.2, 172.18.0.0/16", "TRUSTED_PROXIES", ["10.0.0.2", "172.18.0.0/16"], ("traefik", "10.0.0.0/99")
    ),
    "HSTS_SECONDS": Sample("60", "HSTS_SECONDS", 60, (*NO_NUMBER, "4000000000")),
    "TORBOX_API_URL": Sample(
        "http://127.0.0.1:9/",
        "TORBOX_API_URL",
        "http://127.0.0.1:9",
        ("api.torbox.app", "https://api.torbox.app/v1", "https://u:hunter22@api.torbox.app", "http://x:99999"),
    ),
    "LANGUAGES": Sample("EN-XA, en", "LANGUAGES", [("en", "English"), ("en-xa", "en-xa")], ("xx", "en,xx", ",")),
    "TZ": Sample("Europe/Berlin", "TIME_ZONE", "Europe/Berlin", ("Mars/Base", "Europe", "/etc/passwd", "../x")),
    "DATA_DIR": Sample("{tmp}/elsewhere", "DATA_DIR", "{tmp}/elsewhere", ("/dev/null", "/dev/null/data", "/proc/data")),
    "DATABASE_URL": Sample(
        "postgres://u:hunter22@db:5433/name",
        "DATABASES.default.HOST",
        "db",
        (
            "name", "mysql://u:hunter22@db/name", "postgres://db", "sqlite://", "sqlite://:memory:",
            "postgres://u:hunter22@db:port/name", "postgres://u:hun#ter22@db/name",
        ),
    ),  # fmt: skip
    "REDIS_URL": Sample(
        "redis://:hunter22@cache:6379/1",
        "REDIS_URL",
        "redis://:hunter22@cache:6379/1",
        ("cache:6379", "http://cache", "redis://", "redis://:hunter22@cache:x/0", "redis://cache/zero"),
    ),
    "REDIS_PREFIX": Sample("family", "REDIS_PREFIX", "family", ("a b", "a:b", "x" * 51)),
    "STATIC_ROOT": Sample("{tmp}/files", "STATIC_ROOT", "{tmp}/files", ("/", "{data}", "{tmp}", "{data}/queue", str(ROOT))),
    "SECRET_KEY": Sample("$ecret{tmp}", "SECRET_KEY", "$ecret{tmp}"),
    "ENCRYPTION_KEYS": Sample(f"{KEY}, {KEY}", "ENCRYPTION_KEYS", [KEY, KEY], ("hunter22", f"{KEY},c2hvcnQ=", ",")),
    "REFRESH_SECONDS": Sample("300", "REFRESH_SECONDS", 300, (*SECONDS, "0")),
    "IDLE_REFRESH_SECONDS": Sample("300", "IDLE_REFRESH_SECONDS", 300, (*SECONDS, "0")),
    "SESSION_DAYS": Sample("7", "SESSION_DAYS", 7, ("0", "many", "99999")),
    "WATCH_SECONDS": Sample("0", "WATCH_SECONDS", 0, SECONDS),
    "TORBOX_TIMEOUT_SECONDS": Sample("4", "TORBOX_TIMEOUT", (4.0, 4.0), (*SECONDS, "0", "601")),
    "SETTLE_SECONDS": Sample("0", "SETTLE_SECONDS", 0, SECONDS),
    "UNDO_SECONDS": Sample("0", "UNDO_SECONDS", 0, SECONDS),
    "METRICS_TOKEN": Sample("hunter22!", "METRICS_TOKEN", "hunter22!", ("hunter22 x", "hunter22ü")),
    "SMTP_URL": Sample(
        "smtp+tls://mara%40x:p%2Fw@mail.example?from=a@b.example",
        "MAIL_SERVER",
        MailServer("mail.example", 587, "mara@x", "p/w", starttls=True, sender="a@b.example"),
        (
            "mail.example", "https://mail.example", "smtp://", "smtp://u:hunter22@mail.example:port",
            "smtps://u:hunter22@mail.example/inbox", "smtp://mail.example?from=nobody", "smtp://mail.example?to=a@b",
        ),
    ),
    "SAVE_DIR": Sample("{tmp}/films", "SAVE_DIR", "{tmp}/films", ("/", "{data}", "{tmp}", "{data}/queue", str(ROOT))),
    "UMASK": Sample("002", "UMASK", 0o002, ("2", "77", "777", "0888", "u=rwx", "0o22", "٠٢٢")),
    "ARIA2_RPC_URL": Sample(
        "http://nas:6800/",
        "ARIA2_RPC_URL",
        "http://nas:6800/jsonrpc",
        ("nas:6800", "ws://nas:6800/jsonrpc", "http://u:hunter22@nas/jsonrpc", "http://nas/jsonrpc?token=1", "http://nas:x"),
    ),
    "ARIA2_RPC_SECRET": Sample("hunter22!", "ARIA2_RPC_SECRET", "hunter22!", ("hunter22 x", "hunter22ü")),
    "ARIA2_DIR": Sample("D:\\Films\\", "ARIA2_DIR", "D:/Films", ("films", "./films", "/films/../x")),
    "API_PROTOCOLS": Sample(
        "WebDAV, rest", "API_PROTOCOLS", ["rest", "webdav"], ("soap", "rest,soap", ",", "none, rest", "true")
    ),
    "MEDIA_PATH": Sample("/mnt/torbox/", "MEDIA_PATH", "/mnt/torbox", ("torbox", "./torbox", "/mnt/../torbox")),
    "LOG_LEVEL": Sample("debug", "LOGGING.root.level", "DEBUG", ("loud", "10")),
    "LOG_FORMAT": Sample("JSON", "LOG_FORMAT", "json", ("xml",)),
    "DEBUG": Sample("Yes", "DEBUG", True, ("maybe", "2")),
}  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


def filled(value: Any, data: Path) -> Any:
    return (
        value.replace("{tmp}", str(data.parent)).replace("{data}", str(data))
        if isinstance(value, str)
        else value
    )


def found(made: Any, where: str) -> Any:
    """Return the value at a dotted name, with paths as text."""
    first, *rest = where.split(".")
    value = getattr(made, first)
    for name in rest:
        value = value[name]
    return str(value) if isinstance(value, Path) else value


def refusal(data: Path, **variables: str) -> str:
    with pytest.raises(UNUSABLE) as caught:
        settings_of(data, **variables)
    sentence = str(caught.value)
    assert (
        "\n" not in sentence and sentence.endswith((".", ")")) and not [p for p in PASSWORDS if p in sentence]
    )
    return sentence


def test_every_documented_setting_has_a_sample_here():
    assert set(SAMPLES) == set(DOCUMENTED)
    assert all(sample.nonsense for name, sample in SAMPLES.items() if name != "SECRET_KEY")


def test_only_the_settings_read_the_environment():
    """Read variables in one place only, so that all are read in the same way. Those for others are set in two places."""
    reading = {
        str(path.relative_to(ROOT))
        for path in [*OURS, ROOT / "gunicorn.conf.py", ROOT / "manage.py"]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}
    }
    # It trusts the same certificates as requests, using the variables of requests.
    reading.discard("torbox/guarded_fetch.py")
    assert reading <= {
        "torbox_web/settings.py",
        "torbox_web/celery.py",
        "torbox_web/wsgi.py",
        "gunicorn.conf.py",
        "manage.py",
    }
    for name in reading - {"torbox_web/settings.py"}:
        assert set(re.findall(r"os\.environ(\.\w+)", (ROOT / name).read_text())) == {".setdefault"}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_value_may_come_from_the_environment_or_a_file(name, data):
    sample = SAMPLES[name]
    good, becomes = filled(sample.good, data), filled(sample.becomes, data)
    file = data.parent / "value"
    for variables in (
        {name: good},
        {name: f"  {good}\n"},
        {f"{name}_FILE": str(file)},
        {f"{name}_FILE": f" {file}\n", name: ""},
    ):
        file.write_text(f"\ufeff{good}\r\n")
        assert found(settings_of(data, **variables), sample.where) == becomes


@pytest.mark.parametrize("empty", ["", "  ", "\n"])
@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "DATA_DIR"])
def test_an_empty_value_counts_as_unset(name, empty, data):
    where = SAMPLES[name].where.partition(".")[0]
    absent = getattr(settings_of(data), where)
    assert getattr(settings_of(data, **{name: empty}), where) == absent
    assert getattr(settings_of(data, **{f"{name}_FILE": empty}), where) == absent


@pytest.mark.parametrize("name", SAMPLES)
def test_an_invalid_value_is_refused_in_one_sentence_that_names_the_variable(name, data):
    for nonsense in SAMPLES[name].nonsense:
        assert refusal(data, **{name: filled(nonsense, data)}).startswith(f"{name} ")


@pytest.mark.parametrize("name", SAMPLES)
def test_an_unusable_file_is_refused_and_never_counts_as_unset(name, data):
    file = data.parent / "value"
    file.write_bytes(b"")
    assert refusal(data, **{f"{name}_FILE": str(file)}).startswith(f"{name}_FILE names {file}: empty.")
    file.write_bytes(b"\xff\xfe\x00")
    assert "not a text file" in refusal(data, **{f"{name}_FILE": str(file)})
    assert "No such file" in refusal(data, **{f"{name}_FILE": str(file) + "s"})
    assert "Is a directory" in refusal(data, **{f"{name}_FILE": str(data)})


@pytest.mark.parametrize("file", ["secret-key", "encryption-keys"])
@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_a_generated_secret_emptied_by_a_power_cut_is_not_silently_replaced(file, content, data):
    settings_of(data)
    (data / file).write_bytes(content)
    assert refusal(data).startswith(f"{data / file} ")
    assert (data / file).read_bytes() == content


def test_the_data_folder_may_have_any_name(data):
    folder = data / "50% #1? & more"
    made = settings_of(data, DATA_DIR=str(folder))
    assert made.DATABASES["default"]["NAME"] == str(folder / "torbox-web.sqlite3")


STARTS = {
    "serve": ["serve.py"],
    "demo": ["serve.py", "--demo"],
    "web": ["serve.py", "web"],
    "worker": ["serve.py", "worker"],
    "check of web": ["serve.py", "--check", "web"],
    "check of worker": ["serve.py", "--check", "worker"],
    "a command": ["manage.py", "createperson", "mara"],
    "a command of Django": ["manage.py", "migrate"],
    "gunicorn": ["-m", "gunicorn", "torbox_web.wsgi"],
    "celery worker": ["-m", "celery", "--app", "torbox_web", "worker"],
    "celery beat": ["-m", "celery", "--app", "torbox_web", "beat"],
}


def start(words: list[str], data: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in DOCUMENTED}
    given = kept | {"DATA_DIR": str(data), "STATIC_ROOT": str(data / "static")} | variables
    return subprocess.run(
        [sys.executable, *words], env=given, cwd=ROOT, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("words", STARTS.values(), ids=STARTS)
def test_every_process_ends_with_one_line_before_it_creates_anything(words, data):
    done = start(words, data, PORT="abc")
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == "PORT can't be “abc”. Write a whole number from 1 to 65535.\n"
    assert not list(data.iterdir())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"), ("PORT", "99999"), ("BIND", "nonsense"), ("PORT_FILE", "/nowhere"), ("SIMULATOR_PORT", "abc"),
        ("SCENARIO", "nonsense"),
        ("SITE_URL", "box"), ("DATABASE_URL", "nonsense"), ("TZ", "Mars/Base"), ("DATA_DIR", "/dev/null/data"),
    ],
)  # fmt: skip
def test_the_demo_ends_with_one_line_for_every_kind_of_invalid_setting(name, value, data):
    done = start(["serve.py", "--demo"], data, **{name: value})
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith(name) and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_URL", "postgres://u:hunter22@127.0.0.1:9/name", "PostgreSQL isn't responding: "),
        ("DATABASE_URL", "sqlite:////nowhere/db.sqlite3", "SQLite isn't responding: "),
        ("STATIC_ROOT", "/dev/null/static", "STATIC_ROOT can't be /dev/null/static: "),
    ],
)
def test_problems_found_only_on_first_use_are_sentences_too(name, value, sentence, data):
    done = start(["manage.py", "prepare"], data, **{name: value})
    assert done.returncode == 1 and "Traceback" not in done.stderr and "hunter22" not in done.stderr
    assert done.stderr.startswith(f"CommandError: {sentence}") and done.stderr.count("\n") == 1
