from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import MD5PasswordHasher


class CountingHasher(MD5PasswordHasher):
    """Counts how many passwords are hashed."""

    algorithm = "counted"
    count = 0

    def encode(self, *args: Any) -> str:
        type(self).count += 1
        return super().encode(*args)
