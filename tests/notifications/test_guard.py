"""The session that all messages go through: TLS, time-outs, sizes, proxies, and several messages at a time."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from notifications.channels import apprise_channels
from notifications.channels.message import Message
from notifications.channels.outgoing import MAX_BODY, GuardedSession, NotSent, Reach
from notifications.models import Trouble
from tests.notifications.certificates import make_certificate
from tests.notifications.receivers import Receiver, Reply, receiving

ROOT = Path(__file__).parents[2]
HERE = Reach(private=True, resolve=lambda host, port: ["127.0.0.1"])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def trouble_of(url: str, reach: Reach = HERE, seconds: float = 5.0) -> Trouble:
    with GuardedSession(reach, seconds) as session, pytest.raises(NotSent) as stopped:
        session.get(url)
    return stopped.value.trouble


def test_tls_checks_the_certificate_of_the_name(tmp_path, monkeypatch):
    with receiving(make_certificate(tmp_path, "box.example.org")) as receiver:
        assert trouble_of(f"https://box.example.org:{receiver.port}/") == Trouble.TLS
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "cert.pem"))
        assert trouble_of(f"https://other.example.org:{receiver.port}/") == Trouble.TLS
        with GuardedSession(HERE) as session:
            assert session.get(f"https://box.example.org:{receiver.port}/").status_code == 200
            # Nothing that a caller says turns it off.
            with pytest.raises(NotSent):
                session.get(f"https://other.example.org:{receiver.port}/", verify=False)
        assert len(receiver.received) == 1


def test_an_error_holds_no_part_of_the_address(receiver: Receiver):
    with GuardedSession(Reach()) as session, pytest.raises(NotSent) as stopped:
        session.post(
            f"https://127.0.0.1:{receiver.port}/in/Zx81kQ", headers={"Authorization": "Bearer s3cr3t"}
        )
    error = stopped.value
    assert error.__context__ is None and error.request is None and error.response is None
    assert "Zx81kQ" not in "".join(traceback.format_exception(error)) + repr(vars(error))


def test_nobody_listening_is_unreachable():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert trouble_of(f"http://box.example.org:{closed.getsockname()[1]}/") == Trouble.UNREACHABLE


def test_a_name_without_an_address_is_unreachable():
    def unknown(host: str, port: int) -> list[str]:
        raise OSError

    assert trouble_of("https://box.example.org/", Reach(resolve=unknown)) == Trouble.UNREACHABLE


def test_a_resolver_that_hangs_is_a_timeout():
    over = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        over.wait(20)
        return []

    started = time.monotonic()
    assert trouble_of("https://box.example.org/", Reach(resolve=resolve), 0.3) == Trouble.TIMEOUT
    assert time.monotonic() - started < 3
    over.set()


@contextmanager
def trickling(beginning: bytes) -> Iterator[int]:
    """Listen on a port, and send a beginning, then one byte every 50 ms, whatever comes in."""
    over = threading.Event()

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            try:
                connection.sendall(beginning)
                while not over.wait(0.05):
                    connection.sendall(b"x")
            except OSError:
                pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        over.set()
        thread.join(5)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_headers_and_handshakes_that_trickle_end_at_the_deadline(scheme):
    # For TLS: a record of the handshake that says it has 16 KB.
    beginning = b"HTTP/1.1 200 OK\r\nX-Long: " if scheme == "http" else b"\x16\x03\x03\x40\x00"
    with trickling(beginning) as port:
        started = time.monotonic()
        assert trouble_of(f"{scheme}://box.example.org:{port}/", seconds=0.6) == Trouble.TIMEOUT
        assert time.monotonic() - started < 3


def test_a_body_that_trickles_is_cut_at_the_deadline(receiver: Receiver):
    receiver.answers(Reply(200, "x" * 1000, drip=0.05))
    started = time.monotonic()
    with GuardedSession(HERE, seconds=0.6) as session:
        response = session.get(f"{receiver.origin}/")
    assert response.status_code == 200 and 0 < len(response.content) < 100
    assert time.monotonic() - started < 3


def test_a_silent_service_is_a_timeout(receiver: Receiver):
    receiver.answers(Reply(silent=30))
    started = time.monotonic()
    assert trouble_of(f"{receiver.origin}/", seconds=0.4) == Trouble.TIMEOUT
    assert time.monotonic() - started < 3


def test_only_the_beginning_of_an_answer_is_read(receiver: Receiver):
    receiver.answers(Reply(200, b"x" * 5_000_000))
    with GuardedSession(HERE) as session:
        assert len(session.get(f"{receiver.origin}/").content) == MAX_BODY


def test_no_cookies_are_kept(receiver: Receiver):
    receiver.answers(Reply(headers={"Set-Cookie": "a=b; Path=/"}))
    with GuardedSession(HERE) as session:
        session.get(f"{receiver.origin}/")
        session.get(f"{receiver.origin}/")
    assert "Cookie" not in receiver.received[1].headers


def test_no_proxy_and_no_netrc_is_used(receiver: Receiver, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("default login mara password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with receiving() as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.setenv(name, proxy.origin)
        with GuardedSession(HERE) as session:
            session.get(f"http://box.example.org:{receiver.port}/")
        assert proxy.connections == 0
    assert "Authorization" not in receiver.only.headers


def test_messages_sent_at_the_same_time_keep_to_their_own_reach(settings):
    """Plugins are shared by all threads, and one message may go where another may not."""
    message = Message(id="a", title="“Sintel” is ready")
    refused = Reach(resolve=lambda host, port: ["10.0.0.1"])

    def one(number: int) -> Trouble | None:
        reach = HERE if number % 2 else refused
        scheme = "ntfy" if number % 2 else "ntfys"
        url = f"{scheme}://box.example.org:{receiver.port}/topic-{number}?mode=private"
        return apprise_channels.send("ntfy", url, message, reach).trouble

    with receiving() as receiver, ThreadPoolExecutor(4) as pool:
        troubles = list(pool.map(one, range(40)))
        topics = {got.json()["topic"] for got in receiver.received}
    assert troubles == [None if number % 2 else Trouble.PRIVATE_ADDRESS for number in range(40)]
    assert topics == {f"topic-{number}" for number in range(1, 40, 2)}


SAYS_WHAT_IT_LOADED = """
import sys, django
django.setup()
import torbox_web.urls, torbox_web.wsgi, torbox_web.celery, notifications.tasks, notifications.channels.sending
from notifications.services import channels
from notifications.channels import kinds, apprise_channels, outgoing
from notifications.channels.message import Message
kinds.build("ntfy", {"topic": "films"})
before = sorted(name for name in sys.modules if name.split(".")[0] == "apprise")
reach = outgoing.Reach(resolve=lambda host, port: ["10.0.0.1"])
message = Message(id="a", title="b")
for kind, url in (("ntfy", "ntfys://ntfy.sh/films"), ("matrix", "matrixs://token@example.org/!a:b?e2ee=no&discovery=no")):
    print(apprise_channels.send(kind, url, message, reach).trouble)
plugins = sorted(name for name in sys.modules if name.startswith("apprise.plugins."))
print(before, [name for name in plugins if name.split(".")[2] not in ("base", "matrix", "ntfy")])
"""


def test_apprise_is_loaded_for_the_first_message_and_writes_no_files(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "torbox_web.settings", "HOME": str(home), "TMPDIR": str(home),
        "DATA_DIR": str(tmp_path / "data"), "XDG_CACHE_HOME": str(home), "DATABASE_URL": "", "REDIS_URL": "",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", SAYS_WHAT_IT_LOADED],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["private_address", "private_address", "[] []"]
    assert done.stderr == ""
    assert list(home.rglob("*")) == []
