"""The bell: its count on every page and poll, its panel, and the page with everything it holds."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.db.models.signals import post_init
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.models import Share, TorBoxAccount
from notifications.events import Kind
from notifications.models import Channel, ChannelKind, Notification, TorrentChoice
from tests.factories import make_torrent, make_user
from tests.notifications.notes import tell, tell_burst
from torrents.models import Torrent
from torrents.models.usage import Usage
from torrents.states import Status

PAGE, PANEL = reverse("notifications:page"), reverse("notifications:panel")
LIST, CHANGES = reverse("torrents:list"), reverse("torrents:changes")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def film(cast) -> Torrent:
    return make_torrent(cast.account, "Sintel", file_count=4, size=2_100_000_000, added_by=cast.member)


@pytest.fixture
def member(sign_in, cast) -> Client:
    """Return the HTTP client of the member."""
    return sign_in(cast.member)


def bell(page) -> tuple[str, str]:
    """Return the number on the bell and its accessible name."""
    html = page.content.decode()
    count = html.partition('class="bell-count" aria-hidden="true">')[2].partition("<")[0]
    return count, html.partition('id="bell" ')[2].partition('aria-label="')[2].partition('"')[0]


def rung(answer) -> dict:
    return json.loads(answer.headers["HX-Trigger"])["bell"]


def lines(answer) -> list[str]:
    """Return what the lines of a panel or page say, with their groups as they follow."""
    notes = answer.context["notes"]
    groups = [("needing", notes.needing), ("today", notes.today), ("earlier", notes.earlier)]
    return [f"{name}: {plain(line.sentence)}" for name, those in groups for line in those]


def plain(markup: str) -> str:
    return strip_tags(markup)


# --- the count ------------------------------------------------------------------------------------------


def test_every_page_has_a_bell_with_the_number_of_unread_lines(member, cast, film):
    assert bell(member.get(LIST)) == ("", "Notifications")
    tell(cast.member, Kind.READY, film)
    tell(cast.member, Kind.FAILED, film)
    tell(cast.member, Kind.ADDED, film, read_at=timezone.now())
    tell(cast.member, Kind.GONE, film, in_bell=False)
    for url in (
        LIST,
        PAGE,
        reverse("torrents:activity"),
        reverse("accounts:people"),
        reverse("accounts:settings"),
    ):
        assert bell(member.get(url)) == ("2", "Notifications, 2 unread")


def test_above_nine_it_says_so(member, cast, film):
    for _ in range(9):
        tell(cast.member, Kind.READY, film)
    assert bell(member.get(LIST))[0] == "9"
    for _ in range(50):
        tell(cast.member, Kind.READY, film)
    assert bell(member.get(LIST)) == ("9+", "Notifications, more than 9 unread")


def test_a_burst_counts_as_one_line(member, cast, film):
    tell_burst(cast.member, Kind.READY, [film] * 12)
    tell(cast.member, Kind.FAILED, film)
    assert bell(member.get(LIST))[0] == "2"


def test_people_who_are_not_signed_in_have_no_bell(member):
    member.logout()
    assert 'id="bell"' not in member.get(reverse("account_login")).content.decode()


def test_nobody_counts_what_others_were_told(member, cast, film):
    tell(cast.owner, Kind.READY, film)
    assert bell(member.get(LIST))[0] == ""


def test_an_unchanged_poll_says_how_much_is_unread(member, cast, film, django_assert_num_queries):
    since = member.get(LIST).context["listing"].cursor
    tell(cast.member, Kind.READY, film)
    member.get(CHANGES, {"since": since}, headers=HTMX)
    with django_assert_num_queries(2):  # the session, and the person with the lists and the bell
        answer = member.get(CHANGES, {"since": since}, headers=HTMX)
    assert answer.status_code == 204
    assert rung(answer) == {"count": "1", "label": "Notifications, 1 unread"}
    assert "no-store" in answer.headers["Cache-Control"]


def test_other_requests_and_redirects_say_nothing(member, cast, film):
    assert "HX-Trigger" not in member.get(LIST).headers
    assert "HX-Trigger" not in member.get(reverse("notifications:open", args=[1]), headers=HTMX).headers
    note = tell(cast.member, Kind.READY, film)
    answer = member.get(reverse("notifications:open", args=[note.pk]), headers=HTMX)
    assert answer.status_code == 302 and "HX-Trigger" not in answer.headers


def test_a_toast_and_the_bell_travel_together(member, cast, film):
    answer = member.post(reverse("notifications:mute", args=[film.pk]), headers=HTMX)
    assert {"bell", "toast", "bell-changed", "menus-changed"} == set(json.loads(answer.headers["HX-Trigger"]))


# --- the panel ------------------------------------------------------------------------------------------


def test_the_panel_has_groups_and_marks_nothing_as_read(member, cast, film, time_machine):
    time_machine.move_to("2026-11-29T15:00:00+00:00", tick=False)
    now = timezone.now()
    tell(
        cast.member, Kind.FAILED, film, upstream_detail="Could not find metadata.", at=now - timedelta(days=1)
    )
    tell(cast.member, Kind.ADDED, film, actor=cast.owner, at=now - timedelta(days=4), read_at=now)
    tell(cast.member, Kind.READY, film, at=now - timedelta(hours=2))
    tell(
        cast.member, Kind.WAITING, account=cast.account, params={"count": 3, "reason": "key_rejected"}, at=now
    )
    answer = member.get(PANEL, headers=HTMX)
    assert lines(answer) == [
        "needing: 3 torrents are waiting to be sent to TorBox",
        "today: Sintel is ready",
        "earlier: Sintel failed",
        "earlier: Owner added Sintel",
    ]
    html = answer.content.decode()
    assert "4 files · 2.1 GB" in html and "TorBox: “Could not find metadata.”" in html
    assert "1:00" in html and "Yesterday" in html and "Nov 25" in html
    assert html.count('class="dot"') == 3 and html.count("Unread:") == 3
    assert Notification.objects.unread().count() == 3


def test_groups_without_lines_have_no_heading(member, cast, film):
    tell(cast.member, Kind.READY, film)
    html = member.get(PANEL).content.decode()
    assert "Your torrents" in html and "Needs attention" not in html and "Earlier" not in html


def test_the_panel_holds_few_lines_and_leads_to_all(member, cast, film):
    for _ in range(30):
        tell(cast.member, Kind.READY, film)
        tell(cast.member, Kind.KEY_REJECTED, account=cast.account)
    TorBoxAccount.objects.update(health=TorBoxAccount.Health.REJECTED)
    assert len(lines(member.get(PANEL))) == 12
    assert f'href="{PAGE}"' in member.get(PANEL).content.decode()


def test_what_is_solved_leaves_its_place_to_the_next(member, cast):
    for _ in range(6):
        tell(cast.member, Kind.KEY_REJECTED, account=cast.account)
    at = timezone.now() - timedelta(hours=1)
    tell(cast.member, Kind.WAITING, account=cast.account, params={"count": 2}, at=at)
    assert lines(member.get(PANEL)) == ["needing: 2 torrents are waiting to be sent to TorBox"]


def test_all_can_be_marked_as_read_although_only_old_ones_are_unread(member, cast, film):
    tell(cast.member, Kind.READY, film, at=timezone.now() - timedelta(days=9))
    for _ in range(20):
        tell(cast.member, Kind.READY, film, read_at=timezone.now())
    assert "Mark all as read" in member.get(PANEL).content.decode()


def test_an_empty_bell_offers_a_channel_only_while_there_is_none(member, cast):
    html = member.get(PANEL).content.decode()
    assert "You’re up to date" in html and "add a channel" in html and "See all" not in html
    Channel.objects.create(person=cast.member, kind=ChannelKind.NTFY, encrypted_address="x", fingerprint="x")
    html = member.get(PAGE).content.decode()
    assert "You’re up to date" in html and "add a channel" not in html


def test_what_a_person_may_no_longer_see_vanishes(member, cast, film):
    hidden = make_torrent(cast.account, "Secret", added_by=cast.owner, remote_id=8)
    tell(cast.member, Kind.READY, film)
    tell(cast.member, Kind.ADDED, hidden)
    assert len(lines(member.get(PANEL))) == 2 and bell(member.get(LIST))[0] == "2"
    Torrent.objects.filter(pk=hidden.pk).update(hidden=True)
    assert lines(member.get(PANEL)) == ["today: Sintel is ready"] and bell(member.get(LIST))[0] == "1"
    Share.objects.all().delete()
    assert lines(member.get(PANEL)) == [] and bell(member.get(LIST))[0] == ""


def test_a_name_is_text_and_not_markup(member, cast):
    tell(
        cast.member, Kind.READY, make_torrent(cast.account, "<script>alert(1)</script>", added_by=cast.member)
    )
    html = member.get(PANEL).content.decode()
    assert "<script>" not in html and "&lt;script&gt;alert(1)" in html


# --- what needs attention -------------------------------------------------------------------------------


def buttons(answer) -> dict[str, str]:
    return {button.label: button.url for line in answer.context["notes"].needing for button in line.buttons}


def test_a_refused_key_can_be_replaced(sign_in, cast):
    TorBoxAccount.objects.update(health=TorBoxAccount.Health.REJECTED)
    tell(cast.owner, Kind.KEY_REJECTED, account=cast.account, params={"waiting": 3})
    answer = sign_in(cast.owner).get(PANEL)
    assert buttons(answer) == {"Enter a new key": reverse("accounts:replace_key", args=[cast.account.pk])}
    assert "3 torrents are waiting to be sent." in answer.content.decode()
    TorBoxAccount.objects.update(health=TorBoxAccount.Health.OK)
    assert lines(sign_in(cast.owner).get(PANEL)) == []


def expiring(cast, **fields) -> Torrent:
    soon = timezone.now() + timedelta(days=3)
    return make_torrent(cast.account, "Big Buck Bunny", removal_at=soon, file_count=2, **fields)


def test_what_expires_can_be_kept_and_downloaded(member, sign_in, cast):
    Usage.objects.create(account=cast.account, airlock_limit=10**12)
    film = expiring(cast, added_by=cast.member)
    for person in (cast.member, cast.viewer):
        at = film.removal_at.isoformat()
        tell(person, Kind.EXPIRING, film, params={"at": at, "estimated": False, "last_download": None})
    keep, download = reverse("torrents:keep", args=[film.pk]), reverse("links:download_zip", args=[film.pk])
    answer = sign_in(cast.viewer).get(PANEL)
    assert buttons(answer) == {"Download": download}
    answer = sign_in(cast.member).get(PANEL)
    assert lines(answer) == ["needing: Big Buck Bunny expires in 3 days"]
    assert buttons(answer) == {"Keep": keep, "Download": download}
    member.post(keep)
    assert lines(member.get(PANEL)) == []


def test_without_airlock_it_can_only_be_downloaded(member, cast):
    tell(cast.member, Kind.EXPIRING, expiring(cast, added_by=cast.member))
    assert list(buttons(member.get(PANEL))) == ["Download"]


def test_the_other_kinds_lead_to_what_solves_them(sign_in, cast):
    channel = Channel.objects.create(
        person=cast.owner, kind=ChannelKind.DISCORD, label="Family", encrypted_address="x", fingerprint="x"
    )
    tell(cast.owner, Kind.PLAN, account=cast.account)
    tell(cast.owner, Kind.CHANNEL, channel=channel)
    tell(cast.owner, Kind.WAITING, account=cast.account, params={"count": 1})
    assert buttons(sign_in(cast.owner).get(PANEL)) == {
        "Open TorBox": "https://torbox.app/subscription",
        "Replace URL": reverse("notifications:channel", args=[channel.pk]),
        "Show waiting torrents": f"{LIST}?tab=waiting",
    }


def test_what_is_solved_moves_to_the_others(member, cast, film):
    tell(cast.member, Kind.EXPIRING, film, resolved_at=timezone.now())
    assert lines(member.get(PANEL)) == ["today: Sintel was about to expire"]


# --- reading --------------------------------------------------------------------------------------------


def test_opening_the_torrent_marks_what_concerns_it(member, cast, film):
    other = make_torrent(cast.account, "Other", added_by=cast.member, remote_id=9)
    for kind in (Kind.ADDED, Kind.READY):
        tell(cast.member, kind, film)
    tell(cast.member, Kind.READY, other)
    tell(cast.owner, Kind.READY, film)
    page = member.get(reverse("torrents:detail", args=[film.pk]))
    assert bell(page)[0] == "1"
    assert set(Notification.objects.unread().values_list("person", "torrent")) == {
        (cast.member.pk, other.pk),
        (cast.owner.pk, film.pk),
    }


def test_the_sentence_leads_to_the_torrent(member, cast, film):
    tell(cast.member, Kind.READY, film)
    assert f'<a href="{reverse("torrents:detail", args=[film.pk])}">' in member.get(PANEL).content.decode()


def test_a_notification_opens_what_it_is_about_and_is_read(member, cast, film):
    gone = make_torrent(cast.account, "Gone", added_by=cast.member, removed_at=timezone.now(), remote_id=9)
    expected = [
        (tell(cast.member, Kind.READY, film), reverse("torrents:detail", args=[film.pk])),
        (tell(cast.member, Kind.DELETED, gone), reverse("torrents:deleted")),
        (tell(cast.member, Kind.DELETED, account=cast.account), reverse("torrents:deleted")),
        (tell(cast.member, Kind.WAITING, account=cast.account), f"{LIST}?tab=waiting"),
        (tell(cast.member, Kind.SUMMARY), reverse("torrents:activity")),
        (tell(cast.member, Kind.CHANNEL), reverse("notifications:settings")),
        (
            tell(cast.member, Kind.PLAN, account=cast.account),
            reverse("accounts:account", args=[cast.account.pk]),
        ),
    ]
    for note, url in expected:
        assert member.get(reverse("notifications:open", args=[note.pk])).headers["Location"] == url
    assert not Notification.objects.unread().exists()


def test_a_burst_is_one_line_that_opens_the_list_with_nothing_else(member, cast):
    films = [make_torrent(cast.account, f"Film {n}", added_by=cast.member, remote_id=n) for n in range(8)]
    tell_burst(cast.member, Kind.READY, films[:6])
    answer = member.get(PANEL)
    assert lines(answer) == ["today: 6 torrents are ready"]
    html = answer.content.decode()
    assert "<bdi>Film 5</bdi>, <bdi>Film 4</bdi>, and 4 more" in html and "Mute this torrent" not in html
    opened = member.get(re.search(r'<a href="(/notifications/\d+/)">6 torrents</a>', html)[1])
    shown = member.get(opened.headers["Location"])
    assert {row.pk for row in shown.context["listing"].rows} == {film.pk for film in films[:6]}
    assert not Notification.objects.unread().exists()


def test_of_a_large_burst_only_the_shown_names_are_read(member, cast, film):
    tell_burst(cast.member, Kind.READY, [film] * 600)
    read = []

    def count(**signal: object) -> None:
        read.append(signal["instance"])

    post_init.connect(count, sender=Notification)
    try:
        assert lines(member.get(PANEL)) == ["today: 600 torrents are ready"]
    finally:
        post_init.disconnect(count, sender=Notification)
    assert len(read) == 2


def test_one_line_or_all_are_marked_as_read(member, cast, film):
    note, *_others = [tell(cast.member, Kind.READY, film) for _ in range(4)]
    tell(cast.owner, Kind.READY, film)
    answer = member.post(reverse("notifications:read", args=[note.pk]), headers=HTMX)
    assert answer.status_code == 204 and rung(answer)["count"] == "3"
    assert "Mark all as read" in member.get(PANEL).content.decode()
    answer = member.post(reverse("notifications:read_all"))
    assert answer.headers["Location"] == PAGE
    assert "Mark all as read" not in member.get(PAGE).content.decode()
    assert Notification.objects.unread().get().person == cast.owner


def test_nobody_reads_or_opens_what_others_were_told(member, cast, film):
    note = tell(cast.owner, Kind.READY, film)
    assert member.get(reverse("notifications:open", args=[note.pk])).status_code == 404
    assert member.post(reverse("notifications:read", args=[note.pk])).status_code == 404
    assert Notification.objects.unread().count() == 1


# --- the page -------------------------------------------------------------------------------------------


def test_the_page_goes_on_where_the_one_before_ended(member, cast, film):
    start = timezone.now() - timedelta(days=3)
    for number in range(120):
        tell(cast.member, Kind.READY, film, name=f"Film {number}", at=start + timedelta(minutes=number // 2))
    tell(cast.member, Kind.WAITING, account=cast.account, params={"count": 2})
    seen, url = [], PAGE
    while url:
        answer = member.get(url)
        seen += [line for line in lines(answer) if "Film" in line]
        tell(cast.member, Kind.READY, film, name="newer")
        url = answer.context["notes"].older_url
    assert len(seen) == len(set(seen)) == 120
    assert "waiting to be sent" not in answer.content.decode() and "Newest" in answer.content.decode()


@pytest.mark.parametrize("before", ["x", "1", "9" * 40 + "-1", "-", "1-" + "9" * 30, "٣-٣"])
def test_a_position_that_is_none_is_the_beginning(member, cast, film, before):
    tell(cast.member, Kind.READY, film)
    assert member.get(PAGE, {"before": before}).status_code == 200


def test_the_page_counts_muted_torrents_and_shows_them(member, cast, film):
    TorrentChoice.objects.create(person=cast.member, torrent=film, muted=True)
    secret = make_torrent(cast.account, "Secret", added_by=cast.owner, hidden=True, remote_id=9)
    TorrentChoice.objects.create(person=cast.member, torrent=secret, muted=True)
    html = member.get(PAGE).content.decode()
    assert "1 muted torrent" in html and "Unmute" not in html
    html = member.get(PAGE, {"muted": 1}).content.decode()
    assert "Unmute Sintel" in html and reverse("notifications:reset", args=[film.pk]) in html


def test_a_household_of_strangers_sees_an_empty_page(sign_in, cast, film):
    tell(cast.member, Kind.READY, film)
    assert lines(sign_in(make_user("stranger")).get(PAGE)) == []


def test_queries_do_not_grow_with_lines(member, cast, django_assert_max_num_queries):
    films = [make_torrent(cast.account, f"Film {n}", added_by=cast.member, remote_id=n) for n in range(40)]
    Torrent.objects.update(removal_at=timezone.now() + timedelta(days=2), status=Status.READY)
    for film in films:
        tell(cast.member, Kind.READY, film, actor=cast.owner)
        tell(cast.member, Kind.EXPIRING, film)
        if film.remote_id % 4 == 0:
            tell_burst(cast.member, Kind.FAILED, films[:6])
    member.get(PAGE)
    with django_assert_max_num_queries(12):
        assert len(lines(member.get(PAGE))) == 90
