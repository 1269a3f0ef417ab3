"""Nothing secret reaches a log, whoever writes it: what looks like a secret is blanked in the last moment.

No line of ours holds one to begin with (`tests/test_no_key_leaks.py`); this is for what libraries say.
"""

from __future__ import annotations

import logging
import re
import traceback
from urllib.parse import urlsplit

from django.conf import settings

HIDDEN = "[hidden]"
PARAMETERS = "token|api_?key|key|secret|password|signature|torbox-web-session|torbox-web-csrf"
BLANKED = [
    # API keys of TorBox are UUIDs.
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.I), HIDDEN),
    (re.compile(r"\b(Bearer|Basic)\s+[^\s\"',;]+", re.I), rf"\1 {HIDDEN}"),
    (re.compile(rf"\b({PARAMETERS})=[^&\s\"',;]+", re.I), rf"\1={HIDDEN}"),
    (re.compile(r"(\w://[^/\s:@]*):(?!\*\*@)[^/\s@]+@"), rf"\1:{HIDDEN}@"),
    # One-time links that let somebody in.
    (re.compile(r"/(setup|join)/[^/\s\"'?]+"), rf"/\1/{HIDDEN}"),
    # What ENCRYPTION_KEYS encrypted.
    (re.compile(r"\bgAAAA[\w=-]{20,}"), HIDDEN),
]
ADDRESS = re.compile(r"(https?://[^/\s\"'<>?#]+)[/?#][^\s\"'<>]*", re.I)
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
PLAIN = frozenset(vars(logging.makeLogRecord({})))


def hide(text: str) -> str:
    """The text without what is or looks like a secret. Links of the CDN are signed: of them the host remains."""
    for secret in _configured():
        text = text.replace(secret, HIDDEN)
    text = ADDRESS.sub(_host_of_others, text)
    for pattern, blank in BLANKED:
        text = pattern.sub(blank, text)
    return text


class HideSecrets(logging.Filter):
    """Blanks message, traceback and extra fields, and keeps a message on its line, so that none can be forged."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = hide(record.getMessage())
        record.msg, record.args = CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", message), None
        if record.exc_info and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
        record.exc_text = hide(record.exc_text) if record.exc_text else None
        record.exc_info = None  # else a format would write the traceback anew
        record.stack_info = hide(record.stack_info) if record.stack_info else None
        for name, value in vars(record).items():
            if name not in PLAIN and not isinstance(value, int | float | None):
                setattr(record, name, hide(str(value)))
        return True


def _configured() -> list[str]:
    database = settings.DATABASES["default"].get("PASSWORD")
    secrets = [settings.SECRET_KEY, settings.METRICS_TOKEN, database, *settings.ENCRYPTION_KEYS]
    return [secret for secret in secrets if secret and len(secret) >= 8]


def _host_of_others(found: re.Match[str]) -> str:
    ours = {urlsplit(settings.TORBOX_API_URL).netloc, urlsplit(settings.SITE_URL).netloc}
    return found[0] if urlsplit(found[1]).netloc in ours else f"{found[1]}/{HIDDEN}"
