"""What the list says about saving torrents to disk, and its tab."""

from __future__ import annotations

import re
from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from saving.models import Job, SavingSettings
from saving.services import settings as saving_settings
from saving.services import showing
from tests.factories import make_account, make_key, make_torrent
from tests.saving.factories import make_folder, make_job
from torrents.saving_states import SavingState as State
from torrents.states import Status

pytestmark = pytest.mark.django_db
LIST = "torrents:list"
GB = 1000**3


@pytest.fixture
def folder(save_dir):
    return make_folder("Films")


@pytest.fixture
def put(cast, folder):
    """Have a torrent in a state of saving."""

    def into(state: str, name: str = "Sintel", **fields) -> Job:
        columns = {key: fields.pop(key) for key in ("status", "removal_at") if key in fields}
        row = make_torrent(
            cast.account, name, **({"size": 1000, "file_count": 1, "status": Status.READY} | columns)
        )
        job = make_job(row, folder, fields.pop("person", cast.member))
        Job.objects.filter(pk=job.pk).update(state=state, **fields)
        showing.show([job.torrent_id])
        return job

    return into


def page_of(client, **query) -> str:
    return client.get(reverse(LIST), query).content.decode()


def status_of(page: str) -> tuple[str, str, str]:
    """Return tone, words, and tooltip of the status of the first row."""
    found = re.search(
        r'<span class="status" data-tone="(\w+)"\s*(?:title="([^"]*)")?\s*>([^<]*)</span>', page
    )
    assert found
    return found[1], found[3], found[2] or ""


def note_of(page: str) -> str:
    found = re.search(r'<span class="row-note">([^<]*)</span>', page)
    return found[1] if found else ""


def facts_of(page: str) -> str:
    found = re.search(r'<p class="row-facts">(.*?)</p>', page)
    assert found
    return re.sub(r"<[^>]+>", "", found[1])


def rows_of(page: str) -> str:
    return page.partition('id="rows"')[2].partition("</ul>")[0]


def tabs(client, **query) -> dict[str, int]:
    return {tab.key: tab.count for tab in client.get(reverse(LIST), query).context["listing"].tabs}


def buttons(page: str) -> list[str]:
    controls = re.findall(r'aria-label="((?:Pause|Resume|Try|Cancel|Dismiss) [^"]+)"', page)
    return [label for label in controls if "saving" in label or "save" in label or "Dismiss" in label]


class TestStatus:
    def test_a_row_says_where_it_is_saved_to_how_far_and_how_long(self, cast, put, sign_in, save_dir):
        put(State.RUNNING, bytes_total=1000 * GB, bytes_done=430 * GB, speed=3 * GB)
        page = page_of(sign_in(cast.member))
        assert status_of(page) == ("ready", "Saving to Films", f"{save_dir}/films")
        assert note_of(page) == "43% · 3 min"
        assert '<progress class="progress" value="43"' in page
        assert ">Download</a>" in re.sub(r"<i [^>]*></i>|\s+", "", page), "it stays downloadable"

    @pytest.mark.parametrize(
        ("state", "tone", "words"),
        [
            (State.WAITING, "waiting", "Waiting to save"),
            (State.PAUSED, "waiting", "Paused"),
            (State.DISK_FULL, "failed", "Disk full"),
            (State.NO_FOLDER, "failed", "Folder not available"),
            (State.DENIED, "failed", "No permission"),
            (State.FAILED, "failed", "Saving failed"),
        ],
    )
    def test_each_state_has_its_words_and_tone(self, cast, put, sign_in, state, tone, words):
        put(state)
        assert status_of(page_of(sign_in(cast.member)))[:2] == (tone, words)

    def test_the_schedule_says_until_when_it_pauses(self, cast, put, sign_in):
        until = timezone.now() + timedelta(days=3)
        put(State.SCHEDULED, retry_at=until)
        assert status_of(page_of(sign_in(cast.member)))[1].startswith("Paused until ")

    def test_a_full_disk_says_how_much_space_it_needs(self, cast, put, sign_in, folder):
        type(folder).objects.update(floor=10 * GB)
        put(State.DISK_FULL, cause=Job.Cause.FLOOR, cause_params={"free": 4_100_000_000})
        page = page_of(sign_in(cast.member))
        assert facts_of(page) == "Films has 4.1 GB free. Saving resumes above 10 GB."

    @pytest.mark.parametrize("cause", [cause for cause in Job.Cause if cause])
    def test_every_cause_has_words(self, cast, put, sign_in, cause):
        put(State.FAILED, cause=cause)
        assert len(facts_of(page_of(sign_in(cast.member)))) > 20

    def test_what_torbox_lost_is_gone_in_the_list_and_failed_in_the_tab(self, cast, put, sign_in):
        put(State.FAILED, cause=Job.Cause.GONE, status=Status.GONE)
        client = sign_in(cast.member)
        assert status_of(page_of(client))[1] == "Gone"
        assert status_of(page_of(client, tab="saving"))[1] == "Saving failed"

    def test_what_was_saved_today_is_ready_in_the_list_and_saved_in_the_tab(self, cast, put, sign_in):
        put(State.SAVED, ended_at=timezone.now())
        client = sign_in(cast.member)
        assert status_of(page_of(client))[1] == "Ready"
        page = page_of(client, tab="saving")
        assert status_of(page)[1] == "Saved" and re.search(r"\d:\d\d", note_of(page))

    def test_the_name_of_a_folder_is_escaped_and_shortened(self, cast, put, sign_in, folder):
        type(folder).objects.update(name="<b>" + "long " * 11)
        put(State.RUNNING)
        words = status_of(page_of(sign_in(cast.member)))[1]
        assert "&lt;b&gt;" in words and "…" in words and len(words) < 45

    def test_the_page_of_a_torrent_says_the_same_and_has_the_buttons(self, cast, put, sign_in):
        job = put(State.RUNNING, bytes_total=100, bytes_done=43)
        page = sign_in(cast.member).get(reverse("torrents:detail", args=[job.torrent_id])).content.decode()
        assert status_of(page)[1] == "Saving to Films"
        assert buttons(page) == ["Pause saving Sintel", "Cancel saving Sintel"]


class TestTab:
    def test_it_is_there_only_while_something_is_saved_or_it_is_open(self, cast, put, sign_in):
        client = sign_in(cast.member)
        assert "saving" not in tabs(client)
        assert tabs(client, tab="saving")["saving"] == 0
        put(State.WAITING)
        assert tabs(client) == {
            "all": 1,
            "downloading": 0,
            "ready": 1,
            "waiting": 0,
            "failed": 0,
            "saving": 1,
        }

    def test_without_rows_it_says_how_to_save_to_those_who_can(self, cast, put, folder, sign_in):
        make_torrent(cast.account)
        hint = "To save a torrent to this server, choose “Save to…” in its menu."
        assert hint in page_of(sign_in(cast.member), tab="saving")
        assert hint not in page_of(sign_in(cast.member), tab="failed")
        filtered = page_of(sign_in(cast.member), tab="saving", tag="Kids")
        assert hint not in filtered and "No torrents match this filter." in filtered
        type(folder).objects.update(for_everyone=False)
        page = page_of(sign_in(cast.member), tab="saving")
        assert hint not in page and "Nothing here right now" in page

    def test_its_count_follows_a_search(self, cast, put, sign_in):
        put(State.WAITING, "Sintel")
        put(State.WAITING, "Caminandes")
        client = sign_in(cast.member)
        assert tabs(client, q="sintel")["saving"] == 1
        listing = client.get(reverse(LIST), {"tab": "saving", "q": "caminandes"}).context["listing"]
        assert [row.name for row in listing.rows] == ["Caminandes"]

    def test_rows_are_in_the_order_of_states_and_of_the_queue(self, cast, put, sign_in):
        for name, state in [
            ("saved", State.SAVED), ("second", State.WAITING), ("third", State.WAITING), ("paused", State.PAUSED),
            ("full", State.DISK_FULL), ("running", State.RUNNING),
        ]:  # fmt: skip
            put(state, name, **({"ended_at": timezone.now()} if state == State.SAVED else {}))
        listing = sign_in(cast.member).get(reverse(LIST), {"tab": "saving"}).context["listing"]
        assert [row.name for row in listing.rows] == ["running", "full", "paused", "second", "third", "saved"]
        assert listing.sort_label == "Queue order"

    def test_another_order_stays_in_its_links_and_the_queue_is_no_order_of_other_tabs(
        self, cast, put, sign_in
    ):
        put(State.WAITING)
        listing = (
            sign_in(cast.member).get(reverse(LIST), {"tab": "saving", "sort": "newest"}).context["listing"]
        )
        assert "sort=newest" in listing.changes_url and listing.sort == "newest"
        other = sign_in(cast.member).get(reverse(LIST), {"sort": "queue"}).context["listing"]
        assert other.sort == "newest" and "queue" not in [sort.key for sort in other.sorts]

    def test_its_rows_have_the_buttons_that_make_sense(self, cast, put, sign_in):
        client = sign_in(cast.member)
        expected = {
            State.RUNNING: ["Pause saving Sintel", "Cancel saving Sintel"],
            State.PAUSED: ["Resume saving Sintel", "Cancel saving Sintel"],
            State.DISK_FULL: ["Try to save Sintel again", "Cancel saving Sintel"],
        }
        job = put(State.WAITING)
        for state, labels in expected.items():
            Job.objects.update(state=state)
            showing.show([job.torrent_id])
            assert buttons(page_of(client, tab="saving")) == labels

    def test_jobs_of_others_have_none_except_for_owners(self, cast, put, sign_in):
        put(State.RUNNING)
        assert buttons(page_of(sign_in(cast.viewer), tab="saving")) == []
        assert len(buttons(page_of(sign_in(cast.owner), tab="saving"))) == 2

    def test_its_facts_are_those_of_the_files(self, cast, put, sign_in):
        put(State.RUNNING, speed=7_100_000)
        row = cast.account.torrents.get()
        row.saving_params |= {"files": 4, "done": 1, "by": "Mara"}
        row.save()
        page = page_of(sign_in(cast.member), tab="saving")
        assert facts_of(page) == "1 of 4 files · resumed by Mara"
        assert "7.1 MB/s" in page

    def test_its_rows_leave_tags_out(self, cast, put, sign_in):
        type(row := put(State.PAUSED).torrent).objects.filter(pk=row.pk).update(tags=["Noir"])
        client = sign_in(cast.member)
        assert "tag=Noir" in rows_of(page_of(client))
        assert "tag=Noir" not in rows_of(page_of(client, tab="saving"))

    def test_torrents_on_accounts_of_others_are_not_counted(self, cast, folder, sign_in):
        other = make_account(cast.outsider, make_key("other"), "Other")
        showing.show([make_job(make_torrent(other, "Theirs"), folder, cast.outsider).torrent_id])
        assert "saving" not in tabs(sign_in(cast.member))
        assert "Theirs" not in page_of(sign_in(cast.member), tab="saving")


class TestLine:
    def line(self, client) -> str:
        found = re.search(r'<p id="saving-now">(.*?)</p>', page_of(client, tab="saving"))
        assert found
        return found[1]

    def test_it_says_what_is_saved_how_fast(self, cast, put, sign_in):
        client = sign_in(cast.member)
        assert self.line(client) == "Nothing is saving right now."
        put(State.RUNNING, "one", speed=7_000_000)
        assert self.line(client) == "1 torrent is saving at 7.0 MB/s."
        put(State.RUNNING, "two", speed=100_000)
        assert self.line(client) == "2 torrents are saving at 7.1 MB/s."

    def test_it_says_what_the_schedule_does(self, cast, put, sign_in):
        client = sign_in(cast.member)
        saving_settings.save(SavingSettings(limit=5_000_000))
        assert self.line(client).startswith("Speed limit: 5.0 MB/s.")
        now = timezone.localtime(timezone=timezone.get_default_timezone())
        later = {"full_from": time((now.hour + 2) % 24), "full_until": time((now.hour + 4) % 24)}
        saving_settings.save(SavingSettings(**later))
        assert self.line(client).startswith("Schedule: paused until ")
        saving_settings.save(SavingSettings(**later, other_pauses=False, other_limit=2_000_000))
        assert self.line(client).startswith("Schedule: 2.0 MB/s until ")

    def test_its_button_is_for_what_most_jobs_need(self, cast, put, sign_in):
        client = sign_in(cast.member)
        put(State.RUNNING, "one")
        assert "Pause all" in page_of(client, tab="saving")
        put(State.PAUSED, "two")
        assert "Resume all" in page_of(client, tab="saving")
        assert "Resume all" not in page_of(sign_in(cast.viewer), tab="saving"), "they control none"

    def test_tags_that_filter_it_stay_removable(self, cast, put, sign_in):
        put(State.RUNNING)
        page = page_of(sign_in(cast.member), tab="saving", tag="Kids")
        assert 'id="saving-now"' in page and "Remove filter" in page


class TestOff:
    def test_without_save_dir_rows_of_earlier_show_nothing_of_it(self, cast, put, sign_in, settings):
        job = put(State.RUNNING)
        settings.SAVE_DIR = None
        client = sign_in(cast.owner)
        page = page_of(client)
        assert status_of(page)[1] == "Ready" and "saving" not in tabs(client)
        assert "save-selected" not in page
        assert client.get(reverse(LIST), {"tab": "saving"}).context["listing"].tab == "all"
        menu = client.get(reverse("torrents:menu", args=[job.torrent_id])).content.decode()
        assert "Save to…" not in menu and "Rename…" in menu
        files = client.get(reverse("torrents:files", args=[job.torrent_id])).content.decode()
        assert "Save to…" not in files


class TestQueries:
    def count(self, client, **query) -> int:
        client.get(reverse(LIST), query)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(reverse(LIST), query)
        return len(asked)

    def test_list_and_poll_ask_no_more_than_without_saving(
        self, cast, folder, put, sign_in, settings, save_dir
    ):
        client = sign_in(cast.member)
        make_torrent(cast.account, "Another")
        settings.SAVE_DIR = None
        plain, searched = self.count(client), self.count(client, q="a")
        settings.SAVE_DIR = save_dir
        for number in range(5):
            put(State.RUNNING, f"a {number}")
        assert self.count(client) == plain and self.count(client, q="a") == searched
        assert self.count(client, tab="saving") <= plain + 2
