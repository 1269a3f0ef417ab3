"""Headers of a trusted proxy are used, tested with a real nginx."""

# ruff: noqa: F811 - `site` is a fixture

from __future__ import annotations

import re
import socket
import time
from urllib.parse import urlsplit

import pytest
import requests

from tests import cookies
from tests.behind_nginx import HOST, KINDS, PATH, Site, address, caller, post, site, try_to_sign_in  # noqa: F401
from tests.browser.conftest import PASSWORD
from tests.browser.furnishing import new_key

PUBLIC = "93.184.216.34"


def test_https_has_secure_cookies_and_hsts_and_http_redirects_to_it(site: Site):
    session = caller(site, "127.0.0.5")
    answer = session.get(address(site, "sign-in/"), timeout=60)
    assert answer.headers["Strict-Transport-Security"] == "max-age=2592000"
    assert {(cookie.name, cookie.path, cookie.secure) for cookie in session.cookies} == {
        (f"torbox-web-csrf-{site.ports[KINDS[0]]}{PATH.replace('/', '-')}", f"{PATH}/", True)
    }
    bare = session.get(address(site).rstrip("/"), timeout=60, allow_redirects=False)
    assert (bare.status_code, urlsplit(bare.headers["Location"]).path) == (301, f"{PATH}/")
    plain = session.get(f"http://127.0.0.1:{site.http}{PATH}/me/", timeout=60, allow_redirects=False)
    assert (plain.status_code, plain.headers["Location"]) == (301, f"https://{HOST}{PATH}/me/")


def test_the_access_log_has_no_address_that_works_without_signing_in(site: Site):
    session = caller(site, "127.0.0.5")
    token = "dGhlIHNlY3JldCB0b2tlbg"
    for path in (f"l/{token}/", f"l/{token}/Film.mkv", f"%6C/{token}/", f"join/{token}/", f"setup/{token}/"):
        assert session.get(address(site, path), timeout=60).status_code == 404
        session.get(f"http://127.0.0.1:{site.http}{PATH}/{path}", timeout=60, allow_redirects=False)
    session.get(address(site, "offline/"), timeout=60)
    session.get(f"http://127.0.0.1:{site.http}{PATH}/offline/", timeout=60, allow_redirects=False)
    log = site.nginx.requests()
    assert log.count("/offline/") == 2 and token not in log


def test_guesses_are_counted_for_the_real_client_whatever_its_header_says(site: Site):
    for number in range(10):
        guesser = caller(site, "127.0.0.5", forwarded=f"203.0.113.{number}")
        assert (
            try_to_sign_in(guesser, address(site, "sign-in/"), f"guess-{number}", "wrong").status_code == 200
        )
    guesser = caller(site, "127.0.0.5", forwarded="203.0.113.99")
    refused = try_to_sign_in(guesser, address(site, "sign-in/"), "greta", PASSWORD)
    assert "Too many" in refused.text and not cookies.value(guesser.cookies, "session")
    neighbour = caller(site, "127.0.0.6")
    assert try_to_sign_in(neighbour, address(site, "sign-in/"), "greta", PASSWORD).status_code == 302


def test_torbox_learns_the_address_that_a_trusted_proxy_saw_and_no_other(site: Site):
    """From 127.0.0.1 comes a trusted proxy in front of nginx, from 127.0.0.7 a client with a forged header."""
    site.stack.person("ida", key := new_key(site.stack))
    site.stack.sim.control.seed(
        torrents=[{"key": key, "name": "Seen", "files": {"a.mkv": 1}, "state": "completed"}]
    )
    for peer, forwarded, seen in (
        ("127.0.0.7", PUBLIC, []),
        ("127.0.0.1", f"1.1.1.1, {PUBLIC}", [PUBLIC]),
        ("127.0.0.1", "nonsense", [PUBLIC]),
    ):
        session = caller(site, peer, forwarded)
        assert try_to_sign_in(session, address(site, "sign-in/"), "ida", PASSWORD).status_code == 302
        answer = session.get(address(site, first_download(session, site)), timeout=60, allow_redirects=False)
        (account,) = (one for one in site.stack.sim.control.state()["accounts"] if key in one["keys"])
        assert answer.status_code == 302 and account["user_ips"] == seen


def first_download(session: requests.Session, site: Site) -> str:
    """Return the path of the first download on the list, which is read soon after the key was added."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        page = session.get(address(site), timeout=60).text
        if found := re.search(rf'href="{PATH}/(torrents/\d+/(?:files/\d+/)?download/)"', page):
            return found[1]
    pytest.fail("The list stayed empty.")


def test_headers_of_requests_that_bypass_the_proxy_are_ignored_and_logged(site: Site):
    session = caller(site, "127.0.0.8", PUBLIC)
    session.headers.update({"X-Forwarded-Proto": "https", "SCRIPT_NAME": "/elsewhere"})
    answer = session.get(f"{site.stack.url}{PATH}/sign-in/", timeout=60)
    assert answer.status_code == 200 and "Strict-Transport-Security" not in answer.headers
    assert "Ignoring X-Forwarded-For from 127.0.0.8" in site.stack.log


def test_nginx_passes_on_bodies_as_large_as_the_app_accepts(site: Site):
    session = caller(site, "127.0.0.6")
    try_to_sign_in(session, address(site, "sign-in/"), "greta", PASSWORD)
    magnet = f"magnet:?xt=urn:btih:{'b' * 40}&dn="
    long = address(
        site, "add/?url=" + magnet + "x" * (8190 - len(f"GET {PATH}/add/?url={magnet} HTTP/1.1\r\n"))
    )
    assert session.get(long, timeout=60).status_code == 200
    megabyte = 1024**2
    for size, status in ((63 * megabyte, 200), (64 * megabyte, 413)):
        answer = post(
            session, address(site, "preview/"), {"text": ""}, files={"files": ("a.torrent", bytes(size))}
        )
        assert answer.status_code == status and "TorBox Web" in answer.text


@pytest.mark.parametrize("megabytes", [30, 64])
def test_a_large_request_with_an_early_response_can_be_sent_completely(site: Site, megabytes: int):
    """Read the body first: closing while the client is sending loses the response, and nginx responds with 502."""
    url = urlsplit(site.stack.url)
    with socket.create_connection((url.hostname, url.port), timeout=60) as client:
        length = megabytes * 1024**2
        head = f"POST {PATH}/preview/ HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        client.sendall(head.encode() + bytes(length))
        answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 403 ")
