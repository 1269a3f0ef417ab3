"""Find out why a request got no response. requests and urllib3 wrap the cause several times."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import requests

from torbox.errors import Reason

MAX_DEPTH = 10  # levels; also ends a chain of causes that leads back to itself
FIRST_MATCH = (  # a proxy failure has one of the others as its cause, so it comes first
    (Reason.PROXY, (requests.exceptions.ProxyError, requests.exceptions.InvalidProxyURL)),
    (Reason.CERTIFICATE, (ssl.SSLCertVerificationError,)),
    (Reason.DNS, (socket.gaierror,)),
    (Reason.REFUSED, (ConnectionRefusedError,)),
    (Reason.TIMEOUT, (requests.Timeout, TimeoutError)),
)


def reason_of(error: BaseException) -> Reason:
    causes = list(_causes(error, MAX_DEPTH))
    for reason, kinds in FIRST_MATCH:
        if any(isinstance(cause, kinds) for cause in causes):
            return reason
    return Reason.OTHER


def _causes(error: BaseException, depth: int) -> Iterator[BaseException]:
    yield error
    wrapped = [error.__cause__, error.__context__, getattr(error, "reason", None), *error.args]
    if depth:
        for cause in wrapped:
            if isinstance(cause, BaseException):
                yield from _causes(cause, depth - 1)
