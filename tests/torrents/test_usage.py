"""Reading what TorBox reports about the use of an account, and the page that shows it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import torbox
from accounts.models import TorBoxAccount
from tests.factories import make_account, make_key, make_torrent, sign_in
from torrents import tasks
from torrents.models import Torrent, Usage, UsageDay
from torrents.services.actions import controlling
from torrents.services.sync import refreshing, usage
from torrents.services.upkeep import heartbeats
from torrents.states import Status

pytestmark = pytest.mark.django_db

GB, TB = 10**9, 10**12
NOON = datetime(2026, 12, 10, 12, tzinfo=UTC)
TODAY = NOON.date()
HOUR = timedelta(hours=1, seconds=1)


@pytest.fixture
def at_noon(db, sim, time_machine):
    time_machine.move_to(NOON, tick=False)
    heartbeats.worker_is_alive()
    return time_machine


@pytest.fixture
def account(at_noon, cast) -> TorBoxAccount:
    """An account on Pro whose Usage page was opened."""
    TorBoxAccount.objects.update(plan=2, plan_name="Pro", slots=10)
    cast.account.refresh_from_db()
    Usage.objects.create(account=cast.account)
    return cast.account


def days_of(*downloaded: int, last: date = TODAY) -> list[dict]:
    """Return TorBox's rows of consecutive days, of which the last is today."""
    count = len(downloaded)
    return [
        {"date": (last - timedelta(days=count - 1 - place)).isoformat(), "bytes_downloaded": size}
        for place, size in enumerate(downloaded)
    ]


def report(sim, bandwidth: object = (), times: int = 1, **general: object) -> None:
    """Let TorBox answer with these rows and figures next."""
    general = {"airlocked_downloads": 0, "airlock_storage_limit": TB} | general
    data = {"general": general, "bandwidth": list(bandwidth) if isinstance(bandwidth, tuple) else bandwidth}
    answer(sim, data, times)


def answer(sim, data: object, times: int = 1) -> None:
    body = {"success": True, "error": None, "detail": "Statistics retrieved.", "data": data}
    sim.control.fail("stats", kind="body", status=200, body=body, times=times)


def read(account: TorBoxAccount) -> dict[date, int]:
    """Read the report if it is due. Return the bytes of each stored day."""
    tasks.read_usage(account.pk)
    return stored(account)


def stored(account: TorBoxAccount) -> dict[date, int]:
    return dict(UsageDay.objects.filter(account=account).values_list("day", "downloaded"))


def calls(sim) -> int:
    return sim.control.count("stats")


def the_page(cast, account: TorBoxAccount | None = None):
    client = sign_in(Client(), cast.owner)
    return client.get(reverse("torrents:usage", args=[(account or cast.account).pk]))


def text_of(response) -> str:
    """Return the words of a page in one line."""
    return " ".join(re.sub("<[^>]*>", " ", response.content.decode()).split())


def asks_for_news(response) -> bool:
    return 'hx-trigger="every 2s"' in response.content.decode()


class TestReading:
    def test_a_report_is_stored_with_its_days_and_airlock(self, account, sim):
        report(sim, days_of(3 * GB, 0, 2 * GB), airlocked_downloads=412 * GB)
        assert read(account) == {
            TODAY - timedelta(days=2): 3 * GB,
            TODAY - timedelta(days=1): 0,
            TODAY: 2 * GB,
        }
        found = Usage.objects.get()
        assert (found.airlock_used, found.airlock_limit, found.read_at) == (412 * GB, TB, NOON)

    def test_torbox_is_asked_at_most_once_an_hour(self, account, sim, at_noon):
        for _ in range(3):
            read(account)
        assert calls(sim) == 1
        at_noon.move_to(NOON + timedelta(minutes=59), tick=False)
        read(account)
        assert calls(sim) == 1
        at_noon.move_to(NOON + HOUR, tick=False)
        read(account)
        assert calls(sim) == 2

    def test_a_failed_reading_counts_too_and_keeps_the_figures(self, account, sim, at_noon):
        report(sim, days_of(5 * GB))
        read(account)
        at_noon.move_to(NOON + HOUR, tick=False)
        sim.control.fail("stats", kind="500_envelope", times=9)
        assert read(account) == {TODAY: 5 * GB}
        asked = calls(sim)
        assert asked > 1
        read(account)
        assert calls(sim) == asked
        assert Usage.objects.get().read_at == NOON

    def test_an_account_whose_page_nobody_opened_is_never_asked_about(self, cast, sim, at_noon):
        read(cast.account)
        assert usage.due_account_ids() == [] and calls(sim) == 0

    @pytest.mark.parametrize("health", [TorBoxAccount.Health.REJECTED, TorBoxAccount.Health.UNREACHABLE])
    def test_torbox_is_not_asked_with_a_rejected_key_or_before_the_next_probe(self, account, sim, health):
        TorBoxAccount.objects.update(health=health, probe_at=timezone.now() + timedelta(minutes=2))
        read(account)
        assert calls(sim) == 0 and usage.due_account_ids() == [] and not usage.look(account)

    def test_a_call_that_our_rate_limit_held_back_does_not_count(self, account, sim, at_noon):
        sim.control.fail("stats", kind="429_headers")
        read(account)
        Usage.objects.update(asked_at=None)
        at_noon.move_to(NOON + timedelta(seconds=1), tick=False)
        read(account)
        assert calls(sim) == 1 and Usage.objects.get().asked_at is None

    def test_a_report_that_a_later_reading_overtook_is_dropped(self, account, sim):
        Usage.objects.update(asked_at=NOON + timedelta(hours=2))
        usage.store(account, torbox.UsageStats(days=(torbox.UsageDay(TODAY, GB, None),)), NOON)
        assert stored(account) == {} and Usage.objects.get().read_at is None

    def test_days_that_leave_the_window_are_deleted(self, account, sim, at_noon):
        report(sim, days_of(*[GB] * 30))
        assert len(read(account)) == 30
        at_noon.move_to(NOON + timedelta(days=10), tick=False)
        report(sim, days_of(2 * GB, last=TODAY + timedelta(days=10)))
        assert sorted(read(account).values()) == [*[GB] * 20, 2 * GB]


class TestOddAnswers:
    """After a good report of 7 GB today and 100 GB kept, TorBox answers oddly."""

    @pytest.fixture(autouse=True)
    def _good_before(self, account, sim, at_noon):
        report(sim, days_of(7 * GB), airlocked_downloads=100 * GB)
        assert read(account) == {TODAY: 7 * GB}
        at_noon.move_to(NOON + HOUR, tick=False)

    @pytest.mark.parametrize(
        "data",
        [
            None,
            {},
            [],
            {"general": None, "bandwidth": None},
            {"general": [], "bandwidth": []},
            {"general": {"airlocked_downloads": "a lot"}, "bandwidth": [None, 3, "x", []]},
            {"general": {"airlocked_downloads": -5, "airlock_storage_limit": 2**63}, "bandwidth": "many"},
            {"bandwidth": days_of(10**18)},
            {"bandwidth": days_of(5, last=TODAY + timedelta(days=2))},
            {"bandwidth": days_of(5, last=TODAY - timedelta(days=30))},
        ],
        ids=str,
    )
    def test_an_answer_without_anything_usable_changes_no_figure(self, account, sim, data):
        answer(sim, data)
        assert read(account) == {TODAY: 7 * GB}
        found = Usage.objects.get()
        assert (found.airlock_used, found.airlock_limit, found.read_at) == (100 * GB, TB, NOON)

    def test_without_general_the_days_are_still_read(self, account, sim):
        answer(sim, {"bandwidth": days_of(8 * GB)})
        assert read(account) == {TODAY: 8 * GB}
        assert Usage.objects.get().airlock_used == 100 * GB

    def test_without_days_airlock_is_still_read(self, account, sim):
        report(sim, None, airlocked_downloads=200 * GB)
        assert read(account) == {TODAY: 7 * GB}
        assert Usage.objects.get().airlock_used == 200 * GB

    def test_unknown_error_changes_no_figure_and_is_no_outage(self, account, sim):
        body = {"success": False, "error": "UNKNOWN_ERROR", "detail": "Unknown error.", "data": None}
        sim.control.fail("stats", kind="status", status=500, body=body, times=9)
        assert read(account) == {TODAY: 7 * GB}
        account.refresh_from_db()
        assert account.health == account.Health.OK

    def test_of_two_rows_for_a_day_the_larger_counts(self, account, sim):
        report(sim, [*days_of(9 * GB), *days_of(8 * GB), *days_of(9 * GB)])
        assert read(account) == {TODAY: 9 * GB}

    def test_a_negative_number_counts_as_nothing(self, account, sim):
        report(sim, days_of(-5 * GB, 3 * GB))
        assert read(account) == {TODAY - timedelta(days=1): 0, TODAY: 3 * GB}

    def test_rows_without_any_day_end_today(self, account, sim):
        report(sim, [{"bytes_downloaded": size * GB} for size in (1, 2, 3)])
        assert read(account) == {TODAY - timedelta(days=back): (3 - back) * GB for back in range(3)}

    def test_a_row_without_its_day_among_others_is_left_out(self, account, sim):
        report(sim, [*days_of(4 * GB), {"bytes_downloaded": 50 * GB}])
        assert read(account) == {TODAY: 4 * GB}


class TestTheSimulatorsOwnAnswers:
    def test_the_days_and_the_limit_of_the_plan_are_read(self, cast, sim):
        Usage.objects.create(account=cast.account)
        sim.control.usage(cast.key, [3 * GB, 0, 2 * GB])
        assert [size for _day, size in sorted(read(cast.account).items())][-3:] == [3 * GB, 0, 2 * GB]
        found = Usage.objects.get()
        assert (found.airlock_used, found.airlock_limit) == (0, TB)

    @pytest.mark.parametrize("oddity", ["null_bandwidth", "missing_general", "unknown_error"])
    def test_what_an_odd_answer_leaves_out_is_unknown(self, cast, sim, oddity):
        Usage.objects.create(account=cast.account)
        sim.control.usage(cast.key, [3 * GB])
        sim.control.options(user_stats=oddity)
        days, found = read(cast.account), Usage.objects.get()
        assert bool(days) == (oddity == "missing_general")
        assert found.airlock_limit == (TB if oddity == "null_bandwidth" else None)
        assert usage.is_answered(found) == (oddity != "unknown_error")


class TestOnceADay:
    def test_accounts_seen_lately_are_read_once_a_day(self, account, sim, at_noon):
        report(sim, days_of(GB))
        assert usage.due_account_ids() == [account.pk]
        read(account)
        at_noon.move_to(NOON + timedelta(hours=23), tick=False)
        assert usage.due_account_ids() == []
        at_noon.move_to(NOON + timedelta(hours=25), tick=False)
        assert usage.due_account_ids() == [account.pk]

    def test_accounts_that_nobody_looks_at_are_not(self, account):
        TorBoxAccount.objects.update(seen_at=NOON - timedelta(days=8))
        assert usage.due_account_ids() == []


class TestThePage:
    def test_it_answers_before_torbox_and_asks_for_news(self, cast, sim, at_noon):
        response = the_page(cast)
        assert response.status_code == 200 and calls(sim) == 0
        assert asks_for_news(response)
        assert "TorBox hasn’t reported any usage yet." in text_of(response)
        assert Usage.objects.get().asked_at is None
        tasks.read_usage(cast.account.pk)
        assert calls(sim) == 1

    def test_it_stops_asking_once_the_report_is_there(self, cast, account, sim):
        report(sim, days_of(GB))
        read(account)
        response = the_page(cast)
        assert not asks_for_news(response) and "updated just now" in text_of(response)

    def test_it_stops_asking_a_minute_after_a_failure_and_says_since_when(self, cast, account, sim, at_noon):
        report(sim, days_of(5 * GB))
        read(account)
        at_noon.move_to(NOON + timedelta(hours=2), tick=False)
        sim.control.fail("stats", kind="500_envelope", times=9)
        read(account)
        heartbeats.worker_is_alive()
        assert asks_for_news(the_page(cast))
        at_noon.move_to(NOON + timedelta(hours=2, minutes=2), tick=False)
        response = the_page(cast)
        page = text_of(response)
        assert not asks_for_news(response)
        assert "TorBox didn’t report any new figures. You’re seeing those from" in page
        assert "to try again." in page and "5 GB" in page

    def test_without_a_worker_it_says_so_instead_of_asking(self, cast, account, sim, at_noon):
        report(sim, days_of(5 * GB))
        read(account)
        at_noon.move_to(NOON + timedelta(hours=2), tick=False)
        response = the_page(cast)
        assert not asks_for_news(response)
        said = "The background worker isn’t running, so there are no new figures. You’re seeing those from"
        assert said in text_of(response)

    def test_during_an_outage_it_keeps_the_figures_and_says_so(self, cast, account, sim, at_noon):
        report(sim, days_of(5 * GB))
        read(account)
        at_noon.move_to(NOON + HOUR, tick=False)
        sim.control.fail("stats", kind="refuse", times=9)
        read(account)
        at_noon.move_to(NOON + HOUR + timedelta(seconds=3), tick=False)
        response = the_page(cast)
        assert not asks_for_news(response) and "5 GB" in text_of(response)
        account.refresh_from_db()
        assert account.health == account.Health.UNREACHABLE
        assert f"{account.health_sentence} You’re seeing those from" in text_of(response)

    def test_the_cards_show_data_slots_and_airlock(self, cast, account, sim):
        report(sim, days_of(*[TB // 4] * 28, 0, TB // 4), airlocked_downloads=412 * GB)
        read(account)
        for number, status in enumerate([Status.DOWNLOADING, Status.DOWNLOADING, Status.STALLED]):
            make_torrent(account, f"Active {number}", remote_id=number, status=status, active=True)
        for number in range(9):
            make_torrent(account, f"Kept {number}", remote_id=10 + number, airlocked=True)
        page = text_of(the_page(cast))
        assert "7.2 TB of TorBox’s published 30 TB" in page
        assert "At this rate, you’ll use about 6.4 TB in 30 days." in page
        assert "3 of 10" in page and "2 downloading · 1 stalled" in page
        assert "412 GB of 1 TB" in page and "9 torrents" in page

    def test_torrents_that_torbox_no_longer_has_use_no_slot(self, cast, account, sim, settings):
        settings.UNDO_SECONDS = 0
        for digit in "123":
            spec = {"key": cast.key, "hash": digit * 40, "state": "downloading", "download_seconds": 9000}
            sim.control.seed(torrents=[spec])
        refreshing.refresh(account, fresh=True)
        deleted, lost, _moving = Torrent.objects.order_by("info_hash")
        controlling.remove(person=cast.owner, torrents=[deleted])
        tasks.send_controls(account.pk)
        Torrent.objects.update(sent_at=None)
        sim.control.remove(cast.key, lost.info_hash)
        refreshing.refresh_one(lost)
        assert "1 of 10" in text_of(the_page(cast)) and account.slots_used == 1

    def test_the_forecast_warns_with_the_day_that_reaches_the_level(self, cast, account, sim):
        TorBoxAccount.objects.update(plan=3)
        report(sim, days_of(*[TB] * 14))
        read(account)
        response = the_page(cast)
        sentence = "At this rate, you’ll reach TorBox’s published level of 20 TB on December 16."
        assert sentence in text_of(response)
        assert response.context["page"].data.tone == "waiting"

    def test_a_level_that_is_reached_is_said_without_a_forecast(self, cast, account, sim):
        TorBoxAccount.objects.update(plan=0)
        report(sim, days_of(6 * TB, 0))
        read(account)
        page = the_page(cast).context["page"].data
        assert page.note == "You’ve reached TorBox’s published level of 5 TB." and page.percent == 100

    def test_a_free_plan_has_no_airlock_card(self, cast, account, sim):
        TorBoxAccount.objects.update(plan=0)
        assert "AirLock" not in text_of(the_page(cast))

    def test_before_a_report_airlock_is_what_our_rows_and_the_plan_say(self, cast, account):
        make_torrent(account, "Kept", airlocked=True, size=3 * GB)
        page = text_of(the_page(cast))
        assert "3 GB of 1 TB" in page and "1 torrent " in page

    def test_an_unknown_plan_has_no_limits(self, cast, account, sim):
        TorBoxAccount.objects.update(plan=9, plan_name="Plan 9", slots=None)
        report(sim, days_of(GB))
        read(account)
        page = the_page(cast).context["page"]
        assert (page.data.limit, page.data.percent, page.slots.limit) == ("", None, "")

    def test_the_chart_and_the_table_have_the_same_days(self, cast, account, sim):
        report(sim, days_of(340 * GB, 0, 640 * GB))
        read(account)
        response = the_page(cast)
        page = response.context["page"]
        assert len(page.chart.bars) == 2 and page.chart.bars[-1].is_today
        assert page.chart.bars[-1].height == "100.00%"
        assert [line.label for line in page.chart.lines] == ["0", "200", "400", "600 GB"]
        assert [(day.name, day.size) for day in page.days[:4]] == [
            ("Dec 10", 640 * GB),
            ("Dec 9", 0),
            ("Dec 8", 340 * GB),
            ("Dec 7", 0),
        ]
        assert len(page.days) == 30 and "Dec 8 340 GB" in text_of(response)

    def test_a_month_without_downloads_has_no_chart_but_says_so(self, cast, account, sim):
        report(sim, days_of(*[0] * 30))
        read(account)
        response = the_page(cast)
        page = response.context["page"]
        assert "Nothing was downloaded in the last 30 days." in text_of(response)
        assert page.chart is None and page.data.note == "" and page.data.value == "0 bytes"

    def test_days_are_named_as_utc_where_they_differ(self, cast, account, sim):
        report(sim, days_of(GB))
        read(account)
        cast.owner.time_zone = "UTC"
        cast.owner.save()
        assert "Days are in UTC" not in text_of(the_page(cast))
        cast.owner.time_zone = "Asia/Tokyo"
        cast.owner.save()
        assert "Days are in UTC" in text_of(the_page(cast))

    def test_it_counts_adds_by_person_of_the_last_30_days(self, cast, account):
        old = NOON - timedelta(days=31)
        people = [cast.owner, cast.member, cast.member, None]
        for number, person in enumerate(people):
            make_torrent(
                account, f"New {number}", remote_id=number, added_by=person, hidden=number == 1,
                removed_at=NOON if number == 2 else None,
            )  # fmt: skip
        make_torrent(account, "Old", remote_id=9, added_by=cast.owner, added_at=old)
        page = the_page(cast).context["page"]
        assert [(adder.name, adder.count, adder.percent) for adder in page.adders] == [
            ("Member", 2, 100),
            ("Owner", 1, 50),
            ("Other apps", 1, 50),
        ]
        assert page.added_count == 4

    def test_the_account_menu_shows_with_several_accounts_only(self, cast, account):
        assert the_page(cast).context["page"].account_choices == []
        second = make_account(cast.owner, make_key("second"), "Second")
        choices = the_page(cast, second).context["page"].account_choices
        assert [(choice.label, choice.current) for choice in choices] == [("Family", False), ("Second", True)]

    @pytest.mark.parametrize("person", ["member", "viewer", "outsider"])
    def test_it_is_for_the_owner_of_the_account_alone(self, cast, account, person):
        client = sign_in(Client(), getattr(cast, person))
        assert client.get(reverse("torrents:usage", args=[account.pk])).status_code == 404

    def test_the_account_page_leads_to_it(self, cast, account):
        response = sign_in(Client(), cast.owner).get(account.get_absolute_url())
        assert f'href="{reverse("torrents:usage", args=[account.pk])}"' in response.content.decode()
