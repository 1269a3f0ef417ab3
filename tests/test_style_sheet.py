"""The style sheet: part of the page on a first visit, a file on later ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import call_command

BUNDLED = {"BACKEND": "torbox_web.assets.storage.BundlingStorage"}


@pytest.fixture
def collected(tmp_path, settings) -> Path:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": BUNDLED}
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


@pytest.mark.django_db
def test_the_style_sheet_of_a_first_visit_names_collected_files(collected, client):
    first = client.get("/sign-in/")
    nonce, sheet = re.search(r'<style nonce="([^"]+)">(.*?)</style>', first.text, re.DOTALL).groups()
    assert f"'nonce-{nonce}'" in first["Content-Security-Policy"]
    addresses = re.findall(r'url\("([^"]+)"\)', sheet)
    assert len(addresses) >= 4
    for address in addresses:
        assert (collected / address.removeprefix("/static/")).exists(), address
    later = client.get("/sign-in/")
    assert "<style" not in later.text and "nonce" not in later["Content-Security-Policy"]
