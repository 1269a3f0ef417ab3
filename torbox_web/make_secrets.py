"""python -m torbox_web.make_secrets SECRETS DATABASE: create the secrets that docker-compose.yml reads from files.

SECRETS gets the files that only the app may read: `secret-key`, `encryption-keys`, and `database-url`. DATABASE gets
`postgres-password`, readable for every user, since the database runs as another one. Only containers that mount the
folder can read it.
"""

from __future__ import annotations

import argparse
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

from .secret_files import NoSecret, read_or_create

LOST_WITH_IT = "then give the database the new password too (ALTER ROLE torbox PASSWORD …)."


def make(own: Path, shared: Path) -> None:
    password = read_or_create(
        shared / "postgres-password", lambda: secrets.token_urlsafe(32), lost=LOST_WITH_IT
    )
    (shared / "postgres-password").chmod(0o444)
    address = f"postgres://torbox:{password}@postgres/torbox"
    read_or_create(own / "database-url", lambda: address, lost="it is created from the password again.")
    read_or_create(
        own / "secret-key", lambda: secrets.token_urlsafe(50), lost="everyone will have to sign in again."
    )
    read_or_create(own / "encryption-keys", _fernet_key, lost="every API key will have to be entered again.")


def _fernet_key() -> str:
    return urlsafe_b64encode(secrets.token_bytes(32)).decode()


def main() -> None:
    parser = argparse.ArgumentParser(description="Create the secrets that don't exist yet.")
    parser.add_argument("secrets", type=Path)
    parser.add_argument("database", type=Path)
    given = parser.parse_args()
    try:
        make(given.secrets, given.database)
    except NoSecret as error:
        parser.exit(1, f"{error}\n")


if __name__ == "__main__":
    main()
