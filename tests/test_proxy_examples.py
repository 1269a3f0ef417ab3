"""Check the examples in deploy/proxy/: nginx accepts its own, and all of them allow bodies as large as the app does."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

from tests.nginx import EXAMPLES, Nginx

PROXIES = EXAMPLES.parent
KINDS = ("subdomain", "subpath")
UPSTREAM = re.compile(r"\b127\.0\.0\.1:8000\b")


@pytest.mark.parametrize("kind", KINDS)
def test_nginx_accepts_its_example(kind):
    with Nginx("127.0.0.1:8000") as nginx:
        nginx.site(f"{kind}.conf", https=8443, http=8080)
        done = nginx.test()
    assert done.returncode == 0 and "warn" not in done.stderr, done.stderr


def test_every_proxy_has_an_example_of_both_kinds():
    assert {folder.name for folder in PROXIES.iterdir()} == {"caddy", "nginx", "traefik"}
    for folder in PROXIES.iterdir():
        for kind in KINDS:
            (example,) = folder.glob(f"{kind}.*")
            text = example.read_text()
            assert UPSTREAM.search(text) and "TRUSTED_PROXIES" in text
            assert ("SITE_URL=https://home.example/torbox" in text) == (kind == "subpath")


def test_the_examples_allow_bodies_as_large_as_the_app_does():
    limits = [
        int(number)
        for path in PROXIES.rglob("*")
        if path.is_file()
        for number in re.findall(r"(?:client_max_body_size|max_size) (\d+)(?:m;|MiB)", path.read_text())
    ]
    assert len(limits) == 4 and min(limits) * 1024**2 > settings.MAX_BODY
