"""python -m torbox_web.make_secrets SECRETS DATABASE: what docker-compose.yml reads as files, made once.

SECRETS gets what only the app may read: `secret-key`, `encryption-keys` and `database-url`. DATABASE gets
`postgres-password`, which the database reads too, under a user of its own; who does not mount the folder cannot.
"""

from __future__ import annotations

import argparse
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

from .secret_files import read_or_create


def make(own: Path, shared: Path) -> None:
    password = read_or_create(shared / "postgres-password", lambda: secrets.token_urlsafe(32))
    (shared / "postgres-password").chmod(0o444)
    read_or_create(own / "database-url", lambda: f"postgres://torbox:{password}@postgres/torbox")
    read_or_create(own / "secret-key", lambda: secrets.token_urlsafe(50))
    read_or_create(own / "encryption-keys", _fernet_key)


def _fernet_key() -> str:
    return urlsafe_b64encode(secrets.token_bytes(32)).decode()


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes the secrets that are not there yet.")
    parser.add_argument("secrets", type=Path)
    parser.add_argument("database", type=Path)
    given = parser.parse_args()
    make(given.secrets, given.database)


if __name__ == "__main__":
    main()
