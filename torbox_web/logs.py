"""How logs are written: to the console, one line or one JSON object each, without secrets."""

from __future__ import annotations

import logging
import sys
from copy import copy
from typing import Any

from django.core.exceptions import ImproperlyConfigured

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
FILTERS = {
    "hide": {"()": "care.secrets.HideSecrets"},
    "request id": {"()": "care.request_ids.AddRequestId"},  # after the other: an id may look like a key
}
LOGGERS = {
    "django": {"handlers": [], "propagate": True},
    "gunicorn.error": {"handlers": [], "propagate": True},
    "celery.app.trace": {"level": "WARNING"},
}


class Console(logging.StreamHandler[Any]):
    """Its filters change what it writes, and nothing of what other handlers get."""

    def handle(self, record: logging.LogRecord) -> bool:
        return bool(super().handle(copy(record)))


def logging_to_console(format_: str, level: str) -> dict[str, Any]:
    """Django's LOGGING."""
    if format_ not in FORMATS:
        raise ImproperlyConfigured(f"LOG_FORMAT is {' or '.join(FORMATS)}.")
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
