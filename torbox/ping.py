"""Check without an API key whether TorBox responds."""

from __future__ import annotations

from typing import Any

import requests
from requests.exceptions import BaseHTTPError  # type: ignore[attr-defined]  # urllib3's own root

from torbox.answer_body import read_body
from torbox.answers import Answer, unwrap
from torbox.errors import TorBoxError
from torbox.transport import USER_AGENT, checked_base, no_credentials, unreachable


def outage(base_url: str, *, seconds: float = 3.0) -> TorBoxError | None:
    """Return the error if TorBox doesn't respond at `base_url`, or None. No API key is sent.

    Unreachable has a `reason`; any other error means a response that isn't TorBox's. `seconds`: to connect, and to wait
    for each further part. Raises ValueError for an invalid address.
    """
    address = checked_base(base_url) + "/"
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"}
    options: dict[str, Any] = {"stream": True, "allow_redirects": False, "auth": no_credentials}
    try:
        with requests.get(address, timeout=seconds, headers=headers, **options) as response:
            body = read_body(response, 2 * seconds)
            unwrap(Answer(response.status_code, response.headers, body), str)
            return None
    except TorBoxError as error:
        return error
    except (requests.RequestException, BaseHTTPError, OSError) as error:
        return unreachable(error)
