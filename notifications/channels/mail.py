"""Send messages by the instance's own mail server (docs/configuration.md#smtp_url)."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
import time
from collections.abc import Iterator
from functools import cached_property
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from torbox import guarded_fetch
from torbox.guarded_fetch import FetchError, HangUp
from torbox.sanitize import sentence

from ..models import Trouble
from .answers import outcome_of, without
from .message import DELIVERED, Message, Outcome

STEP_SECONDS, SECONDS = 5.0, 20.0  # for each answer of the server, and in total once it is connected
MAX_SUBJECT = 200


def send(address: str, message: Message) -> Outcome:
    """Send a message to a mail address, and return what came of it."""
    server = settings.MAIL_SERVER
    if server is None:
        return outcome_of(Trouble.NO_MAIL_SERVER)
    secrets = (address, server.password, server.user)
    connection = _Connection(
        host=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.starttls,
        use_ssl=server.tls,
        timeout=STEP_SECONDS,
    )
    try:
        with connection, connection.until(time.monotonic() + SECONDS):
            connection.send_messages([_mail(address, message, server.sender)])
    except smtplib.SMTPRecipientsRefused as error:
        return _refused(*next(iter(error.recipients.values())), secrets)
    except smtplib.SMTPAuthenticationError as error:
        # The setting is wrong, not the message: it may go once that is right.
        return _refused(error.smtp_code, error.smtp_error, secrets, retry=True)
    except smtplib.SMTPResponseException as error:
        return _refused(error.smtp_code, error.smtp_error, secrets)
    except (ssl.SSLError, smtplib.SMTPNotSupportedError, FetchError):
        return outcome_of(Trouble.TLS)
    except TimeoutError:
        return outcome_of(Trouble.TIMEOUT)
    except (OSError, smtplib.SMTPException):
        return outcome_of(Trouble.UNREACHABLE)
    return DELIVERED


def _refused(code: int, words: bytes | str, secrets: tuple[str, ...], *, retry: bool = False) -> Outcome:
    """Return what a status code of SMTP means: 4xx may end by itself, 5xx won't."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    passing = 400 <= code < 500
    trouble = Trouble.SERVICE_ERROR if passing else Trouble.REFUSED
    return Outcome(trouble, retry or passing, None, code, without(secrets, text))


class _Connection(EmailBackend):
    """Django's connection, with the certificates that the other requests trust."""

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        return guarded_fetch.tls_context()

    @contextlib.contextmanager
    def until(self, deadline: float) -> Iterator[None]:
        """Hang up at a deadline, however slowly the server answers."""
        smtp = self.connection
        if smtp is None or smtp.sock is None:
            raise smtplib.SMTPServerDisconnected
        with HangUp(smtp.sock, deadline):
            yield


def _mail(address: str, message: Message, sender: str) -> EmailMultiAlternatives:
    site = urlsplit(settings.SITE_URL)
    host = _mail_host(site.hostname or "")
    manage = f"{settings.SITE_ORIGIN}{reverse('notifications:settings')}"
    context = {"message": message, "manage": manage}
    with translation.override(message.language):
        plain = render_to_string("notifications/mail.txt", context)
        html = render_to_string("notifications/mail.html", context)
    mail = EmailMultiAlternatives(
        subject=sentence(message.title, MAX_SUBJECT),
        body=plain.strip() + "\n",
        from_email=sender or f"TorBox Web <torbox-web@{host}>",
        to=[address],
        headers={
            "Message-ID": f"<{message.id}@{host}>",
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{manage}>",
        },
    )
    mail.attach_alternative(html, "text/html")
    return mail


def _mail_host(host: str) -> str:
    """Return a host as mail addresses write it: IP addresses in brackets."""
    try:
        found = ip_address(host)
    except ValueError:
        return host
    return f"[IPv6:{found}]" if found.version == 6 else f"[{found}]"
