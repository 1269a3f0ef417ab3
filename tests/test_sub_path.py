"""A site under a path: invalid values of SITE_URL, and the path of requests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from torbox_web.http.sub_path import BelowPath

ROOT = Path(__file__).parents[1]


def manage(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a separate process, because settings are read only once."""
    command = [sys.executable, "manage.py", *words]
    here = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return subprocess.run(
        command, env=here | variables, cwd=ROOT, capture_output=True, text=True, timeout=120
    )


def asked(path: str, prefix: str = "/torbox") -> str:
    """Return the path that reaches Django."""
    seen = []

    def app(environ, start_response):
        seen.append(environ["PATH_INFO"])
        return []

    BelowPath(app, prefix)({"PATH_INFO": path}, lambda status, headers: None)
    return seen[0]


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/torbox/", "/"),
        ("/torbox/people/", "/people/"),
        ("/torbox/static/css/base.css", "/static/css/base.css"),
        ("/people/", "/people/"),
        ("/", "/"),
        ("", ""),
        ("/torboxes/", "/torboxes/"),
        # Our own URLs begin with /torbox too, in both cases: kept and stripped.
        ("/torbox/torbox/connect/", "/torbox/connect/"),
        ("/torbox/connect/", "/torbox/connect/"),
        ("/torbox/torbox/5/shares/", "/torbox/5/shares/"),
        ("/torbox/5", "/torbox/5"),
        ("/torbox/5/key/", "/torbox/5/key/"),
        ("/torbox/torrents/5/", "/torrents/5/"),
        ("/torbox/nowhere/", "/nowhere/"),
        ("/torbox/\xff\xfe", "/\xff\xfe"),
    ],
)
def test_the_proxy_may_keep_or_strip_the_path(path, meant):
    assert asked(path) == meant


def test_without_a_path_in_the_address_requests_are_unchanged():
    assert asked("/torbox/connect/", prefix="") == "/torbox/connect/"


def test_the_path_without_a_slash_redirects_and_keeps_its_query():
    answers = []
    app = BelowPath(lambda environ, start_response: [b"never"], "/torbox")
    environ = {"PATH_INFO": "/torbox", "QUERY_STRING": "url=magnet:x"}
    assert list(app(environ, lambda *answer: answers.append(answer))) == []
    assert answers[0][0].startswith("301") and ("Location", "/torbox/?url=magnet:x") in answers[0][1]


@pytest.mark.parametrize("url", ["https://torbox.home.example", "https://home.example:8443/torbox"])
def test_with_https_djangos_deployment_check_passes(url):
    done = manage("check", "--deploy", "--fail-level", "WARNING", SITE_URL=url, TRUSTED_PROXIES="10.0.0.0/8")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("https://home.example/people", "one of the app’s own paths"),
        ("https://home.example/static", "one of the app’s own paths"),
        ("https://home.example/my%20torrents", "Use only letters, digits"),
        ("https://home.example/torbox?x=1", "SITE_URL can't be “https://home.example/torbox?x=1”."),
        ("home.example", "SITE_URL can't be “home.example”."),
    ],
)
def test_an_invalid_address_is_refused_at_startup(url, sentence):
    done = manage("prepare", SITE_URL=url)
    assert done.returncode != 0 and sentence in done.stderr


@pytest.mark.parametrize("path", ["/torbox", "/torrents", "/apps/torbox.web-2"])
def test_usual_paths_are_accepted(path):
    assert manage("check", SITE_URL=f"https://home.example{path}/").returncode == 0


def test_a_proxy_is_named_by_address():
    done = manage("check", TRUSTED_PROXIES="10.0.0.1,traefik")
    assert done.returncode != 0 and "'traefik' is neither an IP address nor a network" in done.stderr


def test_the_setup_link_is_a_full_address_and_static_files_have_none(tmp_path):
    variables = {
        "SITE_URL": "https://home.example/torbox",
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "STATIC_ROOT": str(tmp_path / "static"),
    }
    assert manage("prepare", **variables).returncode == 0
    assert "https://home.example/torbox/setup/" in manage("setuplink", **variables).stdout
    collected = [path for path in (tmp_path / "static").rglob("*") if path.suffix in {".css", ".js"}]
    absolute = re.compile(r"""["'(]/(torbox|static)/""")
    # An image collects them before the path is known.
    assert collected and not [path for path in collected if absolute.search(path.read_text())]
