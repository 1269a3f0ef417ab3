"""Redaction of secrets: everything that looks like one is removed from a log record before it is written.

None of our own lines contains a secret (`tests/test_no_key_leaks.py`). This is for what libraries log.
"""

from __future__ import annotations

import logging
import re
import traceback
from urllib.parse import urlsplit

from django.conf import settings

HIDDEN = "[hidden]"
PARAMETERS = r"token|api_?key|key|secret|password|signature|SID|torbox-web-(?:session|csrf|messages)[\w.~-]*"
REDACTED = [
    # API keys of TorBox are UUIDs.
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.I), HIDDEN),
    (re.compile(r"\b(Bearer|Basic)\s+[^\s\"',;]+", re.I), rf"\1 {HIDDEN}"),
    (re.compile(rf"\b({PARAMETERS})=[^&\s\"',;]+", re.I), rf"\1={HIDDEN}"),
    (re.compile(r"(\w://[^/\s:@]*):(?!\*\*@)[^/\s@]+@"), rf"\1:{HIDDEN}@"),
    # Setup, invitation, and recovery links, and lasting ones.
    (re.compile(r"/(setup|join)/[^/\s\"'?]+"), rf"/\1/{HIDDEN}"),
    (re.compile(r"/l/[A-Za-z0-9_-]{4,}[^\s\"'<>]*"), f"/l/{HIDDEN}"),
    # Tokens of the API (api/tokens.py), also where they have been cut off.
    (re.compile(r"\btbw_[A-Za-z0-9]{8,}"), HIDDEN),
    # Values encrypted with ENCRYPTION_KEYS.
    (re.compile(r"\bgAAAA[\w=-]{20,}"), HIDDEN),
]
ADDRESS = re.compile(r"(https?://[^/\s\"'<>?#]+)[/?#][^\s\"'<>]*", re.I)
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
PLAIN = frozenset(vars(logging.makeLogRecord({})))


def hide(text: str) -> str:
    """Return the text without anything that is or looks like a secret.

    Links to the CDN are signed, so only their host remains.
    """
    for secret in _configured():
        text = text.replace(secret, HIDDEN)
    text = ADDRESS.sub(_host_of_others, text)
    for pattern, blank in REDACTED:
        text = pattern.sub(blank, text)
    return text


class HideSecrets(logging.Filter):
    """Redact message, traceback, and extra fields, and keep a message on one line, so that none can be forged."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = hide(record.getMessage())
        record.msg, record.args = CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", message), None
        if record.exc_info and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
        record.exc_text = hide(record.exc_text) if record.exc_text else None
        record.exc_info = None  # otherwise a formatter would write the traceback again
        record.stack_info = hide(record.stack_info) if record.stack_info else None
        for name, value in vars(record).items():
            if name not in PLAIN and not isinstance(value, int | float | None):
                setattr(record, name, hide(str(value)))
        return True


def _configured() -> list[str]:
    database = settings.DATABASES["default"].get("PASSWORD")
    mail = settings.MAIL_SERVER and settings.MAIL_SERVER.password
    secrets = [settings.SECRET_KEY, settings.METRICS_TOKEN, database, mail, *settings.ENCRYPTION_KEYS]
    return [secret for secret in secrets if secret and len(secret) >= 8]


def _host_of_others(found: re.Match[str]) -> str:
    ours = {urlsplit(settings.TORBOX_API_URL).netloc, urlsplit(settings.SITE_URL).netloc}
    return found[0] if urlsplit(found[1]).netloc in ours else f"{found[1]}/{HIDDEN}"
