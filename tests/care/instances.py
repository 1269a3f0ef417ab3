"""Separate instances for tests: a data folder, a database, and management commands."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEPT_OUT = ("SECRET_KEY", "ENCRYPTION_KEYS", "REDIS_URL", "LOG_FORMAT", "METRICS_TOKEN")


@dataclass
class Instance:
    """An instance. `more` are additional environment variables."""

    data: Path
    database: str = ""
    more: dict[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in KEPT_OUT}
        own = {
            "DATA_DIR": str(self.data),
            "STATIC_ROOT": str(self.data / "static"),
            "DATABASE_URL": self.database or f"sqlite:///{self.data / 'torbox-web.sqlite3'}",
            "DJANGO_SETTINGS_MODULE": "torbox_web.settings",
        }
        return inherited | own | self.more

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, *words]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, env=self.env, cwd=ROOT, **pipes)

    def manage(self, *words: str, given: bytes = b"") -> tuple[bool, str, bytes]:
        """Run a command and return whether it succeeded, its standard error, and its standard output."""
        process = self.start("manage.py", *words)
        out, said = process.communicate(given, timeout=120)
        return process.returncode == 0, said.decode(), out

    def python(self, code: str) -> str:
        process = self.start("-c", f"import django; django.setup()\n{code}")
        out, said = process.communicate(timeout=120)
        assert process.returncode == 0, said.decode()
        return out.decode().strip()

    def bring_up_to_date(self) -> None:
        """Do what `manage.py prepare` does, except for static files, which take the longest."""
        self.python("from care.startup_lock import bring_up_to_date\nbring_up_to_date()")
