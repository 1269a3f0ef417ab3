"""Our cookies in a cookie jar. Their names end in the port and path of SITE_URL."""

from __future__ import annotations

from typing import Any


def value(jar: Any, kind: str) -> str:
    """Return the value of the `session` or `csrf` cookie, or an empty string."""
    return next((cookie.value or "" for cookie in jar if cookie.name.startswith(f"torbox-web-{kind}")), "")
