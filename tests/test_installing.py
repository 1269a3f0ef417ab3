"""The site as an installed app: manifest, service worker, offline page, and browser settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import resolve, reverse

pytestmark = pytest.mark.django_db


def test_the_manifest_names_existing_icons_and_the_share_target(client):
    answer = client.get(reverse("manifest"))
    facts = answer.json()
    assert answer["Content-Type"] == "application/manifest+json"
    assert {icon["sizes"] for icon in facts["icons"]} == {"192x192", "512x512"}
    assert any(icon["purpose"] == "maskable" for icon in facts["icons"])
    for icon in facts["icons"]:
        content = Path(finders.find(icon["src"].removeprefix("/static/"))).read_bytes()
        width = int.from_bytes(content[16:20])
        assert content.startswith(b"\x89PNG") and icon["sizes"] == f"{width}x{width}"
    share = facts["share_target"]
    assert (share["method"], share["enctype"]) == ("POST", "multipart/form-data")
    assert resolve(share["action"]).view_name == "torrents:share"
    assert share["params"]["files"][0]["accept"] == [".torrent", "application/x-bittorrent"]


def test_the_offline_page_is_the_same_for_everyone(client, cast, sign_in):
    stranger = client.get(reverse("offline"))
    assert sign_in(cast.owner).get(reverse("offline")).content == stranger.content
    assert not stranger.cookies and b"csrf" not in stranger.content


def test_the_service_worker_is_not_cached_and_keeps_only_static_files_and_that_page(client):
    answer = client.get(reverse("service_worker"))
    assert answer["Content-Type"] == "text/javascript" and "no-cache" in answer["Cache-Control"]
    script = answer.content.decode()
    assert 'OFFLINE = "/offline/", STATIC = "/static/"' in script


def test_settings_offer_magnet_links_and_a_bookmarklet_that_opens_the_preview(cast, sign_in):
    page = sign_in(cast.owner).get(reverse("accounts:browser")).content.decode()
    assert 'data-address="http://testserver/add/#url=%s"' in page
    assert "javascript:" in page and "open(&#x27;http://testserver/add/\\x23url=&#x27;" in page
