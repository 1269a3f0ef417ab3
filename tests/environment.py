"""The environment of the suite, loaded by pytest before Django reads its settings (see pyproject.toml)."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

DATA_DIR = Path(tempfile.mkdtemp(prefix="torbox-web-tests-"))
atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)

for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "SITE_URL", "UNDO_SECONDS", "DEBUG"):
    os.environ.pop(name, None)
# The browser tests leave Playwright's event loop set in their thread. Nothing of ours is asynchronous, and the
# tests that follow in that process use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
# The suite runs on SQLite; TEST_DATABASE_URL and TEST_REDIS_URL put it on PostgreSQL and Redis.
os.environ["DATABASE_URL"] = os.environ.get(
    "TEST_DATABASE_URL", f"sqlite:///{DATA_DIR / 'torbox-web.sqlite3'}"
)
os.environ["REDIS_URL"] = os.environ.get("TEST_REDIS_URL", "")
os.environ["DATA_DIR"] = str(DATA_DIR)
(DATA_DIR / "static").mkdir()
os.environ["STATIC_ROOT"] = str(DATA_DIR / "static")
os.environ["TORBOX_API_URL"] = "http://127.0.0.1:9"
