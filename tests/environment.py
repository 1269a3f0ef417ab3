"""The environment of the suite, loaded by pytest before Django reads its settings (see pyproject.toml)."""

import os
import tempfile
from pathlib import Path

DATA_DIR = Path(tempfile.mkdtemp(prefix="torbox-web-tests-"))

for name in (
    "SECRET_KEY",
    "ENCRYPTION_KEYS",
    "DATABASE_URL",
    "REDIS_URL",
    "SITE_URL",
    "UNDO_SECONDS",
    "DEBUG",
):
    os.environ.pop(name, None)
os.environ["DATA_DIR"] = str(DATA_DIR)
(DATA_DIR / "static").mkdir()
os.environ["STATIC_ROOT"] = str(DATA_DIR / "static")
os.environ["TORBOX_API_URL"] = "http://127.0.0.1:9"
