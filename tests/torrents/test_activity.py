"""Who did what, newest first: everything that one may know, and nothing else."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import let_waiting_end, make_account, make_hash, make_key, make_torrent
from torbox.magnets import Magnet
from torrents import tasks
from torrents.models import Activity, Torrent
from torrents.services import budget, controlling, downloading, refreshing, sending, waiting
from torrents.services.adding import Options, Wish, add

PAGE, EXPORT = "torrents:activity", "torrents:activity_export"
Kind = Activity.Kind


def paste(cast, *names: str, person=None) -> None:
    wishes = [Wish(Magnet(make_hash(name), name)) for name in names]
    add(person=person or cast.member, account=cast.account, wishes=wishes, options=Options())


def told(client, **query) -> list[str]:
    """The sentences of the page, newest first."""
    lines = client.get(reverse(PAGE), query).context["page"].lines
    return [" ".join(filter(None, (line.person, line.before, line.name, line.after))) for line in lines]


def exported(client, **query) -> list[list[str]]:
    answer = client.get(reverse(EXPORT), query)
    return list(csv.reader(b"".join(answer).decode().splitlines()))


def happened(
    account, kind: str = Kind.READY, name: str = "A film", minutes_ago: int = 0, **fields
) -> Activity:
    at = timezone.now() - timedelta(minutes=minutes_ago)
    return Activity.objects.create(account=account, kind=kind, name=name, at=at, **fields)


def refuse(sim, code: str, times: int = 1, **data) -> None:
    body = {"success": False, "error": code, "detail": "No.", "data": data or None}
    sim.control.fail("createtorrent", kind="status", status=400, body=body, times=times)


def test_the_whole_story_of_a_torrent_from_pasting_to_the_link(cast, sim, sign_in):
    sim.control.options(download_seconds=60)
    paste(cast, "A film")
    sim.stop()
    sending.send_due(cast.account.pk)
    sim.restart()
    let_waiting_end(cast.account)
    sending.send_due(cast.account.pk)
    for seconds in (5, 300):
        sim.control.advance(seconds)
        refreshing.refresh(cast.account, fresh=True)
    row = Torrent.objects.get()
    downloading.link_for(person=cast.viewer, torrent=row)
    controlling.remove(person=cast.owner, torrents=[row])
    assert told(sign_in(cast.viewer), torrent=row.pk) == [
        "Owner deleted A film",
        "Viewer took the link to A film",
        "A film is ready",
        "A film is downloading",
        "A film was sent to TorBox",
        "A film had to wait: TorBox does not answer; sent as soon as it does",
        "Member added A film",
    ]


def test_the_page_of_a_torrent_tells_its_story_with_the_times(cast, sign_in):
    row = make_torrent(cast.account)
    entry = Activity.about(row, Kind.WAITED, detail="No free slot at TorBox")
    entry.save()
    page = sign_in(cast.viewer).get(reverse("torrents:detail", args=[row.pk])).content.decode()
    assert "Waited: No free slot at TorBox" in page
    assert f">{timezone.localtime(entry.at):%H:%M}</time>" in page
    assert f"{reverse(PAGE)}?torrent={row.pk}" in page


def test_a_wait_is_told_once_for_each_change_of_its_reason(cast, sim):
    paste(cast, "A film")
    for used in (3, 3, 2):
        refuse(sim, "ACTIVE_LIMIT", active_limit=3, current_active_downloads=used)
        sending.send_due(cast.account.pk)
        let_waiting_end(cast.account)
    refuse(sim, "COOLDOWN_LIMIT")
    sending.send_due(cast.account.pk)
    waits = Activity.objects.filter(kind=Kind.WAITED).order_by("pk").values_list("detail", flat=True)
    assert list(waits) == ["No free slot at TorBox", "TorBox has this account in a cooldown"]


def test_a_wait_for_the_hourly_budget_is_told_once_however_the_line_moves(cast, sim):
    paste(cast, *[f"film {number}" for number in range(70)])
    cast.account.create_calls.bulk_create(
        cast.account.create_calls.model(account=cast.account) for _ in range(60)
    )
    for _ in range(3):
        sending.send_due(cast.account.pk)
    waits = Activity.objects.filter(kind=Kind.WAITED)
    assert waits.count() == 70 and set(waits.values_list("detail", flat=True)) == {budget.HOURLY}


def test_what_is_added_anew_tells_its_wait_again(cast):
    paste(cast, "A film")
    waiting.tell(Torrent.objects.all(), waiting.KEY)
    Torrent.objects.update(removed_at=timezone.now(), added_at=timezone.now())
    Torrent.objects.get().request.delete()
    paste(cast, "A film")
    for _ in range(2):
        waiting.tell(Torrent.objects.all(), waiting.KEY)
    assert Activity.objects.filter(kind=Kind.WAITED).count() == 2


def test_filters_by_person_kind_torrent_and_name(cast, sign_in):
    row = make_torrent(cast.account, "Sintel")
    happened(cast.account, Kind.READY, "Sintel", torrent=row)
    happened(cast.account, Kind.ADDED, "Sintel", minutes_ago=9, torrent=row, person=cast.member)
    happened(cast.account, Kind.ADDED, "Debian", minutes_ago=1, person=cast.owner)
    client = sign_in(cast.viewer)
    assert told(client) == ["Sintel is ready", "Owner added Debian", "Member added Sintel"]
    assert told(client, person=cast.owner.pk) == ["Owner added Debian"]
    assert told(client, kind="added") == ["Owner added Debian", "Member added Sintel"]
    assert told(client, torrent=row.pk) == ["Sintel is ready", "Member added Sintel"]
    assert told(client, q="debi") == ["Owner added Debian"]
    assert told(client, kind="added", person=cast.member.pk) == ["Member added Sintel"]
    assert told(client, kind="nonsense", before="nonsense") == told(client)


def test_the_filters_stay_in_the_links(cast, sign_in):
    happened(cast.account, Kind.ADDED, person=cast.owner)
    page = sign_in(cast.viewer).get(reverse(PAGE), {"kind": "added", "q": "film"}).context["page"]
    assert [choice.label for choice in page.person_choices] == ["Everyone", "Owner"]
    assert page.person_choices[1].url == f"/activity/?person={cast.owner.pk}&kind=added&q=film"
    assert page.export_url == "/activity/export.csv?kind=added&q=film"


def test_pages_go_on_where_the_last_one_ended_though_new_things_happen(cast, sign_in):
    moment = timezone.now()
    for number in range(120):  # many of them in the same instant
        at = moment - timedelta(hours=number // 50)
        Activity.objects.create(account=cast.account, kind=Kind.READY, name=f"{number:03}", at=at)
    client, seen = sign_in(cast.viewer), []
    url = reverse(PAGE)
    while url:
        page = client.get(url).context["page"]
        seen += [line.name for line in page.lines]
        happened(cast.account, name="newer")
        url = page.older_url
    assert len(seen) == len(set(seen)) == 120


def test_the_number_of_queries_does_not_grow_with_what_happened(cast, sign_in):
    client, costs = sign_in(cast.viewer), []
    told(client)  # the first visit writes down when somebody was last here
    for number in range(60):
        row = make_torrent(cast.account, f"Film {number}", file_count=0)
        Activity.about(row, Kind.ADDED, person=cast.member).save()
        if number in (5, 59):
            with CaptureQueriesContext(connection) as queries:
                assert len(told(client)) == min(number + 1, 50)
            costs.append(len(queries))
    assert costs[0] == costs[1]


@pytest.mark.parametrize("query", ["torrent", "person"])
def test_a_guessed_torrent_or_person_is_not_there(cast, sign_in, query):
    other = make_account(cast.outsider, make_key("elsewhere"), "Elsewhere")
    row = make_torrent(other, "A secret")
    Activity.about(row, Kind.ADDED, person=cast.outsider).save()
    key = row.pk if query == "torrent" else cast.outsider.pk
    for guessed in (key, 10**15, "x", "-1", "１"):
        for page in (PAGE, EXPORT):
            assert sign_in(cast.viewer).get(reverse(page), {query: guessed}).status_code == 404
    assert sign_in(cast.outsider).get(reverse(PAGE), {query: key}).status_code == 200


def test_what_happened_on_accounts_of_others_is_not_told(cast, sign_in):
    other = make_account(cast.outsider, make_key("elsewhere"), "Elsewhere")
    happened(other, name="A secret", person=cast.outsider, kind=Kind.ADDED)
    client = sign_in(cast.owner)
    page = client.get(reverse(PAGE)).content.decode()
    assert "A secret" not in page and "Outsider" not in page and "Nothing has happened yet" in page
    assert len(exported(client)) == 1


def test_hidden_things_and_who_did_only_those_are_neither_told_nor_exported(cast, sign_in):
    row = make_torrent(cast.account, "A secret", added_by=cast.member, hidden=True)
    Activity.about(row, Kind.ADDED, person=cast.member).save()
    client = sign_in(cast.viewer)
    assert told(client) == [] and len(exported(client)) == 1
    assert [choice.label for choice in client.get(reverse(PAGE)).context["page"].person_choices] == [
        "Everyone"
    ]
    for query in ({"torrent": row.pk}, {"person": cast.member.pk}):
        assert client.get(reverse(PAGE), query).status_code == 404
    for person in (cast.member, cast.owner):
        assert told(sign_in(person)) == ["Member added A secret"]
        assert len(exported(sign_in(person))) == 2


def test_an_entry_leads_to_its_torrent_only_while_that_is_seen(cast, sign_in):
    row = make_torrent(cast.account, "A film", added_by=cast.owner)
    Activity.about(row, Kind.READY).save()
    client = sign_in(cast.viewer)
    assert client.get(reverse(PAGE)).context["page"].lines[0].url == row.get_absolute_url()
    Torrent.objects.update(hidden=True)
    assert client.get(reverse(PAGE)).context["page"].lines[0].url == ""


def test_what_was_deleted_is_added_again_from_here_by_who_may(cast, sim, sign_in):
    row = make_torrent(cast.account, "A film", added_by=cast.member)
    controlling.remove(person=cast.member, torrents=[row])
    assert sign_in(cast.viewer).get(reverse(PAGE)).context["page"].lines[0].retry_url == ""
    client = sign_in(cast.member)
    client.post(client.get(reverse(PAGE)).context["page"].lines[0].retry_url)
    row.refresh_from_db()
    assert row.removed_at is None


def test_the_export_is_what_the_page_tells_as_a_file(cast, sign_in):
    row = make_torrent(cast.account, "Sintel")
    happened(
        cast.account, Kind.LINK_TAKEN, "Sintel", torrent=row, person=cast.viewer, detail="Sintel/film.mkv"
    )
    happened(cast.account, Kind.FAILED, "Debian", minutes_ago=5, detail="No metadata, “sorry”")
    client = sign_in(cast.viewer)
    answer = client.get(reverse(EXPORT))
    assert answer.streaming and "attachment" in answer["Content-Disposition"]
    head, link, failed = exported(client)
    assert head == ["time", "what", "person", "torrent", "info hash", "TorBox account", "detail"]
    assert link[1:] == ["Link taken", "Viewer", "Sintel", row.info_hash, "Family", "Sintel/film.mkv"]
    assert failed[1:] == ["Failed", "", "Debian", "", "Family", "No metadata, “sorry”"]
    assert len(exported(client, kind="failed")) == 2


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\u200b=", " =", "\uff1d"])
def test_no_cell_of_the_export_is_a_formula(cast, sign_in, start):
    evil = f'{start}HYPERLINK("http://example.org";"x")'
    happened(cast.account, Kind.FAILED, evil, detail=evil, person=cast.owner)
    cast.owner.shown_name = evil[:60]
    cast.owner.save()
    for cell in exported(sign_in(cast.viewer))[1]:
        assert not cell.strip().startswith(("=", "+", "-", "@", "\uff1d"))


def test_hostile_names_are_shown_harmlessly(cast, sign_in):
    happened(cast.account, name="<script>alert(1)</script>\u202egpj.exe")
    page = sign_in(cast.viewer).get(reverse(PAGE)).content.decode()
    assert "<script>alert" not in page and "\u202e" not in page


def test_a_year_is_kept(cast, sign_in):
    happened(cast.account, name="lately", minutes_ago=60 * 24 * 364)
    happened(cast.account, name="long ago", minutes_ago=60 * 24 * 366)
    tasks.prune()
    assert told(sign_in(cast.viewer)) == ["lately is ready"]


def test_days_are_named(cast, sign_in):
    for days in (0, 1, 40):
        happened(cast.account, minutes_ago=60 * 24 * days)
    lines = sign_in(cast.viewer).get(reverse(PAGE)).context["page"].lines
    assert [line.day for line in lines][:2] == ["Today", "Yesterday"]
