"""The activity: newest first, all that a person may see, and nothing else."""

from __future__ import annotations

import csv
import html
import io
import unicodedata
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from links.services import downloading
from localization.formats import clock
from tests.factories import let_waiting_end, make_account, make_hash, make_key, make_torrent
from torbox.magnets import Magnet
from torrents import tasks
from torrents.folding import fold
from torrents.models import Activity, Torrent
from torrents.operations import OPERATIONS
from torrents.pages.activity.csv import as_csv
from torrents.pages.activity.event_words import DONE, EVENTS, NOT_DONE, NOT_EDITED
from torrents.pages.url_cache import detail_url
from torrents.reasons import Reason
from torrents.services.actions import controlling
from torrents.services.actions.adding import NewTorrent, Options, add
from torrents.services.outbox import budget, sending, waiting
from torrents.services.sync import refreshing

PAGE, EXPORT = "torrents:activity", "torrents:activity_export"
Kind = Activity.Kind


def paste(cast, *names: str, person=None) -> None:
    new_torrents = [NewTorrent(Magnet(make_hash(name), name)) for name in names]
    add(person=person or cast.member, account=cast.account, new_torrents=new_torrents, options=Options())


def events(client, **query) -> list[str]:
    """Return the sentences of the page, newest first."""
    lines = client.get(reverse(PAGE), query).context["page"].lines
    return [said(line) for line in lines]


def said(line) -> str:
    return html.unescape(strip_tags(line.sentence))


def exported(client, **query) -> list[list[str]]:
    answer = client.get(reverse(EXPORT), query)
    return list(csv.reader(b"".join(answer).decode("utf-8-sig").splitlines()))


def happened(
    account, kind: str = Kind.READY, name: str = "A film", minutes_ago: int = 0, **fields
) -> Activity:
    at = timezone.now() - timedelta(minutes=minutes_ago)
    return Activity.objects.create(account=account, kind=kind, name=name, folded=fold(name), at=at, **fields)


def refuse(sim, code: str, times: int = 1, **data) -> None:
    body = {"success": False, "error": code, "detail": "No.", "data": data or None}
    sim.control.fail("createtorrent", kind="status", status=400, body=body, times=times)


def test_a_torrent_has_events_from_pasting_to_the_link(cast, sim, sign_in):
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
    assert events(sign_in(cast.viewer), torrent=row.pk) == [
        "Owner deleted A film",
        "Viewer got a download link for A film",
        "A film is ready",
        "A film started downloading",
        "A film was sent to TorBox",
        "A film had to wait: TorBox isn’t responding. We’ll send it when TorBox is back.",
        "Member added A film",
    ]


def test_the_page_of_a_torrent_shows_its_events_with_times(cast, sign_in):
    row = make_torrent(cast.account)
    entry = Activity.record(row, Kind.WAITED, code=Reason.NO_SLOT)
    page = sign_in(cast.viewer).get(reverse("torrents:detail", args=[row.pk])).content.decode()
    assert "Waited: No free slot on TorBox." in page
    assert f">{clock(entry.at)}</time>" in page
    assert f"{reverse(PAGE)}?torrent={row.pk}" in page


def test_a_wait_is_recorded_once_for_each_reason(cast, sim):
    paste(cast, "A film")
    for used in (3, 3, 2):
        refuse(sim, "ACTIVE_LIMIT", active_limit=3, current_active_downloads=used)
        sending.send_due(cast.account.pk)
        let_waiting_end(cast.account)
    refuse(sim, "COOLDOWN_LIMIT")
    sending.send_due(cast.account.pk)
    waits = Activity.objects.filter(kind=Kind.WAITED).order_by("pk").values_list("code", "params")
    assert list(waits) == [(Reason.NO_SLOT, {}), (Reason.COOLDOWN, {})]


def test_a_wait_for_the_hourly_budget_is_recorded_once_however_the_line_moves(cast, sim):
    paste(cast, *[f"film {number}" for number in range(70)])
    cast.account.create_calls.bulk_create(
        cast.account.create_calls.model(account=cast.account) for _ in range(60)
    )
    for _ in range(3):
        sending.send_due(cast.account.pk)
    waits = Activity.objects.filter(kind=Kind.WAITED)
    assert waits.count() == 70
    assert set(waits.values_list("code", "params__limit")) == {(Reason.HOURLY_LIMIT, budget.PER_HOUR)}


def test_a_torrent_that_is_added_again_records_its_wait_again(cast):
    paste(cast, "A film")
    waiting.record_waits(Torrent.objects.all(), Reason.KEY_REJECTED)
    Torrent.objects.update(removed_at=timezone.now(), added_at=timezone.now())
    Torrent.objects.get().request.delete()
    paste(cast, "A film")
    for _ in range(2):
        waiting.record_waits(Torrent.objects.all(), Reason.KEY_REJECTED)
    assert Activity.objects.filter(kind=Kind.WAITED).count() == 2


def test_every_kind_of_event_and_every_operation_has_words():
    assert EVENTS.keys() == {*Kind}
    assert DONE.keys() == NOT_DONE.keys() == OPERATIONS.keys()
    assert NOT_EDITED.keys() == {Kind.TAGGED, Kind.RENAMED, Kind.KEPT, Kind.UNKEPT}


def test_filters_by_person_kind_torrent_and_name(cast, sign_in):
    row = make_torrent(cast.account, "Sintel")
    happened(cast.account, Kind.READY, "Sintel", torrent=row)
    happened(cast.account, Kind.ADDED, "Sintel", minutes_ago=9, torrent=row, person=cast.member)
    happened(cast.account, Kind.ADDED, "Debian", minutes_ago=1, person=cast.owner)
    client = sign_in(cast.viewer)
    assert events(client) == ["Sintel is ready", "Owner added Debian", "Member added Sintel"]
    assert events(client, person=cast.owner.pk) == ["Owner added Debian"]
    assert events(client, kind="added") == ["Owner added Debian", "Member added Sintel"]
    assert events(client, torrent=row.pk) == ["Sintel is ready", "Member added Sintel"]
    assert events(client, q="debi") == ["Owner added Debian"]
    assert events(client, kind="added", person=cast.member.pk) == ["Member added Sintel"]
    assert events(client, kind="nonsense", before="nonsense") == events(client)


def test_the_search_covers_the_words_of_events(cast, sign_in):
    row = make_torrent(cast.account, "Sintel")
    Activity.record(row, Kind.ADDED, person=cast.member)
    Activity.record(row, Kind.WAITED, code="no_slot")
    Activity.record(row, Kind.FAILED, code="given_up", upstream_detail="No peers at all")
    Activity.record(
        row, Kind.LINK_TAKEN, person=cast.viewer, code="file", params={"path": "Extras/Trailer.mkv"}
    )
    Activity.record(row, Kind.CONTROLLED, person=cast.owner, code="stop_seeding")
    failure = {"error": "in_queue"}
    Activity.record(row, Kind.CONTROLLED, person=cast.owner, code="pause", params=failure)
    client = sign_in(cast.viewer)
    assert events(client, q="slot sintel free") == ["Sintel had to wait: No free slot on TorBox."]
    assert events(client, q="No slot debian") == []
    assert events(client, q="PEERS failed") == ["Sintel failed: No peers at all"]
    assert (
        events(client, q="extras trailer")
        == events(client, q="link")
        == ["Viewer got a download link for Trailer.mkv"]
    )
    assert events(client, q="stopped") == ["Owner stopped seeding Sintel"]
    (paused,) = events(client, q="couldn't")
    assert events(client, q="queue started") == events(client, q="pause") == [paused]
    assert paused == (
        "Owner couldn’t pause Sintel: It’s in TorBox’s queue, where it can only be started or deleted."
    )
    assert len(events(client, q="sintel")) == 6


def test_a_search_in_words_takes_no_more_queries_for_more_events(cast, sign_in):
    client, costs = sign_in(cast.viewer), []
    events(client)
    for entries in (1, 200):
        for _ in range(entries):
            happened(cast.account, Kind.READY)
        with CaptureQueriesContext(connection) as queries:
            assert events(client, q="slot") == []
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_a_file_named_zip_the_zip_and_several_links_are_told_apart(cast, sign_in):
    row = make_torrent(cast.account, "Sintel")
    Activity.record(row, Kind.LINK_TAKEN, person=cast.viewer, code="file", params={"path": "zip"})
    Activity.record(row, Kind.LINK_TAKEN, person=cast.viewer, code="zip")
    Activity.record(row, Kind.LINK_TAKEN, person=cast.viewer, code="links", params={"count": 1200})
    client = sign_in(cast.viewer)
    assert events(client) == [
        "Viewer got 1,200 download links for Sintel",
        "Viewer got a download link for Sintel",
        "Viewer got a download link for zip",
    ]
    assert [line[-1] for line in exported(client)] == ["Details", "1,200 links", "zip", "zip"]


def test_uses_of_a_link_name_its_maker_and_what_was_taken(cast, sign_in):
    row = make_torrent(cast.account, "Sintel")
    taken = {"code": "file", "params": {"path": "Sintel/Sintel.mkv", "link": "share"}}
    Activity.record(row, Kind.LINK_USED, person=cast.owner, **taken)
    Activity.record(row, Kind.LINK_USED, person=cast.owner, code="zip", params={"link": "share"})
    client = sign_in(cast.viewer)
    both = ["Someone with Owner’s link downloaded Sintel", "Someone with Owner’s link downloaded Sintel.mkv"]
    assert events(client) == events(client, q="someone with link") == both
    assert events(client, q="sintel mkv", kind="link_used") == both[1:]
    assert [line[1] + ": " + line[-1] for line in exported(client)] == [
        "Event: Details",
        "Lasting link used: zip",
        "Lasting link used: Sintel/Sintel.mkv",
    ]
    page = client.get(reverse("torrents:detail", args=[row.pk])).content.decode()
    assert "Downloaded with <bdi>Owner</bdi>’s link" in page


def test_the_filters_stay_in_the_links(cast, sign_in):
    happened(cast.account, Kind.ADDED, person=cast.owner)
    page = sign_in(cast.viewer).get(reverse(PAGE), {"kind": "added", "q": "film"}).context["page"]
    assert [choice.label for choice in page.person_choices] == ["Everyone", "Owner"]
    assert page.person_choices[1].url == f"/activity/?person={cast.owner.pk}&kind=added&q=film"
    assert page.export_url == "/activity/export.csv?kind=added&q=film"


def test_a_page_continues_where_the_last_one_ended_despite_new_events(cast, sign_in):
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


def test_the_number_of_queries_does_not_grow_with_the_events(cast, sign_in):
    client, costs = sign_in(cast.viewer), []
    events(client)  # the first visit stores when the person was last here
    for number in range(60):
        row = make_torrent(cast.account, f"Film {number}", file_count=0)
        Activity.about(row, Kind.ADDED, person=cast.member).save()
        if number in (5, 59):
            with CaptureQueriesContext(connection) as queries:
                assert len(events(client)) == min(number + 1, 50)
            costs.append(len(queries))
    assert costs[0] == costs[1]


@pytest.mark.parametrize("query", ["torrent", "person"])
def test_a_guessed_torrent_or_person_is_not_found(cast, sign_in, query):
    other = make_account(cast.outsider, make_key("elsewhere"), "Elsewhere")
    row = make_torrent(other, "A secret")
    Activity.about(row, Kind.ADDED, person=cast.outsider).save()
    key = row.pk if query == "torrent" else cast.outsider.pk
    for guessed in (key, 10**15, "x", "-1", "１"):
        for page in (PAGE, EXPORT):
            assert sign_in(cast.viewer).get(reverse(page), {query: guessed}).status_code == 404
    assert sign_in(cast.outsider).get(reverse(PAGE), {query: key}).status_code == 200


def test_events_on_other_peoples_accounts_are_not_shown(cast, sign_in):
    other = make_account(cast.outsider, make_key("elsewhere"), "Elsewhere")
    happened(other, name="A secret", person=cast.outsider, kind=Kind.ADDED)
    client = sign_in(cast.owner)
    page = client.get(reverse(PAGE)).content.decode()
    assert "A secret" not in page and "Outsider" not in page and "No activity yet" in page
    assert len(exported(client)) == 1


def test_hidden_torrents_and_people_with_only_those_are_neither_shown_nor_exported(cast, sign_in):
    row = make_torrent(cast.account, "A secret", added_by=cast.member, hidden=True)
    Activity.about(row, Kind.ADDED, person=cast.member).save()
    client = sign_in(cast.viewer)
    assert events(client) == [] and len(exported(client)) == 1
    assert [choice.label for choice in client.get(reverse(PAGE)).context["page"].person_choices] == [
        "Everyone"
    ]
    for query in ({"torrent": row.pk}, {"person": cast.member.pk}):
        assert client.get(reverse(PAGE), query).status_code == 404
    for person in (cast.member, cast.owner):
        assert events(sign_in(person)) == ["Member added A secret"]
        assert len(exported(sign_in(person))) == 2


def test_an_event_links_to_its_torrent_only_while_that_is_visible(cast, sign_in):
    row = make_torrent(cast.account, "A film", added_by=cast.owner)
    Activity.about(row, Kind.READY).save()
    client = sign_in(cast.viewer)
    assert client.get(reverse(PAGE)).context["page"].lines[0].url == detail_url(row)
    Torrent.objects.update(hidden=True)
    assert client.get(reverse(PAGE)).context["page"].lines[0].url == ""


def test_people_with_access_add_a_deleted_torrent_again_from_here(cast, sim, sign_in):
    row = make_torrent(cast.account, "A film", added_by=cast.member)
    controlling.remove(person=cast.member, torrents=[row])
    assert sign_in(cast.viewer).get(reverse(PAGE)).context["page"].lines[0].retry_url == ""
    client = sign_in(cast.member)
    client.post(client.get(reverse(PAGE)).context["page"].lines[0].retry_url)
    row.refresh_from_db()
    assert row.removed_at is None


def test_the_export_has_the_events_of_the_page(cast, sign_in):
    row = make_torrent(cast.account, "Sintel")
    happened(
        cast.account,
        Kind.LINK_TAKEN,
        "Sintel",
        torrent=row,
        person=cast.viewer,
        code="file",
        params={"path": "Sintel/film.mkv"},
    )
    happened(cast.account, Kind.FAILED, "Debian", minutes_ago=5, upstream_detail="No metadata, “sorry”")
    client = sign_in(cast.viewer)
    answer = client.get(reverse(EXPORT))
    assert answer.streaming and "attachment" in answer["Content-Disposition"]
    head, link, failed = exported(client)
    assert head == ["Time", "Event", "Person", "Torrent", "Info hash", "TorBox account", "Details"]
    assert link[1:] == ["Download link", "Viewer", "Sintel", row.info_hash, "Family", "Sintel/film.mkv"]
    assert failed[1:] == ["Failed", "", "Debian", "", "Family", "No metadata, “sorry”"]
    assert len(exported(client, kind="failed")) == 2


def test_a_spreadsheet_reads_the_export_as_utf_8_with_one_row_per_event(cast, sign_in):
    happened(
        cast.account,
        Kind.FAILED,
        'L\u2019\u00c9t\u00e9;\n\u201eM\u00e4rz\u201c, "4"',
        upstream_detail="D\u00e9sol\u00e9",
    )
    answer = sign_in(cast.viewer).get(reverse(EXPORT))
    body = b"".join(answer)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert body.startswith(b"\xef\xbb\xbfTime,") and body.count(b"\xef\xbb\xbf") == 1
    assert body.endswith(b"\r\n") and body.count(b"\n") == body.count(b"\r\n") == 2
    _, row = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    assert (row[3], row[6]) == ('L\u2019\u00c9t\u00e9; \u201eM\u00e4rz\u201c, "4"', "D\u00e9sol\u00e9")


def test_the_export_keeps_the_time_zone_it_was_requested_in(cast):
    happened(cast.account)
    with timezone.override("Asia/Tokyo"):
        rows = as_csv(Activity.objects.all())
    assert list(rows)[1].partition(",")[0].endswith("+09:00")


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t=", "\r=", "\u200b=", " =", "\uff1d", "\ufe66", "\ufe6b"]
)
def test_no_cell_of_the_export_is_a_formula(cast, sign_in, start):
    evil = f'{start}HYPERLINK("http://example.org";"x")'
    happened(cast.account, Kind.FAILED, evil, upstream_detail=evil, person=cast.owner)
    cast.owner.shown_name = evil[:60]
    cast.owner.save()
    for cell in exported(sign_in(cast.viewer))[1]:
        assert not unicodedata.normalize("NFKC", cell).strip().startswith(("=", "+", "-", "@"))


def test_hostile_names_are_escaped(cast, sign_in):
    happened(cast.account, name="<script>alert(1)</script>\u202egpj.exe")
    page = sign_in(cast.viewer).get(reverse(PAGE)).content.decode()
    assert "<script>alert" not in page and "\u202e" not in page


def test_events_are_kept_for_a_year(cast, sign_in):
    happened(cast.account, name="lately", minutes_ago=60 * 24 * 364)
    happened(cast.account, name="long ago", minutes_ago=60 * 24 * 366)
    tasks.prune()
    assert events(sign_in(cast.viewer)) == ["lately is ready"]


def test_days_are_named(cast, sign_in):
    for days in (0, 1, 40):
        happened(cast.account, minutes_ago=60 * 24 * days)
    lines = sign_in(cast.viewer).get(reverse(PAGE)).context["page"].lines
    assert [line.day for line in lines][:2] == ["Today", "Yesterday"]
