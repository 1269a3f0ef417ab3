"""Mistakes that would otherwise show up as a broken page, said at start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register


@register()
def encryption_keys_are_usable(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.ENCRYPTION_KEYS:
        return [
            Error("ENCRYPTION_KEYS is empty.", hint="Leave it unset to have one made.", id="accounts.E001")
        ]
    try:
        for key in settings.ENCRYPTION_KEYS:
            Fernet(key)
    except ValueError:
        return [
            Error(
                "ENCRYPTION_KEYS holds something that is not a key.",
                hint="Each is 32 bytes in url-safe base64; put back the value you had before.",
                id="accounts.E002",
            )
        ]
    return []


@register()
def torbox_address_has_no_version(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.TORBOX_API_URL.endswith("/v1"):
        return [
            Warning("TORBOX_API_URL must not end in /v1.", hint="Leave the version away.", id="accounts.W001")
        ]
    return []
