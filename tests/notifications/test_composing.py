"""Messages have words in the receiver's language, links to the instance, and the same as codes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from localization import locales
from notifications.events import Kind
from notifications.services import composing
from notifications.services.recipients import language_of, zone_of
from tests.factories import make_torrent
from tests.notifications.drafts import draft
from torrents.states import Status

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 29, 20, 0, tzinfo=UTC)


@pytest.fixture
def film(cast):
    return make_torrent(cast.account, "Film", size=3_900_000_000)


def about(cast, torrent, kind: str = Kind.READY, **fields):
    return draft(cast.member, kind, account=cast.account, torrent=torrent, name=torrent.name, at=AT, **fields)


def composed(cast, *notes):
    return composing.message("1234", cast.member, notes)


def test_a_message_about_a_torrent_leads_to_it_and_offers_the_download(cast, film, settings):
    message = composed(cast, about(cast, film))
    assert message.title == "Film is ready"
    assert message.lines == ("1 file · 3.9 GB",)
    assert message.url == f"{settings.SITE_ORIGIN}/torrents/{film.pk}/"
    assert message.download_url == f"{settings.SITE_ORIGIN}/torrents/{film.pk}/download/"
    assert (message.id, message.language, message.urgent) == ("1234", "en", False)


def test_what_cannot_be_downloaded_anymore_has_no_download(cast, film):
    film.status = Status.GONE
    assert composed(cast, about(cast, film)).download_url == ""
    assert composed(cast, about(cast, make_torrent(cast.account, "B"), Kind.FAILED)).download_url == ""


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        (Kind.KEY_REJECTED, "account"),
        (Kind.KEY_UNREADABLE, "account"),
        (Kind.PLAN, "account"),
        (Kind.WAITING, "list"),
        (Kind.SUMMARY, "list"),
        (Kind.DELETED, "list"),
        (Kind.FAILED, "torrent"),
        (Kind.GONE, "torrent"),
    ],
)
def test_a_message_leads_to_what_it_is_about(cast, film, kind, page, settings):
    pages = {
        "account": reverse("accounts:account", args=[cast.account.pk]),
        "list": reverse("torrents:list"),
        "torrent": reverse("torrents:detail", args=[film.pk]),
    }
    note = about(cast, film, kind)
    if kind in (Kind.KEY_REJECTED, Kind.KEY_UNREADABLE, Kind.PLAN, Kind.WAITING, Kind.SUMMARY):
        note.torrent = None
    assert composed(cast, note).url == f"{settings.SITE_ORIGIN}{pages[page]}"


def test_a_message_leads_to_no_page_of_a_torrent_that_was_deleted(cast, film, settings):
    film.removed_at = timezone.now()
    for kind in (Kind.GONE, Kind.DELETED):
        message = composed(cast, about(cast, film, kind))
        assert message.url == f"{settings.SITE_ORIGIN}{reverse('torrents:list')}"
        assert [torrent["url"] for torrent in message.payload["torrents"]] == [""]
    digest = composed(cast, *[about(cast, film, Kind.DELETED)] * 6)
    assert digest.url == f"{settings.SITE_ORIGIN}{reverse('torrents:list')}"


def test_what_needs_attention_is_urgent(cast, film):
    assert composed(cast, about(cast, film, Kind.EXPIRING)).urgent
    notes = [about(cast, film), about(cast, film, Kind.EXPIRING)]
    assert composed(cast, *notes).urgent


def test_a_payload_has_the_same_as_codes(cast, film, settings):
    note = about(
        cast,
        film,
        Kind.FAILED,
        actor=cast.owner,
        code="inactive",
        upstream_detail="No\npeers",
        params={"a": 1},
    )
    assert composed(cast, note).payload == {
        "kind": "failed",
        "event": "failed",
        "at": "2026-11-29T20:00:00Z",
        "account": "Family",
        "actor": "Owner",
        "reason": "inactive",
        "detail": "No peers",
        "params": {"a": 1},
        "torrents": [
            {
                "id": film.pk,
                "name": "Film",
                "info_hash": film.info_hash,
                "size": 3_900_000_000,
                "url": f"{settings.SITE_ORIGIN}/torrents/{film.pk}/",
            }
        ],
    }


def test_a_digest_names_a_torrent_once_in_its_payload(cast, film):
    payload = composed(cast, about(cast, film, Kind.FAILED), about(cast, film)).payload
    assert payload["kind"] == "digest"
    assert [torrent["id"] for torrent in payload["torrents"]] == [film.pk]
    assert [note["kind"] for note in payload["notifications"]] == ["failed", "ready"]


def test_a_hostile_name_stays_on_its_line(cast):
    torrent = make_torrent(cast.account, "Film\n\u202eevil\x01 " + "x" * 500)
    message = composed(cast, about(cast, torrent))
    digest = composed(cast, about(cast, torrent), about(cast, torrent))
    for text in (message.title, digest.lines[0], message.payload["torrents"][0]["name"]):
        assert "\n" not in text and "\u202e" not in text and "\x01" not in text
    assert len(message.title) < 200 and len(digest.lines[0]) < 200


def test_a_long_digest_leads_to_the_list(cast):
    notes = [about(cast, make_torrent(cast.account, f"Film {n}", pk=2 * n)) for n in range(100, 300)]
    assert composed(cast, *notes).url.endswith("/")


@pytest.mark.parametrize(
    ("chosen", "seen", "spoken"), [("de", "fr", "de"), ("", "fr", "fr"), ("", "xx", "en"), ("xx", "", "en")]
)
def test_a_message_speaks_the_chosen_language_or_that_of_the_browser(cast, film, chosen, seen, spoken):
    cast.member.language, cast.member.seen_language = chosen, seen
    assert language_of(cast.member) == spoken
    assert composed(cast, about(cast, film)).language == spoken
    assert locales.tag() == "en"


@pytest.mark.parametrize(
    ("chosen", "seen", "zone"),
    [
        ("Asia/Tokyo", "Europe/Paris", "Asia/Tokyo"),
        ("", "Europe/Paris", "Europe/Paris"),
        ("", "", "UTC"),
        ("Nowhere", "", "UTC"),
    ],
)
def test_a_message_has_the_chosen_time_zone_or_that_of_the_browser(cast, chosen, seen, zone):
    cast.member.time_zone, cast.member.seen_time_zone = chosen, seen
    assert zone_of(cast.member).key == zone


def test_a_test_message_says_that_it_is_one(cast):
    message = composing.test_message("1234", cast.member)
    assert message.title == "Test from TorBox Web"
    assert message.payload["kind"] == "test" and message.payload["torrents"] == []
    assert timezone.get_current_timezone_name() == "UTC"
