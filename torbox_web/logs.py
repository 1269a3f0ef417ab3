"""Log to the console, as lines or as JSON objects, without secrets."""

from __future__ import annotations

import logging
import sys
import threading
import time
from copy import copy
from typing import Any

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
FORMATS = {
    "line": {"format": "{asctime} {levelname} {name} [{request_id}]: {message}", "style": "{"},
    "json": {
        "()": "pythonjsonlogger.json.JsonFormatter",
        "format": "{levelname}{name}{message}{request_id}{process}",
        "style": "{",
        "timestamp": "time",
        "rename_fields": {"levelname": "level", "name": "logger"},
    },
}


class OncePerMinute(logging.Filter):
    """Log a store's failure at most once a minute per cause, however often it happens.

    The cause is the record's own (`extra={"cause": ...}`). For libraries that repeat themselves it is the message
    before arguments are filled in. All 503 responses are one cause. Repeatable records lose their traceback.
    """

    SECONDS = 60.0
    REPETITIVE = ("celery.worker", "celery.beat", "kombu")
    MOST = 200

    def __init__(self) -> None:
        super().__init__()
        self._written: dict[str, float] = {}
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        cause = self._cause(record)
        if cause is None:
            return True
        record.exc_info = record.exc_text = None
        now = time.monotonic()
        with self._lock:
            if now - self._written.get(cause, -self.SECONDS) < self.SECONDS:
                return False
            if len(self._written) >= self.MOST:
                self._written.clear()
            self._written[cause] = now
        return True

    def _cause(self, record: logging.LogRecord) -> str | None:
        if cause := getattr(record, "cause", None):
            return str(cause)
        if getattr(record, "status_code", None) == 503:
            return "503"
        if record.levelno >= logging.WARNING and record.name.startswith(self.REPETITIVE):
            return f"{record.name} {str(record.msg)[:200]}"
        return None


FILTERS = {
    "once a minute": {"()": OncePerMinute},
    "hide": {"()": "care.log_redaction.HideSecrets"},
    "request id": {"()": "care.request_ids.AddRequestId"},  # last, since an id may look like a key
}
LOGGERS = {
    "django": {"handlers": [], "propagate": True},
    "gunicorn.error": {"handlers": [], "propagate": True},
    "celery.app.trace": {"level": "WARNING"},
}


class Console(logging.StreamHandler[Any]):
    """A handler whose filters change only what it writes itself, not what other handlers get."""

    def handle(self, record: logging.LogRecord) -> bool:
        return bool(super().handle(copy(record)))


def logging_to_console(format_: str, level: str) -> dict[str, Any]:
    """Return Django's LOGGING."""
    console = {
        "()": Console,
        "stream": sys.stderr,
        "formatter": format_,
        "filters": list(FILTERS),
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": FILTERS,
        "formatters": FORMATS,
        "handlers": {"console": console},
        "root": {"handlers": ["console"], "level": level},
        "loggers": LOGGERS,
    }
