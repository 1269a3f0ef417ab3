"""Messages by email, through a real SMTP server."""

from __future__ import annotations

import email
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from notifications.channels.message import Message
from notifications.channels.sending import send
from notifications.models import Channel, Trouble
from notifications.services import channels
from tests.factories import make_user
from tests.notifications.certificates import make_certificate
from tests.servers import free_port
from torbox_web.mail_server import MailServer

pytestmark = pytest.mark.django_db
PASSWORD = "p/ss-w0rd"
MESSAGE = Message(
    id="5f2c8e0b9d1a4c7e8f3b6a5d4c2e1f00",
    title="“Sintel <b>” is ready",
    lines=("2.1 GB, 3 files",),
    url="http://localhost/notifications/7/",
)


class Inbox:
    """Keeps what arrives. `answer` is given to the recipient's address, `after` to the message."""

    def __init__(self) -> None:
        self.arrived: list[Envelope] = []
        self.answer = self.after = "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer.format(address=address)

    async def handle_DATA(self, server, session, envelope) -> str:
        if self.after.startswith("250"):
            self.arrived.append(envelope)
        return self.after

    def only(self) -> EmailMessage:
        [envelope] = self.arrived
        return email.message_from_bytes(envelope.content, policy=default)


@pytest.fixture
def inbox(settings) -> Iterator[Inbox]:
    with serving(Inbox()) as (inbox, port):
        settings.MAIL_SERVER = MailServer("127.0.0.1", port)
        yield inbox


class serving:
    def __init__(self, inbox: Inbox, **options) -> None:
        self.inbox, self.port = inbox, free_port()
        self._controller = Controller(inbox, hostname="127.0.0.1", port=self.port, **options)

    def __enter__(self) -> tuple[Inbox, int]:
        self._controller.start()
        return self.inbox, self.port

    def __exit__(self, *problem) -> None:
        self._controller.stop()


@pytest.fixture
def channel(settings) -> Channel:
    settings.MAIL_SERVER = settings.MAIL_SERVER or MailServer("127.0.0.1", 1)
    return channels.add(make_user("mara"), "email", {"address": "mara@example.org"})


def test_a_message_arrives_as_text_and_as_html(inbox: Inbox, channel: Channel):
    assert channel.shown == "m•••@example.org"
    assert send(channel, MESSAGE).delivered
    mail = inbox.only()
    assert inbox.arrived[0].rcpt_tos == ["mara@example.org"]
    assert mail["Subject"] == MESSAGE.title
    assert mail["From"] == "TorBox Web <torbox-web@localhost>"
    assert mail["Message-ID"] == f"<{MESSAGE.id}@localhost>"
    assert mail["List-Unsubscribe"] == "<http://localhost/me/notifications/>"
    assert mail["Auto-Submitted"] == "auto-generated"
    plain = mail.get_body(["plain"]).get_content()
    assert plain.splitlines()[:5] == [MESSAGE.title, "", "2.1 GB, 3 files", "", MESSAGE.url]
    html = mail.get_body(["html"]).get_content()
    assert "“Sintel &lt;b&gt;” is ready" in html
    assert f'<a href="{MESSAGE.url}">Open in TorBox Web</a>' in html


def test_the_sender_may_be_chosen(inbox: Inbox, channel: Channel, settings):
    settings.MAIL_SERVER = MailServer(
        "127.0.0.1", settings.MAIL_SERVER.port, sender="Films <films@example.org>"
    )
    assert send(channel, MESSAGE).delivered
    assert inbox.only()["From"] == "Films <films@example.org>"
    assert inbox.arrived[0].mail_from == "films@example.org"


ANSWERS = {
    "unknown": ("550 5.1.1 <{address}>: unknown user", Trouble.REFUSED, False, 550),
    "full": ("452 4.2.2 Mailbox full", Trouble.SERVICE_ERROR, True, 452),
}


@pytest.mark.parametrize(("answer", "trouble", "retry", "status"), ANSWERS.values(), ids=ANSWERS)
def test_the_servers_code_says_whether_to_try_again(inbox, channel, answer, trouble, retry, status):
    inbox.answer = answer
    outcome = send(channel, MESSAGE)
    assert (outcome.trouble, outcome.retry, outcome.status) == (trouble, retry, status)
    assert outcome.upstream_detail == answer.format(address="•••")[4:]


def test_a_refused_message_is_refused(inbox: Inbox, channel: Channel):
    inbox.after = "554 5.7.1 Looks like spam"
    outcome = send(channel, MESSAGE)
    assert (outcome.trouble, outcome.upstream_detail) == (Trouble.REFUSED, "5.7.1 Looks like spam")


def test_without_a_mail_server_email_is_not_offered(channel: Channel, settings):
    settings.MAIL_SERVER = None
    assert send(channel, MESSAGE).trouble == Trouble.NO_MAIL_SERVER
    with pytest.raises(channels.ChannelRefused) as refused:
        channels.add(channel.person, "email", {"address": "other@example.org"})
    assert refused.value.code == "no_mail_server"


def test_a_server_that_is_gone_is_tried_again(channel: Channel):
    outcome = send(channel, MESSAGE)
    assert (outcome.trouble, outcome.retry) == (Trouble.UNREACHABLE, True)


def only_mara(server, session, envelope, mechanism, data: LoginPassword) -> AuthResult:
    return AuthResult(success=data == LoginPassword(b"mara", PASSWORD.encode()), handled=False)


def test_the_password_goes_out_only_after_starttls(channel, tmp_path, settings, monkeypatch):
    options = {
        "tls_context": make_certificate(tmp_path, "127.0.0.1"),
        "require_starttls": True,
        "authenticator": only_mara,
    }
    with serving(Inbox(), **options, auth_required=True) as (inbox, port):
        settings.MAIL_SERVER = MailServer("127.0.0.1", port, "mara", PASSWORD, starttls=True)
        assert send(channel, MESSAGE).trouble == Trouble.TLS  # no authority signed this certificate
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "cert.pem"))
        assert send(channel, MESSAGE).delivered
        assert inbox.only()["Subject"] == MESSAGE.title
        settings.MAIL_SERVER = MailServer("127.0.0.1", port, "mara", "wrong", starttls=True)
        outcome = send(channel, MESSAGE)
        assert (outcome.trouble, outcome.retry, outcome.status) == (Trouble.REFUSED, True, 535)


def test_a_server_without_starttls_gets_no_password(inbox: Inbox, channel: Channel, settings):
    settings.MAIL_SERVER = MailServer("127.0.0.1", settings.MAIL_SERVER.port, "mara", PASSWORD, starttls=True)
    assert send(channel, MESSAGE).trouble == Trouble.TLS
    assert not inbox.arrived
