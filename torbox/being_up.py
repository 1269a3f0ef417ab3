"""The one question to TorBox that needs no key: is it there?"""

from __future__ import annotations

from typing import Any

import requests
from requests.exceptions import BaseHTTPError  # type: ignore[attr-defined]  # urllib3's own root

from torbox.answers import Answer, unwrap
from torbox.errors import TorBoxError
from torbox.transport import USER_AGENT, checked_base, no_credentials, read_body


def is_up(base_url: str, *, seconds: float = 3.0) -> bool:
    """Whether TorBox itself answers at `base_url`, asked without a key; not what stands in front of it.

    `seconds`: to connect, and to wait for each next part. Raises ValueError for an address that cannot be one.
    """
    address = checked_base(base_url) + "/"
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"}
    options: dict[str, Any] = {"stream": True, "allow_redirects": False, "auth": no_credentials}
    try:
        with requests.get(address, timeout=seconds, headers=headers, **options) as response:
            body = read_body(response, 2 * seconds)
            return bool(unwrap(Answer(response.status_code, response.headers, body), str))
    except (requests.RequestException, BaseHTTPError, OSError, TorBoxError):
        return False
