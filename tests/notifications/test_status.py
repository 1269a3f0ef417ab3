"""The messages of an instance on the Status page, in `manage.py doctor`, and in the metrics."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta
from html import unescape
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from notifications.models import Trouble
from tests import factories
from tests.notifications.factories import make_channel, make_delivery

pytestmark = pytest.mark.django_db
REFUSED = {"trouble": Trouble.REFUSED, "upstream_detail": "Unknown <i>webhook"}


@pytest.fixture
def mara(cast):
    """An owner of the household."""
    return cast.owner


@pytest.fixture
def jon(cast):
    return cast.member


def status(person: User) -> str:
    """Return what the Status page says to a person, without markup."""
    page = factories.sign_in(Client(), person).get("/status/").content.decode()
    assert "<i>" not in page
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def doctor() -> str:
    printed = StringIO()
    with suppress(CommandError):  # there is no worker here
        call_command("doctor", stdout=printed)
    return printed.getvalue()


def failing(person: User, **fields):
    return make_channel(
        person, "discord", failing_since=timezone.now() - timedelta(days=3), **(REFUSED | fields)
    )


def test_without_channels_nothing_is_said(mara):
    assert "None waiting" not in status(mara) and "Messages" not in doctor()


def test_channels_that_work_are_not_listed(mara):
    make_channel(mara, "discord", label="Films")
    assert "Messages None waiting" in status(mara) and "Films" not in status(mara)


def test_a_failing_channel_of_ones_own_says_why(mara):
    failing(mara, label="Films")
    since = timezone.now() - timedelta(days=3)
    why = f"Not delivered since {since:%b} {since.day}. Discord says “Unknown <i>webhook”."
    assert f"Films Failing {why}" in status(mara)


def test_a_household_channel_says_why_to_every_owner(mara):
    failing(mara, household=True, label="Family")
    other = factories.make_user("other owner", User.Role.OWNER)
    assert "Family Failing" in status(other) and "Unknown" in status(other)


def test_a_private_channel_is_shown_by_person_and_service_only(mara, jon):
    failing(jon, label="Private")
    shown = status(mara)
    assert f"{jon.display_name} · Discord Failing" in shown and "Discord refused the message." in shown
    printed = doctor()
    assert f"{jon.display_name} · Discord: Failing (Not delivered since" in printed
    for text in (shown, printed):
        assert not [secret for secret in ("Private", "Unknown", "ab12", "secret") if secret in text]


def test_members_learn_nothing_new(cast, mara, jon):
    failing(jon, label="Private")
    factories.make_account(jon, factories.make_key("jon"), "Jon’s")
    assert "Failing" not in status(jon) and "Messages" not in status(jon)


def test_waiting_messages_are_counted(mara):
    channel, now = make_channel(mara, "discord"), timezone.now()
    make_delivery(channel, source="activity:1", due_at=now - timedelta(minutes=20))
    make_delivery(channel, source="activity:2", due_at=now)
    make_delivery(channel, source="activity:3", due_at=now + timedelta(hours=5), held=True)
    make_delivery(channel, source="activity:4", state="sent")
    assert "Messages 2 waiting Oldest: 20 min · 1 to send later" in status(mara)
    assert "Messages: 2 waiting (Oldest: 20 min · 1 to send later)" in doctor()


def test_the_page_asks_as_often_whatever_the_number_of_channels(mara, django_assert_max_num_queries):
    failing(mara)
    client = factories.sign_in(Client(), mara)
    client.get("/status/")
    with django_assert_max_num_queries(60) as few:
        client.get("/status/")
    for number in range(5):
        failing(factories.make_user(f"person {number}"))
    with django_assert_max_num_queries(len(few)):
        client.get("/status/")


def test_metrics_count_messages_and_failing_channels(mara, client, settings):
    settings.METRICS_TOKEN = "a token nobody guesses"
    make_delivery(failing(mara), due_at=timezone.now() - timedelta(minutes=10))
    text = client.get("/metrics", headers={"authorization": "Bearer a token nobody guesses"}).content.decode()
    found = dict(
        line.rsplit(" ", 1)
        for line in text.splitlines()
        if "torboxweb_notification" in line and "#" not in line
    )
    assert (
        found['torboxweb_notification_channels_failing{kind="discord"}']
        == found["torboxweb_notifications_waiting"]
    )
    assert float(found["torboxweb_notifications_waiting"]) == 1
    assert 600 <= float(found["torboxweb_notifications_oldest_seconds"]) < 700
