"""The demo shares a film with people who have no account."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from links.models import LastingLink

pytestmark = pytest.mark.django_db


def seeded() -> str:
    said = StringIO()
    call_command("seeddemo", stdout=said)
    return said.getvalue()


def test_the_demo_prints_a_page_that_anyone_can_open(sim):
    sim.control.reset("household")
    said = seeded()
    path = re.search(r"without an account: http://[^/]+(/l/\S+)", said)
    assert path
    page = Client().get(path[1])
    assert page.status_code == 200 and "Night of the Living Dead (1968)" in page.content.decode()
    assert seeded() == said  # a restart makes no other
    assert LastingLink.objects.count() == 1


def test_a_demo_with_other_torrents_shares_none(sim):
    sim.control.reset("empty")
    assert "without an account" not in seeded()
    assert not LastingLink.objects.exists()
