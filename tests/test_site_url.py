"""SITE_URL in any form gives the same origin, hosts, links, and cookies."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from care.log_redaction import HIDDEN, hide
from tests.factories import PASSWORD, make_user
from tests.settings_of import settings_of
from torbox_web.env import UNUSABLE
from torbox_web.http.proxies import network

TOKEN = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("https://box.example:443", "https://box.example"),
        ("http://box.example:80/", "http://box.example"),
        ("https://box.example:8443/", "https://box.example:8443"),
        ("HTTPS://Box.Example", "https://box.example"),
        ("https://box.example.", "https://box.example"),
        ("https://box.example.:443//", "https://box.example"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://Straße.example", "https://xn--strae-oqa.example"),
        ("http://[0:0:0:0:0:0:0:1]:8000", "http://[::1]:8000"),
        ("http://[2001:DB8::1]", "http://[2001:db8::1]"),
        ("http://192.168.1.5:8000", "http://192.168.1.5:8000"),
        ("https://box.example:0443", "https://box.example"),
        ("https://my_box/TorBox/", "https://my_box/TorBox"),
    ],
)
def test_other_forms_of_an_address_become_the_one_browsers_send(written, means, tmp_path):
    made = settings_of(tmp_path, SITE_URL=written)
    assert means == made.SITE_URL
    assert made.CSRF_TRUSTED_ORIGINS == [made.SITE_ORIGIN] and means.startswith(made.SITE_ORIGIN)
    assert made.ALLOWED_HOSTS[0] == re.sub(r":\d+$", "", made.SITE_ORIGIN.partition("//")[2])


@pytest.mark.parametrize(
    "written",
    [
        "https://mara@box.example", "https://mara:secret@box.example", "https://box.example?x=1", "https://box.example#x",
        "https://box.example/?", "ws://box.example", "file:///etc/passwd", "https:box.example", "//box.example",
        "https://", "https://.", "https://box..example", "https://-box.example", "https://box.example:0",
        "https://box.example:99999", "https://[::1", "https://[fe80::1%eth0]", "https://box.example/a b",
        "https://box.example/../x", "https://*.example", "https://box\\.example", "https://box.example\nX-A: b",
    ],
)  # fmt: skip
def test_anything_but_the_address_of_a_site_is_refused(written, tmp_path):
    with pytest.raises(UNUSABLE, match=r"^SITE_URL can't be “.*”\. ") as caught:
        settings_of(tmp_path, SITE_URL=written)
    assert "secret" not in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "written", ["https://box.example:443", "HTTPS://Box.Example.", "https://box.example/"]
)
def test_a_browser_signs_in_with_any_form_of_the_address(written, tmp_path, settings):
    made = settings_of(tmp_path, SITE_URL=written)
    settings.CSRF_TRUSTED_ORIGINS, settings.ALLOWED_HOSTS = made.CSRF_TRUSTED_ORIGINS, made.ALLOWED_HOSTS
    make_user("mara")
    # A proxy that isn't in TRUSTED_PROXIES: the app sees http, the browser https.
    client = Client(
        enforce_csrf_checks=True, headers={"host": "box.example", "origin": "https://box.example"}
    )
    client.get("/sign-in/")
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    answer = client.post("/sign-in/", {"login": "mara", "password": PASSWORD, "csrfmiddlewaretoken": token})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("bind", "opened"),
    [
        ("127.0.0.1", "http://localhost:8123"), ("0.0.0.0", "http://localhost:8123"), ("::", "http://localhost:8123"),
        ("[::1]", "http://localhost:8123"), ("192.168.1.5", "http://192.168.1.5:8123"),
        ("fd00::5", "http://[fd00::5]:8123"),
    ],
)  # fmt: skip
def test_without_a_site_url_the_printed_address_works(bind, opened, tmp_path):
    made = settings_of(tmp_path, BIND=bind, PORT="8123")
    assert opened == made.SITE_URL and made.ALLOWED_HOSTS[0] in opened


def test_instances_on_one_host_have_separate_cookies(tmp_path):
    sites = ("http://box:8000", "http://box:8001", "https://box", "https://box/demo", "https://box/demo/two")
    made = [settings_of(tmp_path, SITE_URL=site) for site in sites]
    for kind in ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "MESSAGES_COOKIE_NAME"):
        names = {getattr(each, kind) for each in made}
        assert len(names) == len(sites) and all(map(TOKEN.fullmatch, names))
        for name in names:
            assert hide(f"Cookie: {name}=s3ss10n; other=1") == f"Cookie: {name}={HIDDEN}; other=1"


@pytest.mark.django_db
def test_messages_have_their_own_cookie(client, settings):
    make_user("mara")
    client.post("/sign-in/", {"login": "mara", "password": PASSWORD})
    client.post("/sign-out/")
    assert "messages" not in client.cookies
    assert all(name.startswith("torbox-web-") for name in client.cookies)


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["origin", "referer"])
def test_plain_http_is_told_the_https_address(header, settings):
    settings.SITE_URL, settings.SECURE = "https://box.example/torbox", True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client = Client(
        enforce_csrf_checks=True, headers={header: "http://localhost:8000", "host": "localhost:8000"}
    )
    form = {"login": "mara", "password": PASSWORD}
    page = client.post("/sign-in/", form)
    assert page.status_code == 403 and 'href="https://box.example/torbox/"' in page.content.decode()
    assert "has expired" not in page.content.decode()
    from_elsewhere = Client(
        enforce_csrf_checks=True, headers={header: "https://evil.example", "host": "localhost"}
    )
    assert "has expired" in from_elsewhere.post("/sign-in/", form).content.decode()


def test_a_listed_proxy_may_be_written_in_any_form(tmp_path):
    made = settings_of(tmp_path, TRUSTED_PROXIES="10.0.0.2,\n 172.18.0.0/16 fd00::/8")
    assert all(map(network, made.TRUSTED_PROXIES)) and len(made.TRUSTED_PROXIES) == 3
