"""The app under a path, over https, behind a real nginx with our own example, and clients with other addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter

from tests import cookies
from tests.browser.conftest import Stack, run_stack
from tests.browser.furnishing import furnish, new_key
from tests.nginx import Nginx
from tests.servers import free_port

HOST, PATH = "home.example", "/torbox"
KINDS = ("passes the path on", "takes the path away")


@dataclass
class Site:
    """The site. `ports` are those of the nginx that keeps the path and of the one that strips it."""

    stack: Stack
    nginx: Nginx
    ports: dict[str, int]
    http: int

    def url(self, kind: str = KINDS[0]) -> str:
        return f"https://{HOST}:{self.ports[kind]}{PATH}/"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    passes, takes, http, other = (free_port() for _ in range(4))
    variables = {"SITE_URL": f"https://{HOST}:{passes}{PATH}", "TRUSTED_PROXIES": "127.0.0.1"}
    with run_stack(variables=variables) as stack, Nginx(stack.url.removeprefix("http://")) as nginx:
        nginx.site("subpath.conf", passes, http)
        app = f"proxy_pass http://{nginx.app}"
        nginx.site("subpath.conf", takes, other, {f"{app};": f"{app}/;"})
        nginx.start(passes, takes, http)
        furnish(stack, key := new_key(stack))
        stack.person("greta", key, command="createowner")
        yield Site(stack, nginx, dict(zip(KINDS, (passes, takes), strict=True)), http)


class From(HTTPAdapter):
    """An adapter for requests that come from another address of this machine."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__()

    def init_poolmanager(self, *words: Any, **named: Any) -> None:
        super().init_poolmanager(*words, source_address=(self.address, 0), **named)


def caller(site: Site, address: str, forwarded: str = "") -> requests.Session:
    session = requests.Session()
    session.mount("https://", From(address))
    session.mount("http://", From(address))
    session.trust_env = False  # a bundle named there would take precedence over the certificate
    session.verify = str(site.nginx.certificate)
    origin = site.url().removesuffix(f"{PATH}/")
    session.headers.update({"Host": urlsplit(origin).netloc, "Origin": origin, "Referer": site.url()})
    session.headers.update({"X-Forwarded-For": forwarded} if forwarded else {})
    return session


def address(site: Site, path: str = "") -> str:
    return f"https://127.0.0.1:{site.ports[KINDS[0]]}{PATH}/{path}"


def post(session: requests.Session, url: str, fields: dict[str, str], **more: Any) -> requests.Response:
    token = {"csrfmiddlewaretoken": cookies.value(session.cookies, "csrf")}
    return session.post(url, data=fields | token, allow_redirects=False, timeout=60, **more)


def try_to_sign_in(session: requests.Session, url: str, name: str, password: str) -> requests.Response:
    session.get(url, timeout=60).raise_for_status()
    return post(session, url, {"login": name, "password": password})
