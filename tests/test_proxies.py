"""Proxy headers are used only if they come from a trusted proxy."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from torbox_web.http.proxies import ProxyMiddleware


@pytest.fixture
def seen(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    def ask(peer: str, **headers: str):
        request = RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)
        ProxyMiddleware(lambda request: HttpResponse())(request)
        return request

    return ask


def test_a_trusted_proxy_names_the_caller_and_the_scheme(seen):
    said = {"X-Forwarded-For": "1.1.1.1, 93.184.216.34, 10.0.0.9", "X-Forwarded-Proto": "https"}
    request = seen("10.0.0.2", **said)
    assert request.META["REMOTE_ADDR"] == "93.184.216.34" and request.is_secure()


def test_other_clients_are_not_trusted(seen):
    said = {"X-Forwarded-For": "93.184.216.34", "X-Forwarded-Proto": "https"}
    request = seen("203.0.113.5", **said)
    assert request.META["REMOTE_ADDR"] == "203.0.113.5" and not request.is_secure()


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("::ffff:10.0.0.2", "93.184.216.34", "93.184.216.34"),  # a socket for both kinds of addresses
        ("10.0.0.2", "93.184.216.34:4711", "93.184.216.34"),  # some proxies add the port
        ("10.0.0.2", "[2606:4700::1111]:4711", "2606:4700::1111"),
        ("10.0.0.2", "2606:4700::1111", "2606:4700::1111"),
    ],
)
def test_every_form_of_an_address_is_understood(seen, peer, forwarded, address):
    assert seen(peer, **{"X-Forwarded-For": forwarded}).META["REMOTE_ADDR"] == address


def test_a_missing_proxy_is_logged_once(settings, caplog):
    settings.TRUSTED_PROXIES = []
    proxies = ProxyMiddleware(lambda request: HttpResponse())
    for _ in range(3):
        proxies(RequestFactory().get("/", REMOTE_ADDR="172.18.0.1", headers={"X-Forwarded-For": "1.1.1.1"}))
    assert [record.getMessage() for record in caplog.records] == [
        "Ignoring X-Forwarded-For from 172.18.0.1. If that is your proxy, add it to TRUSTED_PROXIES."
    ]


@pytest.mark.parametrize(
    ("nonsense", "address"),
    [
        ("", "10.0.0.2"),
        (", ,", "10.0.0.2"),
        ("10.0.0.3", "10.0.0.3"),
        ("unknown", "10.0.0.2"),
        ("1.1.1.1, <script>", "10.0.0.2"),
    ],
)
def test_invalid_headers_of_a_proxy_are_harmless(seen, nonsense, address):
    assert seen("10.0.0.2", **{"X-Forwarded-For": nonsense}).META["REMOTE_ADDR"] == address
