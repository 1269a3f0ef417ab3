"""Events that an earlier version stored as sentences are codes after upgrading, and mean the same."""

from __future__ import annotations

import csv
import html
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from tests.factories import make_cast, make_key, make_torrent
from torrents.folding import fold
from torrents.models import Activity

BEFORE = [("torrents", "0010_folded_names"), ("accounts", "0008_unread_rows")]
IN_QUEUE = "it waits in TorBox’s queue, where it can only be started or deleted."
# By kind and the detail of before: code, parameters, TorBox's words; the sentence; the detail in the CSV file.
STORED = {
    ("added", ""): (("", {}, ""), "Owner added A film", ""),
    ("waited", "No free slot at TorBox"): (
        ("no_slot", {}, ""),
        "A film had to wait: No free slot on TorBox.",
        "No free slot on TorBox.",
    ),
    ("waited", "TorBox allows 60 adds an hour"): (
        ("hourly_limit", {"limit": 60}, ""),
        "A film had to wait: TorBox allows 60 adds an hour.",
        "TorBox allows 60 adds an hour.",
    ),
    ("waited", "TorBox does not answer; sent as soon as it does"): (
        ("torbox_down", {}, ""),
        "A film had to wait: TorBox isn’t responding. We’ll send it when TorBox is back.",
        "TorBox isn’t responding. We’ll send it when TorBox is back.",
    ),
    ("waited", "TorBox’s answer got lost"): (
        ("answer_lost", {}, ""),
        "A film had to wait: TorBox’s answer got lost.",
        "TorBox’s answer got lost.",
    ),
    ("waited", "TorBox had trouble with it"): (
        ("torbox_trouble", {}, ""),
        "A film had to wait: TorBox ran into a problem with it.",
        "TorBox ran into a problem with it.",
    ),
    ("waited", "Something that no version said"): (
        ("", {}, "Something that no version said"),
        "A film had to wait: Something that no version said",
        "Something that no version said",
    ),
    ("sent", "Found in TorBox’s list."): (
        ("found", {}, ""),
        "A film was sent to TorBox",
        "Found in TorBox’s list.",
    ),
    ("sent", "Torrent Already Queued."): (
        ("", {}, "Torrent Already Queued."),
        "A film was sent to TorBox",
        "Torrent Already Queued.",
    ),
    ("failed", "inactive (>30 days)"): (
        ("inactive", {"longer_than": "30 days"}, "inactive (>30 days)"),
        "A film failed: It was inactive for more than 30 days.",
        "inactive (>30 days)",
    ),
    ("failed", "Désolé: <b>pas de pairs</b>"): (
        ("", {}, "Désolé: <b>pas de pairs</b>"),
        "A film failed: Désolé: <b>pas de pairs</b>",
        "Désolé: <b>pas de pairs</b>",
    ),
    ("failed", "TorBox has no cached copy, and you asked for cached ones only."): (
        ("not_cached", {}, ""),
        "A film failed: TorBox doesn’t have it cached, and you asked for cached torrents only.",
        "TorBox doesn’t have it cached, and you asked for cached torrents only.",
    ),
    ("link", "zip"): (("zip", {}, ""), "Owner got a download link for A film", "zip"),
    ("link", "Extras/Été.mkv"): (
        ("file", {"path": "Extras/Été.mkv"}, ""),
        "Owner got a download link for Été.mkv",
        "Extras/Été.mkv",
    ),
    ("link", "1,200 links"): (
        ("links", {"count": 1200}, ""),
        "Owner got 1,200 download links for A film",
        "1,200 links",
    ),
    ("controlled", "Stop seeding"): (
        ("stop_seeding", {}, ""),
        "Owner stopped seeding A film",
        "Stop seeding",
    ),
    ("controlled", f"Pause: {IN_QUEUE}"): (
        ("pause", {"error": "in_queue"}, ""),
        "Owner couldn’t pause A film: It’s in TorBox’s queue, where it can only be started or deleted.",
        "Pause: It’s in TorBox’s queue, where it can only be started or deleted.",
    ),
    ("controlled", "Delete: Nope: not now"): (
        ("delete", {"error": "refused"}, "Nope: not now"),
        "Owner couldn’t delete A film: Nope: not now",
        "Delete: Nope: not now",
    ),
    ("controlled", "Resume: TorBox refused it without saying why."): (
        ("resume", {"error": "refused"}, ""),
        "Owner couldn’t resume A film: TorBox refused it without giving a reason.",
        "Resume: TorBox refused it without giving a reason.",
    ),
}
BY_OWNER = {"added", "link", "controlled"}


def said(line) -> str:
    return html.unescape(strip_tags(line.sentence))


@pytest.fixture
def cast(request):
    """A household whose activity an earlier version wrote, brought up to date."""
    cast = make_cast(make_key(request.node.name))
    row = make_torrent(cast.account, "A film")
    request.addfinalizer(lambda: call_command("migrate", verbosity=0))
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    old = executor.loader.project_state(BEFORE).apps.get_model("torrents", "Activity")
    now = timezone.now()
    for number, (kind, detail) in enumerate(STORED):
        person = cast.owner.pk if kind in BY_OWNER else None
        where = {"account_id": cast.account.pk, "torrent_id": row.pk, "person_id": person, "name": row.name}
        at, folded = now - timedelta(minutes=number), fold(f"{row.name}\n{detail}")
        old.objects.create(kind=kind, detail=detail, folded=folded, at=at, **where)
    call_command("migrate", verbosity=0)
    return cast


@pytest.mark.django_db(transaction=True)
def test_stored_events_are_codes_and_mean_the_same(cast, sign_in):
    entries = list(Activity.objects.all())
    for entry, (event, *_) in zip(entries, STORED.values(), strict=True):
        assert (entry.code, entry.params, entry.upstream_detail) == event
        written = Activity.about(
            entry.torrent,
            entry.kind,
            code=entry.code,
            params=entry.params,
            upstream_detail=entry.upstream_detail,
        )
        assert entry.folded == written.folded
    client = sign_in(cast.owner)
    lines = client.get(reverse("torrents:activity")).context["page"].lines
    assert [said(line) for line in lines] == [sentence for _, sentence, _ in STORED.values()]
    export = b"".join(client.get(reverse("torrents:activity_export"))).decode("utf-8-sig")
    assert [row[-1] for row in list(csv.reader(export.splitlines()))[1:]] == [
        detail for *_, detail in STORED.values()
    ]


@pytest.mark.django_db(transaction=True)
def test_stored_events_are_found_as_before(cast, sign_in):
    client = sign_in(cast.owner)
    for query, found in {
        "slot": 1,
        "ete extras": 1,
        "desole pairs": 1,
        "queue pause": 1,
        "film": 19,
    }.items():
        page = client.get(reverse("torrents:activity"), {"q": query}).context["page"]
        assert (query, len(page.lines)) == (query, found)
