"""The Status page: what it says, to whom, and at what cost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery import current_app
from cryptography.fernet import Fernet
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import Share, TorBoxAccount, UpstreamCall, User
from care.status import status_for
from care.status.machinery import queue
from care.status.markup import plain
from tests.factories import make_account, make_key, make_torrent, make_user
from torrents import tasks
from torrents.models import AddRequest, CreateCall, Heartbeat, RequestState
from torrents.services.outbox import budget
from torrents.services.sync import refreshing
from torrents.states import Status

URL = "/status/"


@pytest.fixture
def alive(db) -> None:
    Heartbeat.sign("worker nas")
    Heartbeat.sign("beat")


@pytest.fixture
def fresh(cast, alive):
    """Everything as it should be: read just now, worker and beat alive."""
    assert refreshing.refresh(cast.account)
    cast.account.refresh_from_db()
    return cast


def silent_for(name: str, seconds: int) -> None:
    Heartbeat.objects.filter(name__startswith=name).update(at=timezone.now() - timedelta(seconds=seconds))


def wait_to_send(account, number: int, **fields) -> AddRequest:
    torrent = make_torrent(account, f"Wish {number}", status=Status.WAITING, remote_id=None, file_count=0)
    return AddRequest.objects.create(torrent=torrent, **fields)


def said(client) -> str:
    return client.get(URL).content.decode()


def problems(user: User | None = None) -> list[str]:
    return [f"{plain(problem.what)} {plain(problem.remedy)}" for problem in status_for(user).problems]


def card(user: User, title: str):
    return next(card for card in status_for(user).cards if card.title == title)


def test_when_everything_works_it_says_so(fresh, sign_in):
    page = said(sign_in(fresh.owner))
    assert "Everything works." in page and "Checked" in page and "Every stored key can be read" in page
    assert problems(fresh.owner) == []


def test_the_table_has_the_facts_of_the_account(fresh):
    fresh.account.ask_again_at(timezone.now() + timedelta(seconds=430))
    TorBoxAccount.objects.update(slots=10, premium_expires_at="2027-03-03T12:00:00Z", plan_name="Pro")
    make_torrent(fresh.account, "One", active=True), make_torrent(fresh.account, "Two", active=False)
    (row,) = status_for(fresh.owner).accounts
    assert (row.label, row.word, row.tone) == ("Family", "Good", "ready")
    assert row.about == f"Pro · until Mar 3, 2027 · key …{fresh.key[-4:]}"
    assert (row.slots, row.next_refresh) == ("1 of 10", "in 7 minutes")
    assert row.calls == UpstreamCall.objects.count() > 0
    assert row.last_answer >= fresh.account.refreshed_at


def test_calls_of_the_last_hour_are_shown_by_endpoint_and_outcome(fresh):
    UpstreamCall.objects.all().delete()
    now, old = timezone.now(), timezone.now() - timedelta(minutes=61)
    for endpoint, outcome, at in [
        ("mylist", "ok", now), ("mylist", "ok", now), ("mylist", "failed", now),
        ("createtorrent", "limited", now), ("createtorrent", "ok", old),
    ]:  # fmt: skip
        UpstreamCall.objects.create(account=fresh.account, endpoint=endpoint, outcome=outcome, at=at)
    (row,) = status_for(fresh.owner).accounts
    assert [(call.endpoint, call.count, call.outcomes) for call in row.endpoints] == [
        ("createtorrent", 1, "1 throttled"), ("mylist", 3, "2 answered · 1 failed"),
    ]  # fmt: skip


def test_the_last_errors_and_pauses_are_shown(fresh):
    for number in range(8):
        UpstreamCall.objects.create(
            account=fresh.account, endpoint="createtorrent", outcome="refused", detail=f"No number {number}.",
            at=timezone.now() - timedelta(minutes=number),
        )  # fmt: skip
    later = timezone.now() + timedelta(minutes=5)
    UpstreamCall.objects.create(
        account=fresh.account,
        endpoint="createtorrent",
        outcome="limited",
        detail="60 per 1 hour",
        retry_at=later,
    )
    (row,) = status_for(fresh.owner).accounts
    assert [error.sentence for error in row.errors] == [
        "60 per 1 hour",
        *[f"No number {n}." for n in range(4)],
    ]
    (pause,) = row.pauses
    assert pause.startswith("TorBox asked us to pause createtorrent until ")


def test_a_worker_without_a_heartbeat_is_reported_with_what_to_do(fresh, sign_in):
    silent_for("worker", 180)
    (problem,) = problems(fresh.owner)
    assert problem.startswith("No heartbeat from the worker since ") and problem.endswith(
        "Nothing is being sent or refreshed, and nothing is lost. "
        "Start the worker. If it’s already running, check its log."
    )
    assert "1 problem needs attention." in said(sign_in(fresh.owner))


def test_a_missing_heartbeat_of_beat_is_not_blamed_on_the_worker(fresh):
    silent_for("beat", 180)
    (problem,) = problems()
    assert problem.startswith("No heartbeat from beat since ") and "Start beat." in problem
    silent_for("worker", 200)
    (problem,) = problems()
    assert problem.startswith("No heartbeat from the worker or beat since ")


def test_before_the_first_start_it_says_that_nothing_has_started(cast):
    (problem,) = problems()
    assert "The worker and beat haven’t started yet." in problem and "Start the worker and beat." in problem


def test_waiting_adds_are_counted_with_their_age_and_when_the_last_is_done(fresh, time_machine):
    time_machine.move_to("2026-03-03 14:30:00+00:00", tick=False)
    Heartbeat.objects.update(at=timezone.now())
    now = timezone.now()
    for number, state in enumerate([RequestState.WAITING, RequestState.SENDING, RequestState.UNSURE]):
        request = wait_to_send(
            fresh.account, number, state=state, created_at=now - timedelta(minutes=number + 1)
        )
        request.torrent.waiting_until = now + timedelta(minutes=5 * number)
        request.torrent.save()
    wait_to_send(fresh.account, 8, state=RequestState.DONE), wait_to_send(fresh.account, 9, state="failed")
    waiting = card(fresh.owner, "Waiting to send")
    assert waiting.value == "3"
    assert waiting.line == "Oldest: 3 min · done around 2:40\u202fPM · 1 being verified"


@pytest.mark.parametrize("reason", ["no time", "the worker", "the key"])
def test_no_time_is_shown_if_it_is_unknown(fresh, reason):
    request = wait_to_send(fresh.account, 1)
    request.torrent.waiting_until = None if reason == "no time" else timezone.now() + timedelta(minutes=9)
    request.torrent.save()
    if reason == "the worker":
        silent_for("worker", 180)
    if reason == "the key":
        fresh.account.mark_health("rejected", upstream_detail="Bad token.")
    assert "done around" not in card(fresh.owner, "Waiting to send").line


def test_adds_left_are_those_of_the_budget_and_the_scarcest_of_several_is_named(fresh):
    for number in range(38):
        CreateCall.objects.create(account=fresh.account, counted=number < 37)
    CreateCall.objects.create(account=fresh.account, at=timezone.now() - timedelta(minutes=61))
    adds = card(fresh.owner, "Adds left this hour")
    assert (plain(adds.value), adds.percent) == ("23 of 60", 38)
    assert budget.left_this_hour(fresh.account) == 23
    make_account(fresh.owner, make_key("second"), "Second")
    adds = card(fresh.owner, "Adds left this hour")
    assert (plain(adds.value), plain(adds.line)) == ("83 of 120", "Fewest: 23 on Family")


def test_an_owner_sees_every_account_but_no_sentence_that_may_name_a_torrent(fresh, sign_in):
    stranger = make_account(make_user("stranger"), make_key("stranger"), "Strange")
    make_torrent(stranger, "Their secret film")
    for account, detail in [(stranger, "Their secret film is banned."), (fresh.account, "Ours is banned.")]:
        UpstreamCall.objects.create(
            account=account, endpoint="createtorrent", outcome="refused", detail=detail
        )
    stranger.mark_health("rejected", upstream_detail="Their secret key")
    page = said(sign_in(fresh.owner))
    assert "Strange" in page and "Ours is banned." in page and "TorBox refused the call." in page
    assert "secret" not in page and "<bdi>Stranger</bdi> needs to enter a new API key." in page


def test_the_owner_of_an_account_sees_only_that_account(fresh, sign_in):
    mine = make_account(fresh.member, make_key("mine"), "Mine only")
    silent_for("worker", 180)
    answer = sign_in(fresh.member).get(URL)
    page = answer.content.decode()
    assert [row.account for row in answer.context["status"].accounts] == [mine]
    assert "Family" not in page and not answer.context["status"].parts
    assert "Tell the owner of your household." in page and "Start the worker" not in page


def test_a_guest_who_owns_an_account_sees_it_and_a_manager_of_a_share_does_not(fresh, sign_in):
    guest = make_user("guest", User.Role.GUEST)
    make_account(guest, make_key("guest"), "Guest’s")
    assert "Guest’s" in said(sign_in(guest))
    Share.objects.filter(user=fresh.member).update(level=Share.Level.MANAGE)
    assert sign_in(fresh.member).get(URL).status_code == 404


def test_the_menu_links_to_the_page_for_people_who_may_see_it(fresh, sign_in):
    for person, leads in [(fresh.owner, True), (fresh.member, False), (fresh.outsider, False)]:
        assert (f'href="{URL}"' in sign_in(person).get("/").content.decode()) is leads
    make_account(fresh.outsider, make_key("own"), "Own")
    assert f'href="{URL}"' in sign_in(fresh.outsider).get("/").content.decode()


def test_a_rejected_key_is_reported_with_what_to_do(fresh, sign_in):
    other = make_account(make_user("lina"), make_key("lina"), "Lina’s")
    for account in (fresh.account, other):
        account.mark_health("rejected", upstream_detail="Bad token.")
    page = said(sign_in(fresh.owner))
    assert "Needs a new API key" in page and "<bdi>Lina</bdi> needs to enter a new API key." in page
    assert reverse("accounts:replace_key", args=[fresh.account.pk]) in page
    assert reverse("accounts:replace_key", args=[other.pk]) not in page


def test_unreadable_keys_are_counted_before_any_call_was_made(fresh, settings, sign_in):
    make_account(fresh.owner, make_key("second"), "Second")
    old, settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS, [Fernet.generate_key().decode()]
    make_account(fresh.owner, make_key("third"), "Third")
    page = said(sign_in(fresh.owner))
    (problem,) = problems(fresh.owner)
    assert problem == (
        "2 of 3 stored API keys can’t be read because ENCRYPTION_KEYS has changed: Family and Second. "
        "Nothing is lost. Restore the old value and restart, or enter the API key again."
    )
    assert "<bdi>Family</bdi> and <bdi>Second</bdi>" in page and "2 of 3 stored keys can’t be read" in page
    settings.ENCRYPTION_KEYS = [*settings.ENCRYPTION_KEYS, *old]
    assert problems(fresh.owner) == []


def test_a_key_that_only_the_worker_cannot_read_is_reported_too(fresh):
    fresh.account.mark_health("unreadable")
    (problem,) = problems(fresh.owner)
    assert problem.startswith("The stored API key for Family can’t be read because")


def test_an_outage_is_reported_once_for_all_accounts_or_by_name(fresh):
    other = make_account(fresh.owner, make_key("second"), "Second")
    fresh.account.mark_health("unreachable", "timeout")
    (problem,) = problems(fresh.owner)
    assert problem.startswith("Family: TorBox hasn’t responded since")
    other.mark_health("unreachable", "timeout")
    (problem,) = problems(fresh.owner)
    assert problem.startswith("TorBox hasn’t responded since") and "We retry automatically." in problem


@pytest.mark.parametrize(
    ("reason", "upstream_detail", "said"),
    [
        ("malformed", "", "TorBox has been sending responses we can’t read since"),
        ("trouble", "", "TorBox has been returning errors since"),
        ("trouble", "The database is away.", "TorBox has been returning errors since"),
        ("other", "", "TorBox hasn’t responded since"),
    ],
)
def test_only_a_missing_response_is_called_no_response(fresh, sign_in, reason, upstream_detail, said):
    make_account(fresh.owner, make_key("second"), "Second")
    fresh.account.mark_health("unreachable", reason, upstream_detail)
    told = problems(fresh.owner)
    assert any(problem.startswith(f"Family: {said}") for problem in told)
    page = sign_in(fresh.owner).get(reverse("torrents:list")).content.decode()
    assert said in page
    assert ("Message from TorBox: “The database is away.”" in page) == bool(upstream_detail)


@pytest.mark.parametrize(
    ("reason", "said", "remedy"),
    [
        ("dns", "This server can’t find TorBox’s address.", "Check this server’s DNS"),
        ("refused", "The connection to TorBox was refused.", "firewall"),
        ("proxy", "The proxy between this server and TorBox isn’t working.", "HTTPS_PROXY"),
        ("certificate", "TorBox’s certificate can’t be verified.", "REQUESTS_CA_BUNDLE"),
        ("timeout", "TorBox didn’t respond in time.", "wait"),
    ],
)
def test_an_outage_names_its_cause(fresh, sign_in, reason, said, remedy):
    fresh.account.not_answering(reason)
    (problem,) = problems(fresh.owner)
    assert said in problem and remedy in problem
    page = sign_in(fresh.owner).get(reverse("accounts:account", args=[fresh.account.pk])).content.decode()
    assert escape(said) in page


def test_a_call_that_cannot_reach_torbox_stores_its_reason(fresh, settings):
    settings.TORBOX_API_URL = "http://127.0.0.1:9"
    refreshing.refresh(fresh.account, fresh=True)
    (problem,) = problems(fresh.owner)
    assert "The connection to TorBox was refused." in problem


def test_an_outage_shows_when_it_is_retried(fresh, sim):
    sim.control.fail(kind="status", status=502, times=20)
    refreshing.refresh(fresh.account, fresh=True)
    (row,) = status_for(fresh.owner).accounts
    assert row.health == "unreachable" and row.next_refresh.startswith("Retrying in ")
    assert row.errors


def test_hostile_labels_and_sentences_are_shown_harmlessly(fresh, sign_in):
    TorBoxAccount.objects.update(label="<b>x</b>\u202etxt")
    UpstreamCall.objects.create(
        account=fresh.account, endpoint="mylist", outcome="failed", detail="<script>alert(1)</script>\u202e"
    )
    page = said(sign_in(fresh.owner))
    assert "<b>x" not in page and "<script>alert" not in page and "\u202e" not in page


def test_no_api_key_is_on_the_page(fresh, sign_in):
    assert fresh.key not in said(sign_in(fresh.owner))


def test_the_number_of_queries_is_constant(fresh, sign_in):
    client = sign_in(fresh.owner)
    client.get(URL)
    with CaptureQueriesContext(connection) as few:
        client.get(URL)
    for number in range(30):
        account = make_account(fresh.owner, make_key(f"more {number}"), f"More {number}")
        make_torrent(account, f"Film {number}", active=True)
        wait_to_send(account, number)
        CreateCall.objects.create(account=account)
        for outcome in UpstreamCall.Outcome.values:
            UpstreamCall.objects.create(account=account, endpoint="mylist", outcome=outcome)
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(URL).context["status"].accounts) == 31
    assert len(many) == len(few) <= 24  # nine of them try whether the database takes writes


def test_the_poll_gets_only_the_part_that_changes(fresh, sign_in):
    client = sign_in(fresh.owner)
    whole = client.get(URL)
    part = client.get(URL, headers={"HX-Request": "true"})
    assert b"<html" in whole.content and b"<html" not in part.content
    assert part.content.strip().startswith(b"<live-status") and "HX-Request" in part["Vary"]


@pytest.fixture
def emptied():
    """Nothing waits in the queue, before and after."""
    current_app.control.purge()
    yield
    current_app.control.purge()


def test_the_messages_in_the_queue_are_counted(fresh, emptied):
    assert (queue().word, queue().problem) == ("Empty", None)
    for _ in range(2):
        tasks.prune.delay()
    assert queue().word == "2 messages"
