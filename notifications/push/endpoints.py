"""The push services of browsers. A browser names its own, so any other address is refused."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

HOSTS = frozenset({"fcm.googleapis.com", "updates.push.services.mozilla.com"})
DOMAINS = (".push.services.mozilla.com", ".notify.windows.com", ".push.apple.com")
MAX_ENDPOINT = 1500  # characters


def is_known(endpoint: str) -> bool:
    """Return whether an address is a plain https URL of a known push service."""
    parts = _parts(endpoint)
    if parts is None or parts.scheme != "https" or "@" in parts.netloc:
        return False
    host = parts.hostname or ""
    # The port is compared as text, so that only the usual spelling passes.
    return parts.netloc.lower() == host and (host in HOSTS or _is_below_a_domain(host))


def origin_of(endpoint: str) -> str:
    """Return the origin of a known endpoint, which is the audience of our signature."""
    return f"https://{urlsplit(endpoint).netloc.lower()}"


def _parts(endpoint: str) -> SplitResult | None:
    plain = endpoint.isascii() and endpoint.isprintable() and not set(endpoint) & set(" \\#")
    if not plain or len(endpoint) > MAX_ENDPOINT:
        return None
    try:
        return urlsplit(endpoint)
    except ValueError:
        return None


def _is_below_a_domain(host: str) -> bool:
    labels = host.split(".")
    return host.endswith(DOMAINS) and all(label.replace("-", "").isalnum() for label in labels)
