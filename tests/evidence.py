"""Everything that a test causes to be written anywhere, to search it for secrets."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy

import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection

from care.log_redaction import HideSecrets
from tests.environment import DATA_DIR


class Evidence(logging.Handler):
    """Everything that was written anywhere: log lines, pages, headers, files, tables.

    `redacted`: keep log lines as the app writes them, without what its filter removes.
    """

    def __init__(self, redacted: bool = False) -> None:
        super().__init__(logging.DEBUG)
        self.redacted = redacted
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        record = copy(record)
        if self.redacted:
            HideSecrets().filter(record)
        self.said.append(self.format(record))

    def read(self, response) -> None:
        self.said.append(str(response.headers) + response.content.decode("utf-8", "replace"))

    def holds(self, key: str) -> list[str]:
        """Return what contains the key in plain text or in base64, as in queue messages."""
        shifted = (base64.b64encode(b"x" * shift + key.encode()).decode()[4:-4] for shift in range(3))
        spellings = [key, *shifted]
        return [text for text in self.said if any(spelling in text for spelling in spellings)]

    def look_around(self) -> None:
        """Add the current contents of queue, cache, and database."""
        for path in DATA_DIR.rglob("*"):
            if path.is_file():
                self.said.append(path.read_bytes().decode("utf-8", "replace"))
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names():
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                self.said.append(f"{table} {cursor.fetchall()}")
        if settings.REDIS_URL:
            self.said += kept_in_redis(settings.REDIS_URL)
        self.said += [str(session.get_decoded()) for session in Session.objects.all()]


def kept_in_redis(url: str) -> list[str]:
    """Return everything as Redis writes it to disk: queued messages, and pickled values of the cache."""
    with redis.Redis.from_url(url) as client:
        return [f"{name} {client.dump(name)}" for name in client.scan_iter()]


@contextmanager
def listening(evidence: Evidence) -> Iterator[Evidence]:
    """Let every logger write to the evidence, at every level."""
    root = logging.getLogger()
    names = ["", "django.db.backends", *logging.root.manager.loggerDict]
    levels = {name: logging.getLogger(name).level for name in names}
    root.addHandler(evidence)
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield evidence
    root.removeHandler(evidence)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
