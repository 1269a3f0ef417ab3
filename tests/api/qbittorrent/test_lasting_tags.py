"""TorBox refuses the tags of a program: its torrents stay in their category all the same, as nothing else tells it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from saving.services import automatic
from tests.api.qbittorrent.programs import OK, Program
from tests.factories import make_hash, make_torrent
from tests.saving.factories import make_folder
from torrents.models import Activity, EditRequest, RequestState, Torrent
from torrents.services.actions import controlling, tagging
from torrents.services.outbox import edits, sending
from torrents.services.sync import edit_overlay, refreshing
from torrents.services.upkeep import pruning
from torrents.states import Status

pytestmark = pytest.mark.django_db
HASH = make_hash("first")
REFUSAL = {"success": False, "error": "INVALID_OPTION", "detail": "No such tag.", "data": None}


@pytest.fixture
def arr(cast) -> Program:
    return Program(cast.owner)


@pytest.fixture
def refused(arr, cast, sim) -> Program:
    """A program whose torrent is ready, in a category that TorBox has refused."""
    sim.control.cache([HASH])
    assert arr("torrents/add", urls=HASH, category="tv", tags="4K") == OK
    sending.send_due(cast.account.pk)
    refresh(cast)
    assert Torrent.objects.get().status == Status.READY
    refuse(sim)
    send(cast)
    assert EditRequest.objects.get().state == RequestState.FAILED
    return arr


def refuse(sim) -> None:
    sim.control.fail("edittorrent", status=400, body=REFUSAL)


def send(cast) -> None:
    EditRequest.objects.filter(state=RequestState.WAITING).update(due_at=timezone.now())
    edits.send_due(cast.account.pk)


def refresh(cast) -> None:
    cast.account.refresh_from_db()
    assert refreshing.refresh(cast.account, fresh=True)


def labels(program: Program) -> list[tuple[str, str]]:
    return [(row["category"], row["tags"]) for row in program.info()]


def test_the_category_and_the_tags_stay_and_activity_says_what_torbox_said(refused, cast):
    assert labels(refused) == [("tv", "4K")]
    assert Activity.objects.get(params__error="refused").upstream_detail == "No such tag."
    assert not Torrent.objects.get().edit_pending


def test_they_outlive_news_from_torbox_and_the_pruning_of_old_requests(refused, cast, sim):
    EditRequest.objects.update(due_at=timezone.now() - timedelta(days=30))
    pruning.prune()
    sim.control.edit(cast.key, HASH, name="Another name", tags=["theirs"])
    refresh(cast)
    assert [row["name"] for row in refused.info()] == ["Another name"]
    assert labels(refused) == [("tv", "theirs, 4K")]
    assert Torrent.objects.get().row_digest  # it isn't read again and again


def test_another_category_takes_its_place_and_stays(refused, cast, sim):
    refused("torrents/createCategory", category="done")
    for category in ("done", "tv", "done"):
        assert refused("torrents/setCategory", hashes=HASH, category=category) == OK
    refuse(sim)
    send(cast)
    refresh(cast)
    assert labels(refused) == [("done", "4K")]


def test_another_category_that_torbox_takes_ends_it(refused, cast, sim):
    refused("torrents/createCategory", category="done")
    assert refused("torrents/setCategory", hashes=HASH, category="done") == OK
    send(cast)
    sim.control.edit(cast.key, HASH, name="Another name", tags=["done"])
    refresh(cast)
    assert labels(refused) == [("done", "4K")]


def test_a_person_can_remove_it(refused, cast, sim):
    tagging.tag(person=cast.owner, torrents=[Torrent.objects.get()], remove=["tv", "4K"])
    send(cast)
    sim.control.edit(cast.key, HASH, name="Another name", tags=[])
    refresh(cast)
    assert labels(refused) == [("", "")]


def test_a_torrent_that_torbox_loses_stays_in_its_category_as_missing(arr, cast, sim):
    sim.control.cache([HASH])
    assert arr("torrents/add", urls=HASH, category="tv") == OK
    sending.send_due(cast.account.pk)
    Torrent.objects.update(sent_at=timezone.now() - timedelta(days=1))
    refresh(cast)
    sim.control.remove(cast.key, HASH)
    send(cast)
    assert [(row["category"], row["state"]) for row in arr.info()] == [("tv", "missingFiles")]


def test_it_ends_with_the_deletion(refused, cast, sim):
    controlling.remove(person=cast.owner, torrents=[Torrent.objects.get()])
    refused("torrents/add", urls=HASH)
    assert labels(refused) == [("tv", "4K")]  # restored as it was
    controlling.remove(person=cast.owner, torrents=[Torrent.objects.get()])
    Torrent.objects.get().controls.all().delete()  # TorBox has deleted it
    refused("torrents/add", urls=HASH)
    sending.send_due(cast.account.pk)
    refresh(cast)
    assert labels(refused) == [("", "")]


def test_it_is_saved_to_the_category_s_folder(arr, cast, sim, save_dir):
    make_folder("tv")
    sim.control.cache([HASH])
    assert arr("torrents/add", urls=HASH, category="tv") == OK
    sending.send_due(cast.account.pk)
    refresh(cast)
    refuse(sim)
    send(cast)
    assert automatic.apply_rules() == 1


@pytest.fixture
def gone(arr, cast) -> Program:
    """A program that sees a torrent that is gone from TorBox."""
    for category in ("tv", "done"):
        arr("torrents/createCategory", category=category)
    make_torrent(cast.account, info_hash=HASH, status=Status.GONE, added_by=cast.owner)
    return arr


def test_a_torrent_that_is_gone_from_torbox_gets_a_category_all_the_same(gone):
    for category in ("tv", "done"):
        assert gone("torrents/setCategory", hashes=HASH, category=category) == OK
        assert labels(gone) == [(category, "")]


def test_a_program_that_repeats_itself_leaves_no_more_rows_each_time(gone):
    for _ in range(3):
        for category in ("tv", "done"):
            gone("torrents/setCategory", hashes=HASH, category=category)
    EditRequest.objects.update(due_at=timezone.now() - timedelta(days=30))
    pruning.prune()
    assert labels(gone) == [("done", "")]
    assert EditRequest.objects.count() == 1


def test_a_program_that_thinks_of_ever_new_tags_leaves_a_limited_number_of_rows(gone, monkeypatch):
    monkeypatch.setattr(edit_overlay, "MAX_LASTING", 3)
    for number in range(5):
        gone("torrents/addTags", hashes=HASH, tags=f"tag {number}")
    lasting = EditRequest.objects.filter(EditRequest.LASTING).order_by("pk")
    assert [edit.added_tags for edit in lasting] == [["tag 2"], ["tag 3"], ["tag 4"]]


def test_tags_that_torbox_refuses_again_and_again_leave_no_more_rows_each_time(refused, cast, sim):
    refused("torrents/createCategory", category="done")
    for category in ("done", "tv", "done"):
        refused("torrents/setCategory", hashes=HASH, category=category)
        refuse(sim)
        send(cast)
    EditRequest.objects.update(due_at=timezone.now() - timedelta(days=30))
    pruning.prune()
    refresh(cast)
    assert labels(refused) == [("done", "4K")]
    assert EditRequest.objects.count() == 2  # of 4K, and of the category
