"""The data export of a person says what they were told and what they chose, without addresses of channels."""

from __future__ import annotations

import json

import pytest

from accounts import crypto
from accounts.models import Share
from notifications.models import Channel, EventChoice, Notification, NotificationSettings, TorrentChoice
from tests.factories import make_torrent, sign_in
from torrents.models import Torrent

pytestmark = pytest.mark.django_db
ADDRESS = "ntfys://ntfy.sh/a-secret-topic"


def test_the_export_has_my_channels_choices_and_notifications_but_no_address(client, cast):
    torrent = make_torrent(cast.account, "A film", added_by=cast.member)
    for person in (cast.member, cast.viewer):
        Channel.objects.create(
            person=person,
            kind="ntfy",
            label=f"ntfy of {person}",
            encrypted_address=crypto.encrypt(ADDRESS),
            fingerprint=crypto.fingerprint(ADDRESS),
            shown="ntfy.sh/•••••opic",
        )
        note = {"account": cast.account, "torrent": torrent, "name": "A film"}
        Notification.objects.create(person=person, kind="ready", source="activity:1", **note)
    NotificationSettings.objects.create(person=cast.member, summary="weekly")
    EventChoice.objects.create(person=cast.member, event="ready", place="bell", wanted=False)
    TorrentChoice.objects.create(person=cast.member, torrent=torrent, muted=True)

    answer = sign_in(client, cast.member).get("/me/export/")

    exported = json.loads(answer.content)["notifications"]
    assert [one["label"] for one in exported["channels"]] == ["ntfy of Member"]
    assert exported["settings"]["summary"] == "weekly"
    assert exported["choices"] == [{"event": "ready", "place": "bell", "channel": None, "wanted": False}]
    assert exported["torrents"] == [{"name": "A film", "muted": True}]
    assert [(one["kind"], one["name"]) for one in exported["notifications"]] == [("ready", "A film")]
    assert b"a-secret-topic" not in answer.content


def test_the_export_names_no_torrent_that_i_may_no_longer_see(client, cast):
    hidden = make_torrent(cast.account, "Surprise party")
    shared = make_torrent(cast.account, "A film")
    for torrent in (hidden, shared):
        TorrentChoice.objects.create(person=cast.viewer, torrent=torrent, muted=False)
    Torrent.objects.filter(pk=hidden.pk).update(hidden=True)
    export = sign_in(client, cast.viewer).get

    torrents = json.loads(export("/me/export/").content)["notifications"]["torrents"]
    assert torrents == [{"name": "A film", "muted": False}]

    Share.objects.filter(user=cast.viewer).delete()
    assert json.loads(export("/me/export/").content)["notifications"]["torrents"] == []
