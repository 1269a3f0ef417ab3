"""An odd value in TorBox's list costs its field or its row. Other rows are read, and nothing is reported as gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import TorBoxAccount
from care.status import status_for
from care.status.markup import plain
from torrents.models import Torrent
from torrents.pages.list.row_text import bar, note, quiet_line
from torrents.pages.url_cache import detail_url, download_url
from torrents.reasons import Reason
from torrents.services.sync import refreshing
from torrents.states import Status

LATER = timedelta(minutes=20)
ODD = f"{3:040x}"
# TorBox's name of the field, and a value it was or might be seen with.
DECORATING = [
    ("tags", [{"name": "x"}]),
    ("tags", "x,y"),
    ("created_at", 1714550000),
    ("created_at", "Wed, 01 May 2024 10:00:00 GMT"),
    ("expires_at", "0001-01-01T00:00:00Z"),
    ("files", [{"id": None, "name": "a/b.mkv", "size": 5}]),
    ("files", {}),
    ("ratio", "inf"),
    ("progress", "NaN"),
    ("seeds", "unknown"),
    ("alternative_hashes", [None]),
    ("tracker", ["udp://a"]),
    ("error", {"code": 1}),
    ("private", "yes"),
    ("cached", 2),
    ("download_present", "perhaps"),
    ("download_finished", []),
    ("download_state", 7 * [1]),
    ("active", "no idea"),
]
IDENTIFYING = [("hash", "ab" * 32), ("hash", None), ("id", "x"), ("id", None)]


def at_torbox(sim, cast, number: int = 20) -> None:
    specs = [{"hash": f"{n:040x}", "name": f"Film {n}"} for n in range(1, number + 1)]
    plain = {"key": cast.key, "state": "completed", "age": 86400, "files": [("a.mkv", 1000), ("b.mkv", 500)]}
    sim.control.seed(torrents=[plain | spec for spec in specs])


def read(cast, *, fresh: bool = True) -> bool:
    cast.account.refresh_from_db()
    done = refreshing.refresh(cast.account, fresh=fresh)
    cast.account.refresh_from_db()
    return done


def told(cast) -> list[str]:
    return [
        plain(problem.what) for problem in status_for(cast.owner).problems if "can’t read" in problem.what
    ]


@pytest.mark.parametrize(("field", "value"), DECORATING, ids=lambda value: str(value)[:20])
def test_an_odd_value_costs_its_field(cast, sim, time_machine, field, value):
    at_torbox(sim, cast)
    assert read(cast)
    sim.control.odd_row(cast.key, ODD, {field: value})
    Torrent.objects.filter(info_hash=f"{5:040x}").update(row_digest="", list_digest="", name="before")
    for _ in range(2):
        time_machine.move_to(timezone.now() + LATER)
        assert read(cast)
    assert set(Torrent.objects.values_list("status", "missing_since")) == {(Status.READY, None)}
    assert Torrent.objects.count() == 20 and not Torrent.objects.filter(name="before").exists()
    assert (cast.account.health, cast.account.unread_rows, cast.account.odd_rows) == ("ok", 0, 1)
    assert told(cast) == [
        f"We can’t read some details of 1 torrent in TorBox’s list for {cast.account.label} (field “{field}”). "
        "Everything else is shown."
    ]
    sim.control.odd_row(cast.key, ODD, {})
    assert read(cast) and told(cast) == []
    assert Torrent.objects.get(info_hash=ODD).unread == ""


@pytest.mark.parametrize(("field", "value"), IDENTIFYING, ids=lambda value: str(value)[:20])
def test_a_row_without_a_readable_hash_or_id_is_left_out_and_nothing_is_gone(
    cast, sim, time_machine, field, value
):
    at_torbox(sim, cast)
    assert read(cast)
    sim.control.odd_row(cast.key, ODD, {field: value})
    sim.control.seed(torrents=[{"key": cast.key, "hash": f"{99:040x}", "state": "completed"}])
    for _ in range(3):
        time_machine.move_to(timezone.now() + LATER)
        assert read(cast)
    assert set(Torrent.objects.values_list("status", "missing_since")) == {(Status.READY, None)}
    assert Torrent.objects.count() == 21, "the other rows are applied"
    assert told(cast) == [
        f"We can’t read 1 torrent in TorBox’s list for {cast.account.label} (field “{field}”), so it isn’t shown. "
        "All others are."
    ]


def test_rows_that_are_new_and_odd_appear_all_the_same(cast, sim):
    at_torbox(sim, cast, len(DECORATING))
    for number, (field, value) in enumerate(DECORATING, 1):
        sim.control.odd_row(cast.key, f"{number:040x}", {field: value})
    assert read(cast)
    assert Torrent.objects.count() == cast.account.odd_rows == len(DECORATING)
    assert not Torrent.objects.filter(status__in=[Status.GONE, Status.FAILED]).exists()


def test_what_is_really_gone_is_gone_beside_a_row_whose_id_can_be_read(cast, sim, time_machine):
    at_torbox(sim, cast)
    assert read(cast)
    sim.control.odd_row(cast.key, ODD, {"hash": "ab" * 32})
    sim.control.remove(cast.key, f"{7:040x}")
    for _ in range(2):
        time_machine.move_to(timezone.now() + LATER)
        assert read(cast)
    assert list(Torrent.objects.filter(status=Status.GONE).values_list("info_hash", flat=True)) == [
        f"{7:040x}"
    ]


def test_what_starts_under_an_odd_row_is_not_called_gone(cast, sim, time_machine):
    sim.control.options(queue_seconds=86400)
    sim.control.seed(torrents=[{"key": cast.key, "hash": "1" * 40, "state": "queued"}])
    read(cast)
    Torrent.objects.update(sent_at=timezone.now() - timedelta(days=1))
    sim.control.odd_row(cast.key, "1" * 40, {"hash": 5}, endpoint="getqueued")
    for _ in range(3):
        time_machine.move_to(timezone.now() + LATER)
        assert read(cast)
    assert Torrent.objects.get().status == Status.QUEUED
    assert (cast.account.unread_rows, cast.account.unread_field) == (1, "hash")


def test_a_list_of_nothing_but_odd_rows_makes_nothing_gone(cast, sim, time_machine):
    at_torbox(sim, cast)
    assert read(cast)
    for number in range(1, 21):
        sim.control.odd_row(cast.key, f"{number:040x}", {"hash": {"v1": "x"}})
    for _ in range(3):
        time_machine.move_to(timezone.now() + LATER)
        assert read(cast)
    assert set(Torrent.objects.values_list("status", "missing_since")) == {(Status.READY, None)}
    assert "We can’t read 20 torrents" in told(cast)[0] and "they aren’t shown" in told(cast)[0]


def test_an_unchanged_odd_row_changes_nothing_and_is_reported_each_time(cast, sim):
    at_torbox(sim, cast)
    sim.control.odd_row(cast.key, ODD, {"ratio": "inf", "seeds": []})
    assert read(cast)
    revision = cast.account.revision
    assert read(cast)
    assert (cast.account.revision, cast.account.odd_rows) == (revision, 1)


def test_the_status_page_and_doctor_report_unreadable_fields(cast, sim, sign_in):
    at_torbox(sim, cast, 3)
    sim.control.odd_row(cast.key, ODD, {"hash": None})
    assert read(cast)
    (sentence,) = told(cast)
    shown = sentence.replace(cast.account.label, f"<bdi>{escape(cast.account.label)}</bdi>")
    assert shown in sign_in(cast.owner).get(reverse("care:status")).content.decode()
    output = StringIO()
    with pytest.raises(CommandError):
        call_command("doctor", stdout=output)
    assert sentence in output.getvalue()


def test_a_response_that_is_not_a_list_is_an_outage(cast, sim, sign_in):
    at_torbox(sim, cast, 3)
    assert read(cast)
    body = {"success": True, "error": None, "detail": "", "data": {"rows": []}}
    sim.control.fail("mylist", kind="body", body=body, times=9)
    assert not read(cast)
    page = sign_in(cast.owner).get(reverse("torrents:list")).content.decode()
    assert "TorBox has been sending responses we can’t read since" in page
    assert "hasn’t responded" not in page and "Film 3" in page


def test_an_unread_number_is_not_shown_as_zero(cast, sim, sign_in):
    at_torbox(sim, cast, 3)
    odd = {"ratio": "inf", "seeds": "unknown", "upload_speed": [], "total_downloaded": "?"}
    sim.control.odd_row(cast.key, ODD, odd)
    assert read(cast)
    client = sign_in(cast.owner)
    facts = {row.info_hash: row for row in Torrent.objects.all()}
    page = client.get(detail_url(facts[ODD])).content.decode()
    other = client.get(detail_url(facts[f"{1:040x}"])).content.decode()
    for label in ("Ratio", "Seeds · peers", "Speed", "Transferred"):
        assert f"<dt>{label}</dt>" in other and f"<dt>{label}</dt>" not in page


def test_a_bar_needs_a_progress_that_can_be_read(cast, sim):
    spec = {"key": cast.key, "state": "downloading", "download_seconds": 9999}
    sim.control.seed(torrents=[spec | {"hash": f"{number:040x}"} for number in (1, 2)])
    sim.control.odd_row(cast.key, f"{2:040x}", {"progress": "NaN"})
    assert read(cast)
    right, odd = Torrent.objects.order_by("info_hash")
    assert bar(right) and "%" in note(right)
    assert bar(odd) is None and note(odd) == "" and odd.status == Status.DOWNLOADING


def test_times_outside_of_all_sense_are_unknown_in_every_time_zone(cast, sim, sign_in):
    at_torbox(sim, cast, 3)
    for number, moment in enumerate(
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z"), 1
    ):
        odd = dict.fromkeys(("created_at", "updated_at", "cached_at", "expires_at"), moment)
        sim.control.odd_row(cast.key, f"{number:040x}", odd)
    assert read(cast)
    client = sign_in(cast.owner)
    for zone in ("America/Los_Angeles", "Pacific/Kiritimati", "UTC"):
        with timezone.override(zone):
            for row in Torrent.objects.all():
                assert client.get(detail_url(row)).status_code == 200
                assert (row.cached_at, row.expires_at, row.remote_created_at) == (None, None, None)


PADDED = [
    {"id": 1, "name": "O/e1.mkv", "size": 5},
    {"id": 2, "name": "O/_____padding_file_0_if you see this file, please update to BitComet 0.85 or above____", "size": 6},
    {"id": 3, "name": "O/.pad/16381", "size": 7},
]  # fmt: skip


def test_padding_is_neither_shown_nor_counted_nor_linked(cast, sim, sign_in):
    at_torbox(sim, cast, 3)
    sim.control.odd_row(cast.key, ODD, {"files": PADDED})
    assert read(cast)
    row = Torrent.objects.for_display(cast.owner).get(info_hash=ODD)
    assert (row.file_count, [file.path for file in row.files.all()]) == (1, ["O/e1.mkv"])
    assert download_url(row) == reverse("links:download_file", args=[row.pk, row.files.get().pk])
    page = sign_in(cast.owner).get(reverse("torrents:files", args=[row.pk])).content.decode()
    assert "1 file<" in page and "padding" not in page and ".pad" not in page


def test_a_file_that_cannot_be_read_is_counted_so_that_one_of_two_is_not_taken_for_all(cast, sim):
    at_torbox(sim, cast, 3)
    files = [PADDED[0], {"id": None, "name": "O/e2.mkv", "size": 5}]
    sim.control.odd_row(cast.key, ODD, {"files": files})
    assert read(cast)
    row = Torrent.objects.for_display(cast.owner).get(info_hash=ODD)
    assert (row.file_count, row.files.count()) == (2, 1)
    assert download_url(row) == reverse("links:download_zip", args=[row.pk])


def test_nameless_files_have_a_name_each(cast, sim, sign_in):
    at_torbox(sim, cast, 3)
    nameless = [{"id": 1, "name": "", "size": 5}, {"id": 2, "name": "/", "size": 7}]
    sim.control.odd_row(cast.key, ODD, {"files": nameless})
    assert read(cast)
    row = Torrent.objects.get(info_hash=ODD)
    page = sign_in(cast.owner).get(reverse("torrents:files", args=[row.pk])).content.decode()
    assert f"{ODD} file 1" in page and f"{ODD} file 2" in page


@pytest.mark.parametrize("name", ["\u200b\u200e", "\u3164", "\u2800 \u2800", "\ue000"], ids=ascii)
def test_an_invisible_name_is_replaced_by_the_hash(cast, sim, sign_in, name):
    at_torbox(sim, cast, 3)
    sim.control.odd_row(cast.key, ODD, {"name": name})
    assert read(cast)
    row = Torrent.objects.get(info_hash=ODD)
    Torrent.objects.filter(pk=row.pk).update(name=name)  # as it was stored before
    client = sign_in(cast.owner)
    for url in (
        reverse("torrents:list"),
        detail_url(row),
        f"{reverse('torrents:activity')}?torrent={row.pk}",
    ):
        page = client.get(url).content.decode()
        assert f"<bdi>{ODD}</bdi>" in page or f">{ODD}</bdi>" in page, url


def test_who_owns_the_account_keeps_what_was_known_when_the_answer_about_them_is_odd(cast, sim, time_machine):
    TorBoxAccount.objects.update(plan_read_at=None)
    assert read(cast)
    known = (cast.account.auth_id, cast.account.plan_name, cast.account.slots)
    assert all(known)
    odd = {"id": 1, "auth_id": [], "plan": "gold", "premium_expires_at": "0001-01-01T00:00:00Z"}
    body = {"success": True, "error": None, "detail": "", "data": odd}
    sim.control.fail("me", kind="body", body=body, times=1)
    time_machine.move_to(timezone.now() + timedelta(days=2))
    assert read(cast)
    assert (cast.account.auth_id, cast.account.plan_name, cast.account.slots) == known
    assert cast.account.premium_expires_at is None


def test_a_torrent_torbox_gave_up_on_says_why_on_every_page(cast, sim, sign_in):
    sim.control.seed(
        torrents=[{"key": cast.key, "hash": ODD, "state": "downloading", "download_seconds": 9999}]
    )
    assert read(cast)
    sim.control.odd_row(cast.key, ODD, {"download_state": "inactive (>30 days)", "active": False})
    assert read(cast)
    row = Torrent.objects.get()
    assert row.status == Status.FAILED
    client = sign_in(cast.owner)
    for url in (reverse("torrents:list"), detail_url(row), reverse("torrents:activity")):
        page = client.get(url).content.decode()
        assert "It was inactive for more than 30 days." in page, url


def test_what_torbox_says_turns_no_page_around(cast, sim, sign_in):
    sim.control.seed(
        torrents=[{"key": cast.key, "hash": ODD, "state": "downloading", "download_seconds": 9999}]
    )
    turned = "No \u202ecapes\u2069 left\x1b[31m"
    odd = {"download_state": "failed (x\u202ey)", "active": False, "error": turned, "tracker_message": turned}
    assert read(cast)
    sim.control.odd_row(cast.key, ODD, odd)
    assert read(cast)
    row = Torrent.objects.get()
    Torrent.objects.update(upstream_detail=turned, tracker_message=turned)  # as it was stored before
    client = sign_in(cast.owner)
    for url in (reverse("torrents:list"), detail_url(row), reverse("torrents:activity")):
        page = client.get(url).content.decode()
        assert "capes" in page and not set("\u202e\u2069\x1b") & set(page), url


def test_what_torbox_says_about_the_account_turns_no_page_around(cast, sign_in):
    cast.account.mark_health("limited", upstream_detail="Not in \u202eyour\u2069 plan")
    client = sign_in(cast.owner)
    for url in (reverse("torrents:list"), cast.account.get_absolute_url(), reverse("care:status")):
        page = client.get(url).content.decode()
        assert not set("\u202e\u2069") & set(page), url


def test_looking_for_the_files_is_no_progress(cast, sim, sign_in):
    sim.control.seed(torrents=[{"key": cast.key, "hash": ODD, "state": "metadata"}])
    sim.control.odd_row(cast.key, ODD, {"download_state": "metaDL", "progress": 0.99, "eta": 60})
    assert read(cast)
    row = Torrent.objects.get()
    assert (row.status, bar(row), note(row)) == (Status.METADATA, None, "")
    client = sign_in(cast.owner)
    for url in (reverse("torrents:list"), detail_url(row)):
        page = client.get(url).content.decode()
        assert "99%" not in page and "<moving-bar" not in page, url


def test_one_is_one_in_every_sentence(cast, sim, sign_in):
    spec = {"key": cast.key, "hash": ODD, "state": "downloading", "download_seconds": 9999}
    sim.control.seed(torrents=[spec])
    sim.control.odd_row(cast.key, ODD, {"peers": 1, "seeds": 1})
    assert read(cast)
    row = Torrent.objects.get()
    assert quiet_line(row) == "1 peer · 1 seed"
    sim.control.odd_row(cast.key, ODD, {"peers": 0, "seeds": 2000})
    assert read(cast)
    row.refresh_from_db()
    assert quiet_line(row) == "0 peers · 2,000 seeds"


@pytest.mark.django_db(transaction=True)
def test_what_was_stored_before_is_put_right_by_upgrading(cast, sim, request):
    specs = [
        {"hash": f"{number:040x}", "state": "downloading", "download_seconds": 9999} for number in (1, 2, 3)
    ]
    sim.control.seed(torrents=[{"key": cast.key} | spec for spec in specs])
    sim.control.odd_row(cast.key, f"{1:040x}", {"download_state": "incomplete", "active": False})
    sim.control.odd_row(cast.key, f"{2:040x}", {"download_state": "inactive (>30 days)", "active": False})
    assert read(cast)
    request.addfinalizer(lambda: call_command("migrate", verbosity=0))
    executor = MigrationExecutor(connection)
    executor.migrate([("torrents", "0008_fresh_readings")])
    old = executor.loader.project_state([("torrents", "0008_fresh_readings")]).apps.get_model(
        "torrents", "Torrent"
    )
    first = datetime(1, 1, 1, tzinfo=UTC)
    old.objects.filter(info_hash=f"{1:040x}").update(status="failed", error="incomplete")
    old.objects.filter(info_hash=f"{2:040x}").update(error=">30 days")
    old.objects.filter(info_hash=f"{3:040x}").update(expires_at=first, added_at=first)
    call_command("migrate", verbosity=0)
    assert read(cast)
    stalled, inactive, timeless = Torrent.objects.order_by("info_hash")
    assert (stalled.status, stalled.reason) == (Status.STALLED, "")
    assert (inactive.reason, inactive.upstream_detail) == (Reason.INACTIVE, "inactive (>30 days)")
    assert timeless.expires_at is None and timeless.added_at.year > 2000
