"""Columns hold codes. Sentences are made when a page is rendered, and those of earlier versions were converted."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.html import escape

from accounts.models import TorBoxAccount, UpstreamCall
from accounts.outages import HealthReason, outage
from localization.formats import clock
from tests.factories import make_account, make_hash, make_key, make_torrent
from tests.torrents.codes import (
    DEVICE_COLUMNS,
    FREE_TEXT,
    OPERATION_COLUMNS,
    OURS,
    text_columns,
    title,
    wrong_codes,
)
from torrents.models import Activity, AddRequest, ControlRequest, Torrent
from torrents.operations import OPERATIONS
from torrents.pages.list.row_text import quiet_line
from torrents.reason_text import MADE, WORDS, reason_words
from torrents.reasons import Reason

ROOT = Path(__file__).parents[2]
STORING = {"Explanation", "mark_health", "not_answering"}  # what they are given is stored
BEFORE = [("torrents", "0010_folded_names"), ("accounts", "0008_unread_rows")]
# Sentences that the version before stored for torrents that wait, and their codes.
WAITED = [
    ("No free slot at TorBox", "no_slot", {}, ""),
    ("No free slot at TorBox (3 of 3 in use)", "no_slot", {"used": 3, "limit": 3}, ""),
    ("TorBox’s queue is full", "queue_full", {}, ""),
    ("This month’s TorBox downloads are used up", "month_used_up", {}, ""),
    (
        "This month’s TorBox downloads are used up (9 of 10 in use)",
        "month_used_up",
        {"used": 9, "limit": 10},
        "",
    ),
    ("TorBox has this account in a cooldown", "cooldown", {}, ""),
    ("TorBox allows 60 adds an hour", "hourly_limit", {"limit": 60}, ""),
    ("TorBox allows 10 adds a minute", "minute_limit", {"limit": 10}, ""),
    ("Waits for a new API key", "key_rejected", {}, ""),
    ("TorBox asked us to slow down", "throttled", {}, ""),
    ("TorBox does not answer; sent as soon as it does", "torbox_down", {}, ""),
    (
        "TorBox had trouble with it (“Say “please” (now).”)",
        "torbox_trouble",
        {},
        "Say “please” (now).",
    ),
    ("TorBox’s answer got lost", "answer_lost", {}, ""),
]
FAILED = [
    ("TorBox has no cached copy, and you asked for cached ones only.", "", "not_cached", {}, ""),
    ("TorBox refused it without saying why.", "", "refused", {}, ""),
    ("Too <big>: for you.", "", "refused", {}, "Too <big>: for you."),
    ("No space", "failed", "given_up", {}, "No space"),
    ("Pause: TorBox could not find it.", "downloading", "not_found", {"operation": "pause"}, ""),
    ("Start now: it is not at TorBox yet.", "", "not_at_torbox_yet", {"operation": "start"}, ""),
    (
        "Resume: it waits in TorBox’s queue, where it can only be started or deleted.",
        "",
        "in_queue",
        {"operation": "resume"},
        "",
    ),
    ("Delete: Not: yours", "", "refused", {"operation": "delete"}, "Not: yours"),
]
GIVEN_UP = [  # TorBox's own words, their codes, and what the row says
    ("error", "error", {}, "TorBox reported an error."),
    ("failed", "unexplained", {}, "TorBox didn’t give a reason."),
    ("Inactive", "inactive", {}, "It was inactive for too long."),
    ("missingFiles", "missing_files", {}, "Files are missing on TorBox."),
    ("missing", "missing_files", {}, "Files are missing on TorBox."),
    ("timedout", "timed_out", {}, "It didn’t finish in time."),
    ("unavailable", "unavailable", {}, "It isn’t available on TorBox."),
    ("inactive (>30 days)", "inactive", {"longer_than": "30 days"}, "It was inactive for more than 30 days."),
    ("timedout (>2 days)", "timed_out", {"longer_than": "2 days"}, "It didn’t finish within 2 days."),
    (">3 days", "inactive", {"longer_than": "3 days"}, "It was inactive for more than 3 days."),
]


def test_every_column_of_text_takes_codes_or_is_known_to_hold_text():
    untold = [
        title(model, field)
        for model, field in text_columns()
        if not field.choices
        and field.name not in FREE_TEXT
        and title(model, field) not in OPERATION_COLUMNS | DEVICE_COLUMNS
    ]
    by_kind = ["torrents.Activity.code", "notifications.Notification.code"]
    assert untold == by_kind, "whose codes depend on the kind: tests/torrents/codes.py"


def test_every_reason_has_words_and_every_kind_of_outage_too():
    assert {*WORDS, *MADE} == {*Reason} and not WORDS.keys() & MADE.keys()
    assert len({outage(reason).what for reason in HealthReason}) == len(HealthReason)
    assert all(reason_words(reason) for reason in Reason)


def sentences_written(path: Path, columns: set[str]) -> list[tuple[int, str]]:
    """Where a module gives a text of its own with a space in it to a column, or to what is stored in one."""
    tree = ast.parse(path.read_text())
    texts = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and is_sentence(node.value, set())
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    given: list[tuple[str, ast.expr]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg:
            given.append((node.arg, node.value))
        elif isinstance(node, ast.Assign):
            given += [
                (target.attr, node.value) for target in node.targets if isinstance(target, ast.Attribute)
            ]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rsplit(".", 1)[-1] in STORING:
            given += [("reason", value) for value in node.args]
        elif isinstance(node, ast.Dict):
            given += [
                (str(key.value), value)
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
            ]
    found = [(value.lineno, name) for name, value in given if name in columns and is_sentence(value, texts)]
    return sorted(found)


def is_sentence(value: ast.expr, texts: set[str]) -> bool:
    if isinstance(value, ast.Constant):
        return isinstance(value.value, str) and " " in value.value
    if isinstance(value, ast.Name):
        return value.id in texts
    parts = value.values if isinstance(value, ast.JoinedStr | ast.BoolOp) else []
    if isinstance(value, ast.IfExp):
        parts = [value.body, value.orelse]
    return any(is_sentence(part, texts) for part in parts)


def test_no_service_writes_a_sentence_into_a_column():
    columns = {field.name for _, field in text_columns()}
    places = [
        *(ROOT / "torrents/services").rglob("*.py"),
        *(ROOT / "torrents/models").rglob("*.py"),
        *(ROOT / "links/services").rglob("*.py"),
        *(ROOT / "notifications/services").rglob("*.py"),
        *(ROOT / "notifications/models").rglob("*.py"),
        *(ROOT / "saving/services").rglob("*.py"),
        *(ROOT / "saving/models").rglob("*.py"),
        *(ROOT / "accounts/services").rglob("*.py"),
        *(ROOT / "accounts/models").rglob("*.py"),
        ROOT / "accounts/clients.py",
        ROOT / "accounts/rate_limits.py",
    ]
    found = {place.name: sentences_written(place, columns) for place in places}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_search_for_sentences_finds_them(tmp_path):
    module = tmp_path / "service.py"
    module.write_text(
        'LOST = "An answer got lost"\n'
        'write(row, reason="no_slot", upstream_detail=f"TorBox {said} so")\n'
        "row.reason = LOST\n"
        'fields = {"reason": said or "No free slot"}\n'
        'why = Explanation("refused", {}, "It was refused")\n'
    )
    assert sentences_written(module, {"reason", "upstream_detail"}) == [
        (2, "upstream_detail"),
        (3, "reason"),
        (4, "reason"),
        (5, "reason"),
    ]


@pytest.fixture
def upgraded(request, cast, settings):
    """Take the tables back to the version before, let `write` fill them, and bring them up to date."""

    def upgrade(write):
        request.addfinalizer(lambda: call_command("migrate", verbosity=0))
        executor = MigrationExecutor(connection)
        executor.migrate(BEFORE)
        write(executor.loader.project_state(BEFORE).apps.get_model)
        call_command("migrate", verbosity=0)

    return upgrade


def old_torrent(model, account, name: str, **fields):
    return model.objects.create(
        account_id=account.pk, info_hash=make_hash(name), name=name, sort_name=name, **fields
    )


@pytest.mark.django_db(transaction=True)
def test_sentences_about_torrents_become_codes(cast, upgraded):
    def write(model):
        rows = model("torrents", "Torrent")
        for sentence, *_ in WAITED:
            old_torrent(rows, cast.account, sentence, status="waiting", waiting_for=sentence)
        for sentence, raw_state, *_ in FAILED:
            old_torrent(rows, cast.account, sentence, status="failed", error=sentence, raw_state=raw_state)
        for sentence, *_ in GIVEN_UP:
            old_torrent(rows, cast.account, sentence, status="failed", error=sentence, raw_state=sentence)
        old_torrent(rows, cast.account, "nothing", status="waiting")
        old_torrent(rows, cast.account, "past", status="ready", waiting_for="TorBox’s queue is full")

    upgraded(write)
    rows = {row.name: row for row in Torrent.objects.all()}
    expected = [(sentence, *rest, reason_words(*rest)) for sentence, *rest in WAITED]
    expected += [(sentence, *rest, reason_words(*rest)) for sentence, _, *rest in FAILED]
    expected += [(said, code, params, said, words) for said, code, params, words in GIVEN_UP]
    for sentence, code, params, upstream_detail, words in expected:
        row = rows[sentence]
        stored = row.reason, row.reason_params, row.upstream_detail
        assert stored == (code, params, upstream_detail), sentence
        assert quiet_line(row) == escape(words)
    assert (rows["nothing"].reason, rows["nothing"].reason_params) == ("", {})
    assert quiet_line(rows["nothing"]) == "Sending to TorBox"
    assert (rows["past"].reason, rows["past"].reason_params) == ("", {})
    assert wrong_codes() == []


@pytest.mark.django_db(transaction=True)
def test_a_lost_answer_still_says_when_the_torrent_is_sent_again(cast, upgraded, settings):
    since = timezone.now()
    again = since + timedelta(seconds=settings.SETTLE_SECONDS)
    at = f"{timezone.localtime(again):%H:%M}"
    sentence = f"TorBox’s answer got lost; looking for it, and sending again at {at} if it is not there"

    def write(model):
        row = old_torrent(
            model("torrents", "Torrent"), cast.account, "lost", status="waiting", waiting_for=sentence
        )
        model("torrents", "AddRequest").objects.create(torrent=row, state="unsure", unsure_since=since)

    upgraded(write)
    row = Torrent.objects.get()
    said = f"TorBox’s answer got lost. If it isn’t on TorBox by {clock(again)}, we’ll send it again."
    assert row.reason == Reason.ANSWER_LOST and quiet_line(row) == said


@pytest.mark.django_db(transaction=True)
def test_operations_and_limits_of_before_become_codes(cast, upgraded):
    def write(model):
        rows = model("torrents", "Torrent")
        for kind in ("slot", "queue", "month", "cooldown", ""):
            row = old_torrent(rows, cast.account, f"waits for {kind}", status="waiting")
            model("torrents", "AddRequest").objects.create(torrent=row, waits_for=kind)
        row = old_torrent(rows, cast.account, "operated", status="downloading")
        for error in ("TorBox could not find it.", "it is not at TorBox yet.", "No: not now", ""):
            state = "failed" if error else "done"
            model("torrents", "ControlRequest").objects.create(
                torrent=row, operation="pause", state=state, error=error
            )

    upgraded(write)
    limits = AddRequest.objects.order_by("pk").values_list("waits_for", flat=True)
    assert list(limits) == ["no_slot", "queue_full", "month_used_up", "cooldown", ""]
    found = ControlRequest.objects.order_by("pk").values_list("reason", "upstream_detail")
    assert list(found) == [("not_found", ""), ("not_at_torbox_yet", ""), ("refused", "No: not now"), ("", "")]
    assert wrong_codes() == []


@pytest.mark.django_db(transaction=True)
def test_the_health_of_an_account_becomes_a_code(cast, upgraded):
    stored = [
        ("unreachable", "dns", "dns", ""),
        ("unreachable", "malformed", "malformed", ""),
        ("unreachable", "trouble", "trouble", ""),
        ("unreachable", "The database is away.", "trouble", "The database is away."),
        ("rejected", "Bad token.", "", "Bad token."),
        ("limited", "Not in your plan.", "", "Not in your plan."),
        ("unreadable", "The stored API key cannot be read: put the old value back.", "", ""),
        ("another", "The list is that of another TorBox account.", "", ""),
        ("ok", "", "", ""),
    ]
    accounts = [make_account(cast.owner, make_key(f"health {n}"), f"Account {n}") for n in range(len(stored))]

    def write(model):
        for account, (health, detail, *_) in zip(accounts, stored, strict=True):
            mine = model("accounts", "TorBoxAccount").objects.filter(pk=account.pk)
            mine.update(health=health, health_detail=detail)

    upgraded(write)
    for account, (health, detail, reason, upstream_detail) in zip(accounts, stored, strict=True):
        account = TorBoxAccount.objects.get(pk=account.pk)
        found = account.health, account.health_reason, account.upstream_detail
        assert found == (health, reason, upstream_detail)
        assert account.health_sentence if health != "ok" else not account.health_sentence, detail
    assert wrong_codes() == []


@pytest.mark.django_db(transaction=True)
def test_our_own_sentences_are_not_kept_as_torboxs(cast, upgraded):
    ours, theirs = "TorBox refused the request.", "Not in your plan."
    odd = "TorBox sent an answer that could not be understood: “data” is not a list."

    def write(model):
        for said in (ours, theirs):
            row = old_torrent(model("torrents", "Torrent"), cast.account, said, status="failed", error=said)
            model("torrents", "ControlRequest").objects.create(
                torrent=row, operation="pause", state="failed", error=said
            )
            model("torrents", "Activity").objects.create(
                account_id=cast.account.pk, torrent=row, kind="failed", name="A film", detail=said
            )
        model("accounts", "UpstreamCall").objects.create(account_id=cast.account.pk, detail=odd)
        rejected = {"health": "rejected", "health_detail": "TorBox does not accept the API key."}
        model("accounts", "TorBoxAccount").objects.filter(pk=cast.account.pk).update(**rejected)

    upgraded(write)
    for model in (Torrent, ControlRequest, Activity):
        found = model.objects.order_by("pk").values_list("upstream_detail", flat=True)
        assert list(found) == ["", theirs], model
    assert [entry.folded.split() for entry in Activity.objects.order_by("pk")] == [
        ["a", "film"],
        ["a", "film", "not", "in", "your", "plan"],
    ]
    assert TorBoxAccount.objects.get().upstream_detail == UpstreamCall.objects.get().detail == ""


def test_what_is_no_code_is_found(cast):
    row = make_torrent(cast.account, "odd")
    Torrent.objects.filter(pk=row.pk).update(reason="No free slot", upstream_detail=next(iter(OURS)))
    ControlRequest.objects.create(torrent=row, operation="Pause")
    assert len(wrong_codes()) == 3
    assert "pause" in OPERATIONS
