"""The sentences of notifications: on pages as markup, in messages as plain text."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import TorBoxAccount, User
from localization import locales
from notifications import words
from notifications.events import Kind
from notifications.models import Channel, ChannelKind, Notification, Trouble
from notifications.trouble_text import trouble_words
from torrents.models import Torrent
from torrents.reasons import Reason
from torrents.states import Status

JON = User(pk=1, username="jon", shown_name="Jon")
MARA = User(pk=2, username="mara", shown_name="Mara")
ACCOUNT = TorBoxAccount(label="Mara’s TorBox")


def note(kind: str, **fields) -> Notification:
    return Notification(**{"kind": kind, "name": "Sintel", "account": ACCOUNT, **fields})


def later(**time: int) -> str:
    return (timezone.now() + timedelta(**time)).isoformat()


def says(told: Notification) -> tuple[str, str]:
    return words.plain_sentence(told), words.facts(told)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (Kind.READY, "Sintel is ready"),
        (Kind.FAILED, "Sintel failed"),
        (Kind.SAVED, "Sintel was saved to Films"),
        (Kind.NOT_SAVED, "Sintel couldn’t be saved to Films"),
        (Kind.STALLED, "Sintel has stalled"),
        (Kind.EXPIRING, "Sintel expires soon"),
        (Kind.GONE, "Sintel is gone from TorBox"),
        (Kind.DELETED, "Jon deleted Sintel"),
        (Kind.ADDED, "Jon added Sintel"),
        (Kind.LINK, "Jon downloaded Sintel"),
        (Kind.LINK_USED, "Someone with Jon’s link downloaded Sintel"),
        (Kind.KEY_REJECTED, "TorBox refused the API key for Mara’s TorBox"),
        (Kind.KEY_UNREADABLE, "The API key for Mara’s TorBox can’t be decrypted"),
        (Kind.PLAN, "The plan of Mara’s TorBox has ended"),
        (Kind.CHANNEL, "Family Discord isn’t receiving messages"),
        (Kind.WAITING, "3 torrents are waiting to be sent to TorBox"),
        (Kind.SUMMARY, "12 torrents added, 3 expiring"),
    ],
)
def test_every_kind_has_a_sentence(kind, sentence):
    channel = Channel(kind=ChannelKind.DISCORD, label="Family Discord")
    counts = {"count": 3, "added": 12, "expiring": 3, "folder": "Films"}
    told = note(kind, actor=JON, channel=channel, params=counts)
    assert words.plain_sentence(told) == sentence


def test_no_kind_is_without_words():
    for kind in Kind.values:
        assert words.plain_sentence(note(kind))
        assert "%(" not in words.sentence(note(kind, params={"count": 1}), url="/x/")


def test_people_who_are_gone_leave_a_sentence_without_them():
    assert words.plain_sentence(note(Kind.DELETED)) == "Sintel was deleted"
    assert words.plain_sentence(note(Kind.ADDED)) == "Sintel was added"
    assert words.plain_sentence(note(Kind.LINK)) == "Sintel was downloaded"
    assert words.plain_sentence(note(Kind.LINK_USED)) == "Someone with a link downloaded Sintel"


def test_the_maker_of_a_link_reads_that_it_is_theirs():
    mine = note(Kind.LINK_USED, person=MARA, actor=MARA, code="file", params={"path": "Sintel/sintel.mkv"})
    assert says(mine) == ("Someone with your link downloaded Sintel", "sintel.mkv")
    assert words.plain_burst_sentence(Kind.LINK_USED, 6) == "6 torrents were downloaded with links"


def test_what_expires_says_when_at_the_time_of_reading(time_machine):
    at = later(days=3)
    told = note(Kind.EXPIRING, params={"at": at, "estimated": False, "last_download": None})
    assert words.plain_sentence(told) == "Sintel expires in 3 days"
    time_machine.move_to(timezone.now() + timedelta(days=1))
    assert words.plain_sentence(told) == "Sintel expires in 2 days"
    time_machine.move_to(timezone.now() + timedelta(days=3))
    assert words.plain_sentence(told) == "Sintel expires soon"


def test_an_estimate_says_so():
    told = note(Kind.EXPIRING, params={"at": later(days=3), "estimated": True})
    assert words.plain_sentence(told) == "Sintel expires in about 3 days"


def test_what_expires_says_when_it_was_last_downloaded(time_machine):
    time_machine.move_to("2026-11-29T12:00:00+00:00")
    last = "2026-11-01T12:00:00+00:00"
    told = note(Kind.EXPIRING, params={"at": later(days=2), "last_download": last})
    assert words.facts(told) == "It hasn’t been downloaded since November 1."
    told.params["last_download"] = "2025-11-01T12:00:00+00:00"
    assert words.facts(told) == "It hasn’t been downloaded since Nov 1, 2025."
    told.params["last_download"] = None
    assert words.facts(told) == "TorBox removes torrents 30 days after their last download."


def test_what_is_solved_no_longer_says_that_it_lasts():
    solved = {"resolved_at": timezone.now(), "params": {"at": later(days=3), "count": 2, "waiting": 2}}
    assert says(note(Kind.EXPIRING, **solved)) == ("Sintel was about to expire", "")
    assert says(note(Kind.PLAN, **solved)) == ("The plan of Mara’s TorBox was about to end", "")
    assert says(note(Kind.WAITING, **solved)) == ("2 torrents were waiting to be sent to TorBox", "")
    assert says(note(Kind.KEY_REJECTED, **solved)) == ("TorBox refused the API key for Mara’s TorBox", "")
    channel = Channel(kind=ChannelKind.DISCORD, label="Family Discord")
    told = note(Kind.CHANNEL, channel=channel, **solved)
    assert says(told) == ("Family Discord wasn’t receiving messages", "")


def test_a_ready_torrent_says_how_large_it_is():
    assert (
        words.facts(note(Kind.READY, torrent=Torrent(file_count=4, size=2_100_000_000))) == "4 files · 2.1 GB"
    )
    assert words.facts(note(Kind.READY)) == ""


def test_a_failed_one_quotes_torbox():
    told = note(Kind.FAILED, code=Reason.REFUSED, upstream_detail="Could not find metadata.")
    assert words.facts(told) == "TorBox: “Could not find metadata.”"
    assert words.facts(note(Kind.FAILED, code=Reason.MISSING_FILES)) == "Files are missing on TorBox."


def test_a_stalled_one_says_for_how_long_it_had_no_seeds():
    now = timezone.now()
    told = note(Kind.STALLED, at=now, params={"since": (now - timedelta(hours=6)).isoformat()})
    assert words.facts(told) == "No seeds for 6 hours. TorBox keeps trying."
    told.torrent = Torrent(raw_state="incomplete", status=Status.STALLED)
    assert words.facts(told) == "Too few seeds to finish. TorBox continues when there are more."


def test_a_plan_that_ends_says_when(time_machine):
    time_machine.move_to("2026-11-29T12:00:00+00:00")
    told = note(Kind.PLAN, params={"at": later(days=5)})
    assert says(told) == (
        "The plan of Mara’s TorBox ends in 5 days",
        "TorBox has it paid until Dec 4. If it renews by itself, there’s nothing to do.",
    )


def test_keys_and_adds_say_what_waits():
    assert words.facts(note(Kind.KEY_REJECTED, params={"waiting": 3})) == "3 torrents are waiting to be sent."
    assert words.facts(note(Kind.KEY_REJECTED, params={"waiting": 0})) == ""
    assert words.facts(note(Kind.WAITING, params={"count": 1, "reason": Reason.COOLDOWN})) == (
        "TorBox put this account in a cooldown."
    )


def test_a_failing_channel_says_why():
    told = note(Kind.CHANNEL, params={"trouble": Trouble.TIMEOUT})
    assert words.facts(told) == "The service didn’t respond in time."
    assert trouble_words(Trouble.REFUSED, "Unknown Webhook") == "The service says “Unknown Webhook”."
    assert trouble_words(Trouble.REFUSED, "Unknown Webhook", "Discord") == "Discord says “Unknown Webhook”."
    assert all(trouble_words(trouble) for trouble in Trouble.values)


def test_a_summary_names_its_days():
    told = note(Kind.SUMMARY, params={"added": 1, "ready": 0, "failed": 2, "expiring": 1, "days": 7})
    assert says(told) == ("1 torrent added, 2 failed, 1 expiring", "Your summary of the last 7 days")
    told.params = {"ready": 2, "days": 1}
    assert says(told) == ("2 torrents ready", "Your summary of the last day")


def test_many_at_once_are_one_line():
    assert words.plain_burst_sentence(Kind.READY, 6) == "6 torrents are ready"
    assert (
        words.burst_sentence(Kind.FAILED, 6, url="/?ids=1-6") == '<a href="/?ids=1-6">6 torrents</a> failed'
    )
    names = ["Tears of Steel", "Nosferatu", "Sintel"]
    both = "<bdi>Tears of Steel</bdi>{}<bdi>Nosferatu</bdi>"
    assert words.burst_facts(names, 6) == f"{both.format(', ')}, and 4 more"
    assert words.burst_facts(names[:2], 2) == both.format(" and ")
    assert words.burst_facts(["<b>"], 1) == "<bdi>&lt;b&gt;</bdi>"
    assert all(words.plain_burst_sentence(kind, 6) for kind in Kind.values)


def test_on_a_page_the_name_leads_on_and_is_escaped():
    told = note(Kind.READY, name="<b>Sintel\u202e 100%")
    assert words.sentence(told, url="/torrents/1/") == (
        '<a href="/torrents/1/"><bdi>&lt;b&gt;Sintel 100%</bdi></a> is ready'
    )
    assert words.sentence(told) == "<strong><bdi>&lt;b&gt;Sintel 100%</bdi></strong> is ready"
    told = note(Kind.WAITING, params={"count": 2})
    assert words.sentence(told, url="/?tab=waiting") == (
        '<a href="/?tab=waiting">2 torrents</a> are waiting to be sent to TorBox'
    )


def test_a_torrent_without_a_visible_name_is_called_a_torrent():
    assert words.plain_sentence(note(Kind.READY, name=" \u200b")) == "A torrent is ready"


def test_messages_keep_the_direction_of_foreign_names_to_themselves():
    told = note(Kind.READY, name="סינטל")
    assert words.plain_sentence(told) == "\u2068סינטל\u2069 is ready"


def test_sentences_are_in_the_active_language():
    locales.activate("de")
    assert words.plain_sentence(note(Kind.READY)) == "Sintel ist bereit"


def test_parameters_of_another_version_do_no_harm():
    for kind in Kind.values:
        for params in (
            {"at": 5, "since": "x", "count": "3", "trouble": 1, "reason": []},
            {"path": 3, "days": None},
        ):
            told = note(kind, params=params, code="file")
            assert words.plain_sentence(told) is not None
            assert words.facts(told) is not None
