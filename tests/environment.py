"""The environment of the test suite, loaded by pytest before Django reads its settings (see pyproject.toml).

STACK chooses the stores: `sqlite` with the folder as queue, or `postgres` with Redis, both private servers.
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from tests import servers

DATA_DIR = Path(tempfile.mkdtemp(prefix="torbox-web-tests-"))
atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)

for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "UNDO_SECONDS", "DEBUG"):
    os.environ.pop(name, None)
# The browser tests leave Playwright's event loop set in their thread. None of our code is asynchronous, and the
# tests that follow in that process use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

os.environ["SITE_URL"] = "http://localhost"  # so that the names of our cookies have no port
os.environ["DATA_DIR"] = str(DATA_DIR)
(DATA_DIR / "static").mkdir()
os.environ["STATIC_ROOT"] = str(DATA_DIR / "static")
os.environ["TORBOX_API_URL"] = "http://127.0.0.1:9"


def started(kind: type[servers.Server]) -> str:
    """Start a server that ends with this process, and return its URL."""
    server = kind().__enter__()
    atexit.register(server.__exit__)
    return server.url


def choose_stack(stack: str) -> tuple[str, str]:
    """Set DATABASE_URL and REDIS_URL. The processes of a parallel run share one PostgreSQL and have a Redis each."""
    if stack not in ("sqlite", "postgres"):
        raise pytest.UsageError(f"STACK is sqlite or postgres, not {stack}.")
    if stack == "sqlite":
        return f"sqlite:///{DATA_DIR / 'torbox-web.sqlite3'}", ""
    if "TEST_DATABASE_URL" not in os.environ:  # for the processes that this one starts
        os.environ["TEST_DATABASE_URL"] = started(servers.Postgres)
    return os.environ["TEST_DATABASE_URL"], started(servers.Redis)


STACK = os.environ.setdefault("STACK", "sqlite")
try:
    os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = choose_stack(STACK)
except servers.Missing as missing:
    print(f"{missing} The suite is skipped on PostgreSQL with Redis.", file=sys.stderr)  # noqa: T201
    sys.exit(1 if os.environ.get("CI") == "true" else 0)
