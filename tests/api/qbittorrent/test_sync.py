"""`sync/maindata`, which phones poll all the time: what has changed since the last answer, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Share, TorBoxAccount
from accounts.transactions import in_transaction
from api.models import ApiToken, Category
from api.qbittorrent.overview import PLENTY
from api.qbittorrent.sync import key_of
from saving.models import Folder, Rule, RuleMatch
from tests.api.factories import make_token, program_with
from tests.api.qbittorrent.programs import Program
from tests.factories import make_account, make_hash, make_key, make_torrent, make_user, tag
from tests.refusals import read_only
from tests.saving.factories import make_folder, where_is
from torrents.models import Torrent
from torrents.models.writing import erase, write_rows
from torrents.services.actions import controlling, hiding
from torrents.states import Status

pytestmark = pytest.mark.django_db


class Phone:
    """A program that keeps what it knows up to date by the answers that it gets."""

    def __init__(self, person) -> None:
        self.program = Program(person)
        self.rid = 0
        self.known: dict[str, dict[str, Any]] = {
            "torrents": {},
            "categories": {},
            "trackers": {},
            "server_state": {},
        }
        self.tags: set[str] = set()

    def poll(self) -> dict[str, Any]:
        """Ask, take the answer over, and return it."""
        answer = self.program.read("sync/maindata", rid=self.rid)
        if answer.get("full_update"):
            self.known = {name: {} for name in self.known}
            self.tags = set()
        for name, known in self.known.items():
            for key, value in answer.get(name, {}).items():
                known[key] = (known.get(key, {}) | value) if isinstance(value, dict) else value
            for key in answer.get(f"{name}_removed", []):
                del known[key]
        self.tags |= set(answer.get("tags", []))
        self.tags -= set(answer.get("tags_removed", []))
        self.rid = answer["rid"]
        return answer

    @property
    def names(self) -> set[str]:
        return {row["name"] for row in self.known["torrents"].values()}

    def is_up_to_date(self) -> bool:
        """Return whether it knows what a program knows that asks for the first time."""
        fresh = Phone(self.program.person)
        fresh.poll()
        timed = ("seeding_time", "time_active")
        for phone in (self, fresh):
            for row in phone.known["torrents"].values():
                for name in timed:
                    row.pop(name, None)
        return (self.known, self.tags) == (fresh.known, fresh.tags)


@pytest.fixture
def phone(cast) -> Phone:
    make_torrent(cast.account, "One", tracker="udp://a")
    make_torrent(cast.account, "Two", tracker="udp://a")
    tag(make_torrent(cast.account, "Three", tracker="udp://b"), "4K")
    made = Phone(cast.member)
    made.poll()
    return made


@in_transaction
def change(account: TorBoxAccount, name: str, **fields: Any) -> Torrent:
    """Change a torrent as the worker does, under a new revision."""
    account.lock()
    row = Torrent.objects.get(account=account, name=name)
    for column, value in fields.items():
        setattr(row, column, value)
    write_rows(account, [row])
    return row


@in_transaction
def add(account: TorBoxAccount, name: str, **fields: Any) -> Torrent:
    account.lock()
    made = make_torrent(account, name, **fields)
    write_rows(account, [made])
    return made


class TestTheFirstAnswer:
    def test_has_everything(self, cast):
        Category.objects.create(person=cast.member, name="tv")
        made = tag(make_torrent(cast.account, "One", tracker="udp://a"), "tv", "4K")
        answer = Phone(cast.member).poll()
        assert answer["full_update"] is True and answer["rid"] > 0
        row = answer["torrents"][made.info_hash]
        assert (row["name"], row["category"], row["tags"], row["state"]) == ("One", "tv", "4K", "pausedUP")
        assert "hash" not in row
        assert answer["categories"] == {"tv": {"name": "tv", "savePath": ""}} and answer["tags"] == ["4K"]
        assert answer["trackers"] == {"udp://a": [made.info_hash]}

    def test_has_the_figures_of_a_status_bar(self, cast):
        make_torrent(
            cast.account, status=Status.DOWNLOADING, download_speed=7, total_downloaded=200, total_uploaded=50
        )
        state = Phone(cast.member).poll()["server_state"]
        assert (state["dl_info_speed"], state["alltime_dl"], state["global_ratio"]) == (7, 200, "0.25")
        assert (state["connection_status"], state["free_space_on_disk"], state["queueing"]) == (
            "connected",
            PLENTY,
            True,
        )

    def test_has_the_free_space_of_the_folder(self, cast, save_dir):
        make_folder()
        assert 0 < Phone(cast.member).poll()["server_state"]["free_space_on_disk"] < PLENTY

    def test_says_that_there_is_plenty_of_space_where_that_is_not_known(self, cast, save_dir, settings):
        """Some programs add nothing, or delete torrents, when little is free."""
        where_is(make_folder(path="away")).rmdir()
        assert Phone(cast.member).poll()["server_state"]["free_space_on_disk"] == PLENTY
        settings.SAVE_DIR = Path("/proc")  # has no size, as some network shares
        Folder.objects.update(path="")
        assert Phone(cast.member).poll()["server_state"]["free_space_on_disk"] == PLENTY

    def test_of_someone_who_sees_no_account_is_empty(self, cast):
        phone = Phone(cast.outsider)
        answer = phone.poll()
        assert answer["torrents"] == {} and answer["server_state"]["connection_status"] == "disconnected"
        assert phone.poll() == {"rid": answer["rid"]}

    @pytest.mark.parametrize("rid", ["", "x", "-1", "99999999999999999999", "12345"])
    def test_is_given_again_for_a_number_that_is_no_answer_s(self, phone, rid):
        assert phone.program.read("sync/maindata", rid=rid)["full_update"] is True


class TestNothingNew:
    def test_is_only_the_number(self, phone):
        before = phone.rid
        assert phone.poll() == phone.poll() == {"rid": before}

    def test_costs_few_queries_however_many_torrents_there_are(self, phone, cast):
        with CaptureQueriesContext(
            connection,
        ) as few:
            phone.poll()
        for number in range(30):
            make_torrent(cast.account, f"Film {number}")
        Phone(cast.member).poll()
        phone.rid = 0
        phone.poll()
        with CaptureQueriesContext(connection) as many:
            phone.poll()
        assert len(few) == len(many) <= 6

    def test_a_list_that_torbox_sent_without_news_is_nothing_new(self, phone, cast):
        TorBoxAccount.objects.update(refreshed_at=timezone.now())
        assert phone.poll() == {"rid": phone.rid}


class TestChanges:
    def test_are_the_torrents_that_changed(self, phone, cast):
        row = change(cast.account, "Two", status=Status.DOWNLOADING, progress=0.5, download_speed=100)
        answer = phone.poll()
        assert answer["torrents"].keys() == {row.info_hash} and "full_update" not in answer
        assert answer["server_state"] == {"dl_info_speed": 100}
        assert answer.keys() == {"rid", "torrents", "server_state"}
        assert phone.is_up_to_date() and phone.poll() == {"rid": phone.rid}

    def test_a_new_torrent(self, phone, cast):
        made = add(cast.account, "Four", tracker="udp://c")
        answer = phone.poll()
        assert answer["torrents"].keys() == {made.info_hash} and answer["trackers"] == {
            "udp://c": [made.info_hash]
        }
        assert phone.names == {"One", "Two", "Three", "Four"} and phone.is_up_to_date()

    def test_a_deleted_torrent(self, phone, cast):
        three = Torrent.objects.get(name="Three")
        controlling.remove(person=cast.owner, torrents=[three])
        answer = phone.poll()
        assert answer["torrents_removed"] == [three.info_hash] and "full_update" not in answer
        assert answer["trackers_removed"] == ["udp://b"] and answer["tags_removed"] == ["4K"]
        assert phone.is_up_to_date() and phone.poll() == {"rid": phone.rid}

    def test_one_of_several_torrents_of_a_tracker(self, phone, cast):
        controlling.remove(person=cast.owner, torrents=[Torrent.objects.get(name="One")])
        assert phone.poll()["trackers"] == {"udp://a": [Torrent.objects.get(name="Two").info_hash]}

    def test_torrents_that_came_went_and_changed_at_once(self, phone, cast):
        add(cast.account, "Four")
        controlling.remove(person=cast.owner, torrents=[Torrent.objects.get(name="One")])
        change(cast.account, "Two", status=Status.STALLED)
        five = add(cast.account, "Five")
        controlling.remove(person=cast.owner, torrents=[five])
        answer = phone.poll()
        assert "full_update" not in answer
        assert phone.names == {"Two", "Three", "Four"} and phone.is_up_to_date()

    def test_a_deletion_that_torbox_has_carried_out_is_told_once(self, phone, cast):
        one = Torrent.objects.get(name="One")
        controlling.remove(person=cast.owner, torrents=[one])
        phone.poll()
        with_new_revision = Torrent.objects.filter(pk=one.pk)
        Torrent.objects.filter(pk=one.pk).update(removed_at=timezone.now() - timezone.timedelta(seconds=30))
        cast.account.write(with_new_revision, pending="")
        answer = phone.poll()
        assert "full_update" not in answer and "torrents_removed" not in answer

    @pytest.mark.parametrize("what", ["restored", "hidden", "shown", "erased"])
    def test_what_cannot_be_told_by_revisions_is_answered_with_everything(self, phone, cast, what):
        one, two = Torrent.objects.get(name="One"), Torrent.objects.get(name="Two")
        if what == "shown":
            hiding.hide(two)
        if what == "restored":
            controlling.remove(person=cast.owner, torrents=[one])
        phone.poll()
        match what:
            case "restored":
                controlling.restore([Torrent.objects.get(pk=one.pk)])
            case "hidden":
                hiding.hide(one)
            case "shown":
                hiding.show(Torrent.objects.get(pk=two.pk))
            case "erased":
                erase_one(cast.account, one)
        assert phone.poll()["full_update"] is True
        assert phone.is_up_to_date()

    def test_a_torrent_that_is_hidden_from_the_start_is_never_named(self, phone, cast):
        add(cast.account, "Secret", hidden=True, added_by=cast.owner)
        assert phone.poll() == {"rid": phone.rid}
        change(cast.account, "One", progress=0.3)
        answer = phone.poll()
        assert "Secret" not in str(answer) and "full_update" not in answer

    def test_categories_and_tags(self, phone, cast):
        Category.objects.create(person=cast.member, name="4K")
        answer = phone.poll()
        assert answer["full_update"] is True and phone.known["categories"].keys() == {"4K"}
        tag(change(cast.account, "One"), "new")
        change(cast.account, "One", tags=["new"])
        assert phone.poll()["tags"] == ["new"] and phone.is_up_to_date()

    def test_an_account_more_or_less(self, phone, cast):
        other = make_account(make_user("other"), make_key("other"))
        make_torrent(other, "Theirs")
        share = Share.objects.create(account=other, user=cast.member, level=Share.Level.VIEW)
        assert phone.poll()["full_update"] is True and "Theirs" in phone.names
        share.delete()
        assert phone.poll()["full_update"] is True and phone.names == {"One", "Two", "Three"}

    def test_a_torrent_on_two_accounts_goes_only_with_both(self, phone, cast):
        other = make_account(make_user("other"), make_key("other"))
        Share.objects.create(account=other, user=cast.member, level=Share.Level.VIEW)
        make_torrent(other, "One")
        phone.poll()
        controlling.remove(
            person=cast.owner, torrents=[Torrent.objects.get(name="One", account=cast.account)]
        )
        assert "torrents_removed" not in phone.poll() and phone.is_up_to_date()
        controlling.remove(person=other.owner, torrents=[Torrent.objects.get(name="One", account=other)])
        phone.poll()
        assert phone.names == {"Two", "Three"} and phone.is_up_to_date()

    def test_a_state_that_changes_with_time_alone(self, cast, save_dir):
        """A torrent that awaits its rule becomes complete when the rule doesn't take it."""
        rule = Rule.objects.create(kind="tag", tag="tv", folder=make_folder(), made_by=cast.owner)
        Category.objects.create(person=cast.member, name="tv", rule=rule)
        made = tag(make_torrent(cast.account), "tv")
        phone = Phone(cast.member)
        phone.poll()
        assert phone.known["torrents"][made.info_hash]["state"] == "downloading"
        RuleMatch.objects.create(rule=rule, torrent=made, started_at=timezone.now())
        phone.poll()
        assert phone.known["torrents"][made.info_hash]["state"] == "pausedUP"
        assert phone.poll() == {"rid": phone.rid}

    def test_while_nothing_comes_of_it_only_the_number_is_answered(self, cast, save_dir):
        rule = Rule.objects.create(kind="tag", tag="tv", folder=make_folder(), made_by=cast.owner)
        Category.objects.create(person=cast.member, name="tv", rule=rule)
        tag(make_torrent(cast.account), "tv")
        phone = Phone(cast.member)
        assert [bool(phone.poll().get("full_update")) for _ in range(5)] == [True] + [False] * 4


class TestNumbers:
    def test_two_programs_with_one_token_do_not_mix(self, cast):
        make_torrent(cast.account, "One")
        token = make_token(cast.member)
        phones = [Phone(cast.member), Phone(cast.member)]
        for phone in phones:
            phone.program.client = program_with(token)
        phones[0].poll()
        add(cast.account, "Two")
        phones[1].poll()
        change(cast.account, "One", progress=0.2)
        for phone in phones:
            phone.poll()
            assert phone.names == {"One", "Two"} and phone.is_up_to_date()

    def test_an_answer_that_was_lost_is_given_again(self, phone, cast):
        before = phone.rid
        change(cast.account, "One", progress=0.2)
        first = phone.poll()
        phone.rid = before
        assert phone.poll()["torrents"].keys() == first["torrents"].keys()

    def test_the_number_of_another_program_is_no_one_else_s(self, phone, cast):
        other = Phone(cast.owner)
        other.rid = phone.rid
        assert other.poll()["full_update"] is True

    def test_a_lost_snapshot_means_everything_again(self, phone):
        cache.clear()
        assert phone.poll()["full_update"] is True and phone.is_up_to_date()

    def test_a_snapshot_of_another_version_of_the_app_counts_as_lost(self, phone):
        cache.set(key_of(ApiToken.objects.get().pk, phone.rid), {"of": "another version"})
        assert phone.poll()["full_update"] is True

    def test_everything_is_answered_while_the_database_takes_no_writes(self, phone, cast):
        change(cast.account, "One", progress=0.2)
        with read_only():
            assert phone.poll()["torrents"]

    def test_after_very_many_changes_everything_is_answered(self, phone, cast):
        account, revision = cast.account, cast.account.next_revision()
        made = (
            Torrent(account=account, info_hash=make_hash(str(number)), revision=revision)
            for number in range(2001)
        )
        Torrent.objects.bulk_create(made)
        assert phone.poll()["full_update"] is True and len(phone.names) == 2004


@in_transaction
def erase_one(account: TorBoxAccount, torrent: Torrent) -> None:
    account.lock()
    erase(account, Torrent.objects.filter(pk=torrent.pk))
