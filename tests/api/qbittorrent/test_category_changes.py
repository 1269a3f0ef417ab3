"""Programs make and change categories, and torrents of a category are saved to its folder."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest
from django.utils import timezone

from api.models import Category
from api.services import categories
from saving.models import Folder, Job, Rule
from saving.services import automatic
from tests.api.qbittorrent.programs import OK, Program
from tests.factories import make_torrent, tag
from tests.saving.factories import make_folder
from tests.torrents.test_two_workers import race
from torrents.models import Activity, Torrent
from torrents.states import Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def arr(cast) -> Program:
    return Program(cast.member)


@pytest.fixture
def tv(save_dir) -> Folder:
    return make_folder("TV", "media/tv")


def category(name: str = "tv") -> Category:
    return Category.objects.get(name=name)


class TestMaking:
    def test_it_is_listed_with_the_folder_of_its_name(self, arr, tv, save_dir):
        assert arr("torrents/createCategory", category="tv") == OK
        path = f"{save_dir}/media/tv"
        assert arr.read("torrents/categories")["tv"]["savePath"] == path
        assert category().rule.folder == tv

    def test_the_path_of_the_folder_is_enough(self, arr, save_dir):
        folder = make_folder("Series on the large disk", "sonarr")
        assert arr("torrents/createCategory", category="Sonarr", savePath="") == OK
        assert category("Sonarr").rule.folder == folder

    def test_its_path_picks_the_folder(self, arr, tv, save_dir):
        make_folder("Other")
        for number, path in enumerate((f"{save_dir}/media/tv", f"{save_dir}/media/tv/", "media/tv")):
            assert arr("torrents/createCategory", category=f"c{number}", savePath=path) == OK
            assert category(f"c{number}").rule.folder == tv

    @pytest.mark.parametrize("path", ["/etc", "../tv", "media", "{save}/media"])
    def test_a_path_that_is_no_folder_of_theirs_is_refused(self, arr, tv, save_dir, path):
        status, text = arr("torrents/createCategory", category="tv", savePath=path.format(save=save_dir))
        assert status == 409 and "folder" in text
        assert not Category.objects.exists()

    def test_a_folder_that_they_may_not_use_is_none(self, arr, cast, save_dir):
        private = make_folder("tv", for_everyone=False)
        assert arr("torrents/createCategory", category="tv") == OK
        assert category().rule is None
        assert arr("torrents/editCategory", category="tv", savePath=f"{save_dir}/{private.path}")[0] == 409
        private.people.add(cast.member)
        assert arr("torrents/editCategory", category="tv", savePath=f"{save_dir}/{private.path}") == OK
        assert category().rule.folder == private

    def test_without_saving_it_has_no_folder(self, arr):
        assert arr("torrents/createCategory", category="tv", savePath="/anything") == OK
        assert category().rule is None and "tv" in arr.read("torrents/categories")

    def test_each_name_once_and_every_person_has_their_own(self, arr, cast):
        assert arr("torrents/createCategory", category="tv") == OK
        assert arr("torrents/createCategory", category="tv")[0] == 409
        assert Program(cast.owner)("torrents/createCategory", category="tv") == OK

    @pytest.mark.parametrize(
        ("name", "status"),
        [
            ("", 400),
            ("  ", 400),
            ("/a", 409),
            ("a/", 409),
            ("a//b", 409),
            ("a\\b", 409),
            ("a,b", 409),
            ("x" * 101, 409),
            ("a\x07b", 409),
        ],
    )
    def test_names_that_cannot_be_are_refused(self, arr, name, status):
        assert arr("torrents/createCategory", category=name)[0] == status
        assert not Category.objects.exists()

    def test_names_with_folders_in_them_are_fine(self, arr):
        assert arr("torrents/createCategory", category="movies/4K é") == OK
        assert "movies/4K é" in arr.read("torrents/categories")

    def test_there_is_an_end(self, arr, cast, monkeypatch):
        monkeypatch.setattr(categories, "MAX_CATEGORIES", 1)
        assert arr("torrents/createCategory", category="a") == OK
        assert arr("torrents/createCategory", category="b")[0] == 409


class TestChanging:
    def test_another_folder_applies_to_what_comes(self, arr, cast, tv, save_dir):
        arr("torrents/createCategory", category="tv")
        other = make_folder("Other")
        assert arr("torrents/editCategory", category="tv", savePath=f"{save_dir}/other") == OK
        assert category().rule.folder == other and Rule.objects.count() == 1

    def test_the_same_folder_keeps_the_rule(self, arr, tv):
        arr("torrents/createCategory", category="tv")
        before = category().rule
        assert arr("torrents/editCategory", category="tv", savePath="") == OK
        assert category().rule == before

    def test_one_that_is_not_there_cannot_be_changed(self, arr):
        assert arr("torrents/editCategory", category="tv", savePath="")[0] == 409

    def test_choosing_a_folder_saves_what_programs_have_added_already(self, cast, arr, tv):
        row = categories.create(person=cast.member, name="shows")
        old = tag(make_torrent(cast.account, "Old", added_by=cast.member), "shows")
        Torrent.objects.filter(pk=old.pk).update(added_at=timezone.now() - timezone.timedelta(days=1))
        tag(make_torrent(cast.account, "New", added_by=cast.member), "shows")
        tag(make_torrent(cast.account, "Of others", added_by=cast.owner), "shows")
        categories.choose(row, tv)
        automatic.apply_rules()
        assert [job.torrent.name for job in Job.objects.all()] == ["New"]
        categories.choose(row, make_folder("Other"))
        assert automatic.apply_rules() == 0  # it is saved elsewhere

    def test_without_a_folder_nothing_is_saved(self, cast, arr, tv):
        row = categories.create(person=cast.member, name="tv")
        categories.choose(row, None)
        assert category().rule is None and not Rule.objects.exists()

    def test_removing_keeps_the_tag_and_ends_the_rule(self, arr, cast, tv):
        mine = tag(make_torrent(cast.account, "Mine", added_by=cast.member), "tv")
        arr("torrents/createCategory", category="tv")
        assert arr("torrents/removeCategories", categories="tv\nunknown") == OK
        mine.refresh_from_db()
        assert mine.tags == ["tv"] and not Rule.objects.exists()
        (info,) = arr.info()
        assert (info["category"], info["tags"]) == ("", "tv")

    def test_a_rule_that_an_owner_removed_leaves_a_category_without_a_folder(self, arr, tv):
        arr("torrents/createCategory", category="tv")
        Rule.objects.all().delete()
        assert category().rule is None and arr("torrents/editCategory", category="tv", savePath="") == OK
        assert category().rule.folder == tv


class TestPuttingTorrentsIntoThem:
    def test_the_earlier_one_is_replaced(self, arr, cast):
        mine = tag(make_torrent(cast.account, "Mine", added_by=cast.member), "other", "tv")
        for name in ("tv", "done"):
            categories.create(person=cast.member, name=name)
        assert arr("torrents/setCategory", hashes=mine.info_hash, category="done") == OK
        mine.refresh_from_db()
        assert sorted(mine.tags) == ["done", "other"]
        assert arr("torrents/setCategory", hashes=mine.info_hash, category="") == OK
        mine.refresh_from_db()
        assert mine.tags == ["other"]

    def test_one_that_is_not_there_is_refused(self, arr, cast):
        mine = make_torrent(cast.account, "Mine", added_by=cast.member)
        assert arr("torrents/setCategory", hashes=mine.info_hash, category="nope")[0] == 409

    def test_a_torrent_put_into_one_is_saved_to_its_folder(self, arr, cast, tv):
        theirs = make_torrent(cast.account, "Mine", added_by=cast.member)
        Activity.record(theirs, Activity.Kind.READY)
        arr("torrents/createCategory", category="tv")
        assert automatic.apply_rules() == 0
        arr("torrents/setCategory", hashes=theirs.info_hash, category="tv")
        assert automatic.apply_rules() == 1

    def test_what_is_still_downloading_is_saved_once_it_is_ready(self, arr, cast, tv):
        mine = make_torrent(cast.account, "Mine", added_by=cast.member, status=Status.DOWNLOADING)
        arr("torrents/createCategory", category="tv")
        arr("torrents/setCategory", hashes=mine.info_hash, category="tv")
        assert automatic.apply_rules() == 0
        Torrent.objects.update(status=Status.READY)
        Activity.record(mine, Activity.Kind.READY)
        assert automatic.apply_rules() == 1


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_make_no_more_categories_than_one_may_have(cast, monkeypatch):
    monkeypatch.setattr(categories, "MAX_CATEGORIES", 2)

    def make(name: str) -> None:
        with suppress(categories.Refused):
            categories.create(person=cast.member, name=name)

    race(*[partial(make, f"c{number}") for number in range(4)], times=1)
    assert Category.objects.count() == 2
