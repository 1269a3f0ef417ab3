"""Clocks that were wrong: what they left in the database holds nothing up once they are right again.

Each test acts while the clock is a day ahead, or a day behind, puts it right, and goes on at once.
"""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

import torbox
from accounts import rate_limits, services
from accounts.models import TorBoxAccount, UpstreamCall
from tests.factories import make_hash
from torbox.magnets import Magnet
from torrents.models import AddRequest, ControlRequest, CreateCall, Heartbeat, RequestState, Torrent
from torrents.services.actions import controlling
from torrents.services.actions.adding import NewTorrent, Options, add
from torrents.services.outbox import budget, controls, sending
from torrents.services.sync import refreshing
from torrents.services.upkeep import heartbeats
from torrents.states import Status

DAY = timedelta(days=1)
WRONG = pytest.mark.parametrize("wrong_by", [DAY, -DAY], ids=["ahead", "behind"])


@pytest.fixture
def now(time_machine):
    """The right time, which stands still."""
    moment = timezone.now()
    time_machine.move_to(moment, tick=False)
    return moment


@pytest.fixture
def clock(time_machine, now):
    """`clock(offset)` puts the clock that far off the right time."""
    return lambda offset=timedelta(): time_machine.move_to(now + offset, tick=False)


def paste(cast, name: str = "A film") -> AddRequest:
    magnet = Magnet(make_hash(name), name)
    add(person=cast.owner, account=cast.account, new_torrents=[NewTorrent(magnet)], options=Options())
    return AddRequest.objects.get(torrent__info_hash=magnet.info_hash)


def is_due(cast) -> bool:
    return cast.account.pk in refreshing.due_account_ids()


@WRONG
def test_a_list_is_read_again_when_it_is_due_by_the_right_clock(cast, clock, wrong_by):
    clock(wrong_by)
    cast.account.refresh_from_db()
    assert refreshing.refresh(cast.account)
    clock(timedelta(seconds=1000))
    assert is_due(cast)


@WRONG
def test_refresh_now_may_be_pressed_again_after_its_seconds(cast, clock, wrong_by):
    clock(wrong_by)
    assert refreshing.refresh_now(cast.account) == 0
    assert refreshing.refresh(TorBoxAccount.objects.get(), fresh=True)
    clock()
    account = TorBoxAccount.objects.get()
    assert refreshing.seconds_until_refreshable(account) <= refreshing.NOW_SECONDS
    clock(timedelta(seconds=refreshing.NOW_SECONDS + 61))
    assert refreshing.seconds_until_refreshable(account) <= 0
    assert refreshing.refresh_now(account) == 0


@WRONG
def test_what_moves_is_watched_by_the_right_clock(cast, at_torbox, clock, sign_in, wrong_by):
    clock(wrong_by)
    at_torbox("downloading")
    sign_in(cast.owner).get(reverse("torrents:list"))
    clock()
    sign_in(cast.owner).get(reverse("torrents:list"))
    assert refreshing.watched_account_ids() == [cast.account.pk]


@WRONG
@pytest.mark.parametrize("kind", ["refresh", "send", "control"])
def test_a_lease_is_free_at_the_latest_when_its_term_is_over(cast, clock, settings, kind, wrong_by):
    clock(wrong_by)
    assert cast.account.take_lease(kind)
    clock()
    free_at_once = cast.account.take_lease(kind)
    clock(timedelta(seconds=settings.LEASE_SECONDS + 1))
    assert free_at_once or cast.account.take_lease(kind)


def test_a_lease_of_the_right_clock_holds(cast, clock):
    clock()
    assert cast.account.take_lease("send")
    assert not cast.account.take_lease("send")


@WRONG
def test_a_budget_used_up_by_the_wrong_clock_is_free_within_the_hour(cast, clock, now, wrong_by):
    clock(wrong_by)
    CreateCall.objects.bulk_create(CreateCall(account=cast.account) for _ in range(budget.PER_HOUR))
    clock()
    assert budget.free_at(cast.account, now) <= now + timedelta(hours=1)


@WRONG
def test_a_pause_that_torbox_asked_for_ends(cast, clock, now, wrong_by):
    clock(wrong_by)
    until = timezone.now() + timedelta(seconds=60)
    UpstreamCall.objects.create(account=cast.account, endpoint=rate_limits.CREATES, retry_at=until)
    clock()
    assert cast.account.paused_until(rate_limits.CREATES) is None
    with rate_limits.counted(cast.account.pk, rate_limits.CREATES):
        pass


def test_a_pause_longer_than_torbox_s_widest_window_is_cut(cast, now):
    def told_to_wait() -> None:
        with rate_limits.counted(cast.account.pk, rate_limits.CREATES):
            error = torbox.RateLimited("60 per 1 hour")
            error.retry_after = 40 * 86400
            raise error

    with pytest.raises(torbox.RateLimited):
        told_to_wait()
    assert cast.account.paused_until(rate_limits.CREATES) == now + timedelta(hours=1)


@WRONG
def test_an_account_that_was_left_in_peace_is_asked_again(cast, clock, wrong_by):
    clock(wrong_by)
    cast.account.not_answering("timeout")
    clock(timedelta(seconds=13))
    assert TorBoxAccount.objects.askable(timezone.now()).exists()


@WRONG
def test_an_add_that_waits_is_sent(cast, clock, sim, wrong_by):
    clock(wrong_by)
    request = paste(cast)
    request.put_back(timezone.now() + timedelta(minutes=30))
    clock(timedelta(minutes=30, seconds=1))
    sending.send_due(cast.account.pk)
    request.refresh_from_db()
    assert request.state == RequestState.DONE


@WRONG
def test_an_add_that_a_worker_left_behind_is_found_again(cast, clock, settings, wrong_by):
    clock(wrong_by)
    paste(cast).claim(expecting=RequestState.WAITING)
    clock(timedelta(seconds=settings.LEASE_SECONDS + 1))
    assert sending.account_ids_with_due() == [cast.account.pk]


@WRONG
def test_a_deletion_reaches_torbox(cast, at_torbox, clock, sim, wrong_by):
    row = at_torbox("completed")
    clock(wrong_by)
    controlling.remove(person=cast.owner, torrents=[row])
    clock(timedelta(seconds=11))
    controls.send_due(cast.account.pk)
    assert ControlRequest.objects.get().state == RequestState.DONE


def test_a_clock_put_ahead_does_not_make_an_unclear_add_be_sent_twice(cast, clock, sim, settings):
    """The time to look for it has passed by the clock, not in truth: TorBox's lists still lag."""
    sim.control.options(fresh_lag_seconds=60)
    sim.control.freeze()
    request = paste(cast)
    sim.control.fail("createtorrent", kind="drop", after=True)
    sending.send_due(cast.account.pk)
    request.refresh_from_db()
    assert request.state == RequestState.UNSURE
    clock(DAY)
    sending.send_due(cast.account.pk)
    sim.control.advance(90)
    clock(DAY + timedelta(seconds=90))
    sending.send_due(cast.account.pk)
    request.refresh_from_db()
    assert request.state == RequestState.DONE
    assert sim.control.accepted()[request.torrent.info_hash] == 1


@WRONG
def test_what_torbox_lost_becomes_gone(cast, at_torbox, clock, sim, wrong_by):
    clock(wrong_by)
    row = at_torbox("completed")
    Torrent.objects.update(sent_at=timezone.now())
    sim.control.remove(cast.key, row.info_hash)
    for minutes in (16, 18):
        clock(timedelta(minutes=minutes))
        cast.account.refresh_from_db()
        assert refreshing.refresh(cast.account, fresh=True)
    row.refresh_from_db()
    assert row.status == Status.GONE


@WRONG
def test_the_plan_is_read_once_a_day_by_the_right_clock(cast, clock, sim, wrong_by):
    TorBoxAccount.objects.update(plan_read_at=timezone.now() + wrong_by)
    sim.control.account(cast.key, additional_slots=7)
    clock(timedelta(hours=25) if wrong_by < timedelta() else timedelta())
    cast.account.refresh_from_db()
    assert refreshing.refresh(cast.account)
    assert TorBoxAccount.objects.get().slots == 17


def test_a_sign_of_life_in_the_future_is_none(cast, clock):
    clock(DAY)
    heartbeats.worker_is_alive()
    clock()
    assert heartbeats.is_late(Heartbeat.last("worker"))


@WRONG
def test_an_invitation_is_good_for_its_longest_time_and_no_longer(cast, clock, wrong_by):
    clock(wrong_by)
    invitation = services.invite(owner=cast.owner, role="member", days=30)
    token = services.link_of(invitation).rstrip("/").rpartition("/")[2]
    clock()
    services.prune_signing_in()
    assert services.find_invitation(token)
    clock(timedelta(days=30, seconds=1))
    assert not services.find_invitation(token)


def test_a_stored_time_in_the_future_is_named_on_the_status_page_and_by_the_doctor(cast, clock, sign_in):
    clock(40 * DAY)
    refreshing.refresh_now(cast.account)
    clock()
    page = sign_in(cast.owner).get(reverse("care:status")).content.decode()
    assert "Some stored times are in the future" in page
    output = StringIO()
    with pytest.raises(CommandError):
        call_command("doctor", stdout=output)
    assert "Some stored times are in the future" in output.getvalue()


def test_no_stored_time_in_the_future_is_nothing_to_speak_of(cast, sign_in):
    refreshing.refresh_now(cast.account)
    page = sign_in(cast.owner).get(reverse("care:status")).content.decode()
    assert "in the future" not in page
